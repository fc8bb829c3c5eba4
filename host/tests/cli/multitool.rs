//! SARIF before the judge that GitHub's own rules come from, Microsoft's Multitool. `.ci/tools` installs it; where it is missing,
//! the test is passed over, but not in CI.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::repo::{GOOD, Repo};

/// The Multitool in the build folder.
fn multitool() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_BIN_EXE_hullmark")).ancestors().nth(2).unwrap();
    let program = target.join("tools-npm/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool");
    assert!(program.exists() || env::var_os("CI").is_none(), "there is no Multitool: run .ci/tools");
    program.exists().then_some(program)
}

/// Rules of the judge that the file breaks.
fn errors(multitool: &Path, repo: &Repo, file: &str) -> Vec<String> {
    let done = Command::new(multitool)
        .args(["validate", file, "--rule-kind", "Sarif;Ghas", "--output", "judged.sarif", "--log", "ForceOverwrite"])
        .current_dir(repo.path(""))
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .output()
        .unwrap();
    // It says 0 whatever it finds; the verdict is in the file.
    assert!(done.status.success(), "{done:?}");
    let judged: Value = serde_json::from_str(repo.read("judged.sarif").trim_start_matches('\u{feff}')).unwrap();
    let results = judged["runs"][0]["results"].as_array().cloned().unwrap_or_default();
    results.iter().filter(|result| result["level"] == "error").map(|result| result["ruleId"].to_string()).collect()
}

#[test]
fn microsofts_judge_finds_no_error() {
    let Some(multitool) = multitool() else { return };
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx:latest}]}\n";
    let ignored = "# hadolint ignore=DL3007\nFROM node:latest\nRUN sudo a\n";
    let repo = Repo::new(&[
        ("Dockerfile", GOOD),
        ("Dockerfile.ignored", ignored),
        ("k8s/a b/ü.yaml", pod),
        ("k8s/broken.yaml", "apiVersion: v1\nkind: Pod\nspec: [\n"),
    ]);
    for (arguments, file) in [
        ("", "all.sarif"),
        ("--sarif-include-suppressed --sarif-category nightly --select *", "more.sarif"),
        ("--select network/host-port", "none.sarif"),
    ] {
        repo.run(&format!("check {arguments} --output sarif={file}"));
        assert_eq!(errors(&multitool, &repo, file), [""; 0], "{file}");
    }
}
