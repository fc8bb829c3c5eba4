//! `--shellcheck`, with a program on the PATH that stands in for it.

use std::env;
use std::process::Command;

use serde_json::Value;

use super::repo::{Repo, Run};

/// Says something of every script: in its first column, in its last line.
const PROGRAM: &str = r#"#!/bin/sh
line=$(wc -l)
printf '{"comments":[{"line":%s,"endLine":%s,"column":1,"endColumn":2,"level":"warning","code":2154,"message":"Oh."}]}' \
  "$((line + 1))" "$((line + 1))"
exit 1
"#;

const DOCKERFILE: &str = "FROM alpine:3.22\nRUN a\n# hadolint ignore=SC2154\nRUN b\n";

fn check(repo: &Repo, variables: &[(&str, &str)], arguments: &str) -> Run {
    // Another process writes it: a file that is open for writing, if only in the copy of this process that another test is
    // about to start a program in, cannot be executed.
    let write = "mkdir -p bin && printf %s \"$0\" >bin/shellcheck && chmod +x bin/shellcheck";
    assert!(Command::new("sh").args(["-c", write, PROGRAM]).current_dir(repo.path("")).status().unwrap().success());
    let path = format!("{}:{}", repo.path("bin").display(), env::var("PATH").unwrap_or_default());
    let variables: Vec<(&str, &str)> = [("PATH", path.as_str())].into_iter().chain(variables.iter().copied()).collect();
    repo.run_with(&variables, &format!("check Dockerfile --select syntax/* --format json {arguments}"))
}

fn told(run: &Run, list: &str) -> Vec<String> {
    let report = run.json();
    let line = |finding: &Value| format!("{}:{}", finding["rule"].as_str().unwrap(), finding["region"]["startLine"]);
    report[list].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn it_is_run_only_where_it_is_asked_for() {
    let repo = Repo::new(&[("Dockerfile", DOCKERFILE)]);
    assert_eq!(told(&check(&repo, &[], ""), "findings"), [""; 0]);
    assert_eq!(told(&check(&repo, &[], "--select shellcheck/*"), "findings"), [""; 0]);
    for run in [check(&repo, &[], "--shellcheck"), check(&repo, &[("HULLMARK_SHELLCHECK", "1")], "")] {
        assert_eq!(run.code, 1);
        assert_eq!(told(&run, "findings"), ["shellcheck/warning:2"]);
        assert_eq!(told(&run, "suppressed"), ["shellcheck/warning:4"]);
        assert_eq!(run.json()["findings"][0]["message"], "Oh");
    }
}

#[test]
fn its_levels_and_codes_can_be_left_out() {
    let repo = Repo::new(&[("Dockerfile", DOCKERFILE)]);
    assert_eq!(told(&check(&repo, &[], "--shellcheck --ignore shellcheck/warning"), "findings"), [""; 0]);
    let run = check(&repo, &[], "--shellcheck --ignore SC9999");
    assert_eq!(run.code, 1, "the program is told, and is free not to listen: {}", run.err);
    assert_eq!(check(&repo, &[], "--ignore SC9999").code, 2);
}

#[test]
fn without_the_program_the_run_is_incomplete_and_the_rest_is_reported() {
    let repo = Repo::new(&[("Dockerfile", "FROM alpine:latest\nRUN a\nRUN b\n")]);
    let run = repo.run_with(&[("PATH", "")], "check --shellcheck --select image/latest-tag --format json");
    assert_eq!(run.code, 3);
    assert_eq!(told(&run, "findings"), ["image/latest-tag:1"]);
    assert_eq!(run.json()["notifications"].as_array().unwrap().len(), 1);
}
