//! `hullmark plugin inspect`: what a plugin is, and what its calls use up.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::args::{InspectArgs, InspectFormat};
use super::super::rules::record;
use super::{CommandError, Exit, Streams, UsageError, bytes, load};
use crate::document::{Document, Project};
use crate::finding::{Plugin, Rule};
use crate::fixture;
use crate::gather::LARGEST;
use crate::plugin::{Inspected, PluginError, Usage};
use crate::policy::Selection;
use crate::run::{documents, project_rules, rules_for};

/// A Dockerfile that a plugin is tried on where no files are named.
const DOCKERFILE: &str = "FROM node:22.21.1 AS build\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci && npm run build\n\n\
     FROM nginx:1.29.1\nCOPY --from=build /app/dist /usr/share/nginx/html\nUSER 10001\n";

/// The same for rules on workloads, or on any manifest.
const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels: {app: web}\nspec:\n  replicas: 2\n  \
     selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      \
     containers:\n        - name: web\n          image: nginx:1.29.1\n          resources:\n            \
     requests: {cpu: 100m, memory: 64Mi}\n            limits: {memory: 64Mi}\n";

/// One call of the plugin, and what came of it.
struct Trial {
    /// Name of the function.
    call: &'static str,
    /// What it was about; empty where that goes without saying.
    on: String,
    result: Result<Usage, PluginError>,
}

/// Shows the plugin of a file. A call that fails makes the answer incomplete.
pub(super) fn inspect(args: &InspectArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let inspected = load(&args.file)?;
    let documents = subjects(args, inspected.plugin().info())?;
    let trials = trials(&inspected, &documents);
    match args.format {
        InspectFormat::Text => {
            write!(streams.out, "{}\nRules\n{}", head(&inspected), long_rules(inspected.plugin().info()))?;
            write!(streams.out, "\nA trial run\n{}", table(&trials))?;
        }
        InspectFormat::Json => {
            serde_json::to_writer_pretty(&mut *streams.out, &json(&inspected, &trials))
                .map_err(std::io::Error::from)?;
            writeln!(streams.out)?;
        }
    }
    Ok(if trials.iter().all(|trial| trial.result.is_ok()) { Exit::Clean } else { Exit::Incomplete })
}

/// The documents that the plugin is tried on.
fn subjects(args: &InspectArgs, plugin: &Plugin) -> Result<Vec<Arc<Document>>, UsageError> {
    let mut files = Vec::new();
    for path in &args.on {
        let fault = |reason: String| UsageError::new(format!("`{}` cannot be read: {reason}", path.display()));
        let length = std::fs::metadata(path).map_err(|error| fault(error.to_string()))?.len();
        if length > LARGEST {
            return Err(fault(format!("it has more than {LARGEST} bytes")));
        }
        let bytes = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
        files.push((path.display().to_string(), bytes));
    }
    if files.is_empty() {
        files.extend(samples(plugin).into_iter().map(|(path, text)| (path, text.into_bytes())));
    }
    let files = fixture::files(&files).map_err(UsageError::new)?;
    Ok(files.iter().flat_map(documents).collect())
}

/// A small document of each kind that the plugin's rules look at, with the name of its file.
fn samples(plugin: &Plugin) -> Vec<(String, String)> {
    let subjects: BTreeSet<&str> = plugin.rules.iter().flat_map(|rule| &rule.subjects).map(String::as_str).collect();
    let looks_at = |language: &str| {
        subjects.iter().any(|subject| *subject == "project" || subject.split(':').any(|word| word == language))
    };
    let mut samples = Vec::new();
    if looks_at("dockerfile") {
        samples.push(("Dockerfile".to_owned(), DOCKERFILE.to_owned()));
    }
    if looks_at("manifest") || looks_at("workload") {
        samples.push(("deployment.yaml".to_owned(), DEPLOYMENT.to_owned()));
    }
    let kinds = subjects.iter().filter_map(|subject| subject.strip_prefix("manifest:"));
    samples.extend(kinds.filter(|kind| *kind != "Deployment").map(|kind| {
        let text = format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: web\n");
        (format!("{}.yaml", kind.to_lowercase()), text)
    }));
    samples
}

