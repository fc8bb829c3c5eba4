//! Repositories whose owner means harm, as that of a pull request may: nothing outside of them is read or written, and nothing in
//! them makes a run endless.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;

use super::repo::{GOOD, Repo};
use super::support::{FindingSpec, Guest};

/// A repository in the folder `in`, beside which lies what is none of its business.
fn repo() -> Repo {
    let repo = Repo::new(&[("in/.git/HEAD", ""), ("in/Dockerfile", GOOD), ("out/Dockerfile", SECRET)]);
    repo.write("out/secret.yaml", "token: s3cr3t\n");
    repo
}

const SECRET: &str = "FROM node:latest\nMAINTAINER s3cr3t\n";

#[test]
fn a_configuration_extends_no_file_outside_of_the_repository() {
    let repo = repo();
    let outside = repo.path("out/secret.yaml");
    for configuration in ["extends: ../out/secret.yaml".to_owned(), format!("extends: [\"{}\"]", outside.display())] {
        repo.write("in/hullmark.yaml", configuration);
        let run = repo.run_in("in", "check");
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.words().contains("lies outside of the repository"), "{}", run.err);
        assert!(!run.err.contains("s3cr3t") && !run.err.contains("token"), "{}", run.err);
    }
    repo.write("in/hullmark.yaml", "extends: sub/link.yaml");
    repo.write("in/sub/a", "");
    symlink("../../out/secret.yaml", repo.path("in/sub/link.yaml")).unwrap();
    assert!(repo.run_in("in", "check").words().contains("`sub/link.yaml` lies outside of the repository"));
    fs::remove_file(repo.path("in/hullmark.yaml")).unwrap();
    symlink("../out/secret.yaml", repo.path("in/hullmark.yaml")).unwrap();
    let run = repo.run_in("in", "check");
    assert!(run.code == 2 && !run.err.contains("s3cr3t"), "{}", run.err);
}

#[test]
fn pins_are_neither_read_nor_written_outside_of_the_repository() {
    let repo = repo();
    repo.write("in/own.wasm", Guest::new("own").component());
    repo.write("in/hullmark.yaml", "plugins: {own: own.wasm}");
    symlink("../out/secret.yaml", repo.path("in/hullmark.lock")).unwrap();
    for arguments in ["check", "rules", "plugin add own.wasm"] {
        let run = repo.run_in("in", arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments}");
        assert!(run.words().contains("of the repository") && !run.err.contains("token"), "{arguments}: {}", run.err);
    }
    fs::remove_file(repo.path("in/hullmark.yaml")).unwrap();
    fs::remove_file(repo.path("in/hullmark.lock")).unwrap();
    symlink("../out/secret.yaml", repo.path("in/hullmark.yaml")).unwrap();
    let run = repo.run_in("in", "plugin add own.wasm");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.words().contains("a link leads out of the repository") && !run.err.contains("token"), "{}", run.err);
    assert_eq!(repo.read("out/secret.yaml"), "token: s3cr3t\n");
    assert!(!repo.path("in/hullmark.lock").exists());
}

#[test]
fn what_the_user_names_may_extend_any_file() {
    let repo = repo();
    repo.write("team/strict.yaml", "rules: {image/latest-tag: error}");
    repo.write("ci/hullmark.yaml", "extends: ../team/strict.yaml");
    let run = repo.run_in("in", "check --config ../ci/hullmark.yaml --fail-on error");
    assert_eq!(run.code, 1, "{}", run.err);
    repo.write("in/hullmark.yaml", "rules: {image/latest-tag: off}");
    assert_eq!(repo.run_in("in", "check --policy ../team/strict.yaml --fail-on error").code, 1);
}

#[test]
fn a_link_out_of_the_repository_is_not_read_and_not_fixed() {
    let repo = repo();
    symlink("../out/Dockerfile", repo.path("in/a.Dockerfile")).unwrap();
    symlink("../out", repo.path("in/folder")).unwrap();
    let run = repo.run_in("in", "check --unsafe-fixes --fail-on note --format json");
    assert_eq!(run.code, 3);
    assert!(run.out.contains("a.Dockerfile") && !run.out.contains("s3cr3t"), "{}", run.out);
    assert_eq!(repo.read("out/Dockerfile"), SECRET);
    assert!(repo.path("in/a.Dockerfile").is_symlink());
    let named = repo.run_in("in", "check a.Dockerfile --fix");
    assert!(named.code == 2 && !named.err.contains("s3cr3t"), "{}", named.err);
    let below = repo.run_in("in", "check folder/Dockerfile --fix");
    assert!(below.code == 2 && !below.err.contains("s3cr3t"), "{}", below.err);
    assert_eq!(repo.read("out/Dockerfile"), SECRET);
}

