//! `hullmark plugin inspect`: what a plugin is, and what a call of it uses up.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value;

use super::super::args::InspectArgs;
use super::{CommandError, Exit, Streams, UsageError, bytes, load};
use crate::document::Document;
use crate::finding::{Plugin, Rule};
use crate::fixture;
use crate::gather::LARGEST;
use crate::plugin::{Inspected, Limits};
use crate::policy::Selection;
use crate::run::documents;

/// What a plugin is tried on where no files are named.
const SAMPLES: [(&str, &str); 2] = [
    (
        "Dockerfile",
        "FROM node:22.21.1 AS build\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci && npm run build\n\n\
         FROM nginx:1.29.1\nCOPY --from=build /app/dist /usr/share/nginx/html\nUSER 10001\n",
    ),
    (
        "deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels: {app: web}\nspec:\n  replicas: 2\n  \
         selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      \
         containers:\n        - name: web\n          image: nginx:1.29.1\n          resources:\n            \
         requests: {cpu: 100m, memory: 64Mi}\n            limits: {memory: 64Mi}\n",
    ),
];

/// Shows the plugin of a file.
pub(super) fn inspect(args: &InspectArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let inspected = load(&args.file)?;
    let documents = subjects(args)?;
    let plugin = inspected.plugin();
    let Plugin { name, version, summary, homepage, .. } = plugin.info();
    writeln!(streams.out, "{name} {version}: {summary}")?;
    let mut fact = |name: &str, value: &str| {
        if value.is_empty() { Ok(()) } else { writeln!(streams.out, "  {name:10} {value}") }
    };
    fact("homepage", homepage)?;
    fact("size", &bytes(plugin.size()))?;
    fact("sha256", plugin.identity())?;
    fact("interface", &format!("{}, of which this program offers {}", inspected.interface(), Inspected::OFFERED))?;
    fact("imports", &imports(&inspected))?;
    write!(streams.out, "\n{}\n{}", rules(&inspected), trial(&inspected, &documents))?;
    Ok(Exit::Clean)
}

/// The documents that the plugin is tried on.
fn subjects(args: &InspectArgs) -> Result<Vec<Arc<Document>>, UsageError> {
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
        files.extend(SAMPLES.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())));
    }
    let files = fixture::files(&files).map_err(UsageError::new)?;
    Ok(files.iter().flat_map(documents).collect())
}

/// Names of what a plugin imports.
pub(super) fn imports(plugin: &Inspected) -> String {
    if plugin.imports().is_empty() { "nothing".to_owned() } else { plugin.imports().join(", ") }
}

/// One line for each rule, and below it one for each of its options.
pub(super) fn rules(plugin: &Inspected) -> String {
    let rules = &plugin.plugin().info().rules;
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let level = if rule.enabled { rule.default_level().as_str() } else { "off" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:width$}  {level:7}  {}", rule.id, rule.summary);
        for line in options(rule) {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

/// The options of a rule, with their defaults and what they mean.
fn options(rule: &Rule) -> Vec<String> {
    let schema: Value = serde_json::from_str(&rule.options_schema).unwrap_or_default();
    let option = |(name, option): (&String, &Value)| {
        let default = option.get("default").map_or_else(String::new, |value| format!(" (default: {value})"));
        format!("{name}{default}: {}", option["description"].as_str().unwrap_or("not described"))
    };
    schema["properties"].as_object().into_iter().flatten().map(option).collect()
}

/// What a call on each document uses up.
fn trial(plugin: &Inspected, documents: &[Arc<Document>]) -> String {
    let info = plugin.plugin().info();
    let memory_limit = bytes(Limits::default().memory);
    let options = Selection::new([info], &[], &[]).map_or_else(|_| "{}".to_owned(), |all| all.options(&info.name));
    let mut text = String::new();
    for document in documents {
        let line = document.source.region(document.tree.span(0)).start_line;
        let what = match plugin.try_on(document, &options) {
            Ok(usage) => {
                let part = usage.fuel as f64 * 100.0 / usage.fuel_limit as f64;
                let (fuel, memory) = (grouped(usage.fuel), bytes(usage.memory));
                format!("fuel {fuel} ({part:.1} %), memory {memory} of {memory_limit}, findings {}", usage.findings)
            }
            Err(error) => error.to_string(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}:{line}: {what}", document.source.path());
    }
    text
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

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_234_567), "1\u{a0}234\u{a0}567");
    }

    #[test]
    fn samples_hold_a_document_each() {
        let args = InspectArgs { file: "x".into(), on: Vec::new() };
        let paths: Vec<String> = subjects(&args).unwrap().iter().map(|it| it.source.path().to_owned()).collect();
        assert_eq!(paths, ["Dockerfile", "deployment.yaml"]);
    }

    #[test]
    fn options_are_told_with_their_defaults() {
        let schema = r#"{"properties": {"a": {"default": [], "description": "What."}}}"#;
        let rule = Rule { options_schema: schema.to_owned().into(), ..Rule::default() };
        assert_eq!(options(&rule), ["a (default: []): What."]);
        assert_eq!(options(&Rule::default()), [""; 0]);
    }
}
