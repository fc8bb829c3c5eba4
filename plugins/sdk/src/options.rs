//! Options of rules: declared once, from which follow their JSON Schema, their checking and their values.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::dockerfile::Stage;
use crate::rule::Rule;

/// Name of [`OptionSpec::STAGES`].
const STAGES: &str = "stages";
/// Name of [`OptionSpec::IMAGES`].
const IMAGES: &str = "images";

/// One option of a rule.
///
/// ```
/// use hullmark_sdk::OptionSpec;
///
/// const OPTIONS: &[OptionSpec] = &[
///     OptionSpec::STAGES,
///     OptionSpec::texts("registries", &["registry.acme.example"], "registries to allow"),
///     OptionSpec::integer("max", 3, 1, "how many are allowed"),
///     OptionSpec::choice("mode", "strict", &["strict", "lax"], "how much is asked"),
/// ];
/// ```
///
/// A rule reads them by name, as [`Report::options`](crate::Report::options) gives them: `report.options().texts("registries")`.
#[derive(Clone, Copy, Debug)]
pub struct OptionSpec {
    pub(crate) name: &'static str,
    pub(crate) kind: OptionKind,
    pub(crate) help: &'static str,
    pub(crate) facts_from: Option<&'static str>,
}

/// Type of an option with its default.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OptionKind {
    Flag(bool),
    Integer { default: i64, least: i64 },
    Text(&'static str),
    Choice { default: &'static str, of: &'static [&'static str] },
    Texts(&'static [&'static str]),
    Words { default: &'static [&'static str], of: &'static [&'static str] },
    Map { of: &'static [&'static str] },
}

impl OptionSpec {
    /// Which stages of a Dockerfile a rule looks at. The SDK holds instructions, stages and commands to it before a rule sees
    /// them; what stands before the first FROM is always seen, and so is all that [`Check::Dockerfile`](crate::Check) gives.
    pub const STAGES: Self = Self::choice(
        STAGES,
        "all",
        &["all", "shipped", "final"],
        "which stages are looked at: `all`, those that the final stage needs (`shipped`), or only the last one (`final`)",
    );

    /// Dockerfiles that build images whose names do not tell so, for [`Project::builds`](crate::Project::builds).
    pub const IMAGES: Self = Self::map(
        IMAGES,
        "repositories of images, each with the path of the Dockerfile that builds it, where names do not tell",
    );

    /// The same for a version, of which what is older than this one is judged as this one. A host says so where it matters.
    #[must_use]
    pub const fn facts_from(self, version: &'static str) -> Self {
        Self { facts_from: Some(version), ..self }
    }

    /// `true` or `false`.
    #[must_use]
    pub const fn flag(name: &'static str, default: bool, help: &'static str) -> Self {
        Self { name, kind: OptionKind::Flag(default), help, facts_from: None }
    }

    /// A whole number, not below `least`.
    #[must_use]
    pub const fn integer(name: &'static str, default: i64, least: i64, help: &'static str) -> Self {
        Self { name, kind: OptionKind::Integer { default, least }, help, facts_from: None }
    }

    /// Any text.
    #[must_use]
    pub const fn text(name: &'static str, default: &'static str, help: &'static str) -> Self {
        Self { name, kind: OptionKind::Text(default), help, facts_from: None }
    }

    /// One of a few words.
    #[must_use]
    pub const fn choice(
        name: &'static str,
        default: &'static str,
        of: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self { name, kind: OptionKind::Choice { default, of }, help, facts_from: None }
    }

    /// A list of texts.
    #[must_use]
    pub const fn texts(name: &'static str, default: &'static [&'static str], help: &'static str) -> Self {
        Self { name, kind: OptionKind::Texts(default), help, facts_from: None }
    }

    /// A list of some of a few words.
    #[must_use]
    pub const fn words(
        name: &'static str,
        default: &'static [&'static str],
        of: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self { name, kind: OptionKind::Words { default, of }, help, facts_from: None }
    }

