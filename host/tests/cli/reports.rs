//! Formats, and where reports go.

use serde_json::{Value, json};

use super::repo::{GOOD, Repo};

fn repo() -> Repo {
    Repo::new(&[("app/Dockerfile", GOOD), ("clean/Dockerfile", "FROM scratch\n")])
}

#[test]
fn standard_output_holds_the_report_and_nothing_else() {
    let repo = repo();
    let run = repo.run("check --format json --verbose");
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    let report = run.json();
    let keys: Vec<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["baselined", "findings", "fixed", "notifications", "summary", "suppressed", "version"]);
    assert_eq!(report["version"], "1");
    assert_eq!(report["notifications"], json!([]));
    assert_eq!(report["summary"]["dockerfiles"], 2);
    assert_eq!(report["summary"]["complete"], true);
    assert_eq!(repo.run("check --format sarif").err, "");
}

#[test]
fn a_finding_in_json_says_where_to_the_byte() {
    let report = repo().run("check --format json --select image/latest-tag").json();
    let finding = &report["findings"][0];
    assert_eq!(finding["span"], json!({"start": 10, "end": 16}));
    assert_eq!(finding["region"], json!({"startLine": 1, "startColumn": 11, "endLine": 1, "endColumn": 17}));
    assert_eq!(finding["level"], "warning");
    assert!(finding["aliases"].as_array().unwrap().contains(&json!("DL3007")));
    assert_eq!(finding["object"], Value::Null);
}

#[test]
fn sarif_of_a_clean_run_has_an_empty_list_of_results() {
    let report = repo().run("check clean --format sarif --select image/*").json();
    assert_eq!(report["version"], "2.1.0");
    let run = &report["runs"][0];
    assert_eq!(run["results"], json!([]));
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    assert_eq!(run["tool"]["driver"]["name"], "hullmark");
}

#[test]
fn sarif_places_a_result_relative_to_the_root() {
    let repo = repo();
    for folder in ["", "app"] {
        let root = repo.path("");
        let run = repo.run_in(folder, &format!("check --root {0} {0} --format sarif --select DL3007", root.display()));
        let result = &run.json()["runs"][0]["results"][0];
        assert_eq!(result["ruleId"], "image/latest-tag");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "app/Dockerfile");
        assert_eq!(place["region"]["startColumn"], 11);
    }
}

#[test]
fn one_run_writes_any_number_of_reports_of_the_same_findings() {
    let repo = repo();
    let run = repo.run("check --output sarif=a.sarif --output json=b.json --output text=c.txt --color always");
    assert_eq!(run.code, 1);
    assert_eq!(repo.read("a.sarif"), repo.run("check --format sarif").out);
    assert_eq!(repo.read("b.json"), repo.run("check --format json").out);
    assert_eq!(repo.read("c.txt"), repo.run("check").out, "no colours in a file");
    assert!(run.out.contains('\u{1b}'));
}

#[test]
fn a_report_replaces_the_one_before() {
    let repo = repo();
    repo.write("a.json", "x".repeat(100_000));
    repo.run("check --output json=a.json");
    assert_eq!(repo.read("a.json"), repo.run("check --format json").out);
}
