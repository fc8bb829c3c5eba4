//! Baselines: what was accepted is not reported again, and can only become less.

use std::collections::HashSet;

use serde_json::json;

use super::repo::Repo;

const SELECT: &str = "--select dockerfile/sudo,image/latest-tag";
const FILE: &str = "hullmark-baseline.json";
const OLD: &str = "FROM node:latest\nRUN sudo a\n";

/// A repository with two findings that are accepted.
fn accepted() -> Repo {
    let repo = Repo::new(&[("Dockerfile", OLD), ("k8s/a.yaml", &pod("", "node:latest"))]);
    let run = repo.run(&format!("baseline {SELECT}"));
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(run.out, "no findings in 2 files (1 Dockerfile, 1 manifest); 3 in the baseline\n");
    repo
}

fn pod(indent: &str, image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n{indent}  - name: a\n{indent}    image: {image}\n"
    )
}

fn check(repo: &Repo) -> Vec<String> {
    repo.findings(&format!("{SELECT} --baseline {FILE}"))
}

#[test]
fn only_what_is_new_is_reported() {
    let repo = accepted();
    assert_eq!(repo.run(&format!("check {SELECT}")).code, 1);
    assert_eq!(repo.run(&format!("check {SELECT} --baseline {FILE}")).code, 0);
    assert_eq!(repo.run_with(&[("HULLMARK_BASELINE", FILE)], &format!("check {SELECT}")).code, 0);
    repo.write("Dockerfile", format!("{OLD}RUN sudo b\n"));
    assert_eq!(check(&repo), ["Dockerfile:3:5 dockerfile/sudo"]);
    assert_eq!(repo.run(&format!("check {SELECT} --baseline {FILE}")).code, 1);
}

#[test]
fn entries_survive_moved_and_indented_lines() {
    let repo = accepted();
    repo.write("Dockerfile", "# a\n\nARG a\nFROM   node:latest\nRUN b\nRUN true && \\\n    sudo a\n");
    repo.write("k8s/a.yaml", format!("# a\n---\n{}", pod("    ", "node:latest")));
    let run = repo.run(&format!("check {SELECT} --baseline {FILE}"));
    assert_eq!(run.out, "no findings in 2 files (1 Dockerfile, 1 manifest); 3 in the baseline\n");
}

#[test]
fn the_file_changes_by_the_lines_of_its_findings_alone() {
    let repo = accepted();
    let before = repo.read(FILE);
    repo.write("Dockerfile", format!("# a\n{OLD}RUN sudo b\n"));
    repo.run(&format!("baseline {SELECT} --jobs 1"));
    let after = repo.read(FILE);
    let lines = |text: &str| text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect::<HashSet<_>>();
    assert!(lines(&after).is_superset(&lines(&before)), "{before}{after}");
    assert_eq!(after.lines().count(), before.lines().count() + 1);
    repo.run(&format!("baseline {SELECT} --jobs 4"));
    assert_eq!(repo.read(FILE), after);
}

#[test]
fn what_no_longer_occurs_is_named_and_taken_out() {
    let repo = accepted();
    repo.write("Dockerfile", "FROM node:22\nRUN sudo a\n");
    let run = repo.run(&format!("check {SELECT} --baseline {FILE}"));
    assert_eq!(run.code, 0);
    let named = "warning: the baseline accepts `image/latest-tag` in `Dockerfile` (";
    assert!(run.out.starts_with(named) && run.out.contains("no longer occurs"), "{}", run.out);
    assert!(!repo.run(&format!("check k8s {SELECT} --baseline {FILE}")).out.contains("no longer"), "not looked at");
    let run = repo.run(&format!("check --select DL3004 --baseline {FILE}"));
    assert!(!run.out.contains("no longer"), "the rule is off: {}", run.out);

    repo.write("Dockerfile", "FROM node:22\nRUN sudo a\nRUN sudo b\n");
    let run = repo.run(&format!("baseline --shrink {SELECT} --format json"));
    assert_eq!((run.code, run.findings()), (1, vec!["Dockerfile:3:5 dockerfile/sudo".to_owned()]));
    assert_eq!(repo.read(FILE).lines().filter(|line| line.contains("fingerprint")).count(), 2);
    assert!(!repo.run(&format!("check {SELECT} --baseline {FILE}")).out.contains("no longer"));

    std::fs::remove_file(repo.path("k8s/a.yaml")).unwrap();
    let run = repo.run(&format!("check {SELECT} --baseline {FILE}"));
    assert!(run.out.contains("in `k8s/a.yaml` ("), "a file that is gone: {}", run.out);
}

