//! The host's own rules on exceptions.

use crate::finding::{Level, Plugin, Rule};

/// Name of the plugin that they stand under.
pub const SUPPRESSION: &str = "suppression";
/// Full name of the rule against comments that switch rules off.
pub const INLINE: &str = "suppression/inline";
/// hadolint's name for it.
pub(super) const INLINE_ALIAS: &str = "DL1001";

/// Metadata of the rules.
#[must_use]
pub fn plugin() -> Plugin {
    Plugin {
        name: SUPPRESSION.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Exceptions that stand where they apply.".to_owned(),
        homepage: String::new(),
        rules: vec![Rule {
            id: INLINE.to_owned(),
            summary: "A comment or an annotation keeps findings from being reported.".to_owned(),
            explanation: EXPLANATION.trim().to_owned(),
            level: Some(Level::Note),
            tags: vec!["maintainability".to_owned()],
            precision: "very-high".to_owned(),
            aliases: vec![INLINE_ALIAS.to_owned()],
            references: vec!["https://github.com/hadolint/hadolint/wiki/DL1001".to_owned()],
            fragments: true,
            since: "0.1.0".to_owned(),
            ..Rule::default()
        }],
    }
}

const EXPLANATION: &str = "
## What it checks

Comments that name rules which shall not report: `# hullmark: ignore[…]`, `# hadolint ignore=…`, `# check=skip=…`,
`# checkov:skip=…` and `# trivy:ignore:…`; and annotations of Kubernetes objects that do the same:
`ignore-check.kube-linter.io/…`, `kube-linter.io/ignore-all`, `kube-score/ignore`, `polaris.fairwinds.com/exempt` and
`checkov.io/skip1`. Whether or not they keep anything from being reported does not matter. None of them silences this rule.

It is off by default: it is for projects that keep their exceptions in the configuration, where they can be reviewed.

## Why it matters

Whoever may change a file can switch off what guards it, one line at a time and unseen.

## Flagged

```dockerfile
# hadolint ignore=DL3007
FROM alpine:latest
```

## Accepted

```dockerfile
# A comment like any other.
FROM alpine:3.22
```

## How to fix

Mend what it hides and remove it, or move the exception to the configuration.

## Other tools

DL1001 means only hadolint's comment for the next instruction, not the ones for a stage or a file.
";
