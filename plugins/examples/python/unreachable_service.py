"""The Service reaches no pod.

## What it checks

The selector of each Service, against the labels of all pods of its namespace. One that matches none is reported where pods stand
beside it, and no custom resource or annotation holds one of its values: an operator makes pods from there.

## Why it matters

Whoever calls the Service gets no answer.

## Flagged

```yaml
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {acme.example/team: shop}
spec:
  selector: {app: website}
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

Let the selector match the labels in the pod template.
"""

from hullmark import Object, Project, Report, Rule

rule = Rule(__name__, __doc__, tags=["correctness"], precision="medium")


@rule.manifests
def project(project: Project, report: Report) -> None:
    for service in project.objects("Service"):
        selector = service.at("spec", "selector")
        values = [value.text for _, value in selector.entries if value.text is not None] if selector else []
        if not selector or not values or project.select_labels(selector, service.namespace):
            continue
        if stands_beside_pods(project, service) and not any(project.may_be_made(value) for value in values):
            report.finding(selector, f"the selector of {service.title} matches no pod")


def stands_beside_pods(project: Project, service: Object) -> bool:
    here = service.document, service.namespace
    return any(project.is_beside(pod.document, pod.namespace, *here) for pod in project.pods)