/// Calls every function of the interface, each in a new instance.
fn trials(inspected: &Inspected, documents: &[Arc<Document>]) -> Vec<Trial> {
    let plugin = inspected.plugin().info();
    let options = Selection::new([plugin], &[], &[]).map_or_else(|_| "{}".to_owned(), |all| all.options(&plugin.name));
    let trial = |call, on: &str, result| Trial { call, on: on.to_owned(), result };
    let mut trials = vec![
        trial("describe", "", inspected.describe()),
        trial("configure", "what holds by default", inspected.configure(&options)),
    ];
    for document in documents {
        let rules = rules_for(plugin, document);
        let line = document.source.region(document.tree.span(0)).start_line;
        if !rules.is_empty() {
            let on = format!("{}:{line}", document.source.path());
            trials.push(trial("check", &on, inspected.check(document, &rules, &options)));
        }
    }
    let rules = project_rules(plugin);
    if !rules.is_empty() {
        let project = Arc::new(Project::new(documents.to_vec()));
        let on = if let [_] = documents { "1 document".to_owned() } else { format!("{} documents", documents.len()) };
        trials.push(trial("check-project", &on, inspected.check_project(&project, &rules, &options)));
    }
    trials
}

/// What the plugin and its component are.
fn head(inspected: &Inspected) -> String {
    let plugin = inspected.plugin();
    let Plugin { name, version, summary, homepage, .. } = plugin.info();
    let mut text = format!("{name} {version}: {summary}\n");
    let interface = format!("{}, of which this program offers {}", inspected.interface(), Inspected::OFFERED);
    let (size, imports) = (bytes(plugin.size()), imports(inspected));
    let facts = [
        ("homepage", &**homepage),
        ("size", &size),
        ("sha256", inspected.sha256()),
        ("interface", &interface),
        ("imports", &imports),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:9}  {value}");
    }
    text
}

/// Names of what a plugin imports.
pub(super) fn imports(plugin: &Inspected) -> String {
    if plugin.imports().is_empty() { "nothing".to_owned() } else { plugin.imports().join(", ") }
}

/// One line for each rule.
pub(super) fn rules(plugin: &Plugin) -> String {
    let width = plugin.rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in &plugin.rules {
        let level = if rule.enabled { rule.default_level().as_str() } else { "off" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:width$}  {level:7}  {}", rule.id, rule.summary);
    }
    text
}

/// All rules, with what each looks at and its options below it.
fn long_rules(plugin: &Plugin) -> String {
    let mut text = String::new();
    for (line, rule) in rules(plugin).lines().zip(&plugin.rules) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {line}");
        let _ = writeln!(text, "    looks at  {}", rule.subjects.join(", "));
        for option in options(rule) {
            let _ = writeln!(text, "    option    {option}");
        }
    }
    text
}

/// The options of a rule: what each takes, its default and what it means.
fn options(rule: &Rule) -> Vec<String> {
    let schema: Value = serde_json::from_str(&rule.options_schema).unwrap_or_default();
    let option = |(name, option): (&String, &Value)| {
        let default = option.get("default").map_or_else(String::new, |value| format!(", by default {value}"));
        let meaning = option["description"].as_str().unwrap_or("not described");
        format!("{name} ({}{default}): {meaning}", takes(option))
    };
    schema["properties"].as_object().into_iter().flatten().map(option).collect()
}

/// What a JSON Schema takes, in words.
fn takes(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(Value::to_string).collect::<Vec<_>>().join(" or ");
    }
    match schema["type"].as_str() {
        Some("boolean") => "true or false".to_owned(),
        Some("integer") => match schema["minimum"].as_i64() {
            Some(least) => format!("a whole number from {least}"),
            None => "a whole number".to_owned(),
        },
        Some("string") => "a text".to_owned(),
        Some("array") => format!("a list, each {}", takes(&schema["items"])),
        Some("object") => format!("a mapping to {}", takes(&schema["additionalProperties"])),
        _ => "what its schema says".to_owned(),
    }
}

/// Width of the columns that say what was called, and on what.
fn widths(trials: &[Trial]) -> (usize, usize) {
    let width = |of: fn(&Trial) -> &str| trials.iter().map(|trial| of(trial).len()).max().unwrap_or(0);
    (width(|trial| trial.call), width(|trial| &trial.on))
}

