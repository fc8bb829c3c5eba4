//! Formats, and where reports go.

use hullmark::report::Format;
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
fn sarif_names_files_by_their_own_encoded_paths() {
    let repo = Repo::new(&[("a b/100%/Dockerfile", GOOD)]);
    std::os::unix::fs::symlink("a b", repo.path("link")).unwrap();
    std::fs::create_dir(repo.path("elsewhere")).unwrap();
    let root = repo.path("");
    for (folder, path) in
        [("", "link/100%/Dockerfile"), ("elsewhere", "../link"), ("a b", "."), ("link/100%", "Dockerfile")]
    {
        let run =
            repo.run_in(folder, &format!("check {path} --root {} --format sarif --select DL3007", root.display()));
        let uri = &run.json()["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(uri, "a%20b/100%25/Dockerfile", "{folder} {path}");
    }
}

#[test]
fn sarif_has_a_category_only_when_given() {
    let repo = repo();
    let details = |report: Value| report["runs"][0].get("automationDetails").cloned();
    assert_eq!(details(repo.run("check --format sarif").json()), None);
    assert_eq!(details(repo.run_with(&[("HULLMARK_SARIF_CATEGORY", "")], "check --format sarif").json()), None);
    let given = details(repo.run("check --format sarif --sarif-category shop").json());
    assert_eq!(given, Some(json!({"id": "shop/"})));
}

#[test]
fn one_run_writes_any_number_of_reports_of_the_same_findings() {
    let repo = repo();
    let formats = Format::ALL.map(Format::as_str);
    let outputs = formats.map(|format| format!(" --output {format}={format}.out")).concat();
    let run = repo.run(&format!("check --color always{outputs}"));
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert!(run.out.contains('\u{1b}'));
    for format in formats {
        let alone = repo.run(&format!("check --format {format}"));
        assert_eq!(repo.read(&format!("{format}.out")), alone.out, "{format}");
        assert!(alone.out.contains("latest-tag"), "{format}");
    }
}

#[test]
fn what_a_format_has_no_place_for_is_told_beside_it() {
    let repo = repo();
    std::os::unix::fs::symlink("nowhere", repo.path("broken.yaml")).unwrap();
    for format in Format::ALL {
        let run = repo.run(&format!("check --format {format}"));
        let (report, beside) = (run.out.contains("broken.yaml"), run.err.contains("broken.yaml: error "));
        assert_eq!(
            (run.code, report, beside),
            (3, format.has_notifications(), !format.has_notifications()),
            "{format}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_written_is_found_before_anything_is_checked() {
    let repo = repo();
    repo.write("old.json", "old");
    let run = repo.run("check --output json=old.json --output sarif=app");
    assert_eq!((run.code, run.out.as_str(), repo.read("old.json").as_str()), (2, "", "old"));
}

#[test]
fn a_diff_takes_the_place_of_the_report_on_standard_output_only() {
    let repo = Repo::new(&[("Dockerfile", "FROM scratch as base\n")]);
    let run = repo.run("check --select dockerfile/from-as-casing --fail-on note --diff --output concise=a.txt");
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert!(run.out.contains("+FROM scratch AS base"), "{}", run.out);
    assert_eq!(repo.read("a.txt"), "", "it says what the fixes would leave");
}

#[test]
fn a_full_disk_costs_that_report_only() {
    let repo = repo();
    let run = repo.run("check --format concise --output json=/dev/full --output sarif=a.sarif");
    assert_eq!(run.code, 3);
    assert!(run.err.starts_with("error: `/dev/full` cannot be written: "), "{}", run.err);
    assert!(run.out.contains("latest-tag") && repo.read("a.sarif").contains("latest-tag"));
}

#[test]
fn a_report_replaces_the_one_before() {
    let repo = repo();
    repo.write("a.json", "x".repeat(100_000));
    repo.run("check --output json=a.json");
    assert_eq!(repo.read("a.json"), repo.run("check --format json").out);
}
