//! `.checkov.yaml`.

use super::super::RuleNames;
use super::super::located::Entry;
use super::{Carried, is_known, is_true, texts};
use crate::document::Span;
use crate::finding::Level;

/// Frameworks whose files this program checks, with the beginnings of their ids.
const FRAMEWORKS: [(&str, [&str; 2]); 2] =
    [("dockerfile", ["CKV_DOCKER_*", "CKV2_DOCKER_*"]), ("kubernetes", ["CKV_K8S_*", "CKV2_K8S_*"])];

pub(super) fn read(entries: &[Entry], names: &RuleNames) -> Carried {
    let mut carried = Carried {
        base: "checkov-default".to_owned(),
        tool: "checkov",
        fail_on: Some(Level::Note),
        ..Carried::default()
    };
    for entry in entries {
        let span = entry.key_span;
        match entry.key.as_str() {
            "check" => {
                let ids = known(entry, names, &mut carried);
                carried.only.get_or_insert_default().extend(ids);
            }
            "skip-check" => {
                let ids = known(entry, names, &mut carried);
                carried.skip.extend(ids);
            }
            "soft-fail-on" => {
                for id in known(entry, names, &mut carried) {
                    carried.rules.insert(id, "note".to_owned());
                }
                carried.fail_on = Some(Level::Warning);
            }
            "hard-fail-on" => {
                for id in known(entry, names, &mut carried) {
                    carried.rules.insert(id, "error".to_owned());
                }
                carried.fail_on = Some(Level::Error);
            }
            "soft-fail" if is_true(entry) => carried.leave(span, "to never fail, run with `--exit-zero`"),
            "framework" => frameworks(entry, &mut carried),
            "skip-framework" => {
                for (name, _) in texts(entry) {
                    let framework = FRAMEWORKS.iter().filter(|(known, _)| *known == name);
                    carried.skip.extend(framework.flat_map(|(_, ids)| ids.map(str::to_owned)));
                }
            }
            "skip-path" => paths(entry, &mut carried),
            "external-checks-dir" | "external-checks-git" => {
                carried.leave(span, "checks of your own: write them as a plugin")
            }
            "baseline" => carried.leave(span, "make a baseline of this program's findings"),
            "soft-fail" => {}
            key => carried.leave(span, format!("`{key}` says how Checkov runs or reports")),
        }
    }
    carried
}

/// Ids for which there are rules. Severities are not known to Checkov without its platform.
fn known(entry: &Entry, names: &RuleNames, carried: &mut Carried) -> Vec<String> {
    let mut ids = Vec::new();
    for (id, span) in texts(entry) {
        if is_known(&id, names) {
            ids.push(id);
        } else {
            carried.leave(span, format!("no rule stands for `{id}`"));
        }
    }
    ids
}

fn frameworks(entry: &Entry, carried: &mut Carried) {
    let given = texts(entry);
    if given.iter().any(|(name, _)| name == "all") {
        return;
    }
    for (name, ids) in FRAMEWORKS {
        if !given.iter().any(|(given, _)| given == name) {
            carried.skip.extend(ids.map(str::to_owned));
        }
    }
    let is_ours = |name: &str| FRAMEWORKS.iter().any(|(known, _)| *known == name);
    let others: Vec<(String, Span)> = given.into_iter().filter(|(name, _)| !is_ours(name)).collect();
    for (name, span) in others {
        carried.leave(span, format!("files of the framework `{name}` are not checked"));
    }
}

/// Checkov's paths are regular expressions, found anywhere; those that are plain text are patterns as well.
fn paths(entry: &Entry, carried: &mut Carried) {
    for (path, span) in texts(entry) {
        let plain = path.replace("\\.", ".");
        let plain = plain.strip_suffix(".*").unwrap_or(&plain);
        let plain =
            plain.strip_prefix('^').map_or(plain.to_owned(), |rest| format!("/{}", rest.trim_start_matches('/')));
        if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte)) {
            carried.exclude.push(plain);
        } else {
            carried.leave(span, format!("the regular expression `{path}`: write a pattern under `exclude`"));
        }
    }
}
