//! Policies on the command line: what they change, and how what is wrong with them is told.

use super::repo::{GOOD, Repo};

const LATEST: &str = "Dockerfile:1:11 image/latest-tag";

fn repo(policy: &str) -> Repo {
    Repo::new(&[("Dockerfile", GOOD), ("p.yaml", policy)])
}

#[test]
fn a_policy_chooses_rules_and_levels() {
    let repo = repo("rules: {DL3007: error}");
    assert_eq!(repo.findings("--policy p.yaml"), [LATEST]);
    assert_eq!(repo.run("check --policy p.yaml --fail-on error").code, 1);
    assert_eq!(repo.run("check --policy p.yaml --ignore DL3007").code, 0);
    assert_eq!(repo.findings("--policy p.yaml --select user/*"), [""; 0]);
}

#[test]
fn options_of_a_policy_reach_their_rule() {
    let repo = repo("rules: {image/untrusted-registry: {level: on, options: {registries: [ghcr.io]}}}");
    assert_eq!(repo.findings("--policy p.yaml"), ["Dockerfile:1:6 image/untrusted-registry"]);
    assert_eq!(repo.findings("--policy p.yaml --select DL3026"), ["Dockerfile:1:6 image/untrusted-registry"]);
    assert_eq!(repo.findings("--select DL3026"), [""; 0]);
}

#[test]
fn only_keeps_findings_that_another_tool_would_report() {
    let repo = repo("only: DL3006\nrules: {image/*: on}");
    assert_eq!(repo.findings("--policy p.yaml"), [""; 0]);
    repo.write("p.yaml", "only: DL*\nrules: {image/*: on}");
    assert_eq!(repo.findings("--policy p.yaml"), [LATEST]);
}

#[test]
fn a_file_that_cannot_be_read_is_told_under_any_policy() {
    let repo = repo("only: DL3006\nrules: {DL3006: on}");
    repo.write("Dockerfile", "FROM node:22\nCOPPY a b\n");
    assert_eq!(repo.findings("--policy p.yaml"), ["Dockerfile:2:1 syntax/dockerfile"]);
}

#[test]
fn policies_come_from_the_variable_too_and_later_ones_are_stronger() {
    let repo = repo("rules: {image/latest-tag: off}");
    let findings = |policies: &str, arguments: &str| {
        let run = repo.run_with(&[("HULLMARK_POLICY", policies)], &format!("check --format json {arguments}"));
        run.findings().contains(&LATEST.to_owned())
    };
    assert!(findings("hadolint", ""));
    assert!(!findings("hadolint,p.yaml", ""));
    assert!(findings("p.yaml,hadolint", ""));
    assert!(findings("p.yaml", "--policy recommended"), "the argument replaces the variable");
    assert!(findings("", ""), "an empty variable names nothing");
}

#[test]
fn without_a_policy_it_is_as_with_the_recommended_one() {
    let repo = repo("");
    assert_eq!(repo.run("check").out, repo.run("check --policy recommended").out);
}

#[test]
fn files_are_found_from_the_policy_that_extends_them() {
    let repo = repo("extends: policies/base.yaml");
    repo.write("policies/base.yaml", "extends: ../more.yml");
    repo.write("more.yml", "rules: {DL3007: on}");
    assert_eq!(repo.findings("--policy p.yaml"), [LATEST]);
    assert_eq!(repo.run_in("policies", "check --policy ../p.yaml --root .. ..").code, 1);
}

#[test]
fn an_error_shows_the_line_and_nothing_is_checked() {
    let repo = repo("rules:\n  image/latest-tags: error\n");
    let run = repo.run("check --policy p.yaml");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    let expected = "  × there is no rule `image/latest-tags`
   ╭─[p.yaml:2:3]
 1 │ rules:
 2 │   image/latest-tags: error
   ·   ─────────────────
   ╰────
  help: did you mean `image/latest-tag`?
";
    assert_eq!(run.err, expected);
}

#[test]
fn every_error_is_told_before_anything_is_checked() {
    let repo = repo("");
    for (policy, words) in [
        ("", &["the policy is empty", "[p.yaml:1:1]"][..]),
        ("rules: {a/b: on, b/c: on}", &["no rule `a/b`", "no rule `b/c`"]),
        ("rules: {DL3026: {options: {registrys: []}}}", &["did you mean `registries`?", "[p.yaml:1:28]"]),
        ("rules:\n  DL3026: {options: {registries: [a, 1]}}", &["takes a list of texts", "[p.yaml:2:38]"]),
        ("extends: p.yaml", &["the policy extends itself", "[p.yaml:1:10]"]),
        ("\u{1b}[31m: x", &["[p.yaml:1:1]"]),
    ] {
        repo.write("p.yaml", policy);
        let run = repo.run("check --policy p.yaml");
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{policy}");
        assert!(!run.err.contains('\u{1b}'), "{policy}");
        for words in words {
            assert!(run.words().contains(words), "{policy}: {}", run.err);
        }
    }
}

#[test]
fn a_policy_that_is_none_is_wrong_usage() {
    let repo = repo("");
    repo.write("large.yaml", "#".repeat((1 << 20) + 1));
    repo.write("latin.yaml", b"rules: {a\xe9: on}");
    for (policy, words) in [
        ("hadolnt", "did you mean `hadolint`?"),
        ("something", "built-in policies are `buildkit`, `buildkit-default`,"),
        ("nope.yaml", "the policy `nope.yaml` cannot be read"),
        (".", "there is no policy `.`"),
        ("./", "the policy `./` cannot be read"),
        ("large.yaml", "larger than 1 MiB"),
        ("latin.yaml", "not UTF-8"),
    ] {
        let run = repo.run(&format!("check --policy {policy}"));
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{policy}");
        assert!(run.words().contains(words), "{policy}: {}", run.err);
    }
}

const CRON_JOB: &str = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\n";

#[test]
fn the_version_of_kubernetes_reaches_every_rule_that_has_it() {
    let repo =
        Repo::new(&[("a.yaml", CRON_JOB), ("p.yaml", "rules: {'api/*': {options: {kubernetes-version: '1.20'}}}")]);
    let selected = "--select api/removed-version,api/deprecated-version";
    assert_eq!(repo.findings(selected), ["a.yaml:1:13 api/removed-version"]);
    assert_eq!(repo.findings(&format!("{selected} --policy p.yaml")), [""; 0]);
    assert_eq!(
        repo.findings(&format!("{selected} --policy p.yaml --kubernetes-version v1.24.3")),
        ["a.yaml:1:13 api/deprecated-version"]
    );
}

#[test]
fn a_version_of_kubernetes_that_no_table_has_is_wrong_usage() {
    let repo = repo("");
    for version in ["1.99", "latest", "1"] {
        assert_eq!(repo.run(&format!("check --kubernetes-version {version}")).code, 2, "{version}");
    }
}

#[test]
fn a_cluster_older_than_what_is_known_of_fields_is_told() {
    let repo = Repo::new(&[("a.yaml", CRON_JOB)]);
    let told = |version: &str| {
        let report = repo.run(&format!("check --format json --kubernetes-version {version}")).json();
        report["notifications"].as_array().unwrap().iter().map(|told| told["message"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("1.33"), Vec::<serde_json::Value>::new());
    assert_eq!(told("1.24"), ["`api` judges fields of Kubernetes 1.24 as those of 1.33, the oldest that it knows"]);
}
