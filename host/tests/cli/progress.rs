//! The bar of long runs, before a terminal that `script` makes.

use std::process::Command;

use super::repo::Repo;

/// What a run says on a terminal, of its standard error only.
fn said(repo: &Repo, variables: &[(&str, &str)], arguments: &str) -> String {
    let program = repo.program();
    let line =
        format!("{} check --select '*' --jobs 2 {arguments} >/dev/null", program.get_program().to_str().unwrap());
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(repo.path(""));
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    for name in ["CI", "PRE_COMMIT"] {
        command.env_remove(name);
    }
    let done = command.env("TERM", "xterm").envs(variables.iter().copied()).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn a_long_run_shows_a_bar_on_a_terminal_and_neither_in_ci_nor_in_hooks() {
    let repo = Repo::new(&[]);
    let text = format!("FROM node:latest\n{}", "RUN curl http://example.com/a.sh | sh && cd /a && sudo b\n".repeat(40));
    for number in 0..600 {
        repo.write(&format!("{number}/Dockerfile"), &text);
    }
    // Whichever thread moves it.
    let shown = said(&repo, &[], "");
    assert!(shown.contains(" of 600 files"), "{shown:?}");
    // It is taken away at the end: nothing but what cleans the line follows it.
    let after = shown.rsplit(" of 600 files").next().unwrap();
    assert!(
        !after.contains(|character: char| character.is_ascii_graphic() && !"[0123456789;?KGhlm".contains(character)),
        "{after:?}"
    );
    for variables in [[("CI", "true")], [("PRE_COMMIT", "1")]] {
        assert_eq!(said(&repo, &variables, ""), "", "{variables:?}");
    }
    assert_eq!(said(&repo, &[], "--quiet"), "");
}
