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

/// Rules of the judge that the files break.
fn errors(multitool: &Path, repo: &Repo, files: &[&str]) -> Vec<String> {
    let done = Command::new(multitool)
        .arg("validate")
        .args(files)
        .args(["--rule-kind", "Sarif;Ghas", "--output", "judged.sarif", "--log", "ForceOverwrite"])
        .current_dir(repo.path(""))
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        // What cannot be reached need not be waited for.
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .output()
        .unwrap();
    // It says 0 whatever it finds; the verdict is in the file.
    assert!(done.status.success(), "{done:?}");
    let judged: Value = serde_json::from_str(repo.read("judged.sarif").trim_start_matches('\u{feff}')).unwrap();
    let runs = judged["runs"].as_array().unwrap();
    let results = runs.iter().flat_map(|run| run["results"].as_array().into_iter().flatten());
    results.filter(|result| result["level"] == "error").map(|result| result["ruleId"].to_string()).collect()
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
    let files = [
        ("", "all.sarif"),
        ("--sarif-include-suppressed --sarif-category nightly --select *", "more.sarif"),
        ("--select network/host-port", "none.sarif"),
    ];
    for (arguments, file) in files {
        repo.run(&format!("check {arguments} --output sarif={file}"));
    }
    assert_eq!(errors(&multitool, &repo, &files.map(|(_, file)| file)), [""; 0]);
}
