//! A rule: one named condition with its metadata.

use crate::dockerfile::{Dockerfile, Instruction, Stage};
use crate::document::{Container, Object, Pod};
use crate::options::OptionSpec;
use crate::project::Project;
use crate::report::Report;
use crate::shell::Command;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Should be mended.
    Warning,
    /// Must be mended.
    Error,
}

impl Level {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Follows from the text alone.
    VeryHigh,
    /// Wrong only in rare set-ups.
    High,
    /// Depends on what the rule cannot see.
    Medium,
    /// A hint.
    Low,
}

impl Precision {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::VeryHigh => "very-high",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// What a rule looks at, with the function that looks. Pick the lowest rung that does.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Every instruction of this name, triggers of ONBUILD left out.
    Instruction(&'static str, fn(&Instruction<'_>, &mut Report<'_>)),
    /// Every stage.
    Stage(fn(&Stage<'_>, &mut Report<'_>)),
    /// Every command of RUN, CMD, ENTRYPOINT and HEALTHCHECK, see [`Dockerfile::commands`].
    Command(fn(&Command<'_>, &mut Report<'_>)),
    /// Every Dockerfile.
    Dockerfile(fn(&Dockerfile<'_>, &mut Report<'_>)),
    /// Every container of every pod: init containers, sidecars and ephemeral containers included.
    Container(fn(&Container<'_>, &mut Report<'_>)),
    /// Every pod that a workload describes.
    Pod(fn(&Pod<'_>, &mut Report<'_>)),
    /// Every object of these kinds.
    Object(&'static [&'static str], fn(&Object<'_>, &mut Report<'_>)),
    /// All documents together.
    Project(fn(&Project<'_>, &mut Report<'_>)),
    /// All documents together, for a rule that reports in manifests only: it costs nothing where none is checked.
    Manifests(fn(&Project<'_>, &mut Report<'_>)),
    /// All documents together, for a rule that reports in Dockerfiles only.
    Dockerfiles(fn(&Project<'_>, &mut Report<'_>)),
}

/// Instructions that hold commands.
const COMMANDED: [&str; 4] = ["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"];

/// One named condition with its metadata. Made by [`rule!`](crate::rule!), which says which fields may be left out.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Path of the module that declares it; its last part is the rule's name.
    #[doc(hidden)]
    pub module: &'static str,
    /// Markdown: the summary sentence, then the fixed headings.
    #[doc(hidden)]
    pub docs: &'static str,
    /// Level where nothing else is configured. Default: warning.
    pub level: Level,
    /// Whether it is on where nothing is selected. Default: on.
    pub enabled: bool,
    /// Free words; `security` brings the rule among the security alerts.
    pub tags: &'static [&'static str],
    /// A decimal from 0.1 to 10.0, for rules tagged `security`.
    pub security_severity: Option<&'static str>,
    /// How sure a finding is. Default: very high.
    pub precision: Precision,
    /// Names that other tools give to the condition.
    pub aliases: &'static [&'static str],
    /// URLs of the specification or guide that the rule follows.
    pub references: &'static [&'static str],
    /// Whether it also holds for fragments (Kustomize patches), where absence means nothing. Default: no.
    pub fragments: bool,
    /// Its options.
    pub options: &'static [OptionSpec],
    /// The plugin version that brought it.
    pub since: &'static str,
    /// What it looks at.
    pub checks: &'static [Check],
}

impl Rule {
    #[doc(hidden)]
    pub const BASE: Self = Self {
        module: "",
        docs: "",
        level: Level::Warning,
        enabled: true,
        tags: &[],
        security_severity: None,
        precision: Precision::VeryHigh,
        aliases: &[],
        references: &[],
        fragments: false,
        options: &[],
        since: "0.1.0",
        checks: &[],
    };

    /// Name in kebab case: that of the file.
    #[must_use]
    pub fn name(&self) -> String {
        self.module.rsplit("::").next().unwrap_or_default().replace('_', "-")
    }

    /// First paragraph of the documentation, as one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let paragraph = self.docs.trim().split("\n\n").next().unwrap_or_default();
        paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// All after the summary.
    #[must_use]
    pub fn explanation(&self) -> String {
        let rest = self.docs.trim().split_once("\n\n").map_or("", |(_, rest)| rest);
        // Documentation comments carry the blank that follows `///`.
        rest.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    /// What it looks at, in the words of the interface.
    #[must_use]
    pub fn subjects(&self) -> Vec<String> {
        let mut subjects: Vec<String> = Vec::new();
        for check in self.checks {
            match check {
                Check::Instruction(name, _) => subjects.push(format!("dockerfile:{name}")),
                Check::Command(_) => subjects.extend(COMMANDED.map(|name| format!("dockerfile:{name}"))),
                Check::Stage(_) | Check::Dockerfile(_) => subjects.push("dockerfile".into()),
                Check::Container(_) | Check::Pod(_) => subjects.push("workload".into()),
                Check::Object([], _) => subjects.push("manifest".into()),
                Check::Object(kinds, _) => subjects.extend(kinds.iter().map(|kind| format!("manifest:{kind}"))),
                Check::Project(_) => subjects.push("project".into()),
                Check::Manifests(_) => subjects.push("project:manifest".into()),
                Check::Dockerfiles(_) => subjects.push("project:dockerfile".into()),
            }
        }
        subjects.sort();
        subjects.dedup();
        subjects
    }
}

/// Declares the rule of this file. The name is the file's; the documentation comment carries a summary sentence, a blank
/// line, and the headings `## What it checks`, `## Why it matters`, `## Flagged`, `## Accepted`, `## How to fix` and,
/// where there is something to say, `## Options`, `## Other tools`, `## References`.
///
/// Fields are those of [`Rule`], all optional but `checks`.
#[macro_export]
macro_rules! rule {
    ($(#[doc = $doc:literal])+ $($field:ident: $value:expr),+ $(,)?) => {
        /// The rule of this file.
        pub(crate) static RULE: $crate::Rule = {
            #[expect(unused_imports, reason = "a rule uses some of these words, never all")]
            use $crate::{Check::*, Level::*, OptionSpec, Precision::{High, Low, Medium, VeryHigh}};
            $crate::Rule {
                module: module_path!(),
                docs: concat!($($doc, "\n"),+),
                $($field: $value,)+
                ..$crate::Rule::BASE
            }
        };
    };
}
