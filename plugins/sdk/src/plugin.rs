//! A plugin: the rules of one concern, and how a call from the host reaches them.

use crate::bindings::hullmark::policy::types as wit;
use crate::document::Document;
use crate::options::{self, OptionFault, OptionValues};
use crate::project::Project;
use crate::report::{Finding, Report};
use crate::rule::{Check, Rule};

/// The rules of one concern. Made by [`plugin!`](crate::plugin!).
#[derive(Clone, Copy, Debug)]
pub struct Plugin {
    /// Kebab case.
    pub name: &'static str,
    /// Semantic version.
    pub version: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// URL or empty.
    pub homepage: &'static str,
    /// In the order of declaration.
    pub rules: &'static [&'static Rule],
}

/// A plugin with its options read.
#[derive(Clone, Debug)]
pub struct Configured {
    plugin: &'static Plugin,
    options: Vec<OptionValues>,
}

impl Plugin {
    /// What the plugin says of itself, as it crosses to a host.
    #[must_use]
    pub fn describe(&self) -> wit::PluginInfo {
        let rules = self.rules.iter().map(|rule| wit::Rule {
            name: rule.name(),
            summary: rule.summary(),
            explanation: rule.explanation(),
            level: rule.level.as_str().to_owned(),
            enabled: rule.enabled,
            tags: texts(rule.tags),
            security_severity: rule.security_severity.map(str::to_owned),
            precision: rule.precision.as_str().to_owned(),
            aliases: texts(rule.aliases),
            references: texts(rule.references),
            subjects: rule.subjects(),
            fragments: rule.fragments,
            options_schema: options::schema(rule.options),
            since: rule.since.to_owned(),
            properties: Vec::new(),
        });
        wit::PluginInfo {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            summary: self.summary.to_owned(),
            homepage: self.homepage.to_owned(),
            options_schema: String::new(),
            rules: rules.collect(),
            properties: Vec::new(),
        }
    }

    /// Reads options: `{"plugin": {…}, "rules": {"<rule>": {…}}}`.
    ///
    /// # Errors
    /// All faults in them.
    pub fn configure(&'static self, given: &str) -> Result<Configured, Vec<OptionFault>> {
        Ok(Configured { plugin: self, options: options::read(self.rules, given)? })
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

impl Configured {
    /// Findings of the enabled rules (indexes into [`Plugin::rules`]) in one document.
    #[must_use]
    pub fn check(&self, document: &Document<'_>, enabled: &[u32]) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.each(enabled, &mut findings, |check, report| document_check(document, check, report));
        findings
    }

    /// Findings of the enabled project rules.
    #[must_use]
    pub fn check_project(&self, project: &Project<'_>, enabled: &[u32]) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.each(enabled, &mut findings, |check, report| {
            if let Check::Project(function) | Check::Manifests(function) | Check::Dockerfiles(function) = check {
                function(project, report);
            }
        });
        findings
    }

    fn each(&self, enabled: &[u32], findings: &mut Vec<Finding>, run: impl Fn(&Check, &mut Report<'_>)) {
        for &index in enabled {
            let index = index as usize;
            // A host that names a rule which does not exist is newer or wrong; either way there is nothing to run.
            let (Some(rule), Some(options)) = (self.plugin.rules.get(index), self.options.get(index)) else { continue };
            let mut report = Report { rule, options, findings };
            for check in rule.checks {
                run(check, &mut report);
            }
        }
    }
}

fn document_check(document: &Document<'_>, check: &Check, report: &mut Report<'_>) {
    match check {
        Check::Instruction(name, function) => {
            for instruction in document.dockerfile().into_iter().flat_map(|file| file.instructions()) {
                if instruction.name() == *name && report.options.leaves(|| instruction.stage()) {
                    function(&instruction, report);
                }
            }
        }
        Check::Stage(function) => {
            for stage in document.dockerfile().into_iter().flat_map(|file| file.stages()) {
                if report.options.leaves(|| Some(stage)) {
                    function(&stage, report);
                }
            }
        }
        Check::Command(function) => {
            for command in document.dockerfile().into_iter().flat_map(|file| file.commands()) {
                if report.options.leaves(|| command.stage()) {
                    function(&command, report);
                }
            }
        }
        Check::Dockerfile(function) => {
            if let Some(file) = document.dockerfile() {
                function(&file, report);
            }
        }
        Check::Container(function) => {
            for container in document.pods().flat_map(|pod| pod.containers()) {
                function(&container, report);
            }
        }
        Check::Pod(function) => {
            for pod in document.pods() {
                function(&pod, report);
            }
        }
        Check::Object(kinds, function) => {
            for object in document.objects() {
                if kinds.is_empty() || object.kind().is_some_and(|kind| kinds.contains(&kind)) {
                    function(&object, report);
                }
            }
        }
        Check::Project(_) | Check::Manifests(_) | Check::Dockerfiles(_) => {}
    }
}

/// Declares the plugin of this crate: its name, a summary sentence, and one line per rule, which is at once the rule's
/// file and its name.
///
/// ```ignore
/// hullmark_sdk::plugin! {
///     name: "image",
///     summary: "Images: where they come from and which version they are.",
///     rules: [
///         latest_tag,
///         untagged,
///     ],
/// }
/// ```
#[macro_export]
macro_rules! plugin {
    (name: $name:literal, summary: $summary:literal, $(homepage: $homepage:literal,)? rules: [$($rule:ident),+ $(,)?] $(,)?) => {
        $(mod $rule;)+

        /// The plugin of this crate.
        pub static PLUGIN: $crate::Plugin = $crate::Plugin {
            name: $name,
            version: env!("CARGO_PKG_VERSION"),
            summary: $summary,
            homepage: concat!($($homepage)?),
            rules: &[$(&$rule::RULE),+],
        };

        $crate::export_plugin!(PLUGIN);
    };
}
