//! The host's own rules on exceptions.

use crate::finding::{Level, Plugin, Rule};

/// Name of the plugin that they stand under.
pub const SUPPRESSION: &str = "suppression";
/// Full name of the rule against exceptions that have ended.
pub(super) const EXPIRED: &str = "suppression/expired";
/// Full name of the rule against exceptions from rules that allow none.
pub(super) const FORBIDDEN: &str = "suppression/forbidden";
/// Full name of the rule against comments that switch rules off.
pub const INLINE: &str = "suppression/inline";
/// hadolint's name for it.
pub(super) const INLINE_ALIAS: &str = "DL1001";
/// Full name of the rule against exceptions that say nothing because of how they are written.
pub(super) const MALFORMED: &str = "suppression/malformed";
/// Full name of the rule against exceptions that do not say why, where they must.
pub(super) const MISSING_REASON: &str = "suppression/missing-reason";
/// Full name of the rule against exceptions that hide nothing.
pub(super) const UNUSED: &str = "suppression/unused";

/// Metadata of the rules.
#[must_use]
pub fn plugin() -> Plugin {
    let rule = |id: &str, level: Level, summary: &'static str, explanation: &'static str| Rule {
        id: id.into(),
        summary: summary.into(),
        explanation: explanation.trim().into(),
        level: Some(level),
        enabled: true,
        tags: vec!["maintainability".to_owned()],
        precision: "very-high".into(),
        fragments: true,
        since: "0.1.0".into(),
        ..Rule::default()
    };
    let inline =
        rule(INLINE, Level::Note, "A comment or an annotation keeps findings from being reported.", INLINE_TEXT);
    let inline = Rule {
        enabled: false,
        aliases: vec![INLINE_ALIAS.to_owned()],
        references: vec!["https://github.com/hadolint/hadolint/wiki/DL1001".into()],
        ..inline
    };
    Plugin {
        name: SUPPRESSION.to_owned(),
        version: env!("CARGO_PKG_VERSION").into(),
        summary: "Exceptions that stand where they apply.".into(),
        homepage: "".into(),
        options_schema: "".into(),
        rules: vec![
            rule(EXPIRED, Level::Warning, "An exception has ended, so it hides nothing any more.", EXPIRED_TEXT),
            rule(FORBIDDEN, Level::Warning, "An exception names a rule that allows none.", FORBIDDEN_TEXT),
            inline,
            rule(MALFORMED, Level::Warning, "An exception is written so that it says nothing.", MALFORMED_TEXT),
            rule(MISSING_REASON, Level::Warning, "An exception does not say why, though it must.", MISSING_REASON_TEXT),
            rule(UNUSED, Level::Note, "An exception hides nothing.", UNUSED_TEXT),
        ],
    }
}

const EXPIRED_TEXT: &str = "
## What it checks

Exceptions with a last day: `# hullmark: ignore[…] until 2027-01-31`, the same in the annotation `hullmark.dev/ignore`, and
`# trivy:ignore:…:exp:2027-01-31`. From that day on, in UTC, they hide nothing, and what they hid is reported again.

## Why it matters

The exception was granted for a time, and the time is over.

## Flagged

```dockerfile
# hullmark: ignore[image/latest-tag] until 2020-01-31 the vendor has no other tag yet
FROM alpine:latest
```

## Accepted

```dockerfile
# hullmark: ignore[image/latest-tag] until 9999-01-31 the vendor has no other tag yet
FROM alpine:latest
```

## How to fix

Mend what it hid and remove it, or agree on another day.
";

const FORBIDDEN_TEXT: &str = r#"
## What it checks

Exceptions in any form that name a rule which the configuration declares unsuppressible (`suppressions.unsuppressible`). They
do not hide its findings. Where the configuration declares none, this rule finds nothing. A name that also stands for other
rules, such as `*`, is no fault.

## Why it matters

Whoever wrote it believes that the finding is gone, and whoever decides over the rule does not want it gone.

## Flagged

```dockerfile
# suppressions: {"unsuppressible": ["image/latest-tag"]}
# hullmark: ignore[image/latest-tag]
FROM alpine:latest
```

## Accepted

```dockerfile
# suppressions: {"unsuppressible": ["user/root-user"]}
# hullmark: ignore[image/latest-tag]
FROM alpine:latest
```

## How to fix

Mend what is found and remove the exception.
"#;

const INLINE_TEXT: &str = "
## What it checks

Comments that name rules which shall not report: `# hullmark: ignore[…]`, `# hadolint ignore=…`, `# check=skip=…`,
`# checkov:skip=…` and `# trivy:ignore:…`; and annotations of Kubernetes objects that do the same: `hullmark.dev/ignore`,
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

const MALFORMED_TEXT: &str = "
## What it checks

Comments that begin like hullmark's own exceptions, and annotations `hullmark.dev/ignore`, that do not have their form, name
no rule or one that does not exist, end on a day that is none, or are about a container that is not there. They hide nothing.
Ids of other tools may be named whether or not hullmark has a rule for them.

## Why it matters

Whoever wrote it believes that a finding is dealt with.

## Flagged

```dockerfile
# hullmark: ignore image/latest-tag
FROM alpine:latest
# hullmark: ignore[shell/uncheckd-cd]
RUN cd /app
```

## Accepted

```dockerfile
# hullmark: ignore[image/latest-tag] it is rebuilt every night
FROM alpine:latest
```

## How to fix

Write `# hullmark: ignore[rule, rule] why`, or as an annotation `hullmark.dev/ignore: rule, rule why`. Before the reason there may
be a day, `until 2027-01-31`, and in an annotation before that a container, `container=web`.
";

const MISSING_REASON_TEXT: &str = r#"
## What it checks

Exceptions in any form without a reason, where the configuration demands one (`suppressions.require-reason`). They hide nothing.
Where it demands none, this rule finds nothing.

## Why it matters

Nobody can tell whether an exception is still needed who does not know what it was for.

## Flagged

```dockerfile
# suppressions: {"require-reason": true}
# hullmark: ignore[image/latest-tag]
FROM alpine:latest
```

## Accepted

```dockerfile
# suppressions: {"require-reason": true}
# hullmark: ignore[image/latest-tag] it is rebuilt every night
FROM alpine:latest
```

## How to fix

Say why behind the names. A form that has no room for a reason, such as Polaris' annotations, can be replaced by hullmark's own.
"#;

const UNUSED_TEXT: &str = "
## What it checks

Exceptions in any form that hide no finding, and single names in them that hide none. Names are judged only where all rules
that they stand for are on and did their work in this run, so it does not matter which rules others turn on. Names without a rule
in hullmark, and `all` of another tool, are passed over.

Another tool may still need a comment of its own form where its verdicts differ, so that fix is one to look at.

## Why it matters

An exception that is left behind hides the next finding, which nobody has looked at.

## Flagged

```dockerfile
# hullmark: ignore[image/latest-tag] it is rebuilt every night
FROM alpine:3.22
```

## Accepted

```dockerfile
# hullmark: ignore[image/latest-tag] it is rebuilt every night
FROM alpine:latest
```

## How to fix

Remove the name or the exception.
";
