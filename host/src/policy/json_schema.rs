//! The JSON Schema of policies and of the configuration, made from what the plugins say of themselves, for editors.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::format::{KEYS, LEVELS, OVERRIDE_KEYS};
use super::load::builtin;
use super::names::TAG;
use crate::finding::{Plugin, Rule};

/// Levels of nesting that are written in lines of their own.
const SPREAD: usize = 4;

/// The schema as a text, which is the same wherever it is made.
pub fn json_schema<'p>(plugins: impl IntoIterator<Item = &'p Plugin> + Clone) -> String {
    let mut text = String::new();
    write(&schema(plugins), 0, &mut text);
    text.push('\n');
    text
}

fn word() -> Value {
    json!({"type": "string"})
}

fn schema<'p>(plugins: impl IntoIterator<Item = &'p Plugin> + Clone) -> Value {
    let mut properties = Map::new();
    for (key, description) in KEYS {
        properties.insert(key.to_owned(), described(key_schema(key, plugins.clone()), description));
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://hullmark.dev/hullmark.schema.json",
        "title": "hullmark",
        "description": "What hullmark checks: a configuration (hullmark.yaml) or a policy.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "definitions": {
            "level": {"enum": LEVELS},
            "path": described(word(), "The file of a plugin, from here; `hullmark plugin add` writes and pins it."),
            "reference": described(word(), "A plugin in a registry: not yet taken."),
            "texts": {"type": ["string", "array"], "items": {"type": "string"}},
            "setting": setting(&json!({"type": "object"})),
            "rules": rules(plugins),
        },
    })
}

fn key_schema<'p>(key: &str, plugins: impl IntoIterator<Item = &'p Plugin>) -> Value {
    let texts = || json!({"$ref": "#/definitions/texts"});
    let word = word();
    match key {
        "cluster" => json!({"type": "array", "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["kind", "name"],
            "properties": {"kind": word, "name": word, "namespace": word},
        }}),
        "extends" => json!({
            "type": ["string", "array"],
            "items": {"type": "string"},
            "examples": builtin().collect::<Vec<_>>(),
        }),
        "fail-on" => json!({"enum": ["note", "warning", "error"]}),
        "kubernetes-version" | "requires" => json!({"type": ["string", "number"]}),
        "overrides" => json!({"type": "array", "items": overriding()}),
        "plugins" => plugin_schemas(plugins),
        "rules" => json!({"$ref": "#/definitions/rules"}),
        "scopes" => json!({"anyOf": [{"enum": ["root", "run", "directory"]}, {"type": "array", "items": word}]}),
        "suppressions" => json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {"require-reason": {"type": "boolean"}, "unsuppressible": texts()},
        }),
        _ => texts(),
    }
}

/// A schema with a description beside it, which a reference cannot have.
fn described(schema: Value, description: &str) -> Value {
    match schema {
        Value::Object(mut schema) if !schema.contains_key("$ref") => {
            schema.insert("description".to_owned(), description.into());
            schema.into()
        }
        schema => json!({"description": description, "allOf": [schema]}),
    }
}

fn overriding() -> Value {
    let schema = |key: &str| match key {
        "labels" => json!({"type": "object", "additionalProperties": {"type": ["string", "number"]}}),
        "rules" => json!({"$ref": "#/definitions/rules"}),
        _ => json!({"$ref": "#/definitions/texts"}),
    };
    let properties: Map<String, Value> =
        OVERRIDE_KEYS.iter().map(|(key, text)| ((*key).to_owned(), described(schema(key), text))).collect();
    let conditions = OVERRIDE_KEYS.iter().filter(|(key, _)| *key != "rules");
    let one_of: Vec<Value> = conditions.map(|(key, _)| json!({"required": [key]})).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties, "anyOf": one_of})
}

fn plugin_schemas<'p>(plugins: impl IntoIterator<Item = &'p Plugin>) -> Value {
    let definition = |name: &str| json!({"$ref": format!("#/definitions/{name}")});
    let entry = |options: Value| {
        let properties = json!({"path": definition("path"), "reference": definition("reference"), "options": options});
        json!({"anyOf": [
            definition("path"),
            {"type": "object", "additionalProperties": false, "properties": properties},
        ]})
    };
    let of_plugin = |plugin: &Plugin| {
        let options = serde_json::from_str(&plugin.options_schema).ok()?;
        Some((plugin.name.clone(), entry(options)))
    };
    let known: Map<String, Value> = plugins.into_iter().filter_map(of_plugin).collect();
    json!({"type": "object", "properties": known, "additionalProperties": entry(json!({"type": "object"}))})
}

/// What may stand behind the name of a rule.
fn setting(options: &Value) -> Value {
    let level = json!({"$ref": "#/definitions/level"});
    let properties = json!({"level": level, "options": options});
    json!({"anyOf": [level, {"type": "object", "additionalProperties": false, "properties": properties}]})
}

fn rules<'p>(plugins: impl IntoIterator<Item = &'p Plugin> + Clone) -> Value {
    let mut properties = Map::new();
    let any = || json!({"$ref": "#/definitions/setting"});
    let mut names: BTreeSet<&str> = BTreeSet::from(["*"]);
    let mut tags = BTreeSet::new();
    for rule in plugins.clone().into_iter().flat_map(|plugin| &plugin.rules) {
        properties.insert(rule.id.clone(), described(of_rule(rule), &rule.summary));
        names.extend(rule.aliases.iter().map(String::as_str));
        tags.extend(rule.tags.iter().map(|tag| format!("{TAG}{tag}")));
    }
    for plugin in plugins {
        properties.insert(format!("{}/*", plugin.name), described(any(), &plugin.summary));
    }
    properties.extend(names.into_iter().map(str::to_owned).chain(tags).map(|name| (name, any())));
    // Rules of other plugins, and other spellings.
    json!({"type": "object", "properties": properties, "additionalProperties": any()})
}

fn of_rule(rule: &Rule) -> Value {
    match serde_json::from_str::<Value>(&rule.options_schema) {
        Ok(options) => setting(&options),
        Err(_) => json!({"$ref": "#/definitions/setting"}),
    }
}

/// Writes JSON with sorted keys, what lies deep in one line.
fn write(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            let spread = depth < SPREAD;
            let line = |out: &mut String, depth: usize| {
                if spread {
                    out.push('\n');
                    out.push_str(&"  ".repeat(depth));
                }
            };
            let mut entries: Vec<(&String, &Value)> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            let mut before = "{";
            for (key, value) in entries {
                out.push_str(before);
                line(out, depth + 1);
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(": ");
                write(value, depth + 1, out);
                before = if spread { "," } else { ", " };
            }
            line(out, depth);
            out.push('}');
        }
        Value::Array(items) if !items.is_empty() => {
            let mut before = "[";
            for item in items {
                out.push_str(before);
                write(item, SPREAD, out);
                before = ", ";
            }
            out.push(']');
        }
        value => out.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_deep_stands_in_one_line_with_its_keys_sorted() {
        let mut text = String::new();
        write(&json!({"b": {}, "a": {"c": {"d": {"f": 1, "e": [true, {"h": 1, "g": null}]}}}}), 0, &mut text);
        let expected = "{\n  \"a\": {\n    \"c\": {\n      \"d\": {\n        \"e\": [true, {\"g\": null, \"h\": 1}],\n        \"f\": 1\n      }\n    }\n  },\n  \"b\": {}\n}";
        assert_eq!(text, expected);
    }
}
