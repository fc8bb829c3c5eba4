//! Fixes on disk: what is written, what stays, and what the report says of it.

use std::fs;

use super::repo::Repo;

/// A file with a fix that needs no look (`MAINTAINER`) and one that needs one (`sudo` has none).
const OLD: &str = "FROM alpine:3.22\nMAINTAINER Ada\nCMD [\"sh\"]\n";
const NEW: &str = "FROM alpine:3.22\nLABEL org.opencontainers.image.authors=\"Ada\"\nCMD [\"sh\"]\n";
const SELECT: &str = "--select dockerfile/maintainer --fail-on note";

fn repo() -> Repo {
    Repo::new(&[("Dockerfile", OLD), ("other/Dockerfile", OLD)])
}

#[test]
fn a_fixed_file_has_its_finding_no_more() {
    let repo = repo();
    let run = repo.run(&format!("check {SELECT} --fix Dockerfile"));
    assert_eq!((run.code, repo.read("Dockerfile").as_str()), (0, NEW), "{run:?}");
    assert_eq!(repo.read("other/Dockerfile"), OLD, "a file that was not asked for stays");
    assert!(run.out.contains("fixed Dockerfile:2: "), "{run:?}");
    assert!(run.out.contains("; 1 fixed"), "{run:?}");
}

#[test]
fn a_dry_run_and_a_diff_change_nothing() {
    let repo = repo();
    let dry = repo.run(&format!("check {SELECT} --dry-run Dockerfile"));
    assert!(dry.out.contains("would fix Dockerfile:2: "), "{dry:?}");
    let diff = repo.run(&format!("check {SELECT} --diff"));
    let expected = |path: &str| {
        format!(
            "--- a/{path}\n+++ b/{path}\n@@ -1,3 +1,3 @@\n FROM alpine:3.22\n-MAINTAINER Ada\n+LABEL org.opencontainers.image.authors=\"Ada\"\n CMD [\"sh\"]\n"
        )
    };
    assert_eq!(diff.out, expected("Dockerfile") + &expected("other/Dockerfile"));
    assert_eq!((dry.code, diff.code), (1, 1), "what is to be fixed is not fixed yet");
    assert_eq!((repo.read("Dockerfile").as_str(), repo.read("other/Dockerfile").as_str()), (OLD, OLD));
}

#[test]
fn fixes_are_told_in_json() {
    let report = repo().run(&format!("check {SELECT} --fix --format json Dockerfile")).json();
    assert_eq!(report["findings"].as_array().unwrap().len(), 0);
    let fixed = &report["fixed"][0];
    assert_eq!(
        (&fixed["rule"], &fixed["line"], &fixed["written"]),
        (&"dockerfile/maintainer".into(), &2.into(), &true.into())
    );
}

#[test]
fn an_exception_is_not_fixed() {
    let text = "FROM alpine:3.22\n# hadolint ignore=DL4000\nMAINTAINER Ada\n";
    let repo = Repo::new(&[("Dockerfile", text)]);
    assert_eq!(repo.run(&format!("check {SELECT} --fix")).code, 0);
    assert_eq!(repo.read("Dockerfile"), text);
}

#[test]
fn what_cannot_be_asked_for_is_refused() {
    let repo = repo();
    for arguments in ["--fix - --as dockerfile", "--diff --dry-run"] {
        let run = repo.run(&format!("check {arguments}"));
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_keeps_its_findings() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = repo();
    fs::set_permissions(repo.path("Dockerfile"), fs::Permissions::from_mode(0o444)).unwrap();
    let run = repo.run(&format!("check {SELECT} --fix --format json"));
    let report = run.json();
    assert_eq!(run.code, 3);
    assert_eq!(repo.read("Dockerfile"), OLD);
    assert_eq!(repo.read("other/Dockerfile"), NEW);
    assert_eq!(report["findings"][0]["path"], "Dockerfile");
    assert_eq!(report["fixed"].as_array().unwrap().len(), 1);
    assert_eq!(report["notifications"][0]["message"], "the file is not fixed: it is read-only");
}
