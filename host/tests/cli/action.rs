//! The GitHub action: its steps run here as a runner would run them, and what it is made of is pinned.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::repo::{GOOD, Repo};

/// Stands in for `curl`: gives the archive, and keeps the address that it was asked for.
const CURL: &str = r#"#!/bin/sh
while [ $# -gt 1 ]; do
  [ "$1" = --output ] && cp "$RUNNER_TEMP/archive" "$2"
  shift
done
echo "$1" > "$RUNNER_TEMP/address"
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A runner's folders around a repository.
struct Runner {
    repo: Repo,
    variables: HashMap<&'static str, String>,
}

/// What a step left.
struct Step {
    code: i32,
    log: String,
    outputs: HashMap<String, String>,
    summary: String,
}

impl Runner {
    /// For a push to a repository with one finding.
    fn new() -> Self {
        let repo = Repo::new(&[("Dockerfile", GOOD), ("temp/none", "")]);
        let mut runner = Self { repo, variables: HashMap::new() };
        let path = |path: &str| runner.repo.path(path).to_str().unwrap().to_owned();
        runner.variables = HashMap::from([
            ("ACTION_REPOSITORY", "owner/action".to_owned()),
            ("EXECUTABLE", env!("CARGO_BIN_EXE_hullmark").to_owned()),
            ("GITHUB_EVENT_NAME", "push".to_owned()),
            ("GITHUB_OUTPUT", path("temp/output")),
            ("GITHUB_REPOSITORY", "owner/shop".to_owned()),
            ("GITHUB_SERVER_URL", "https://github.example".to_owned()),
            ("GITHUB_STEP_SUMMARY", path("temp/summary")),
            ("HEAD_REPOSITORY", String::new()),
            ("INPUT_ARGS", "--select\nimage/latest-tag\n".to_owned()),
            ("INPUT_CHECKSUM", String::new()),
            ("INPUT_EXECUTABLE", String::new()),
            ("INPUT_PATHS", String::new()),
            ("INPUT_UPLOAD", "auto".to_owned()),
            ("INPUT_UPLOAD_INCOMPLETE", "false".to_owned()),
            ("INPUT_VERSION", "1.2.3".to_owned()),
            ("RUNNER_ARCH", "X64".to_owned()),
            ("RUNNER_OS", "Linux".to_owned()),
            ("RUNNER_TEMP", path("temp")),
        ]);
        runner
    }

    fn with<const N: usize>(variables: [(&'static str, &str); N]) -> Self {
        let mut runner = Self::new();
        runner.variables.extend(variables.map(|(name, value)| (name, value.to_owned())));
        runner
    }

    fn step(&self, name: &str) -> Step {
        self.step_of(&root().join("action/steps.sh"), name)
    }

    fn step_of(&self, script: &Path, name: &str) -> Step {
        let mut command = Command::new("bash");
        command.arg(script).arg(name).envs(&self.variables);
        let tools = self.repo.path("tools");
        if tools.exists() {
            command.env("PATH", format!("{}:{}", tools.display(), std::env::var("PATH").unwrap()));
        }
        let done = command.current_dir(self.repo.path("")).output().unwrap();
        let read = |path: &str| fs::read_to_string(self.repo.path(path)).unwrap_or_default();
        let outputs = read("temp/output");
        let outputs = outputs.lines().map(|line| line.split_once('=').unwrap());
        Step {
            code: done.status.code().unwrap(),
            log: String::from_utf8([done.stdout, done.stderr].concat()).unwrap(),
            outputs: outputs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            summary: read("temp/summary"),
        }
    }

    /// Gives `curl` an archive with a program in it, and says its checksum.
    fn release(&self, program: &str) -> String {
        self.repo.write(&format!("temp/{program}"), "#!/bin/sh\n");
        let temp = self.repo.path("temp");
        let packed = Command::new("tar").args(["-czf", "archive", program]).current_dir(&temp).status().unwrap();
        assert!(packed.success());
        fs::remove_file(temp.join(program)).unwrap();
        // Another process writes it: a file that is open for writing, if only in a copy of this process, cannot be executed.
        let write = "mkdir -p tools && printf %s \"$0\" >tools/curl && chmod +x tools/curl";
        let written = Command::new("sh").args(["-c", write, CURL]).current_dir(self.repo.path("")).status().unwrap();
        assert!(written.success());
        let sum = Command::new("sha256sum").arg(temp.join("archive")).output().unwrap();
        String::from_utf8(sum.stdout).unwrap()[..64].to_owned()
    }
}

impl Step {
    fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("{name}: {}", self.log))
    }
}

#[test]
fn the_release_for_a_runner_is_used_when_its_checksum_is_the_one_that_is_known() {
    for (system, machine, platform, program) in [
        ("Linux", "X64", "x86_64-unknown-linux-gnu", "hullmark"),
        ("Linux", "ARM64", "aarch64-unknown-linux-gnu", "hullmark"),
        ("macOS", "X64", "x86_64-apple-darwin", "hullmark"),
        ("macOS", "ARM64", "aarch64-apple-darwin", "hullmark"),
        ("Windows", "X64", "x86_64-pc-windows-msvc", "hullmark.exe"),
    ] {
        let mut runner = Runner::with([("RUNNER_OS", system), ("RUNNER_ARCH", machine)]);
        let checksum = runner.release(program);
        runner.variables.insert("INPUT_CHECKSUM", checksum);
        let step = runner.step("install");
        assert_eq!(step.code, 0, "{}", step.log);
        let executable = PathBuf::from(step.output("executable"));
        assert!(executable.is_file() && executable.ends_with(program), "{executable:?}");
        let address = fs::read_to_string(runner.repo.path("temp/address")).unwrap();
        let want = "https://github.example/owner/action/releases/download/v1.2.3/hullmark-1.2.3";
        assert_eq!(address, format!("{want}-{platform}.tar.gz\n"));
    }
}

#[test]
fn a_runner_without_a_release_is_told_what_to_do() {
    for (system, machine) in [("Linux", "ARM"), ("Windows", "X86"), ("", "")] {
        let checksum = "0".repeat(64);
        let variables = [("RUNNER_OS", system), ("RUNNER_ARCH", machine), ("INPUT_CHECKSUM", checksum.as_str())];
        let step = Runner::with(variables).step("install");
        let words = format!("there is no release for {system} on {machine}: give the path of your own build");
        assert!(step.code == 2 && step.log.contains(&words), "{}", step.log);
    }
}

#[test]
fn a_release_whose_checksum_the_action_knows_needs_none() {
    let runner = Runner::new();
    let checksum = runner.release("hullmark");
    let known = format!("{checksum}  hullmark-1.2.3-x86_64-unknown-linux-gnu.tar.gz\n");
    runner.repo.write("action/checksums.txt", known);
    fs::copy(root().join("action/steps.sh"), runner.repo.path("action/steps.sh")).unwrap();
    let step = runner.step_of(&runner.repo.path("action/steps.sh"), "install");
    assert_eq!(step.code, 0, "{}", step.log);
    assert!(PathBuf::from(step.output("executable")).is_file());
}

#[test]
fn a_release_of_another_checksum_or_without_one_is_not_used() {
    let other = "0".repeat(64);
    for (checksum, version, words) in [
        (other.as_str(), "1.2.3", "it was not used"),
        ("", "1.2.3", "the checksum of hullmark-1.2.3-"),
        ("abc", "1.2.3", "is not known"),
        (other.as_str(), "main", "`main` is no version"),
        (other.as_str(), "1.2.3/../..", "is no version"),
        (other.as_str(), "1\n::error::x", "`1%0A::error::x` is no version"),
    ] {
        let runner = Runner::with([("INPUT_CHECKSUM", checksum), ("INPUT_VERSION", version)]);
        runner.release("hullmark");
        let step = runner.step("install");
        assert_eq!(step.code, 2, "{}", step.log);
        assert!(step.log.starts_with("::error title=hullmark::") && step.log.contains(words), "{}", step.log);
        assert!(!step.outputs.contains_key("executable"));
        assert!(!runner.repo.path("temp/hullmark-1.2.3/hullmark").exists());
    }
}

#[test]
fn a_program_that_is_there_is_used() {
    let step = Runner::with([("INPUT_EXECUTABLE", "/opt/hullmark")]).step("install");
    assert_eq!((step.code, step.output("executable")), (0, "/opt/hullmark"));
}

#[test]
fn a_run_leaves_sarif_and_a_summary_and_is_uploaded() {
    let runner = Runner::new();
    let step = runner.step("check");
    assert_eq!((step.code, step.output("exit-code"), step.output("upload")), (0, "1", "true"), "{}", step.log);
    let sarif = fs::read_to_string(step.output("sarif")).unwrap();
    assert!(sarif.contains("\"ruleId\":\"image/latest-tag\""));
    assert!(step.log.contains("[Dockerfile:1:11]"), "{}", step.log);
    assert!(step.summary.contains("| <code>image/latest-tag</code> | 1 warning |"), "{}", step.summary);
}

#[test]
fn a_pull_request_from_a_fork_gets_annotations_and_no_upload() {
    let event = |head| [("GITHUB_EVENT_NAME", "pull_request"), ("HEAD_REPOSITORY", head)];
    let step = Runner::with(event("stranger/shop")).step("check");
    assert_eq!((step.output("exit-code"), step.output("upload")), ("1", "false"));
    assert!(step.log.starts_with("::warning file=Dockerfile,line=1,"), "{}", step.log);
    assert_eq!(Runner::with(event("owner/shop")).step("check").output("upload"), "true");
    assert_eq!(Runner::with([("INPUT_UPLOAD", "false")]).step("check").output("upload"), "false");
    let step = Runner::with([("INPUT_UPLOAD", "maybe")]).step("check");
    assert_eq!((step.code, step.log.contains("`upload` is auto, true or false, not `maybe`")), (2, true));
}

#[test]
fn an_incomplete_run_is_uploaded_only_when_asked() {
    for (asked, upload) in [("false", "false"), ("true", "true")] {
        let runner = Runner::with([("INPUT_UPLOAD_INCOMPLETE", asked)]);
        std::os::unix::fs::symlink("nowhere", runner.repo.path("broken.yaml")).unwrap();
        let step = runner.step("check");
        assert_eq!((step.output("exit-code"), step.output("upload")), ("3", upload));
        assert!(step.summary.contains("The run is incomplete"), "{}", step.summary);
    }
}

#[test]
fn wrong_usage_uploads_nothing() {
    let step = Runner::with([("INPUT_ARGS", "--select\nno/such-rule")]).step("check");
    assert_eq!((step.output("exit-code"), step.output("upload")), ("2", "false"));
    assert!(step.log.contains("no/such-rule"), "{}", step.log);
}

#[test]
fn no_input_is_read_as_code_or_as_an_option() {
    let paths = "$(touch hacked)\n`touch hacked`\n--version; touch hacked\n";
    let runner = Runner::with([("INPUT_PATHS", paths)]);
    let step = runner.step("check");
    assert_eq!(step.output("exit-code"), "2", "{}", step.log);
    assert!(step.log.contains("`$(touch hacked)` does not exist"), "{}", step.log);
    assert!(!runner.repo.path("hacked").exists());
    let runner = Runner::with([("INPUT_PATHS", "a b/Dockerfile")]);
    runner.repo.write("a b/Dockerfile", GOOD);
    assert!(runner.step("check").log.contains("[a b/Dockerfile:1:11]"));
}

#[test]
fn others_actions_are_pinned_and_inputs_reach_scripts_through_variables_only() {
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    let mut uses = action.lines().filter_map(|line| line.trim().strip_prefix("uses: "));
    let pinned = |used: &str| {
        let commit = used.split(' ').next().and_then(|used| used.split_once('@')).map_or("", |(_, commit)| commit);
        commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    assert!(uses.all(pinned), "{action}");
    let mut scripts = action.lines().filter(|line| line.trim().starts_with("run:"));
    assert!(scripts.all(|line| !line.contains("${{")), "{action}");
    let steps = fs::read_to_string(root().join("action/steps.sh")).unwrap();
    let names = steps.split('$').filter(|rest| rest.starts_with("INPUT_"));
    for name in names.map(|rest| rest.split(|end: char| !(end.is_ascii_uppercase() || end == '_')).next().unwrap()) {
        assert!(action.contains(&format!("        {name}: ${{{{ inputs.")), "{name}");
    }
}
