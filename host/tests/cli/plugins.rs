//! Plugins that fail, through the command line: the report says so, and nothing else is lost.

#[cfg(target_os = "linux")]
use std::fmt::Write as _;
use std::process::Stdio;

use serde_json::Value;

use super::repo::{GOOD, Repo, Run};
use super::support::{FindingSpec, Guest};

const LATEST: &str = "Dockerfile:1:11 image/latest-tag";

/// A run with one more plugin beside the built-in ones: the exit code, the findings and the notifications.
fn run(repo: &Repo, arguments: &str) -> (i32, Vec<String>, Vec<Value>) {
    let run = repo.run(&format!("check --format json {arguments}"));
    assert_eq!(run.err, "");
    (run.code, run.findings(), run.json()["notifications"].as_array().unwrap().clone())
}

fn repo(plugin: &[u8]) -> Repo {
    let repo = Repo::new(&[("Dockerfile", GOOD), ("sub/Dockerfile", GOOD)]);
    repo.write("bad.wasm", plugin);
    repo
}

/// Holds that the plugin fails with this message, and that everything else is as without it.
fn fails(plugin: &[u8], name: Option<&str>, path: &str, message: &str) {
    let repo = repo(plugin);
    let (_, without, _) = run(&repo, "");
    let (code, findings, notifications) = run(&repo, "--plugin bad.wasm");
    assert_eq!((code, findings), (3, without));
    let first = &notifications[0];
    assert_eq!(
        (first["level"].as_str(), first["plugin"].as_str(), first["path"].as_str()),
        (Some("error"), name, Some(path))
    );
    assert!(first["message"].as_str().unwrap().contains(message), "{first}");

    let sarif = repo.run("check --format sarif --plugin bad.wasm --exit-zero");
    assert_eq!((sarif.code, sarif.err.as_str()), (3, ""));
    let sarif = sarif.json();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = invocation["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(told.len(), notifications.len());
    assert!(told[0]["message"]["text"].as_str().unwrap().contains(message), "{}", told[0]);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "image/latest-tag"));
}

#[test]
fn a_plugin_that_works_reports_beside_the_built_in_ones() {
    let repo = repo(&Guest::new("own").finding(FindingSpec::new("some-rule", "a message", 5, 9)).component());
    let (code, findings, notifications) = run(&repo, "--plugin bad.wasm --select own/*,DL3007 Dockerfile");
    assert_eq!((code, notifications), (1, Vec::new()));
    assert_eq!(findings, ["Dockerfile:1:6 own/some-rule", LATEST]);
    assert!(repo.run("rules --plugin bad.wasm").out.contains("own/some-rule"));
    assert!(repo.run("explain own/some-rule --plugin bad.wasm").out.starts_with("# own/some-rule\n"));
}

#[test]
fn a_plugin_that_never_ends_is_stopped_by_its_fuel() {
    let guest = Guest::new("loops").check("(loop $again (br $again))");
    fails(&guest.component(), Some("loops"), "Dockerfile", "fuel");
}

#[test]
fn a_plugin_that_panics_costs_its_own_results() {
    fails(&Guest::new("panics").check("unreachable").component(), Some("panics"), "Dockerfile", "the plugin failed");
}

