"""Nobody is named as the owner of the pods.

## What it checks

The labels of every pod that a workload describes, against the option `label`. Kustomize patches are passed over.

## Why it matters

Alerts go to the team that the label names. Pods without it wake nobody.

## Flagged

```yaml
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
    - name: web
      image: registry.acme.example/web:1.4.0
```

## Accepted

```yaml
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
    acme.example/team: shop
spec:
  containers:
    - name: web
      image: registry.acme.example/web:1.4.0
```

## How to fix

Add the label to the pod template, with the name of the team.

## Options

- `label` (default: `acme.example/team`): the label that names the owner.
"""

from hullmark import Option, Pod, Report, Rule

rule = Rule(
    __name__,
    __doc__,
    tags=["policy"],
    options=[Option.text("label", "acme.example/team", "the label that names the owner")],
)


@rule.pod
def pod(pod: Pod, report: Report) -> None:
    label = report.options.text("label")
    labels = pod.template.at("metadata", "labels")
    team = labels.get(label) if labels else None
    if not team:
        report.finding(labels or pod.object.name_place, f"the pods of {pod.object.title} have no label `{label}`")
    elif not team.text:
        report.finding(team, f"the label `{label}` names no team")
