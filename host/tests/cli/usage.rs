//! Arguments, variables and exit codes.

use std::io::Read as _;
use std::process::Stdio;

use hullmark::report::Format;

use super::repo::{GOOD, Repo};

/// One file with `image/latest-tag`, which is a warning, and one without findings of `image`.
fn repo() -> Repo {
    Repo::new(&[("Dockerfile", GOOD), ("clean/Dockerfile", "FROM scratch\n")])
}

const LATEST: [&str; 1] = ["Dockerfile:1:11 image/latest-tag"];

#[test]
fn the_exit_code_says_whether_there_are_findings() {
    let repo = repo();
    assert_eq!(repo.run("check").code, 1);
    assert_eq!(repo.run("check clean --select image/*").code, 0);
    assert_eq!(repo.run("check --exit-zero").code, 0);
    assert_eq!(repo.run("check --select image/* --fail-on error").code, 0);
    assert_eq!(repo.run("check --select image/* --fail-on note").code, 1);
}

#[test]
fn an_incomplete_run_is_told_whatever_else_there_is() {
    let repo = repo();
    std::os::unix::fs::symlink("nowhere", repo.path("broken.yaml")).unwrap();
    assert_eq!(repo.run("check").code, 3);
    assert_eq!(repo.run("check --exit-zero").code, 3);
    assert_eq!(repo.run("check clean").code, 0, "nobody asked for it");
}

#[test]
fn wrong_usage_is_told_on_standard_error_alone() {
    let repo = repo();
    for (arguments, words) in [
        ("", "Usage: hullmark"),
        ("chekc", "unrecognized subcommand"),
        ("check nope", "`nope` does not exist"),
        ("check Dockerfile nope", "`nope` does not exist"),
        ("check .. --root .", "`..` is outside the root"),
        ("check --root nope", "is no folder"),
        ("check --select image/latest-tags", "did you mean `image/latest-tag`?"),
        ("check --ignore latest-tag-of-all", "`hullmark rules` lists all rules"),
        ("check --format xml", "invalid value 'xml'"),
        ("check --fail-on fatal", "invalid value 'fatal'"),
        ("check --jobs 0", "invalid value '0'"),
        ("check --exclude a{b", "the exclude `a{b` is no pattern"),
        ("check --output report.sarif", "write FORMAT=FILE"),
        ("check --output sarif=", "the file's name is missing"),
        ("check --output sarif=clean", "`clean` cannot be written: it is a folder"),
        ("check --output json=a --output sarif=a", "two reports go to `a`"),
        ("check --output sarif=nowhere/x.sarif", "`nowhere/x.sarif` cannot be written"),
        ("check --quiet --verbose", "exclude each other"),
        ("check - Dockerfile", "cannot be checked together with files"),
        ("check -", "it is not known what standard input is"),
        ("explain latest-tags", "there is no rule `latest-tags`"),
    ] {
        let run = repo.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments}");
        assert!(run.words().contains(words), "{arguments}: {}", run.err);
    }
}

#[test]
fn rules_are_chosen_by_any_name() {
    let repo = repo();
    for name in ["image/latest-tag", "image/*", "*", "DL3007", "dl3007"] {
        assert!(repo.findings(&format!("--select {name}")).contains(&LATEST[0].to_owned()), "{name}");
        let left = repo.findings(&format!("--ignore {name}"));
        assert!(!left.contains(&LATEST[0].to_owned()), "{name}");
    }
    assert_eq!(repo.findings("--select user/*,DL3007 --ignore user/missing-user"), LATEST);
    repo.write("root/Dockerfile", "FROM node:22\nUSER root\n");
    for name in ["DS-0002", "DS002", "AVD-DS-0002", "ds-0002"] {
        assert_eq!(repo.findings(&format!("--select {name} root")), ["root/Dockerfile:2:6 user/root-user"], "{name}");
    }
}

#[test]
fn every_option_of_check_has_its_variable() {
    let repo = repo();
    let help = repo.run("check --help").out;
    let options = help.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    let mut count = 0;
    for option in options.map(|word| word.trim_end_matches(|end: char| !end.is_ascii_alphanumeric())) {
        let variable = format!("HULLMARK_{}", option.replace('-', "_").to_uppercase());
        assert!(option == "help" || option == "version" || help.contains(&format!("{variable}=")), "{variable}");
        count += 1;
    }
    assert!(count > 15, "{help}");
}

#[test]
fn variables_work_and_arguments_win() {
    let repo = repo();
    let both = [("HULLMARK_SELECT", "DL3007,user/*"), ("HULLMARK_FORMAT", "json")];
    assert_eq!(repo.run_with(&both, "check Dockerfile").findings(), LATEST);
    let run = repo.run_with(&[("HULLMARK_FAIL_ON", "error"), ("HULLMARK_SELECT", "image/*")], "check");
    assert_eq!(run.code, 0);
    let run = repo.run_with(&[("HULLMARK_FAIL_ON", "error")], "check --select image/* --fail-on warning");
    assert_eq!(run.code, 1);
    assert_eq!(repo.run_with(&[("HULLMARK_EXIT_ZERO", "1")], "check").code, 0);
    assert_eq!(repo.run_with(&[("HULLMARK_EXIT_ZERO", "0")], "check").code, 1);
    assert_eq!(repo.run_with(&[("HULLMARK_QUIET", "0")], "check clean --select image/* --verbose").code, 0);
    repo.run_with(&[("HULLMARK_OUTPUT", "json=a.json,sarif=b.sarif")], "check");
    assert!(repo.read("a.json").contains("latest-tag") && repo.read("b.sarif").contains("latest-tag"));
}

