//! What the README says to type is typed here, in a repository that has what it speaks of, and what it says to write for others
//! is held to their schemas.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::repo::{Repo, Run};
use super::support::Guest;
use super::tools;

/// Runs a line in a shell that finds the program.
fn typed(repo: &Repo, line: &str) -> Run {
    let program = repo.program();
    let folder = Path::new(program.get_program()).parent().unwrap().to_owned();
    let mut folders = vec![folder];
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap()));
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(repo.path("")).env("PATH", env::join_paths(folders).unwrap());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Run::of(command.output().unwrap())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README's blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    readme.split(&fence).skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// The example repository under git, as a branch of which some is new, with a policy and a plugin beside it.
fn repo() -> Repo {
    let repo = Repo::new(&[
        ("team.yaml", "extends: hadolint\nrules: {DL3007: error}\n"),
        ("Dockerfile", "FROM node:latest\n"),
    ]);
    repo.write("policy.wasm", Guest::new("team").component());
    let example = root().join("fixtures/techcommerce");
    let copied = Command::new("cp").arg("-R").arg(example.join(".")).arg(repo.path("")).status().unwrap();
    assert!(copied.success());
    let git = "git init --quiet && git add . && git -c user.name=Ada -c user.email=ada@example.com commit --quiet --message all \
               && git update-ref refs/remotes/origin/main HEAD && echo 'USER root' >> Dockerfile";
    let run = typed(&repo, git);
    assert_eq!(run.code, 0, "{run:?}");
    repo
}

#[test]
fn every_command_of_the_readme_does_what_it_says() {
    let repo = repo();
    let mut count = 0;
    let blocks = blocks("console");
    for line in blocks.iter().flat_map(|block| block.lines()).filter(|line| line.starts_with("hullmark ")) {
        // Writing plugins has a tutorial, whose commands are run elsewhere.
        if line.starts_with("hullmark plugin ") {
            continue;
        }
        let run = typed(&repo, line);
        assert!([0, 1].contains(&run.code), "{line}: {run:?}");
        assert!(run.code == 1 || run.err.is_empty() || line.contains(" init "), "{line}: {run:?}");
        if line.contains("--shard 1/3") {
            for part in ["2", "3"] {
                typed(&repo, &line.replace("1/3", &format!("{part}/3")).replace("1.sarif", &format!("{part}.sarif")));
            }
        }
        count += 1;
    }
    assert!(count > 20, "{count}");
    let changed = typed(&repo, "hullmark check --changed-since origin/main --format json").findings();
    assert_eq!(changed, ["Dockerfile:2:6 user/root-user"]);
    typed(&repo, "hullmark check --exclude '*.sarif' --output sarif=whole.sarif");
    assert!(repo.read("hullmark.sarif") == repo.read("whole.sarif"));
}

#[test]
fn what_the_readme_writes_for_others_is_what_they_take() {
    let Some(program) = tools::python("check-jsonschema") else { return };
    let repo = Repo::new(&[]);
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    repo.write("action.yml", action);
    let ours = root().join("schema/hullmark.schema.json");
    let mut checked = Vec::new();
    for block in blocks("yaml") {
        let (what, text) = match block.lines().next().unwrap() {
            first if first.starts_with("# GitHub Actions") => ("github-workflows", workflow(&block)),
            first if first.starts_with("# GitLab") => ("gitlab-ci", block),
            first if first.starts_with("# .pre-commit-config.yaml") => ("pre-commit", block),
            _ => ("ours", block),
        };
        let file = format!("{}-{what}.yaml", checked.len());
        repo.write(&file, text);
        checked.push((what, file));
    }
    checked.push(("github-actions", "action.yml".to_owned()));
    checked.sort();
    let kinds: Vec<&str> = checked.iter().map(|(what, _)| *what).collect();
    assert!(
        ["github-actions", "github-workflows", "gitlab-ci", "ours", "pre-commit"]
            .iter()
            .all(|what| kinds.contains(what)),
        "{kinds:?}"
    );

    for (what, file) in &checked {
        let mut command = Command::new(&program);
        match *what {
            "pre-commit" => {
                let Some(program) = tools::python("pre-commit") else { return };
                command = Command::new(program);
                command.arg("validate-config")
            }
            "ours" => command.arg("--schemafile").arg(&ours),
            "gitlab-ci" => command.args(["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
            what => command.args(["--builtin-schema", &format!("vendor.{what}")]),
        };
        let done = command.arg(file).current_dir(repo.path("")).output().unwrap();
        assert!(done.status.success(), "{file}: {done:?}");
    }
    let Some(program) = tools::python("pre-commit") else { return };
    let done =
        Command::new(program).arg("validate-manifest").arg(root().join(".pre-commit-hooks.yaml")).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

/// A whole workflow around the job that the README shows.
fn workflow(job: &str) -> String {
    let lines: Vec<String> = job.lines().map(|line| format!("    {line}\n")).collect();
    format!("on: push\njobs:\n  check:\n    runs-on: ubuntu-latest\n{}", lines.concat())
}
