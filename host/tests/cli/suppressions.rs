//! Comments that keep findings from being reported, in the forms of the tools that people come from.

use serde_json::{Value, json};

use super::repo::{Repo, Run};

const SELECT: &str = "--select dockerfile/sudo,image/latest-tag,dockerfile/stage-name-casing";

fn check(dockerfile: &str, arguments: &str) -> Run {
    Repo::new(&[("Dockerfile", dockerfile)]).run(&format!("check {SELECT} --format json {arguments}"))
}

/// Rule and line of each finding, then of each that is suppressed.
fn told(run: &Run) -> (Vec<String>, Vec<String>) {
    let report = run.json();
    let line = |finding: &Value| format!("{}:{}", finding["rule"].as_str().unwrap(), finding["region"]["startLine"]);
    let lines = |list: &str| report[list].as_array().unwrap().iter().map(line).collect();
    (lines("findings"), lines("suppressed"))
}

fn reported(dockerfile: &str) -> Vec<String> {
    told(&check(dockerfile, "")).0
}

#[test]
fn a_comment_above_a_run_holds_for_its_third_line() {
    let text = "FROM alpine:3.22\n# hadolint ignore=DL3004  # the package asks for it\nRUN a \\\n # b\n && sudo c\n";
    let run = check(text, "");
    assert_eq!(run.code, 0);
    assert_eq!(told(&run), (vec![], vec!["dockerfile/sudo:5".into()]));
    let report = run.json();
    assert_eq!(
        report["suppressed"][0]["suppression"],
        json!({
            "span": {"start": 17, "end": 68},
            "region": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 52},
            "tool": "hadolint",
            "reason": "the package asks for it",
        })
    );
    assert_eq!(report["summary"]["suppressed"], 1);
}

#[test]
fn all_comments_above_an_instruction_hold() {
    let text = "# hadolint ignore=DL3007\n# check=skip=stagenamecasing\n# text\n\n# checkov:skip=CKV_DOCKER_99\nFROM alpine:latest AS One\n";
    assert_eq!(reported(text), [""; 0]);
}

#[test]
fn each_form_reaches_as_far_as_its_tool_says() {
    let runs =
        |comment: &str| format!("FROM alpine:3.22\n{comment}\nRUN sudo a\nRUN sudo b\nFROM alpine:3.22\nRUN sudo c\n");
    let (first, second, third) = ("dockerfile/sudo:3", "dockerfile/sudo:4", "dockerfile/sudo:6");
    for (comment, left) in [
        ("# hadolint ignore=DL3004", vec![second, third]),
        ("# hadolint stage ignore=DL3004", vec![third]),
        ("# hadolint global ignore=DL3004", vec![]),
        ("# check=skip=DL3004", vec![second, third]),
        ("# check=skip=all", vec![first, second, third]),
        ("# checkov:skip=CKV2_DOCKER_1:why", vec![]),
        ("# trivy:ignore:AVD-DS-0010", vec![second, third]),
        ("# trivy:ignore:DS010:exp:2020-01-01", vec![first, second, third]),
        ("# trivy:ignore:DS010:exp:9999-01-01", vec![second, third]),
        ("# hadolint ignore=DL3007", vec![first, second, third]),
        ("# hadolint ignore", vec![first, second, third]),
    ] {
        assert_eq!(reported(&runs(comment)), left, "{comment}");
    }
}

#[test]
fn a_directive_holds_for_the_file() {
    let text = "# syntax=docker/dockerfile:1\n# check=skip=StageNameCasing;error=true\nFROM alpine:3.22 AS One\nFROM alpine:latest AS Two\n";
    assert_eq!(reported(text), ["image/latest-tag:4"]);
}

#[test]
fn nothing_is_hidden_where_comments_do_not_count() {
    let repo = Repo::new(&[("Dockerfile", "# hadolint ignore=DL3007\nFROM alpine:latest\n")]);
    assert_eq!(repo.run(&format!("check {SELECT}")).code, 0);
    assert_eq!(repo.run(&format!("check {SELECT} --no-ignores")).code, 1);
    assert_eq!(repo.run_with(&[("HULLMARK_NO_IGNORES", "1")], &format!("check {SELECT}")).code, 1);
}

#[test]
fn the_text_counts_what_is_suppressed_and_shows_nothing_of_it() {
    let repo = Repo::new(&[("Dockerfile", "# hadolint ignore=DL3007\nFROM alpine:latest\n")]);
    assert_eq!(repo.run(&format!("check {SELECT}")).out, "no findings in 1 file (1 Dockerfile); 1 suppressed\n");
    let sarif = repo.run(&format!("check {SELECT} --format sarif")).json();
    assert_eq!(sarif["runs"][0]["results"], json!([]));
}

