//! `.kube-linter.yaml`.

use super::super::RuleNames;
use super::super::load::listed;
use super::super::located::{Entry, Node, Value};
use super::{Carried, is_true, texts};
use crate::document::Span;
use crate::finding::Level;

const TOOL: &str = "kube-linter";
const DEFAULT: &str = "kube-linter-default";

pub(super) fn read(entries: &[Entry], names: &RuleNames) -> Carried {
    let mut carried =
        Carried { base: DEFAULT.to_owned(), tool: TOOL, fail_on: Some(Level::Note), ..Carried::default() };
    for entry in entries {
        match (entry.key.as_str(), &entry.value.value) {
            ("checks", Value::Mapping(checks)) => self::checks(checks, names, &mut carried),
            ("customChecks", Value::List(checks)) => {
                for check in checks {
                    let (name, span) = name(check).unwrap_or_else(|| ("without a name".to_owned(), check.span));
                    carried.leave(
                        span,
                        format!("the custom check `{name}`: write it as a plugin, or use a rule's options"),
                    );
                }
            }
            ("checks" | "customChecks", _) => {}
            (key, _) => carried.leave(entry.key_span, format!("`{key}` is not known")),
        }
    }
    carried
}

fn name(check: &Node) -> Option<(String, Span)> {
    let Value::Mapping(entries) = &check.value else { return None };
    texts(entries.iter().find(|entry| entry.key == "name")?).into_iter().next()
}

fn checks(checks: &[Entry], names: &RuleNames, carried: &mut Carried) {
    let find = |key: &str| checks.iter().find(|entry| entry.key == key);
    let is_set = |key: &str| find(key).is_some_and(is_true);
    let mut on = match (is_set("addAllBuiltIn"), is_set("doNotAutoAddDefaults")) {
        (true, _) => listed(TOOL),
        (false, true) => Vec::new(),
        (false, false) => listed(DEFAULT),
    };
    let unasked = listed(DEFAULT);
    let excluded: Vec<String> = find("exclude").map(texts).into_iter().flatten().map(|(name, _)| name).collect();
    for (name, span) in find("include").map(texts).into_iter().flatten() {
        if !listed(TOOL).contains(&name) {
            carried.leave(span, format!("`{name}` is no check of kube-linter itself"));
        } else if names.find(&name).is_empty() {
            carried.leave(span, format!("no rule stands for `{name}`"));
        } else if !on.contains(&name) {
            on.push(name);
        }
    }
    on.sort();
    if on == unasked {
        let known = |name: &String| !names.find(name).is_empty();
        carried.skip = excluded.into_iter().filter(known).collect();
    } else {
        on.retain(|name| !excluded.contains(name) && !names.find(name).is_empty());
        carried.base = TOOL.to_owned();
        carried.only = Some(on);
    }
    for (path, span) in find("ignorePaths").map(texts).into_iter().flatten() {
        if path.starts_with(['~', '!']) || path.contains("..") {
            carried.leave(span, format!("the path `{path}` leads out of the repository"));
        } else {
            // What begins at the root of the file system is meant anywhere in the repository.
            let path = path.strip_prefix("/**/").map_or(path.clone(), |rest| format!("**/{rest}"));
            carried.exclude.push(path);
        }
    }
    const KNOWN: [&str; 5] = ["addAllBuiltIn", "doNotAutoAddDefaults", "exclude", "ignorePaths", "include"];
    for entry in checks.iter().filter(|entry| !KNOWN.contains(&entry.key.as_str())) {
        carried.leave(entry.key_span, format!("`{}` is not known", entry.key));
    }
}
