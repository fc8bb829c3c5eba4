"""The image does not come from acme's registry.

## What it checks

Images of `FROM` and of containers, against the option `registries`. `scratch`, earlier stages and images with a
variable that has no value in the file are passed over.

## Why it matters

Only what lies in acme's registry is scanned, signed and kept for as long as it runs.

## Flagged

```dockerfile
FROM node:22.21.1
```

## Accepted

```dockerfile
FROM registry.acme.example/library/node:22.21.1
```

## How to fix

Take the image from the mirror in `registry.acme.example`, which has the images of Docker Hub under their own names.

## Options

- `registries` (default: `registry.acme.example`): registries to allow.
"""

from hullmark import Container, Fix, Image, Option, Report, Rule, Stage

rule = Rule(
    __name__,
    __doc__,
    level="error",
    tags=["security", "supply-chain"],
    security_severity="7.0",
    references=["https://platform.acme.example/images"],
    fragments=True,
    options=[Option.texts("registries", ["registry.acme.example"], "registries to allow")],
)


@rule.stage
def stage(stage: Stage, report: Report) -> None:
    if stage.image:
        judge(stage.image, report)


@rule.container
def container(container: Container, report: Report) -> None:
    if container.image:
        judge(container.image, report)


def judge(image: Image, report: Report) -> None:
    registries = report.options.texts("registries")
    if not registries or image.registry in registries:
        return
    finding = report.finding(image.name_place, f"image `{image.familiar_name}` comes from `{image.registry}`")
    if image.is_literal and image.registry == "docker.io":
        text = f"{registries[0]}/{image.repository}"
        finding.fix(Fix.needs_review("take it from the mirror").replace(image.name_place, text))
