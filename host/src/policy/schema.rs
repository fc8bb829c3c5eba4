//! The JSON Schemas that plugins give of their options, as far as options can be judged by them without the plugin: types,
//! words to choose from, bounds, items and properties. What is written in other words of JSON Schema is the plugin's to judge.

use serde_json::Value as Json;

use super::located::{Node, Value};
use super::names::nearest;
use crate::document::Span;

/// What is wrong with a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) span: Span,
    /// One sentence.
    pub(super) message: String,
    /// The word that may be meant.
    pub(super) near: Option<String>,
}

/// Names of the options that a schema declares.
pub(super) fn names(schema: &Json) -> impl Iterator<Item = &str> {
    schema.get("properties").and_then(Json::as_object).into_iter().flatten().map(|(name, _)| name.as_str())
}

/// Schema of one option.
pub(super) fn property<'s>(schema: &'s Json, name: &str) -> Option<&'s Json> {
    schema.get("properties")?.get(name)
}

/// Whether a schema leaves room for options that it does not declare.
pub(super) fn is_open(schema: &Json) -> bool {
    schema.is_object() && schema.get("additionalProperties") != Some(&Json::Bool(false))
}

/// What is wrong with a value of an option of that name.
pub(super) fn faults(name: &str, schema: &Json, value: &Node) -> Vec<Fault> {
    let mut judge = Judge { name, whole: schema, faults: Vec::new() };
    judge.value(schema, value);
    judge.faults
}

struct Judge<'s> {
    name: &'s str,
    whole: &'s Json,
    faults: Vec<Fault>,
}