#[test]
fn an_empty_variable_is_as_good_as_none() {
    let repo = repo();
    let help = repo.run("check --help").out;
    let names = help.split("[env: ").skip(1).filter_map(|rest| rest.split('=').next());
    let empty: Vec<_> = names.map(|name| (name, "")).collect();
    assert!(empty.len() > 25 && empty.contains(&("HULLMARK_SHARD", "")), "{empty:?}");
    let (bare, with) = (repo.run("check"), repo.run_with(&empty, "check"));
    assert_eq!((with.code, with.out.as_str(), with.err.as_str()), (1, bare.out.as_str(), ""));
    repo.run("check --output sarif=a.sarif");
    let run = repo.run_with(&[("HULLMARK_MERGE_OUTPUT", "")], "merge a.sarif");
    assert_eq!((run.code, run.out), (0, repo.read("a.sarif")));
}

#[test]
fn standard_input_stands_in_the_place_of_its_file() {
    let repo = repo();
    let select = "--select image/latest-tag --format json";
    let run = repo.run_on(GOOD, &format!("check - --stdin-filename new/Dockerfile {select}"));
    assert_eq!(run.findings(), ["new/Dockerfile:1:11 image/latest-tag"]);
    let run = repo.run_on(GOOD, &format!("check - --as dockerfile {select}"));
    assert_eq!(run.findings(), ["stdin:1:11 image/latest-tag"]);
    let run = repo.run_on("a: 1\n", &format!("check - --stdin-filename values.yaml {select}"));
    assert_eq!((run.code, run.findings()), (0, Vec::new()));
    let run = repo.run_on(GOOD, "check - --stdin-filename ../Dockerfile --root .");
    assert_eq!(run.code, 2);
    assert!(run.words().contains("`../Dockerfile` is outside the root"), "{}", run.err);
}

#[test]
fn a_named_file_can_be_called_anything() {
    let repo = Repo::new(&[("build.txt", GOOD)]);
    assert_eq!(repo.findings("build.txt"), [""; 0]);
    assert_eq!(repo.findings("build.txt --as dockerfile"), ["build.txt:1:11 image/latest-tag"]);
}

#[test]
fn excludes_hold_for_what_is_found_and_by_force_for_what_is_named() {
    let repo = repo();
    let select = "--select image/latest-tag --exclude /Dockerfile";
    assert_eq!(repo.findings(select), [""; 0]);
    assert_eq!(repo.findings(&format!("{select} Dockerfile")), LATEST);
    assert_eq!(repo.findings(&format!("{select} Dockerfile --force-exclude")), [""; 0]);
}

#[test]
fn quiet_leaves_the_summary_out_and_verbose_names_what_was_passed_over() {
    let repo =
        Repo::new(&[("chart/Chart.yaml", ""), ("chart/templates/a.yaml", "apiVersion: v1\nkind: {{ x }}\n{{- y }}\n")]);
    assert_eq!(repo.run("check --quiet").out, "");
    assert!(!repo.run("check").out.contains("chart/templates/a.yaml"));
    assert!(repo.run("check --verbose").out.contains("chart/templates/a.yaml"));
}

#[test]
fn colours_come_when_asked_for_only() {
    let repo = repo();
    assert!(repo.run("check --color always").out.contains('\u{1b}'));
    for choice in ["auto", "never"] {
        assert!(!repo.run(&format!("check --color {choice}")).out.contains('\u{1b}'), "{choice}");
    }
}

#[test]
fn rules_are_listed_and_explained_by_any_name() {
    let repo = repo();
    let list = repo.run("rules");
    assert_eq!((list.code, list.err.as_str()), (0, ""));
    assert!(list.out.lines().any(|line| line.starts_with("image/latest-tag ")));
    let all = repo.run("rules --format json").json();
    assert_eq!(all.as_array().unwrap().len(), list.out.lines().count());
    for name in ["image/latest-tag", "DL3007"] {
        let page = repo.run(&format!("explain {name}"));
        assert_eq!(page.code, 0);
        assert!(page.out.contains("# image/latest-tag\n") && page.out.contains("## How to fix"), "{name}");
    }
}

#[test]
fn every_rule_has_a_page() {
    let repo = repo();
    let run = repo.run("rules --format markdown --output-dir docs/rules");
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
    let page = repo.read("docs/rules/image/latest-tag.md");
    assert_eq!(page, repo.run("explain image/latest-tag").out);
    let index = repo.read("docs/rules/index.md");
    let rules = repo.run("rules --format json").json();
    for rule in rules.as_array().unwrap() {
        let id = rule["id"].as_str().unwrap();
        assert!(index.contains(&format!("[`{id}`]({id}.md)")), "{id}");
        let page = repo.read(&format!("docs/rules/{id}.md"));
        for part in ["## What it checks", "## Why it matters", "## How to fix"] {
            assert_eq!(page.matches(part).count(), 1, "{id}: {part}");
        }
        assert!(page.matches("## References").count() <= 1, "{id}");
    }
    assert!(repo.run("rules --format markdown").out.contains(&page));
    assert_eq!(repo.run("rules --output-dir docs").code, 2);
    assert_eq!(repo.run("rules --format markdown --output-dir Dockerfile").code, 2);
}

#[test]
fn whoever_closes_the_pipe_hears_no_complaint_and_the_exit_code_stands() {
    let many: String = (0..5000).map(|number| format!("FROM node:latest AS stage{number}\n")).collect();
    let repo = Repo::new(&[("Dockerfile", &many)]);
    for format in Format::ALL.map(Format::as_str) {
        let mut command = repo.program();
        command
            .args(["check", "--select", "image/latest-tag", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdout.take().unwrap().read_exact(&mut [0; 10]).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
        assert_eq!(output.status.code(), Some(1), "{format}");
    }
}
