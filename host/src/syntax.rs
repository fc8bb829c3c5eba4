//! The host's own rules: a text that cannot be read is a finding like any other.

use crate::document::Language;
use crate::finding::{Level, Plugin, Rule};

/// Name of the plugin that the host's own rules stand under.
pub const SYNTAX: &str = "syntax";

/// Full name of the rule for a language's syntax errors.
#[must_use]
pub const fn rule_of(language: Language) -> &'static str {
    match language {
        Language::Dockerfile => "syntax/dockerfile",
        Language::Manifest => "syntax/yaml",
    }
}

/// All ids that other tools have for a language's syntax errors.
const fn aliases(language: Language) -> &'static [&'static str] {
    match language {
        Language::Dockerfile => &["DL1000", "DL3043", "DL3061"],
        Language::Manifest => &[],
    }
}

/// Metadata of the host's own rules.
#[must_use]
pub fn plugin() -> Plugin {
    let rule = |language: Language, summary: &'static str, explanation: &'static str, reference: &'static str| Rule {
        id: rule_of(language).to_owned(),
        summary: summary.into(),
        explanation: explanation.trim().into(),
        level: Some(Level::Error),
        enabled: true,
        tags: vec!["correctness".to_owned()],
        precision: "very-high".into(),
        aliases: aliases(language).iter().map(|&alias| alias.to_owned()).collect(),
        references: vec![reference.into()],
        fragments: true,
        since: "0.1.0".into(),
        ..Rule::default()
    };
    Plugin {
        name: SYNTAX.to_owned(),
        version: env!("CARGO_PKG_VERSION").into(),
        summary: "Texts that cannot be read.".into(),
        homepage: "".into(),
        options_schema: "".into(),
        rules: vec![
            rule(
                Language::Dockerfile,
                "The Dockerfile has a line that BuildKit refuses.",
                DOCKERFILE,
                "https://docs.docker.com/reference/dockerfile/",
            ),
            rule(Language::Manifest, "The manifest is no valid YAML.", YAML, "https://yaml.org/spec/1.2.2/"),
        ],
    }
}

const DOCKERFILE: &str = "
## What it checks

The grammar of Dockerfiles as BuildKit reads it: instructions, flags, arguments, JSON forms and heredocs. One bad line costs
only itself; everything else in the file is still checked.

## Why it matters

The build stops at this line.

## Flagged

```dockerfile
FROM alpine:3.22
COPPY app /app
```

## Accepted

```dockerfile
FROM alpine:3.22
COPY app /app
```

## How to fix

Correct the line as the message says.

## Other tools

hadolint has three ids for what it notices of this: DL1000 for what it cannot read, DL3043 for a trigger that `ONBUILD` does
not take, DL3061 for an instruction before the first `FROM`. DL3061 is reported for each such instruction there, and for the
first alone here, for one missing `FROM` is one fault.
";

const YAML: &str = "
## What it checks

The YAML of files that have `apiVersion` and `kind` at their top level. Other YAML files are passed over, and so are
templates that are no YAML yet. A bad document costs only itself; the other documents of the file are still checked.

## Why it matters

Neither `kubectl` nor any other tool can read the object, so nothing of it is applied or checked.

## Flagged

```yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: [web
```

## Accepted

```yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
```

## How to fix

Correct the text at the marked place; the fault often lies on the line above.
";