#[test]
fn a_plugin_that_wants_the_system_is_not_loaded() {
    let wasi = wat::parse_str(r#"(component (import "wasi:cli/environment@0.2.3" (instance)))"#).unwrap();
    fails(&wasi, None, "bad.wasm", "`wasi:cli/environment@0.2.3`");
}

#[test]
fn a_file_that_is_no_plugin_is_not_loaded() {
    fails(b"garbage", None, "bad.wasm", "the plugin does not load");
    fails(b"", None, "bad.wasm", "the plugin does not load");
}

#[test]
fn a_missing_plugin_is_told_on_the_report() {
    let repo = repo(b"");
    let (code, findings, notifications) = run(&repo, "--plugin nowhere.wasm --select DL3007 Dockerfile");
    assert_eq!((code, findings), (3, vec![LATEST.to_owned()]));
    assert_eq!(notifications[0]["path"], "nowhere.wasm");
}

#[test]
fn rules_of_a_plugin_that_does_not_load_may_be_selected() {
    let repo = repo(b"garbage");
    let (code, findings, _) = run(&repo, "--plugin bad.wasm --select DL3007,own/some-rule Dockerfile");
    assert_eq!((code, findings), (3, vec![LATEST.to_owned()]));
    let (code, findings, _) = run(&repo, "--plugin bad.wasm --select own/*");
    assert_eq!((code, findings), (3, Vec::new()));
}

#[test]
fn the_list_of_rules_says_which_plugin_did_not_load() {
    let repo = repo(b"garbage");
    let run = repo.run("rules --plugin bad.wasm");
    assert_eq!(run.code, 3);
    assert!(run.out.contains("image/latest-tag"));
    assert!(run.err.contains("bad.wasm"), "{}", run.err);
}

#[test]
fn code_of_plugins_is_kept_unless_that_is_unwanted_and_the_report_is_the_same() {
    let repo = repo(&Guest::new("own").finding(FindingSpec::new("some-rule", "a message", 5, 9)).component());
    let kept = || std::fs::read_dir(repo.cache()).map_or(0, Iterator::count);
    let without = repo.run("check --plugin bad.wasm --no-cache").out;
    assert_eq!(kept(), 0);
    assert_eq!(repo.run("check --plugin bad.wasm").out, without);
    assert_eq!(kept(), 1);
    assert_eq!(repo.run("check --plugin bad.wasm").out, without, "from the cache");
    assert!(without.contains("own/some-rule"));
}

#[test]
fn a_plugin_that_remembers_finds_the_same_in_any_order_and_with_any_number_of_threads() {
    // It speaks at its first call and at every third one after that, if only it could count.
    let count = "(if (i32.rem_u (global.get $calls) (i32.const 3))
          (then (i32.store offset=8 (global.get $result) (i32.const 0))))
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))";
    let guest = Guest::new("counts")
        .items("(global $calls (mut i32) (i32.const 0))")
        .check(count)
        .finding(FindingSpec::new("some-rule", "a message", 0, 4));
    let repo = repo(&guest.component());
    let paths: Vec<String> = (0..12).map(|number| format!("f{number:02}/Dockerfile")).collect();
    paths.iter().for_each(|path| repo.write(path, GOOD));
    let run = |arguments: &str, paths: &[String]| {
        repo.run(&format!("check --format json --plugin bad.wasm --select counts/* {arguments} {}", paths.join(" ")))
    };
    let want: Vec<String> = paths.iter().map(|path| format!("{path}:1:1 counts/some-rule")).collect();
    let one = run("--jobs 1", &paths);
    assert_eq!(one.findings(), want);
    let backwards: Vec<String> = paths.iter().rev().cloned().collect();
    for (jobs, paths) in [(4, &paths), (1, &backwards), (4, &backwards)] {
        assert!(run(&format!("--jobs {jobs}"), paths).out == one.out, "{jobs} threads");
    }
    assert_eq!(run("--jobs 4", &paths[5..6]).findings(), want[5..6]);
}