#[test]
fn an_ignore_file_behind_a_link_out_of_the_repository_is_none() {
    let repo = repo();
    let text = "FROM node:22\nCOPY secret.txt /\nUSER 10001\n";
    repo.write("in/Dockerfile", text);
    repo.write("in/real", "secret.txt\n");
    repo.write("out/ignored", "secret.txt\n");
    let found = || {
        let run = repo.run_in("in", "check --select dockerfile/copy-ignored-file --format json");
        run.findings().len()
    };
    symlink("real", repo.path("in/.dockerignore")).unwrap();
    assert_eq!(found(), 1, "a link inside is followed");
    fs::remove_file(repo.path("in/.dockerignore")).unwrap();
    symlink("../out/ignored", repo.path("in/.dockerignore")).unwrap();
    assert_eq!(found(), 0);
}

#[test]
fn a_report_and_a_baseline_do_not_follow_links_out_of_the_repository() {
    let repo = repo();
    repo.write("out/kept", "kept");
    assert_eq!(repo.run_in("in", "check --exit-zero --output sarif=part.sarif").code, 0);
    symlink("../out/kept", repo.path("in/a.sarif")).unwrap();
    symlink("../out", repo.path("in/reports")).unwrap();
    symlink("../out/kept", repo.path("in/hullmark-baseline.json")).unwrap();
    for arguments in [
        "check --output sarif=a.sarif",
        "check --output sarif=./reports/kept",
        "baseline",
        "merge part.sarif --output a.sarif",
    ] {
        let run = repo.run_in("in", arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments}");
        assert!(run.words().contains("a link leads out of the repository"), "{arguments}: {}", run.err);
        assert_eq!(repo.read("out/kept"), "kept", "{arguments}");
    }
    fs::remove_file(repo.path("in/hullmark-baseline.json")).unwrap();
    // What the user names outside is the user's wish, and a link that leads nowhere is replaced itself.
    assert_eq!(repo.run_in("in", "check --exit-zero --output sarif=../out/a.sarif").code, 0);
    symlink("../out/new", repo.path("in/accepted")).unwrap();
    assert_eq!(repo.run_in("in", "baseline --baseline accepted").code, 0);
    assert!(!repo.path("out/new").exists() && repo.read("in/accepted").contains("findings"));
}

#[test]
fn a_configuration_cannot_grow_without_end() {
    let repo = repo();
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        writeln!(bomb, "a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}]").unwrap();
    }
    let deep = format!("exclude: {}", "[".repeat(100_000));
    let long = format!("exclude: ['{}x']", "**/".repeat(100_000));
    let wide = format!("exclude: ['{}']", "{a,b,c,d}".repeat(2_000));
    let names = format!("overrides: [{{names: ['{}b'], rules: {{DL3007: off}}}}]", "*a".repeat(100_000));
    for configuration in [bomb, deep, long, wide, names] {
        repo.write("in/hullmark.yaml", &configuration);
        let run = repo.run_in("in", "check --select DL3007");
        assert!(matches!(run.code, 1 | 2), "{}: {}", &configuration[..40], run.err);
        assert!(run.err.len() < 10_000, "{}", &configuration[..40]);
    }
}

#[test]
fn a_repository_that_silences_rules_is_checked_all_the_same_by_a_configuration_of_the_users() {
    let silent = "# hullmark: ignore-file[*]\n# hullmark: ignore[image/latest-tag] because\n";
    let repo = repo();
    repo.write("in/Dockerfile", format!("{silent}{GOOD}"));
    repo.write("in/hullmark.yaml", "rules: {'*': off}\nexclude: ['*']\nfail-on: error");
    repo.write("ci.yaml", "rules: {image/latest-tag: error}\nsuppressions: {unsuppressible: image/*}");
    assert_eq!(repo.run_in("in", "check").code, 0, "by its own word");
    assert_eq!(repo.run_in("in", "check --config ../ci.yaml").code, 1);
    assert_eq!(repo.run_in("in", "check --no-config --no-ignores").code, 1);
}

#[test]
fn a_plugin_of_the_repository_is_held_as_any_other() {
    let repo = repo();
    let endless =
        Guest::new("own").check("(loop $again (br $again))").finding(FindingSpec::new("some-rule", "x", 0, 1));
    repo.write("own.wasm", endless.component());
    let run = repo.run_in("in", "check --plugin ../own.wasm --format json --select own/*,DL3007");
    assert_eq!((run.code, run.findings()), (3, vec!["Dockerfile:1:11 image/latest-tag".to_owned()]));
}
