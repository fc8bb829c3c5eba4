//! What a run yields, without any knowledge of formats: rules with their metadata, findings, notifications.

use std::borrow::Cow;
use std::sync::Arc;

use crate::document::{Source, Span};

/// A text that is part of this program, as all are that built-in plugins say of themselves, or somebody else's.
pub type Text = Cow<'static, str>;

/// How much a finding weighs, in SARIF's words and order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Should be mended.
    Warning,
    /// Must be mended.
    Error,
}

impl Level {
    /// The level's name in every format and option.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level of a word in the plugin interface; unknown words mean `warning`.
    #[must_use]
    pub fn from_interface(word: &str) -> Self {
        match word {
            "note" => Self::Note,
            "error" => Self::Error,
            _ => Self::Warning,
        }
    }
}

/// One named condition with its metadata, as its plugin declares it.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// Full name: `<plugin>/<rule>`.
    pub id: String,
    /// One sentence.
    pub summary: Text,
    /// Markdown with the fixed headings.
    pub explanation: Text,
    /// Level where nothing else is configured.
    pub level: Option<Level>,
    /// Whether it is on where nothing is selected.
    pub enabled: bool,
    /// Free words, `security` among them.
    pub tags: Vec<String>,
    /// A decimal from 0.1 to 10.0.
    pub security_severity: Option<Text>,
    /// `very-high`, `high`, `medium` or `low`.
    pub precision: Text,
    /// Names that other tools give to the condition.
    pub aliases: Vec<String>,
    /// URLs.
    pub references: Vec<Text>,
    /// What it looks at, in the words of the plugin interface.
    pub subjects: Vec<String>,
    /// Whether it also holds for fragments.
    pub fragments: bool,
    /// JSON Schema of its options; empty where it has none.
    pub options_schema: Text,
    /// The plugin version that brought it.
    pub since: Text,
}

impl Rule {
    /// Level where nothing else is configured.
    #[must_use]
    pub fn default_level(&self) -> Level {
        self.level.unwrap_or(Level::Warning)
    }

    /// Name of the plugin that declares it.
    #[must_use]
    pub fn plugin(&self) -> &str {
        self.id.split_once('/').map_or("", |(plugin, _)| plugin)
    }

    /// Name without the plugin's.
    #[must_use]
    pub fn name(&self) -> &str {
        self.id.split_once('/').map_or(&self.id, |(_, name)| name)
    }
}

/// A plugin with its rules. The host's own rules have one of these too.
#[derive(Clone, Debug, Default)]
pub struct Plugin {
    /// Kebab case.
    pub name: String,
    /// Semantic version.
    pub version: Text,
    /// One sentence.
    pub summary: Text,
    /// URL or empty.
    pub homepage: Text,
    /// JSON Schema of options that all its rules share; empty where there are none.
    pub options_schema: Text,
    /// In the order of declaration.
    pub rules: Vec<Rule>,
}

/// Names of the plugins whose rules are the host's own; no component may take them.
pub const HOST_PLUGINS: [&str; 3] = ["shellcheck", "suppression", "syntax"];

impl Plugin {
    /// Whether its rules are the host's own.
    #[must_use]
    pub fn is_host(&self) -> bool {
        HOST_PLUGINS.contains(&self.name.as_str())
    }
}

/// A place in a file.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes.
    pub span: Span,
}

/// A second place that explains a finding.
#[derive(Clone, Debug)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there.
    pub message: String,
}

/// Replaces the text at a place.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Where; an empty span inserts.
    pub place: Place,
    /// The new text.
    pub text: String,
}

/// Edits that remove a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// Imperative sentence without a full stop.
    pub title: String,
    /// Whether it may be applied without a person looking.
    pub safe: bool,
    /// Do not overlap.
    pub edits: Vec<Edit>,
}

/// The Kubernetes object that a finding lies in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectName {
    /// As written.
    pub api_version: Option<String>,
    /// As written.
    pub kind: Option<String>,
    /// As written, or as a kustomization sets it.
    pub namespace: Option<String>,
    /// As written.
    pub name: Option<String>,
    /// The container in it, where the finding lies in one.
    pub container: Option<String>,
}

/// What one rule reports at one place.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Full name of the rule; one of those in [`Outcome::plugins`].
    pub rule: Arc<str>,
    /// The level that applies here.
    pub level: Level,
    /// One sentence.
    pub message: String,
    /// The smallest token at fault.
    pub place: Place,
    /// The object around it; `None` in a Dockerfile.
    pub object: Option<ObjectName>,
    /// The stage around it, by name or else by its number from 0; `None` in a manifest and before the first stage.
    pub stage: Option<String>,
    /// Other tools' names for this very occurrence.
    pub aliases: Vec<String>,
    /// Second places.
    pub related: Vec<Related>,
    /// Ways to mend it, the best first.
    pub fixes: Vec<Fix>,
    /// Lower-case hex; equal for the same finding in a later version of the file.
    pub fingerprint: String,
}

/// A finding that a comment in its file keeps from being reported.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// Place of the comment, in the finding's file.
    pub comment: Span,
    /// The tool whose form the comment has.
    pub tool: &'static str,
    /// Why, where the comment says it.
    pub reason: Option<String>,
}

/// A condition of the tool itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notification {
    /// `Error` makes the run incomplete.
    pub level: Level,
    /// File that it concerns, as reports name files.
    pub path: Option<String>,
    /// Plugin that it concerns.
    pub plugin: Option<String>,
    /// One sentence, with what to do.
    pub message: String,
}

/// Counts for the summary line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Dockerfiles that were checked.
    pub dockerfiles: usize,
    /// Files with at least one manifest that were checked.
    pub manifest_files: usize,
    /// Manifests in them.
    pub manifests: usize,
    /// Templates that are no YAML yet and were passed over.
    pub templates: usize,
}

/// A fix that was applied to its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedFix {
    /// Full name of the rule.
    pub rule: Arc<str>,
    /// File of the finding that it mends.
    pub path: String,
    /// Line of that finding, as the text was when it was mended.
    pub line: u32,
    /// What was done: an imperative sentence.
    pub title: String,
}

/// The fixes of a run that was asked for some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixes {
    /// In the order in which they were applied.
    pub applied: Vec<AppliedFix>,
    /// Whether files were left as they are, so that this is what would be done.
    pub dry: bool,
}

/// All that a run yields, sorted: findings by path, place and rule; notifications by level, path and plugin.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// All that were loaded, the host's own rules first, then by name.
    pub plugins: Vec<Arc<Plugin>>,
    /// Sorted; without those below.
    pub findings: Vec<Finding>,
    /// Sorted like the findings.
    pub suppressed: Vec<Suppressed>,
    /// What was mended before these findings were left.
    pub fixes: Fixes,
    /// Findings that a baseline accepts, sorted like the others.
    pub baselined: Vec<Finding>,
    /// Number of findings that were left out, because no line of theirs changed.
    pub unchanged: usize,
    /// Sorted.
    pub notifications: Vec<Notification>,
    /// What was looked at.
    pub counts: Counts,
    /// Paths of the templates that were passed over, sorted.
    pub templates: Vec<String>,
}

impl Outcome {
    /// Whether something could not be checked.
    #[must_use]
    pub fn incomplete(&self) -> bool {
        self.notifications.iter().any(|notification| notification.level == Level::Error)
    }

    /// The rule of that full name.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.plugins.iter().flat_map(|plugin| &plugin.rules).find(|rule| rule.id == id)
    }
}
