//! `.hadolint.yaml`.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::RuleNames;
use super::super::located::{Entry, Node, Value};
use super::{Carried, is_true, texts};
use crate::finding::Level;

/// hadolint's names for the types of labels' values.
const TYPES: [(&str, &str); 8] = [
    ("email", "email"),
    ("hash", "hash"),
    ("rawText", "text"),
    ("rfc3339", "rfc3339"),
    ("semver", "semver"),
    ("spdx", "spdx"),
    ("text", "text"),
    ("url", "url"),
];

pub(super) fn read(entries: &[Entry], names: &RuleNames) -> Carried {
    let mut carried = Carried {
        base: "hadolint-default".to_owned(),
        tool: "hadolint",
        // Everything but style and what is ignored fails.
        fail_on: Some(Level::Note),
        ..Carried::default()
    };
    let mut labels = BTreeMap::new();
    let mut strict = false;
    for entry in entries {
        let span = entry.key_span;
        match entry.key.as_str() {
            "ignored" => {
                for (id, span) in texts(entry) {
                    // ShellCheck has more codes than there are rules; those without one are not reported anyway.
                    if names.find(&id).is_empty() && !id.starts_with("SC") {
                        carried.leave(span, format!("no rule stands for `{id}`"));
                    } else if !names.find(&id).is_empty() {
                        carried.skip.push(id);
                    }
                }
            }
            "override" => levels(&entry.value, names, &mut carried),
            "trustedRegistries" => {
                let registries: Vec<String> = texts(entry).into_iter().map(|(text, _)| text).collect();
                carried
                    .rules
                    .insert("DL3026".to_owned(), format!("{{options: {}}}", json!({"registries": registries})));
            }
            "failure-threshold" => match texts(entry).first().map(|(word, _)| word.as_str()) {
                Some("error") => carried.fail_on = Some(Level::Error),
                Some("warning") => carried.fail_on = Some(Level::Warning),
                Some("info" | "style") => carried.fail_on = Some(Level::Note),
                _ => {
                    carried.fail_on = None;
                    carried.leave(span, "to never fail, run with `--exit-zero`");
                }
            },
            "no-fail" if is_true(entry) => carried.leave(span, "to never fail, run with `--exit-zero`"),
            "label-schema" => {
                let Value::Mapping(schema) = &entry.value.value else { continue };
                for label in schema {
                    let given = texts(label).into_iter().next().map(|(word, _)| word).unwrap_or_default();
                    match TYPES.iter().find(|(theirs, _)| *theirs == given) {
                        Some((_, ours)) => {
                            labels.insert(label.key.clone(), *ours);
                        }
                        None => carried.leave(label.key_span, format!("there is no type `{given}` of labels")),
                    }
                }
            }
            "strict-labels" => strict = is_true(entry),
            "disable-ignore-pragma" if is_true(entry) => {
                carried.leave(span, "to have comments not count, run with `--no-ignores`");
            }
            "no-color" | "no-fail" | "disable-ignore-pragma" | "format" | "verbose" => {}
            key => carried.leave(span, format!("`{key}` is not known")),
        }
    }
    if !labels.is_empty() {
        let required: Vec<&String> = labels.keys().collect();
        let rule = |options: serde_json::Value| format!("{{options: {options}}}");
        carried.rules.insert("dockerfile/missing-label".to_owned(), rule(json!({"required": required})));
        carried.rules.insert("dockerfile/invalid-label-value".to_owned(), rule(json!({"labels": labels})));
    }
    if strict {
        let allowed: Vec<&String> = labels.keys().collect();
        let setting = format!("{{options: {}}}", json!({"allowed": allowed}));
        carried.rules.insert("dockerfile/unknown-label".to_owned(), setting);
    }
    carried
}

fn levels(levels: &Node, names: &RuleNames, carried: &mut Carried) {
    let Value::Mapping(levels) = &levels.value else { return };
    for entry in levels {
        let level = match entry.key.as_str() {
            "error" => "error",
            "warning" => "warning",
            "info" | "style" => "note",
            other => {
                carried.leave(entry.key_span, format!("there is no level `{other}`"));
                continue;
            }
        };
        for (id, span) in texts(entry) {
            if names.find(&id).is_empty() {
                carried.leave(span, format!("no rule stands for `{id}`"));
            } else {
                carried.rules.insert(id, level.to_owned());
            }
        }
    }
}
