"""`npm install` may install other versions than those of the lock file.

## What it checks

`npm install` in `RUN` without names of packages, also through `sudo`, `env` and the like.

## Why it matters

An image must hold the versions that were tested. `npm ci` installs those of the lock file, or fails.

## Flagged

```dockerfile
FROM registry.acme.example/library/node:22.21.1
RUN npm install --omit=dev
```

## Accepted

```dockerfile
FROM registry.acme.example/library/node:22.21.1
RUN npm ci --omit=dev
```

## How to fix

Write `npm ci`, and commit the lock file.

## Options

- `stages` (default: `all`): which stages are looked at: `all`, those that the final stage needs (`shipped`), or only
  the last one (`final`).

## References

- <https://docs.npmjs.com/cli/v11/commands/npm-ci>
"""

from hullmark import Command, Fix, Option, Report, Rule

rule = Rule(
    __name__,
    __doc__,
    tags=["reproducibility"],
    references=["https://docs.npmjs.com/cli/v11/commands/npm-ci"],
    options=[Option.STAGES],
)


@rule.command
def command(command: Command, report: Report) -> None:
    npm = command.unwrapped
    words = list(npm.arguments)
    if npm.name != "npm" or len(words) != 1 or words[0].text not in ("install", "i"):
        return
    if npm.has_flag("-g", "--global") or command.instruction.name != "RUN":
        return
    install = words[0]
    text = '"ci"' if command.is_exec_form else "ci"
    message = f"`npm {install.raw}` may install other versions than those of the lock file"
    report.finding(install, message).fix(Fix.needs_review("use `npm ci`").replace(install, text))