#[test]
fn an_exception_changes_no_other_findings_fingerprint() {
    let fingerprint = |comment: &str| {
        let run = check(&format!("FROM alpine:3.22\n{comment}\nRUN sudo a\nRUN sudo b\n"), "");
        run.json()["findings"].as_array().unwrap().last().unwrap()["fingerprint"].clone()
    };
    assert_eq!(fingerprint("# hadolint ignore=DL3004"), fingerprint("# text"));
}

#[test]
fn a_line_that_cannot_be_read_may_be_an_exception_too() {
    let text = "FROM alpine:3.22\n# hadolint ignore=DL1000\nCOPPY a b\nCOPPY c d\n";
    assert_eq!(told(&check(text, "")), (vec!["syntax/dockerfile:4".into()], vec!["syntax/dockerfile:3".into()]));
}

#[test]
fn comments_that_hide_can_be_reported_themselves() {
    let text = "# hadolint global ignore=DL1001\n# hadolint ignore=DL3007\nFROM alpine:latest\n";
    let repo = Repo::new(&[("Dockerfile", text)]);
    let run = repo.run("check --select suppression/inline --format json");
    assert_eq!(told(&run).0, ["suppression/inline:1", "suppression/inline:2"]);
    assert_eq!(run.json()["findings"][0]["aliases"], json!([]));
    assert_eq!(run.json()["findings"][1]["aliases"], json!(["DL1001"]));
    assert_eq!(run.code, 0, "it is a note");
    let by_default = told(&repo.run("check --format json")).0;
    assert!(!by_default.iter().any(|finding| finding.starts_with("suppression/inline")), "{by_default:?}");
}

#[test]
fn comments_in_manifests_cover_a_key_a_line_and_a_file() {
    let pod = |above: &str, behind: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    {above}\n    - name: a\n      image: node:latest{behind}\n    - name: b\n      image: node:latest\n"
        )
    };
    let reported = |text: &str| {
        let repo = Repo::new(&[("a.yaml", text)]);
        told(&repo.run(&format!("check {SELECT} --format json"))).0
    };
    let (first, second) = ("image/latest-tag:9", "image/latest-tag:11");
    for (above, behind, left) in [
        ("#", "", vec![first, second]),
        ("# hullmark: ignore[image/latest-tag] why", "", vec![second]),
        ("#", " # hullmark: ignore[DL3007] why", vec![second]),
        ("# trivy:ignore:KSV-0013", "", vec![second]),
        ("# hullmark: ignore-file[image/*]", "", vec![]),
        ("# hadolint ignore=DL3007", "", vec![second]),
        ("# checkov:skip=CKV_K8S_14", "", vec![]),
    ] {
        assert_eq!(reported(&pod(above, behind)), left, "{above}{behind}");
    }
}

#[test]
fn an_annotation_covers_an_object_or_a_container() {
    let pod = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    hullmark.dev/ignore: {value}\nspec:\n  containers:\n    - name: a\n      image: node:latest\n    - name: b\n      image: node:latest\n"
        )
    };
    let repo = Repo::new(&[]);
    let reported = |value: &str| {
        repo.write("a.yaml", pod(value));
        let run = repo.run(&format!("check {SELECT},suppression/* --ignore suppression/inline --format json"));
        told(&run).0
    };
    assert_eq!(reported("image/latest-tag until 9999-01-01 why"), [""; 0]);
    assert_eq!(reported("image/latest-tag container=b why"), ["image/latest-tag:10"]);
    let gone = reported("image/latest-tag container=c why");
    assert_eq!(gone, ["suppression/malformed:6", "image/latest-tag:10", "image/latest-tag:12"]);
    let over = reported("image/latest-tag until 2020-01-01 why");
    assert_eq!(over, ["suppression/expired:6", "image/latest-tag:10", "image/latest-tag:12"]);
}

#[test]
fn an_exception_that_hides_nothing_is_a_note_and_fixed() {
    let text = "FROM alpine:3.22\n# hullmark: ignore[dockerfile/sudo] why\nRUN a\n";
    let repo = Repo::new(&[("Dockerfile", text)]);
    let run = repo.run("check --select dockerfile/sudo,suppression/unused --format json");
    assert_eq!((run.code, told(&run).0), (0, vec!["suppression/unused:2".into()]));
    assert_eq!(told(&repo.run("check --select suppression/unused --format json")).0, [""; 0], "the rule was off");
    assert_eq!(repo.run("check --select dockerfile/sudo,suppression/unused --fix --quiet").code, 0);
    assert_eq!(repo.read("Dockerfile"), "FROM alpine:3.22\nRUN a\n");
}

#[test]
fn a_slip_in_an_exception_fails_the_run() {
    let repo = Repo::new(&[("Dockerfile", "# hullmark: ignore[image/latest-tags]\nFROM alpine:3.22\n")]);
    let run = repo.run("check --select suppression/malformed --format json");
    assert_eq!(run.code, 1);
    let told = "there is no rule `image/latest-tags`; did you mean `image/latest-tag`?";
    assert_eq!(run.json()["findings"][0]["message"], told);
}