#[test]
fn programs_that_compile_the_same_at_once_do_not_disturb_each_other() {
    let repo = repo(&Guest::new("own").finding(FindingSpec::new("some-rule", "a message", 5, 9)).component());
    let arguments = ["check", "--plugin", "bad.wasm", "--select", "own/*", "--format", "json"];
    let start = || repo.program().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = (0..6).map(|_| start()).collect();
    let runs: Vec<_> = children.into_iter().map(|child| Run::of(child.wait_with_output().unwrap())).collect();
    for run in &runs {
        assert_eq!((run.code, &run.out, run.err.as_str()), (1, &runs[0].out, ""));
    }
    let kept: Vec<_> = std::fs::read_dir(repo.cache()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(kept.len() == 1 && kept[0].to_string_lossy().ends_with(".cwasm"), "{kept:?}");
}

#[test]
fn code_that_a_repository_brings_is_never_run() {
    let repo = repo(&Guest::new("own").component());
    let run = |variables: &[(&str, &str)]| repo.run_with(variables, "check --plugin bad.wasm --select own/*").code;
    let inside = repo.path("cache").display().to_string();
    assert_eq!(run(&[("XDG_CACHE_HOME", &inside), ("HOME", &inside), ("LOCALAPPDATA", &inside)]), 0);
    assert!(!repo.path("cache").exists());
    assert_eq!(run(&[]), 0);
    assert_eq!(std::fs::read_dir(repo.cache()).unwrap().count(), 1);
}

#[cfg(target_os = "linux")]
mod waiting {
    use super::*;

    /// A plugin that takes long to compile, the longer the more functions it has.
    fn large(functions: usize) -> Vec<u8> {
        let mut items = String::new();
        for function in 0..functions {
            write!(items, "(func $f{function} (param i32) (result i32) (local.get 0)").unwrap();
            for constant in 0..150 {
                write!(items, "(i32.mul (i32.add (local.get 0) (i32.const {constant}))) (local.tee 0)").unwrap();
            }
            items.push(')');
        }
        Guest::new("large").items(&items).component()
    }

    /// What a terminal is sent; nothing where there is no program that makes one.
    fn on_a_terminal(repo: &Repo, variables: &[(&str, &str)], arguments: &str) -> Option<String> {
        let program = repo.program();
        let command = format!("{} {arguments}", program.get_program().display());
        let mut script = repo.program_named("timeout");
        script.args(["120", "script", "-qec", &command, "/dev/null"]).env_remove("CI").env_remove("PRE_COMMIT");
        // One thread takes the same time wherever this runs.
        script.env("RAYON_NUM_THREADS", "1").env("TERM", "xterm").envs(variables.iter().copied());
        let output = script.output().ok().filter(|output| !matches!(output.status.code(), Some(126 | 127)))?;
        assert_ne!(output.status.code(), Some(124), "it never ends: {output:?}");
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    #[test]
    fn a_long_wait_says_what_it_is_for_on_a_terminal_and_nowhere_else() {
        let check = "check --plugin bad.wasm --select large/* Dockerfile";
        let told = "compiling the plugin bad.wasm (";
        // How many functions make a long wait depends on the machine.
        let mut tried = None;
        for functions in [1500, 6000] {
            let repo = repo(&large(functions));
            let Some(first) = on_a_terminal(&repo, &[], check) else { return };
            let enough = first.contains(told);
            tried = Some((repo, first));
            if enough {
                break;
            }
        }
        let (repo, first) = tried.unwrap();
        let after = first.split_once(told).map(|(_, after)| after);
        assert!(after.is_some_and(|after| after.contains(" MB); this happens once")), "{first:?}");
        assert!(after.is_some_and(|after| after.contains("\u{1b}[2K")), "it is cleared: {first:?}");
        let second = on_a_terminal(&repo, &[], check).unwrap();
        assert!(!second.contains("compiling"), "{second:?}");
        let without = on_a_terminal(&repo, &[], &format!("{check} --no-cache")).unwrap();
        assert!(without.contains("each run does this: `--no-cache` is given"), "{without:?}");
        for name in ["PRE_COMMIT", "CI"] {
            let quiet = on_a_terminal(&repo, &[(name, "1")], &format!("{check} --no-cache")).unwrap();
            assert!(!quiet.contains("compiling"), "{name}: {quiet:?}");
        }
    }

    #[test]
    fn a_long_run_on_a_terminal_ends() {
        let text = format!("{GOOD}{}", "RUN apt-get update && apt-get install -y curl | cat\n".repeat(20));
        let repo = Repo::new(&[]);
        (0..1000).for_each(|number| repo.write(&format!("{number}/Dockerfile"), &text));
        let Some(shown) = on_a_terminal(&repo, &[], "check --select '*' --format concise --jobs 2") else { return };
        assert!(shown.contains("999/Dockerfile:1:11: "), "{} bytes", shown.len());
    }
}
