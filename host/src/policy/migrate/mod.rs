//! From configurations of other tools to one of this program that gives the same verdicts: on top of the policy that holds what
//! the tool does unasked. How a tool's file is read is in the file of its name.

mod checkov;
mod hadolint;
mod kube_linter;
mod trivy;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::load::listed;
use super::located::{Entry, Node, Value};
use super::names::canonical;
use super::only::{Only, beginning};
use super::{PolicyError, RuleNames};
use crate::document::{Source, Span};
use crate::finding::{Level, Plugin, Rule};

/// A configuration that was made of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its text.
    pub text: String,
    /// What it does not hold, with place and reason, one line each.
    pub left: Vec<String>,
}

/// What the configuration of one tool says.
#[derive(Debug, Default)]
struct Carried {
    /// The policy to build on.
    base: String,
    /// The policy that lists all checks of the tool.
    tool: &'static str,
    /// The only checks that are reported, where they are not those of the base.
    only: Option<Vec<String>>,
    /// Checks that are not reported.
    skip: Vec<String>,
    /// Rules by any id, with what stands behind them.
    rules: BTreeMap<String, String>,
    exclude: Vec<String>,
    /// Level from which the tool would fail.
    fail_on: Option<Level>,
    /// What has no counterpart.
    left: Vec<(Span, String)>,
}

impl Carried {
    fn leave(&mut self, span: Span, what: impl Into<String>) {
        self.left.push((span, what.into()));
    }
}

/// Makes one configuration of those of other tools, which are known by the names of their files.
///
/// # Errors
/// Files of which no tool is known, and those that cannot be read as such.
pub fn migrate<'p>(
    files: &[Arc<Source>],
    plugins: impl IntoIterator<Item = &'p Plugin> + Clone,
) -> Result<Migration, Vec<PolicyError>> {
    let names = RuleNames::new(plugins.clone());
    let mut parts = Vec::new();
    let mut errors = Vec::new();
    for source in files {
        match read(source, &names) {
            Ok(carried) => parts.push((source, carried)),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let place = |source: &Source, span: Span| format!("{}:{}", source.path(), source.region(span).start_line);
    let left = parts.iter().flat_map(|(source, carried)| {
        carried.left.iter().map(|(span, what)| format!("{}: {what}", place(source, *span)))
    });
    let left: Vec<String> = left.collect();
    let rules: BTreeMap<&str, &Rule> =
        plugins.into_iter().flat_map(|plugin| &plugin.rules).map(|rule| (rule.id.as_str(), rule)).collect();
    let carried: Vec<&Carried> = parts.iter().map(|(_, carried)| carried).collect();
    let sources: Vec<&str> = files.iter().map(|source| source.path()).collect();
    Ok(Migration { text: text(&sources, &carried, &left, &names, &rules), left })
}

fn read(source: &Arc<Source>, names: &RuleNames) -> Result<Carried, PolicyError> {
    let name = source.path().rsplit(['/', '\\']).next().unwrap_or_default();
    if name.contains("trivyignore") && !name.ends_with(".yaml") {
        return Ok(trivy::read(source, names));
    }
    let read = match name {
        name if name.contains("hadolint") => hadolint::read,
        name if name.contains("kube-linter") => kube_linter::read,
        name if name.contains("checkov") => checkov::read,
        _ => {
            let error = PolicyError::new(format!("it is not known which tool `{}` belongs to", source.path()));
            let known = "files of `.hadolint.yaml`, `.kube-linter.yaml`, `.checkov.yaml` and `.trivyignore` are known by these names";
            return Err(error.help(known));
        }
    };
    let root = Node::read(source)?;
    match &root.value {
        Value::Mapping(entries) => Ok(read(entries, names)),
        Value::Null => Ok(read(&[], names)),
        _ => Err(PolicyError::at(source, root.span, "the configuration is no mapping")),
    }
}

/// Texts of a list, or of one text with commas.
fn texts(entry: &Entry) -> Vec<(String, Span)> {
    let nodes = match &entry.value.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(&entry.value),
    };
    let text = |node: &Node| match &node.value {
        Value::Text(text) => text.split(',').map(|part| (part.trim().to_owned(), node.span)).collect(),
        _ => Vec::new(),
    };
    nodes.iter().flat_map(text).filter(|(text, _)| !text.is_empty()).collect()
}

/// Whether an entry says `true`.
fn is_true(entry: &Entry) -> bool {
    match &entry.value.value {
        Value::Flag(flag) => *flag,
        Value::Text(text) => matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "on"),
        _ => false,
    }
}