impl Judge<'_> {
    fn value(&mut self, schema: &Json, node: &Node) {
        if !has_type(schema, &node.value) || !is_within(schema, &node.value) {
            return self.fault(node, schema);
        }
        match &node.value {
            Value::List(items) => {
                let Some(of) = schema.get("items") else { return };
                items.iter().for_each(|item| self.value(of, item));
            }
            Value::Mapping(entries) => {
                for entry in entries {
                    match (property(schema, &entry.key), schema.get("additionalProperties")) {
                        (Some(of), _) | (None, Some(of @ Json::Object(_))) => self.value(of, &entry.value),
                        (None, Some(Json::Bool(false))) => {
                            let message = format!("`{}` has no `{}`", self.name, entry.key);
                            let near = nearest(&entry.key, names(schema).map(str::to_owned));
                            self.faults.push(Fault { span: entry.key_span, message, near });
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn fault(&mut self, node: &Node, schema: &Json) {
        let words = words(schema).into_iter().flatten().filter_map(Json::as_str).map(str::to_owned);
        let near = match &node.value {
            Value::Text(text) => nearest(text, words),
            _ => None,
        };
        let message = format!("`{}` takes {}", self.name, takes(self.whole, false));
        self.faults.push(Fault { span: node.span, message, near });
    }
}

fn words(schema: &Json) -> Option<&Vec<Json>> {
    schema.get("enum").and_then(Json::as_array)
}

fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(name)) => vec![name.as_str()],
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn has_type(schema: &Json, value: &Value) -> bool {
    let types = types(schema);
    let fits = |name: &&str| match (*name, value) {
        ("string", Value::Text(_))
        | ("boolean", Value::Flag(_))
        | ("null", Value::Null)
        | ("array", Value::List(_))
        | ("object", Value::Mapping(_))
        | ("number", Value::Number(_)) => true,
        ("integer", Value::Number(number)) => !number.is_f64() || number.as_f64().is_some_and(|it| it.fract() == 0.0),
        ("string" | "boolean" | "null" | "array" | "object" | "number" | "integer", _) => false,
        // A word of a later JSON Schema.
        _ => true,
    };
    types.is_empty() || types.iter().any(fits)
}

fn is_within(schema: &Json, value: &Value) -> bool {
    let is_word = words(schema).is_none_or(|words| match value {
        Value::Text(text) => words.iter().any(|word| word.as_str() == Some(text)),
        Value::Number(number) => words.contains(&Json::Number(number.clone())),
        Value::Flag(flag) => words.contains(&Json::Bool(*flag)),
        Value::Null => words.contains(&Json::Null),
        Value::List(_) | Value::Mapping(_) => true,
    });
    let Value::Number(number) = value else { return is_word };
    let number = number.as_f64();
    let bound = |key| schema.get(key).and_then(Json::as_f64);
    is_word
        && bound("minimum").is_none_or(|least| number >= Some(least))
        && bound("maximum").is_none_or(|most| number <= Some(most))
}

/// What a schema takes, in words; `several` of them.
fn takes(schema: &Json, several: bool) -> String {
    let one_or = |one: &str, more: &str| if several { more.to_owned() } else { one.to_owned() };
    if let Some(words) = words(schema) {
        let words: Vec<String> = words
            .iter()
            .map(|word| format!("`{}`", word.as_str().map_or_else(|| word.to_string(), str::to_owned)))
            .collect();
        return format!("{} {}", one_or("one of", "words of"), words.join(", "));
    }
    let bound = |key| schema.get(key).map(ToString::to_string);
    let bounds = match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!(" from {least} to {most}"),
        (Some(least), None) => format!(", {least} at least"),
        (None, Some(most)) => format!(", {most} at most"),
        (None, None) => String::new(),
    };
    let kinds = types(schema).into_iter().map(|name| match name {
        "string" => one_or("a text", "texts"),
        "boolean" => "`true` or `false`".to_owned(),
        "integer" => format!("{}{bounds}", one_or("a whole number", "whole numbers")),
        "number" => format!("{}{bounds}", one_or("a number", "numbers")),
        "array" => {
            let of = schema.get("items").map_or_else(|| "values".to_owned(), |items| takes(items, true));
            format!("{} of {of}", one_or("a list", "lists"))
        }
        "object" => match schema.get("additionalProperties") {
            Some(of @ Json::Object(_)) => {
                format!("{} of texts to {}", one_or("a mapping", "mappings"), takes(of, true))
            }
            _ => one_or("a mapping", "mappings"),
        },
        other => other.to_owned(),
    });
    let kinds: Vec<String> = kinds.collect();
    if kinds.is_empty() { one_or("something else", "values") } else { kinds.join(" or ") }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::document::Source;

    fn judge(schema: &Json, text: &str) -> Vec<(String, String)> {
        let source = Arc::new(Source::new("p.yaml", text.as_bytes().to_vec()));
        let found = faults("x", schema, &Node::read(&source).unwrap());
        found.into_iter().map(|fault| (source.slice(fault.span).to_owned(), fault.message)).collect()
    }

    #[test]
    fn what_fits_is_accepted() {
        for (schema, text) in [
            (json!({}), "[1, {a: b}]"),
            (json!({"type": "string"}), "on"),
            (json!({"type": "integer", "minimum": 1}), "1"),
            (json!({"type": ["integer", "null"]}), "null"),
            (json!({"type": "number"}), "0.5"),
            (json!({"type": "boolean"}), "true"),
            (json!({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}), "[b, a]"),
            (json!({"type": "object", "additionalProperties": {"type": "string"}}), "{a: b}"),
            (json!({"type": "object", "properties": {"a": {}}}), "{b: 1}"),
            (json!({"type": "of later days"}), "1"),
        ] {
            assert_eq!(judge(&schema, text), [], "{schema} {text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told_at_its_place() {
        let list = json!({"type": "array", "items": {"type": "string"}});
        let choice = json!({"type": "string", "enum": ["all", "final"]});
        let least = json!({"type": "integer", "minimum": 1});
        let map = json!({"type": "object", "additionalProperties": {"type": "string", "enum": ["url"]}});
        let closed = json!({"type": "object", "additionalProperties": false, "properties": {"name": {}}});
        for (schema, text, token, message) in [
            (&list, "a", "a", "`x` takes a list of texts"),
            (&list, "[a, 1]", "1", "`x` takes a list of texts"),
            (&choice, "finl", "finl", "`x` takes one of `all`, `final`"),
            (&least, "0", "0", "`x` takes a whole number, 1 at least"),
            (&least, "1.5", "1.5", "`x` takes a whole number, 1 at least"),
            (&map, "{a: ur}", "ur", "`x` takes a mapping of texts to words of `url`"),
            (&closed, "{nme: 1}", "nme", "`x` has no `nme`"),
        ] {
            assert_eq!(judge(schema, text), [(token.to_owned(), message.to_owned())]);
        }
    }
}
