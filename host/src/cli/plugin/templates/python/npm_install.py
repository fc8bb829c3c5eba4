"""`npm install` may install other versions than those of the lock file.

## What it checks

`npm install` without names of packages in `RUN`.

## Why it matters

`npm install` changes the lock file where it does not fit `package.json`, so that the image gets versions that nobody has tested.

## Flagged

```dockerfile
FROM node:22.21.1
RUN npm install
```

## Accepted

```dockerfile
FROM node:22.21.1
RUN npm ci
```

## How to fix

Write `npm ci`.
"""

from hullmark import Command, Fix, Report, Rule

rule = Rule(__name__, __doc__, tags=["reproducibility"])

# The names of the command.
INSTALL = ["install"]


@rule.command
def command(command: Command, report: Report) -> None:
    npm = command.unwrapped
    words = [*npm.arguments]
    if command.instruction.name != "RUN" or npm.name != "npm" or len(words) != 1:
        return
    install = words[0]
    if install.text not in INSTALL:
        return
    message = f"`npm {install.raw}` may install other versions than those of the lock file"
    report.finding(install, message).fix(Fix.needs_review("use `npm ci`").replace(install, "ci"))