#[test]
fn what_is_no_baseline_is_wrong_usage() {
    let repo = accepted();
    let good = repo.read(FILE);
    for (text, words) in [
        (String::new(), "this is no baseline"),
        ("{\"version\": 1, \"findings\": [}".into(), "[b.json:1:29]"),
        (good.replace("\"version\": 1", "\"version\": 2"), "[b.json:2:3]"),
        (good.replace("dockerfile/sudo", "dockerfile/sodu"), "there is no rule `dockerfile/sodu`"),
        (good.replace("\"path\"", "\"file\""), "unknown field `file`"),
    ] {
        repo.write("b.json", text);
        let run = repo.run("check --baseline b.json");
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{words}");
        assert!(run.words().contains(words), "{words}: {}", run.err);
    }
    for (arguments, words) in [
        ("check --baseline nope.json", "the baseline `nope.json` cannot be read"),
        ("baseline --shrink --baseline nope.json", "the baseline `nope.json` cannot be read"),
        ("baseline --baseline nowhere/b.json", "`nowhere/b.json` cannot be written"),
        ("baseline --fix", "of files as they are"),
        ("baseline --changed-since HEAD", "of all their lines"),
    ] {
        let run = repo.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments}");
        assert!(run.words().contains(words), "{arguments}: {}", run.err);
    }
}

#[cfg(unix)]
#[test]
fn what_was_not_checked_is_not_accepted() {
    let repo = Repo::new(&[("Dockerfile", OLD)]);
    std::os::unix::fs::symlink("nowhere", repo.path("broken.yaml")).unwrap();
    assert_eq!(repo.run(&format!("baseline {SELECT}")).code, 3);
    assert!(!repo.path(FILE).exists());
}

#[test]
fn reports_tell_what_was_accepted_where_that_is_wanted() {
    let repo = accepted();
    repo.write("Dockerfile", format!("{OLD}RUN sudo b\n# hullmark: ignore[dockerfile/sudo] a reason\nRUN sudo c\n"));
    let arguments = format!("check {SELECT} --baseline {FILE}");
    let report = repo.run(&format!("{arguments} --format json")).json();
    let count = |list: &str| report[list].as_array().unwrap().len();
    assert_eq!((count("findings"), count("baselined"), count("suppressed")), (1, 3, 1));
    assert_eq!((&report["summary"]["baselined"], &report["summary"]["suppressed"]), (&json!(3), &json!(1)));

    let results = |more: &str| {
        let run = repo.run(&format!("{arguments} --format sarif {more}"));
        run.json()["runs"][0]["results"].as_array().unwrap().clone()
    };
    let plain = results("");
    assert_eq!((plain.len(), plain[0].get("suppressions")), (1, None));
    let all = results("--sarif-include-suppressed");
    let kinds: Vec<_> = all.iter().map(|result| result["suppressions"][0]["kind"].as_str()).collect();
    assert_eq!(kinds, [None, Some("inSource"), Some("external"), Some("external"), Some("external")]);
    assert_eq!(all[0]["suppressions"], json!([]));
    let by = &all[1]["suppressions"][0];
    assert_eq!((&by["justification"], &by["status"]), (&json!("a reason"), &json!("accepted")));
    assert_eq!(by["location"]["physicalLocation"]["region"]["startLine"], json!(4));
}
