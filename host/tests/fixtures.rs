//! Runs every file below `fixtures/<plugin>/<rule>/` through the real components, with the rule of its folder alone, and
//! compares with the expectations that stand in the file, as `hullmark::fixture` reads them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/alone.rs"]
mod alone;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use alone::{given, registry};
use hullmark::finding::Finding;
use hullmark::fixture::{self, Options, entries, judge, read, run_alone};
use hullmark::plugin::Registry;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap()
}

#[test]
fn every_fixture_is_reported_as_it_says() {
    let registry = registry(&[]);
    let mut faults = String::new();
    let mut cases = 0;
    for plugin in registry.plugins() {
        let folder = fixtures().join(&plugin.info().name);
        for rule in entries(&folder).unwrap() {
            for case in entries(&rule).unwrap() {
                let id = format!("{}/{}", plugin.info().name, name(&rule));
                let fault = judge(&registry, &id, &case);
                if !fault.is_empty() {
                    writeln!(faults, "{}\n{fault}", case.strip_prefix(fixtures()).unwrap().display()).unwrap();
                }
                cases += 1;
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(cases > 0);
}

#[test]
fn every_rule_has_flagged_and_clean_fixtures_for_each_language_it_reads() {
    let mut missing = Vec::new();
    for rule in registry(&[]).plugins().iter().flat_map(|plugin| &plugin.info().rules) {
        let folder = fixtures().join(&rule.id);
        let cases = if folder.is_dir() { entries(&folder).unwrap() } else { Vec::new() };
        missing.extend(fixture::missing(rule, &cases).into_iter().map(|case| format!("{}/{case}", rule.id)));
    }
    assert_eq!(missing, [""; 0]);
}

/// What a case yields with these options, as far as a report shows it.
fn reported(registry: &Registry, rule: &str, case: &Path, options: &Options) -> Vec<String> {
    let outcome =
        run_alone(registry, rule, Some(options.clone()), &fixture::files(&read(case).unwrap()).unwrap()).unwrap();
    let show = |finding: &Finding| {
        format!("{} {:?} {} {:?}", finding.place.source.path(), finding.place.span, finding.message, finding.aliases)
    };
    outcome.findings.iter().map(show).collect()
}

/// Whether some fixture would be reported differently without an option that it gives.
fn is_shown(registry: &Registry, rule: &str, option: &str, cases: &[PathBuf]) -> bool {
    cases.iter().any(|case| {
        let files = read(case).unwrap();
        let Some(given) = given(&files) else {
            return false;
        };
        let mut without = given.clone();
        without.remove(option).is_some()
            && reported(registry, rule, case, &given) != reported(registry, rule, case, &without)
    })
}

#[test]
fn every_option_changes_what_some_fixture_reports() {
    let registry = registry(&[]);
    let mut unseen = Vec::new();
    for rule in registry.plugins().iter().flat_map(|plugin| &plugin.info().rules) {
        if rule.options_schema.is_empty() {
            continue;
        }
        let schema: serde_json::Value = serde_json::from_str(&rule.options_schema).unwrap();
        let folder = fixtures().join(&rule.id);
        let cases = if folder.is_dir() { entries(&folder).unwrap() } else { Vec::new() };
        for option in schema["properties"].as_object().unwrap().keys() {
            if !is_shown(&registry, &rule.id, option, &cases) {
                unseen.push(format!("{}: {option}", rule.id));
            }
        }
    }
    assert_eq!(unseen, [""; 0]);
}

#[test]
fn every_fixture_folder_belongs_to_a_rule() {
    let registry = registry(&[]);
    let rules: BTreeSet<&str> =
        registry.plugins().iter().flat_map(|plugin| plugin.info().rules.iter().map(|rule| rule.id.as_str())).collect();
    for plugin in registry.plugins() {
        for folder in entries(&fixtures().join(&plugin.info().name)).unwrap() {
            let id = format!("{}/{}", plugin.info().name, name(&folder));
            assert!(rules.contains(id.as_str()), "fixtures/{id} belongs to no rule");
        }
    }
}
