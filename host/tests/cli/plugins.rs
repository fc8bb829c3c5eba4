//! Plugins that fail, through the command line: the report says so, and nothing else is lost.

use serde_json::Value;

use super::repo::{GOOD, Repo};
use super::support::{FindingSpec, Guest};

const LATEST: &str = "Dockerfile:1:11 image/latest-tag";

/// A run with one more plugin beside the built-in ones: the exit code, the findings and the notifications.
fn run(repo: &Repo, arguments: &str) -> (i32, Vec<String>, Vec<Value>) {
    let run = repo.run(&format!("check --format json {arguments}"));
    assert_eq!(run.err, "");
    (run.code, run.findings(), run.json()["notifications"].as_array().unwrap().clone())
}

fn repo(plugin: &[u8]) -> Repo {
    let repo = Repo::new(&[("Dockerfile", GOOD), ("sub/Dockerfile", GOOD)]);
    repo.write("bad.wasm", plugin);
    repo
}

/// Holds that the plugin fails with this message, and that everything else is as without it.
fn fails(plugin: &[u8], name: Option<&str>, path: &str, message: &str) {
    let repo = repo(plugin);
    let (_, without, _) = run(&repo, "");
    let (code, findings, notifications) = run(&repo, "--plugin bad.wasm");
    assert_eq!((code, findings), (3, without));
    let first = &notifications[0];
    assert_eq!(
        (first["level"].as_str(), first["plugin"].as_str(), first["path"].as_str()),
        (Some("error"), name, Some(path))
    );
    assert!(first["message"].as_str().unwrap().contains(message), "{first}");

    let sarif = repo.run("check --format sarif --plugin bad.wasm --exit-zero");
    assert_eq!((sarif.code, sarif.err.as_str()), (3, ""));
    let sarif = sarif.json();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = invocation["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(told.len(), notifications.len());
    assert!(told[0]["message"]["text"].as_str().unwrap().contains(message), "{}", told[0]);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "image/latest-tag"));
}

#[test]
fn a_plugin_that_works_reports_beside_the_built_in_ones() {
    let repo = repo(&Guest::new("own").finding(FindingSpec::new("some-rule", "a message", 5, 9)).component());
    let (code, findings, notifications) = run(&repo, "--plugin bad.wasm --select own/*,DL3007 Dockerfile");
    assert_eq!((code, notifications), (1, Vec::new()));
    assert_eq!(findings, ["Dockerfile:1:6 own/some-rule", LATEST]);
    assert!(repo.run("rules --plugin bad.wasm").out.contains("own/some-rule"));
    assert!(repo.run("explain own/some-rule --plugin bad.wasm").out.starts_with("# own/some-rule\n"));
}

#[test]
fn a_plugin_that_never_ends_is_stopped_by_its_fuel() {
    let guest = Guest::new("loops").check("(loop $again (br $again))");
    fails(&guest.component(), Some("loops"), "Dockerfile", "fuel");
}

#[test]
fn a_plugin_that_panics_costs_its_own_results() {
    fails(&Guest::new("panics").check("unreachable").component(), Some("panics"), "Dockerfile", "the plugin failed");
}

#[test]
fn a_plugin_that_wants_the_system_is_not_loaded() {
    let wasi = wat::parse_str(r#"(component (import "wasi:cli/environment@0.2.3" (instance)))"#).unwrap();
    fails(&wasi, None, "bad.wasm", "`wasi:cli/environment@0.2.3`");
}

#[test]
fn a_file_that_is_no_plugin_is_not_loaded() {
    fails(b"garbage", None, "bad.wasm", "the plugin does not load");
    fails(b"", None, "bad.wasm", "the plugin does not load");
}

#[test]
fn a_missing_plugin_is_told_on_the_report() {
    let repo = repo(b"");
    let (code, findings, notifications) = run(&repo, "--plugin nowhere.wasm --select DL3007 Dockerfile");
    assert_eq!((code, findings), (3, vec![LATEST.to_owned()]));
    assert_eq!(notifications[0]["path"], "nowhere.wasm");
}

#[test]
fn rules_of_a_plugin_that_does_not_load_may_be_selected() {
    let repo = repo(b"garbage");
    let (code, findings, _) = run(&repo, "--plugin bad.wasm --select DL3007,own/some-rule Dockerfile");
    assert_eq!((code, findings), (3, vec![LATEST.to_owned()]));
    let (code, findings, _) = run(&repo, "--plugin bad.wasm --select own/*");
    assert_eq!((code, findings), (3, Vec::new()));
}

#[test]
fn the_list_of_rules_says_which_plugin_did_not_load() {
    let repo = repo(b"garbage");
    let run = repo.run("rules --plugin bad.wasm");
    assert_eq!(run.code, 3);
    assert!(run.out.contains("image/latest-tag"));
    assert!(run.err.contains("bad.wasm"), "{}", run.err);
}

#[test]
fn code_of_plugins_is_kept_unless_that_is_unwanted_and_the_report_is_the_same() {
    let repo = repo(&Guest::new("own").finding(FindingSpec::new("some-rule", "a message", 5, 9)).component());
    let kept = || std::fs::read_dir(repo.cache()).map_or(0, Iterator::count);
    let without = repo.run("check --plugin bad.wasm --no-cache").out;
    assert_eq!(kept(), 0);
    assert_eq!(repo.run("check --plugin bad.wasm").out, without);
    assert_eq!(kept(), 1);
    assert_eq!(repo.run("check --plugin bad.wasm").out, without, "from the cache");
    assert!(without.contains("own/some-rule"));
}
