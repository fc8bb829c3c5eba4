//! ShellCheck's levels as rules of the host.

use crate::finding::{Level, Plugin, Rule};

/// Name of the plugin that they stand under.
pub const SHELLCHECK: &str = "shellcheck";

/// What ShellCheck calls a level, and the rule for it: its full name, its level, its summary, a line that it flags, and
/// the same line mended.
const LEVELS: [(&str, &str, Level, &str, &str, &str); 4] = [
    (
        "error",
        "shellcheck/error",
        Level::Error,
        "ShellCheck finds an error in a script.",
        "RUN set -- a b && touch $@",
        "RUN set -- a b && touch \"$@\"",
    ),
    (
        "warning",
        "shellcheck/warning",
        Level::Warning,
        "ShellCheck warns of something in a script.",
        "RUN cd /app; make",
        "RUN cd /app && make",
    ),
    (
        "info",
        "shellcheck/info",
        Level::Note,
        "ShellCheck has a remark on a script.",
        "RUN file=$(cat name) && touch $file",
        "RUN file=$(cat name) && touch \"$file\"",
    ),
    (
        "style",
        "shellcheck/style",
        Level::Note,
        "ShellCheck would write a script in another way.",
        "RUN touch \"`cat name`\"",
        "RUN touch \"$(cat name)\"",
    ),
];

/// The rule for what ShellCheck says at one of its levels.
pub(super) fn rule_of(level: &str) -> Option<&'static str> {
    LEVELS.into_iter().find(|(name, ..)| *name == level).map(|(_, rule, ..)| rule)
}

/// Metadata of the rules. They are off: `--shellcheck` turns them on.
#[must_use]
pub fn plugin() -> Plugin {
    let rule = |(name, id, level, summary, flagged, accepted): (&str, &str, Level, &'static str, &str, &str)| Rule {
        id: id.to_owned(),
        summary: summary.into(),
        explanation: explanation(name, flagged, accepted).into(),
        level: Some(level),
        tags: vec!["shell".to_owned()],
        precision: "medium".into(),
        references: vec!["https://www.shellcheck.net/wiki/".into()],
        fragments: true,
        since: "0.1.0".into(),
        ..Rule::default()
    };
    Plugin {
        name: SHELLCHECK.to_owned(),
        version: env!("CARGO_PKG_VERSION").into(),
        summary:
            "Scripts in Dockerfiles, as ShellCheck sees them where it is installed and asked for (`--shellcheck`)."
                .into(),
        homepage: "".into(),
        options_schema: "".into(),
        rules: LEVELS.into_iter().map(rule).collect(),
    }
}

fn explanation(level: &str, flagged: &str, accepted: &str) -> String {
    format!(
        "## What it checks

What ShellCheck reports at its level `{level}` on the scripts of RUN, CMD, ENTRYPOINT and HEALTHCHECK that `sh`, `bash`,
`dash`, `ash` or `ksh` reads, those in heredocs and in `sh -c '…'` included. A finding carries ShellCheck's number, such as
SC2086, as its alias: by that it can be suppressed. What a rule of hullmark says with the same number is not said twice.

It needs the program `shellcheck` on the PATH, and `--shellcheck`. Variables of ARG and ENV count as set and exported.
SC1090, SC1091 and SC2187 are left out, and no `.shellcheckrc` is read.

## Why it matters

A shell goes on after most mistakes, so the build seems to succeed. ShellCheck's wiki explains each number.

## Flagged

```dockerfile
FROM alpine:3.22
{flagged}
```

## Accepted

```dockerfile
FROM alpine:3.22
{accepted}
```

## How to fix

Do as the message says."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_its_rule() {
        assert_eq!(rule_of("style"), Some("shellcheck/style"));
        assert_eq!(rule_of("verbose"), None);
        assert!(plugin().rules.iter().all(|rule| !rule.enabled && rule.plugin() == SHELLCHECK));
    }
}
