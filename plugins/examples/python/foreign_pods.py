"""The Service sends requests to pods of another team.

## What it checks

The label `acme.example/team` of each Service, against that of the pods that its selector matches.

## Why it matters

A selector that catches another team's pods sends them requests that they do not understand.

## Flagged

```yaml
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {acme.example/team: shop}
spec:
  selector: {app: web}
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web, acme.example/team: search}
spec:
  containers:
    - name: web
      image: registry.acme.example/web:1.4.0
```

## Accepted

```yaml
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {acme.example/team: shop}
spec:
  selector: {app: web}
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web, acme.example/team: shop}
spec:
  containers:
    - name: web
      image: registry.acme.example/web:1.4.0
```

## How to fix

Add a label to the selector that only the team's own pods have.
"""

from hullmark import Project, Report, Rule

rule = Rule(__name__, __doc__, tags=["policy"])

TEAM = ("metadata", "labels", "acme.example/team")


@rule.manifests
def project(project: Project, report: Report) -> None:
    for service in project.objects("Service"):
        team, selector = service.at(*TEAM), service.at("spec", "selector")
        if not team or not team.text or not selector:
            continue
        for entry in project.select_labels(selector, service.namespace):
            pod = project.load(entry)
            other = pod.template.at(*TEAM) if pod else None
            if other and other.text and other.text != team.text:
                message = f"{service.title} of `{team.text}` sends requests to pods of `{other.text}`"
                report.finding(selector, message).related(other, "the pods belong to this team")