/// A line for each call.
fn table(trials: &[Trial]) -> String {
    let (call, on) = widths(trials);
    let mut text = String::new();
    for trial in trials {
        let what = match &trial.result {
            Ok(usage) => used(usage),
            Err(error) => format!("failed: {error}"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {:call$}  {:on$}  {what}", trial.call, trial.on);
    }
    text
}

/// What a call used up, of what it might have.
fn used(usage: &Usage) -> String {
    let part = usage.fuel as f64 * 100.0 / usage.fuel_limit as f64;
    let fuel = grouped(usage.fuel);
    let memory = format!("{} of {}", bytes(usage.memory), bytes(usage.memory_limit));
    let findings = usage.findings.map_or_else(String::new, |count| format!(", findings {count}"));
    format!("fuel {fuel:>13} ({part:4.1} %), memory {memory}{findings}")
}

/// All of it for programs.
fn json(inspected: &Inspected, trials: &[Trial]) -> Value {
    let plugin = inspected.plugin();
    let Plugin { name, version, summary, homepage, rules, .. } = plugin.info();
    let trial = |Trial { call, on, result }: &Trial| match result {
        Ok(usage) => json!({
            "call": call,
            "on": on,
            "fuel": usage.fuel,
            "fuelLimit": usage.fuel_limit,
            "memory": usage.memory,
            "memoryLimit": usage.memory_limit,
            "findings": usage.findings,
        }),
        Err(error) => json!({"call": call, "on": on, "error": error.to_string()}),
    };
    json!({
        "name": name,
        "version": version,
        "summary": summary,
        "homepage": homepage,
        "size": plugin.size(),
        "sha256": inspected.sha256(),
        "interface": inspected.interface(),
        "offeredInterface": Inspected::OFFERED,
        "imports": inspected.imports(),
        "rules": rules.iter().map(record).collect::<Vec<_>>(),
        "trial": trials.iter().map(trial).collect::<Vec<_>>(),
    })
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(subjects: &[&str]) -> Plugin {
        let rule = Rule { subjects: subjects.iter().map(|&word| word.to_owned()).collect(), ..Rule::default() };
        let text = String::new;
        let (name, version, summary) = (text(), text(), text());
        Plugin {
            name,
            version: version.into(),
            summary: summary.into(),
            homepage: text().into(),
            options_schema: text().into(),
            rules: vec![rule],
        }
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234_567), "1\u{a0}234\u{a0}567");
    }

    #[test]
    fn a_plugin_is_tried_on_what_its_rules_look_at() {
        let paths = |subjects: &[&str]| -> Vec<String> {
            let args = InspectArgs { file: "x".into(), on: Vec::new(), format: InspectFormat::Text };
            let documents = super::subjects(&args, &plugin(subjects)).unwrap();
            documents.iter().map(|it| it.source.path().to_owned()).collect()
        };
        assert_eq!(paths(&["dockerfile:RUN"]), ["Dockerfile"]);
        assert_eq!(paths(&["workload"]), ["deployment.yaml"]);
        assert_eq!(paths(&["project"]), ["Dockerfile", "deployment.yaml"]);
        assert_eq!(paths(&["project:dockerfile"]), ["Dockerfile"]);
        let kinds = ["manifest:Deployment", "manifest:ServiceAccount"];
        assert_eq!(paths(&kinds), ["deployment.yaml", "serviceaccount.yaml"]);
    }

    #[test]
    fn options_are_told_with_what_they_take() {
        let told = |option: &str| {
            let schema = format!(r#"{{"properties": {{"a": {option}}}}}"#);
            options(&Rule { options_schema: schema.into(), ..Rule::default() }).join("\n")
        };
        let list = r#"{"type": "array", "items": {"enum": ["b", "c"]}, "default": [], "description": "what"}"#;
        assert_eq!(told(list), r#"a (a list, each "b" or "c", by default []): what"#);
        assert_eq!(told(r#"{"type": "integer", "minimum": 1}"#), "a (a whole number from 1): not described");
        let map = r#"{"type": "object", "additionalProperties": {"type": "string"}, "description": "what"}"#;
        assert_eq!(told(map), "a (a mapping to a text): what");
        assert_eq!(options(&Rule::default()), [""; 0]);
    }
}