/// The configuration as a text.
fn text(
    sources: &[&str],
    parts: &[&Carried],
    left: &[String],
    names: &RuleNames,
    rules: &BTreeMap<&str, &Rule>,
) -> String {
    let of_tools =
        Only::new(parts.iter().flat_map(|part| listed(part.tool)).collect::<Vec<_>>().iter().map(String::as_str));
    // An id that a tool has for part of a rule only cannot turn off the rule.
    let is_whole = |id: &str| {
        let is_other =
            |alias: &&String| canonical(alias) != canonical(id) && of_tools.reports("", std::slice::from_ref(*alias));
        let found = names.find(id);
        !found.is_empty() && found.iter().all(|rule| !rules[rule].aliases.iter().any(|alias| is_other(&alias)))
    };
    let mut settings: BTreeMap<String, String> = BTreeMap::new();
    let mut without = Vec::new();
    for part in parts {
        settings.extend(part.rules.iter().map(|(rule, value)| (rule.clone(), value.clone())));
        for id in &part.skip {
            if id.ends_with('*') || !is_whole(id) {
                without.push(format!("!{id}"));
            } else {
                settings.insert(id.clone(), "off".to_owned());
            }
        }
    }
    let mut only: Vec<String> = Vec::new();
    if !without.is_empty() || parts.iter().any(|part| part.only.is_some()) {
        for part in parts {
            let base = || if part.base.is_empty() { listed(part.tool) } else { only_of(&part.base, part.tool) };
            only.extend(part.only.clone().unwrap_or_else(base).into_iter().filter(|name| is_known(name, names)));
        }
        only.append(&mut without);
    }

    let mut out = format!("# Made by `hullmark init` of {}: the findings stay those of before.\n", sources.join(", "));
    // Writing to a string cannot fail.
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    if !left.is_empty() {
        line("# Not carried over:".to_owned());
        left.iter().for_each(|left| line(format!("# - {left}")));
    }
    let mut list = |key: &str, items: &[String]| {
        if !items.is_empty() {
            line(format!("{key}:"));
            items.iter().for_each(|item| line(format!("  - {}", quoted(item))));
        }
    };
    list("extends", &parts.iter().map(|part| part.base.clone()).collect::<Vec<_>>());
    list("exclude", &parts.iter().flat_map(|part| part.exclude.clone()).collect::<Vec<_>>());
    list("only", &only);
    if let Some(level) = parts.iter().filter_map(|part| part.fail_on).min() {
        line(format!("fail-on: {}", level.as_str()));
    }
    if !settings.is_empty() {
        line("rules:".to_owned());
        settings.iter().for_each(|(rule, value)| line(format!("  {}: {value}", quoted(rule))));
    }
    out
}

/// Whether any rule has a name, or with `*` at its end one that begins so.
fn is_known(name: &str, names: &RuleNames) -> bool {
    match beginning(name) {
        Some(beginning) => names.any_begins(&beginning),
        None => !names.find(name).is_empty(),
    }
}

/// What a policy reports, or else the one that it builds on.
fn only_of(policy: &str, tool: &str) -> Vec<String> {
    let own = listed(policy);
    if own.is_empty() { listed(tool) } else { own }
}

/// A text as YAML reads it back.
pub(super) fn quoted(text: &str) -> String {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte))
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '.' || first == '/')
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        )
        && !text.starts_with(".nan")
        && !text.starts_with(".inf");
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests;
