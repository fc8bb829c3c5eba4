"""A container asks for more memory than any node has.

## What it checks

The memory request of each container, against the option `most`. What is no quantity is passed over.

## Why it matters

The pod waits for a node that never comes.

## Flagged

```yaml
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web, acme.example/team: shop}
spec:
  containers:
    - name: web
      image: registry.acme.example/web:1.4.0
      resources:
        requests: {memory: 512Gi}
```

## Accepted

```yaml
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web, acme.example/team: shop}
spec:
  containers:
    - name: web
      image: registry.acme.example/web:1.4.0
      resources:
        requests: {memory: 2Gi}
```

## How to fix

Ask for less, or for a node that has more.

## Options

- `most` (default: `64Gi`): how much a container may ask for.
"""

from hullmark import Container, Fix, Option, Report, Rule, parse_quantity

rule = Rule(
    __name__,
    __doc__,
    level="error",
    tags=["reliability"],
    options=[Option.text("most", "64Gi", "how much a container may ask for")],
)


@rule.container
def container(container: Container, report: Report) -> None:
    memory = container.at("resources", "requests", "memory")
    most = report.options.text("most")
    if memory and memory.quantity and memory.quantity > parse_quantity(most):
        message = f"{container.title} asks for `{memory.value}` of memory"
        report.finding(memory, message).fix(Fix.needs_review(f"ask for `{most}`").replace(memory, most))