    /// A mapping of texts to texts, empty by default.
    #[must_use]
    pub const fn map(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: OptionKind::Map { of: &[] }, help, facts_from: None }
    }

    /// A mapping of texts to one of a few words each, empty by default.
    #[must_use]
    pub const fn choices(name: &'static str, of: &'static [&'static str], help: &'static str) -> Self {
        Self { name, kind: OptionKind::Map { of }, help, facts_from: None }
    }

    fn default_value(&self) -> Value {
        match self.kind {
            OptionKind::Flag(default) => json!(default),
            OptionKind::Integer { default, .. } => json!(default),
            OptionKind::Text(default) | OptionKind::Choice { default, .. } => json!(default),
            OptionKind::Texts(default) | OptionKind::Words { default, .. } => json!(default),
            OptionKind::Map { .. } => json!({}),
        }
    }

    fn schema(&self) -> Value {
        let mut schema = match self.kind {
            OptionKind::Flag(_) => json!({"type": "boolean"}),
            OptionKind::Integer { least, .. } => json!({"type": "integer", "minimum": least}),
            OptionKind::Text(_) => json!({"type": "string"}),
            OptionKind::Choice { of, .. } => json!({"type": "string", "enum": of}),
            OptionKind::Texts(_) => json!({"type": "array", "items": {"type": "string"}}),
            OptionKind::Words { of, .. } => json!({"type": "array", "items": {"type": "string", "enum": of}}),
            OptionKind::Map { of: [] } => json!({"type": "object", "additionalProperties": {"type": "string"}}),
            OptionKind::Map { of } => {
                json!({"type": "object", "additionalProperties": {"type": "string", "enum": of}})
            }
        };
        schema["default"] = self.default_value();
        schema["description"] = json!(self.help);
        if let Some(version) = self.facts_from {
            schema["x-facts-from"] = json!(version);
        }
        schema
    }

    /// What is wrong with a value: pointers below it, with a sentence each.
    fn faults(&self, value: &Value) -> Vec<(String, String)> {
        let wrong = |what: &str| vec![(String::new(), format!("`{}` takes {what}", self.name))];
        match self.kind {
            OptionKind::Flag(_) if value.is_boolean() => Vec::new(),
            OptionKind::Flag(_) => wrong("`true` or `false`"),
            OptionKind::Integer { least, .. } => match value.as_i64() {
                Some(number) if number >= least => Vec::new(),
                _ => wrong(&format!("a whole number, {least} at least")),
            },
            OptionKind::Text(_) if value.is_string() => Vec::new(),
            OptionKind::Text(_) => wrong("a text"),
            OptionKind::Choice { of, .. } => match value.as_str() {
                Some(word) if of.contains(&word) => Vec::new(),
                _ => wrong(&format!("one of {}", quoted(of))),
            },
            OptionKind::Texts(_) => match value.as_array() {
                Some(items) => items
                    .iter()
                    .enumerate()
                    .filter(|(_, item)| !item.is_string())
                    .map(|(index, _)| (format!("/{index}"), format!("`{}` takes a list of texts", self.name)))
                    .collect(),
                None => wrong("a list of texts"),
            },
            OptionKind::Words { of, .. } => match value.as_array() {
                Some(items) => items
                    .iter()
                    .enumerate()
                    .filter(|(_, item)| !item.as_str().is_some_and(|word| of.contains(&word)))
                    .map(|(index, _)| (format!("/{index}"), format!("`{}` takes words of {}", self.name, quoted(of))))
                    .collect(),
                None => wrong(&format!("a list of words of {}", quoted(of))),
            },
            OptionKind::Map { of } => {
                let values = if of.is_empty() { "texts".to_owned() } else { format!("one of {}", quoted(of)) };
                let Some(entries) = value.as_object() else { return wrong(&format!("a mapping of texts to {values}")) };
                entries
                    .iter()
                    .filter(|(_, item)| !item.as_str().is_some_and(|word| of.is_empty() || of.contains(&word)))
                    .map(|(key, _)| (format!("/{}", escape(key)), format!("`{}` takes {values} as values", self.name)))
                    .collect()
            }
        }
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// JSON Schema of a rule's options; empty where it has none.
pub(crate) fn schema(options: &[OptionSpec]) -> String {
    if options.is_empty() {
        return String::new();
    }
    let properties: Map<String, Value> =
        options.iter().map(|option| (option.name.to_owned(), option.schema())).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties}).to_string()
}

