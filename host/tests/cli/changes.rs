//! `--changed-since`: only findings on lines that changed, as git tells.

use std::process::Command;

use super::repo::{Repo, Run};

const SELECT: &str = "--select dockerfile/sudo";
const TEXT: &str = "FROM a\nRUN sudo a\nRUN b\nRUN sudo c\n";

/// git in a repository, without the settings of whoever runs the tests.
fn git(repo: &Repo, arguments: &str) {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    let settings = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false"];
    command.args(settings).args(arguments.split_whitespace()).current_dir(repo.path(""));
    let done = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(done.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&done.stderr));
}

fn commit(repo: &Repo) {
    git(repo, "add --all");
    git(repo, "commit --quiet -m a");
}

/// A repository with one commit.
fn committed(files: &[(&str, &str)]) -> Repo {
    let repo = Repo::new(files);
    git(&repo, "init --quiet -b main");
    commit(&repo);
    repo
}

fn since(repo: &Repo, arguments: &str) -> Run {
    repo.run_with(
        &[("GIT_CONFIG_GLOBAL", "/dev/null")],
        &format!("check {SELECT} --format json --changed-since {arguments}"),
    )
}

#[test]
fn only_changed_lines_count() {
    let repo = committed(&[("Dockerfile", TEXT), ("a/Dockerfile", TEXT)]);
    let run = since(&repo, "HEAD");
    assert_eq!((run.code, run.findings()), (0, vec![]));
    assert_eq!(run.json()["summary"]["unchanged"], 4);
    repo.write("Dockerfile", TEXT.replace("RUN b", "RUN sudo b"));
    assert_eq!(since(&repo, "HEAD").findings(), ["Dockerfile:3:5 dockerfile/sudo"]);
    git(&repo, "add --all");
    assert_eq!(since(&repo, "HEAD").findings(), ["Dockerfile:3:5 dockerfile/sudo"]);
    commit(&repo);
    assert_eq!(since(&repo, "HEAD").findings(), [""; 0]);
    assert_eq!(since(&repo, "HEAD~1").findings(), ["Dockerfile:3:5 dockerfile/sudo"]);
    let text = repo.run(&format!("check {SELECT} --changed-since HEAD")).out;
    assert_eq!(text, "no findings in 2 files (2 Dockerfiles); 5 on unchanged lines\n");
}

#[test]
fn renamed_files_keep_their_lines_and_new_ones_have_none() {
    let long = format!("{TEXT}{}", "RUN true\n".repeat(20));
    let repo = committed(&[("Dockerfile", &long)]);
    git(&repo, "mv Dockerfile b.Dockerfile");
    assert_eq!(since(&repo, "HEAD").findings(), [""; 0]);
    repo.write("b.Dockerfile", long.replace("sudo c", "sudo d"));
    repo.write("new/Dockerfile", TEXT);
    repo.write(".gitignore", "ignored\n");
    repo.write("ignored/Dockerfile", "FROM a\nRUN sudo a\n");
    let new = ["new/Dockerfile:2:5 dockerfile/sudo", "new/Dockerfile:4:5 dockerfile/sudo"];
    assert_eq!(since(&repo, "HEAD").findings(), [&["b.Dockerfile:4:5 dockerfile/sudo"], &new[..]].concat());
    let named = since(&repo, "HEAD ignored/Dockerfile").findings();
    assert_eq!(named, ["ignored/Dockerfile:2:5 dockerfile/sudo"], "git does not know it");
}

#[test]
fn what_others_changed_meanwhile_is_no_change_of_ours() {
    let repo = committed(&[("Dockerfile", TEXT)]);
    git(&repo, "checkout --quiet -b ours");
    repo.write("a/Dockerfile", "FROM a\nRUN sudo ours\n");
    commit(&repo);
    git(&repo, "checkout --quiet main");
    repo.write("Dockerfile", "FROM a\n");
    commit(&repo);
    git(&repo, "checkout --quiet ours");
    assert_eq!(since(&repo, "main").findings(), ["a/Dockerfile:2:5 dockerfile/sudo"]);
}

#[test]
fn no_setting_of_git_changes_the_answer() {
    let repo = committed(&[("Dockerfile", TEXT), ("a b/Dockerfile", TEXT), ("\"\u{e9}\t.Dockerfile", TEXT)]);
    for path in ["Dockerfile", "a b/Dockerfile", "\"\u{e9}\t.Dockerfile"] {
        repo.write(path, TEXT.replace("sudo c", "sudo d"));
    }
    let found = since(&repo, "HEAD").findings();
    assert_eq!(found.len(), 3, "{found:?}");
    for setting in [
        "diff.noprefix true",
        "diff.mnemonicPrefix true",
        "diff.external false",
        "diff.context 5",
        "diff.interHunkContext 9",
        "color.ui always",
        "core.quotePath true",
        "core.fsmonitor false-program",
        "core.pager false",
        "diff.renames false",
    ] {
        git(&repo, &format!("config {setting}"));
    }
    assert_eq!(since(&repo, "HEAD").findings(), found);
    let hook = [
        ("GIT_DIR", "nowhere"),
        ("GIT_INDEX_FILE", "nowhere"),
        ("GIT_EXTERNAL_DIFF", "false"),
        ("GIT_DIFF_OPTS", "-u9"),
    ];
    let run = repo.run_with(&hook, &format!("check {SELECT} --format json --changed-since HEAD"));
    assert_eq!(run.findings(), found);
}

#[test]
fn the_root_may_lie_inside_the_repository() {
    let repo = committed(&[("app/Dockerfile", TEXT), ("Dockerfile", TEXT)]);
    repo.write("app/Dockerfile", TEXT.replace("sudo c", "sudo d"));
    assert_eq!(since(&repo, "HEAD --root app app").findings(), ["Dockerfile:4:5 dockerfile/sudo"]);
    let run = repo.run_in("app", &format!("check {SELECT} --format json --changed-since HEAD"));
    assert_eq!(run.findings(), ["app/Dockerfile:4:5 dockerfile/sudo"]);
}

#[test]
fn carriage_returns_alone_end_no_line_of_git() {
    let text = "# a\r# b\r# c\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: a\n      image: node:latest\n";
    let repo = committed(&[("a.yaml", text)]);
    repo.write("a.yaml", format!("{text}# d\n# e\n"));
    let run = repo.run("check --select image/latest-tag --format json --changed-since HEAD");
    assert_eq!((run.findings(), &run.json()["summary"]["unchanged"]), (vec![], &1.into()));
}

#[test]
fn what_cannot_be_compared_is_wrong_usage() {
    let told = |repo: &Repo, arguments: &str, words: &str| {
        let run = repo.run(&format!("check --changed-since {arguments}"));
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments}");
        assert!(run.words().contains(words), "{arguments}: {}", run.err);
    };
    let repo = Repo::new(&[("Dockerfile", TEXT)]);
    told(&repo, "HEAD", "lies in no git repository");
    git(&repo, "init --quiet");
    told(&repo, "HEAD", "has no commit yet");
    commit(&repo);
    told(&repo, "nope", "git knows no revision `nope`");
    told(&repo, "HEAD~1", "git knows no revision `HEAD~1`");
    told(&repo, "--output=x", "a value is required");
    told(&repo, "HEAD --fix", "fixes move lines");
    let run = repo.run_with(&[("PATH", "/nowhere")], "check --changed-since HEAD");
    assert_eq!(run.code, 2);
    assert!(run.words().contains("git cannot be run: there is no such program"), "{}", run.err);
    assert_eq!(repo.run("check --changed-since=--output=x").code, 2);
    assert!(!repo.path("x").exists());
}