/// The values of one rule's options. Asking for an option that the rule does not declare gives the type's empty value.
#[derive(Clone, Debug, Default)]
pub struct OptionValues {
    values: BTreeMap<&'static str, Value>,
}

impl OptionValues {
    /// Value of a flag.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.values.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// Value of a whole number.
    #[must_use]
    pub fn integer(&self, name: &str) -> i64 {
        self.values.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    /// Value of a text or choice.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Values of a list.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// Entries of a mapping.
    pub fn entries(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .get(name)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
    }

    /// Whether a stage is among those that [`OptionSpec::STAGES`] leaves; every one is for a rule without that option.
    pub(crate) fn leaves<'d>(&self, stage: impl FnOnce() -> Option<Stage<'d>>) -> bool {
        let chosen = self.text(STAGES);
        // The stage is looked up only where it matters.
        if !matches!(chosen, "shipped" | "final") {
            return true;
        }
        stage().is_none_or(|stage| stage.is_final() || chosen == "shipped" && stage.is_shipped())
    }

    /// Entries of [`OptionSpec::IMAGES`]; none for a rule without that option.
    pub(crate) fn images(&self) -> Vec<(&str, &str)> {
        self.entries(IMAGES).collect()
    }

    pub(crate) fn defaults(rule: &Rule) -> Self {
        Self { values: rule.options.iter().map(|option| (option.name, option.default_value())).collect() }
    }
}

/// Something wrong with given options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionFault {
    /// JSON Pointer into what was given.
    pub pointer: String,
    /// One sentence.
    pub message: String,
}

/// Reads the options of all rules of a plugin: `{"plugin": {…}, "rules": {"<rule>": {…}}}`.
///
/// # Errors
/// All faults, each with its pointer.
pub(crate) fn read(rules: &[&'static Rule], given: &str) -> Result<Vec<OptionValues>, Vec<OptionFault>> {
    let mut values: Vec<OptionValues> = rules.iter().map(|rule| OptionValues::defaults(rule)).collect();
    let given: Value = match given.trim() {
        "" => json!({}),
        text => serde_json::from_str(text)
            .map_err(|error| vec![OptionFault { pointer: String::new(), message: error.to_string() }])?,
    };
    let mut faults = Vec::new();
    let mut fault = |pointer: String, message: String| faults.push(OptionFault { pointer, message });
    for (name, options) in given.get("rules").and_then(Value::as_object).into_iter().flatten() {
        let pointer = format!("/rules/{}", escape(name));
        let Some(index) = rules.iter().position(|rule| rule.name() == *name) else {
            fault(pointer, format!("there is no rule `{name}`"));
            continue;
        };
        let Some(options) = options.as_object() else {
            fault(pointer, "options are a mapping".to_owned());
            continue;
        };
        for (key, value) in options {
            let pointer = format!("{pointer}/{}", escape(key));
            let Some(option) = rules[index].options.iter().find(|option| option.name == key) else {
                fault(pointer, unknown_option(rules[index], key));
                continue;
            };
            let wrong = option.faults(value);
            if wrong.is_empty() {
                values[index].values.insert(option.name, value.clone());
            }
            for (below, message) in wrong {
                fault(format!("{pointer}{below}"), message);
            }
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}

fn unknown_option(rule: &Rule, key: &str) -> String {
    let mut message = format!("`{}` has no option `{key}`", rule.name());
    let names: Vec<String> = rule.options.iter().map(|option| format!("`{}`", option.name)).collect();
    if names.is_empty() {
        message.push_str(" nor any other");
    } else {
        // Writing to a string cannot fail.
        let _ = write!(message, "; it has {}", names.join(", "));
    }
    message
}

/// A key as a part of a JSON Pointer.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
