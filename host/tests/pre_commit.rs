//! The hooks of `.pre-commit-hooks.yaml`, set up as the README says, under pre-commit and prek, and the wheel that one of them
//! is made of. `.ci/tools` installs what they need; where it is missing, the tests are passed over.

//!
//! They are a program of their own, and run one after the other: the wheel is built in the build folder, where for a moment the
//! program is replaced that the others run.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "cli/repo.rs"]
mod repo;
#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/tools.rs"]
mod tools;

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use repo::{GOOD, Repo, Run};

const RUNNERS: [&str; 2] = ["pre-commit", "prek"];
const PINNED: &str = "FROM node:22\nUSER 10001\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: [{name: web, image: a:1}]}\n";
const SERVICE: &str =
    "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
/// What the variables begin with that nobody's settings may reach the hooks by.
const OURS: [&str; 7] = ["CARGO_", "GIT_", "HULLMARK_", "PIP_", "PREK_", "PRE_COMMIT", "UV_"];
/// Those that hold for how the tests are built too: what is built already is not built anew.
const KEPT: [&str; 3] = ["CARGO_HOME", "CARGO_INCREMENTAL", "CARGO_NET_OFFLINE"];
/// The rules that the changes wake, and a folder that is not checked.
const ARGS: &str = "args: [--select, 'image/latest-tag,network/dangling-service', --exclude, /vendor/]";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The build folder, and the profile's folder in it.
fn target() -> (&'static Path, &'static Path) {
    (tools::target(), Path::new(env!("CARGO_BIN_EXE_hullmark")).parent().unwrap())
}

/// A block of the README that configures hooks, by its first line.
fn readme(first: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let block = readme.split("```yaml\n").find(|block| block.starts_with(first));
    block.and_then(|block| block.split("```").next()).expect("the README says how to set hooks up").to_owned()
}

/// Held by the test that runs.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A project with hooks, and the repository that they come from.
struct Project {
    repo: Repo,
    variables: Vec<(&'static str, String)>,
}

impl Project {
    fn new(configuration: &str) -> Self {
        let repo = Repo::new(&[
            ("project/.pre-commit-config.yaml", configuration),
            ("project/Dockerfile", PINNED),
            ("project/k8s/pod.yaml", POD),
            ("project/k8s/service.yaml", SERVICE),
            ("project/package.json", "{\"name\": \"web\"}\n"),
            ("project/values.yaml", "image: nginx:latest\n"),
            ("project/old/Dockerfile", GOOD),
        ]);
        let (target, profile) = target();
        let path = |path: &str| repo.path(path).to_str().unwrap().to_owned();
        let mut folders = vec![profile.to_owned(), target.join("tools/bin")];
        folders.extend(env::split_paths(&env::var_os("PATH").unwrap()));
        let variables = vec![
            ("CARGO_TARGET_DIR", target.to_str().unwrap().to_owned()),
            ("GIT_AUTHOR_EMAIL", "ada@example.com".to_owned()),
            ("GIT_AUTHOR_NAME", "Ada".to_owned()),
            ("GIT_COMMITTER_EMAIL", "ada@example.com".to_owned()),
            ("GIT_COMMITTER_NAME", "Ada".to_owned()),
            // The address in the README leads to the files of this checkout.
            ("GIT_CONFIG_COUNT", "1".to_owned()),
            ("GIT_CONFIG_KEY_0", format!("url.{}.insteadOf", path("hooks"))),
            ("GIT_CONFIG_VALUE_0", "https://github.com/hullmark/hullmark".to_owned()),
            ("PATH", env::join_paths(folders).unwrap().into_string().unwrap()),
            ("PIP_FIND_LINKS", format!("{} {}", target.join("tools/wheels").display(), path("wheels"))),
            ("PIP_NO_INDEX", "1".to_owned()),
            ("PREK_HOME", path("prek")),
            ("PRE_COMMIT_HOME", path("pre-commit")),
            ("UV_FIND_LINKS", format!("{},{}", target.join("tools/wheels").display(), path("wheels"))),
            ("UV_NO_INDEX", "1".to_owned()),
            ("UV_PYTHON_DOWNLOADS", "never".to_owned()),
            ("XDG_CACHE_HOME", path("cache")),
        ];
        let project = Self { repo, variables };
        for file in [".pre-commit-hooks.yaml", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "pyproject.toml"] {
            project.repo.write(&format!("hooks/{file}"), fs::read(root().join(file)).unwrap());
        }
        for folder in ["hooks", "project"] {
            project.must(folder, "git init --quiet");
            project.commit_all(folder);
        }
        project.release();
        project
    }

    fn commit_all(&self, folder: &str) {
        self.must(folder, "git add --all");
        self.must(folder, "git commit --quiet --message all");
    }

    /// Tags what the hooks come from, as this version.
    fn release(&self) {
        self.must("hooks", concat!("git tag --force v", env!("CARGO_PKG_VERSION")));
    }

    /// Has the hooks come with all that the program is made of.
    fn with_sources(self) -> Self {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root())
            .output()
            .unwrap();
        let paths = String::from_utf8(listed.stdout).unwrap();
        for path in paths.split_terminator('\0').filter(|path| root().join(path).is_file()) {
            self.repo.write(&format!("hooks/{path}"), fs::read(root().join(path)).unwrap());
        }
        self.commit_all("hooks");
        self.release();
        self
    }

    /// Sets a variable for what is run.
    fn set(&mut self, variable: &'static str, value: String) {
        self.variables.retain(|(name, _)| *name != variable);
        self.variables.push((variable, value));
    }

    /// Takes the program of the build folder from the PATH: what runs now has been installed.
    fn without_program(&mut self) {
        for (name, value) in &mut self.variables {
            if *name == "PATH" {
                *value = value.split_once(':').unwrap().1.to_owned();
            }
        }
    }

    /// Runs a command whose words are separated by blanks; nothing where there is no such program.
    fn try_run(&self, folder: &str, command: &str) -> Option<Run> {
        let mut words = command.split(' ');
        let mut command = Command::new(words.next().unwrap());
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if OURS.iter().any(|ours| name.starts_with(ours)) && !KEPT.contains(&&*name) {
                command.env_remove(&*name);
            }
        }
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        match command.args(words).envs(variables).current_dir(self.repo.path(folder)).output() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            done => Some(Run::of(done.unwrap())),
        }
    }

    fn run(&self, command: &str) -> Run {
        self.try_run("project", command).unwrap()
    }

    fn must(&self, folder: &str, command: &str) {
        let run = self.try_run(folder, command).unwrap();
        assert_eq!(run.code, 0, "{command}: {run:?}");
    }

    /// Whether there is such a program; where there is none, that is told.
    fn has(&self, tool: &str) -> bool {
        let has = self.try_run("", &format!("{tool} --version")).is_some();
        if !has {
            tools::passed_over("python", tool);
        }
        has
    }

    /// Changes a file and commits it; whether the hook let it pass, and what it said.
    fn commit(&self, path: &str, text: &str) -> (bool, String) {
        self.repo.write(&format!("project/{path}"), text);
        self.must("project", "git add --all");
        let run = self.run("git commit --message change");
        (run.code == 0, run.out + &run.err)
    }
}

/// The configuration of the README, for another hook, and with [`ARGS`].
fn with_hook(id: &str) -> String {
    let hook = format!("id: {id}\n        {ARGS}\n");
    readme("# .pre-commit-config.yaml\n").replace("id: hullmark\n", &hook)
}

#[test]
fn a_bad_change_is_held_up_and_a_good_one_passes() {
    let _turn = turn();
    for runner in RUNNERS {
        let project = Project::new(&with_hook("hullmark-system"));
        if !project.has(runner) {
            continue;
        }
        project.must("project", &format!("{runner} install"));

        let (passed, said) = project.commit("Dockerfile", GOOD);
        assert!(!passed && said.contains("Dockerfile:1:11"), "{runner}: {said}");
        assert!(!said.contains("old/Dockerfile"), "{runner}: a file that did not change is not reported: {said}");
        let (passed, said) = project.commit("Dockerfile", &PINNED.replace("22", "24"));
        assert!(passed, "{runner}: {said}");

        // The pod, which did not change, is seen beside the service, which did.
        let (passed, said) = project.commit("k8s/service.yaml", &SERVICE.replace("{app: web}", "{app: shop}"));
        assert!(!passed && said.contains("network/dangling-service"), "{runner}: {said}");
        let (passed, said) = project.commit("k8s/service.yaml", &SERVICE.replace("80", "81"));
        assert!(passed, "{runner}: {said}");

        for path in ["values.yaml", "package.json", "vendor/Dockerfile", "Dockerfile.md", "k8s/notes.txt"] {
            let (passed, said) = project.commit(path, "FROM node:latest\nimage: nginx:latest\n");
            assert!(passed && !said.contains("node:latest"), "{runner}: {path}: {said}");
        }
        for path in ["Dockerfile-dev", "app.dockerfile", "deploy/Containerfile"] {
            let (passed, said) = project.commit(path, GOOD);
            assert!(!passed && said.contains(&format!("{path}:1:11")), "{runner}: {path}: {said}");
        }
    }
}

#[test]
fn all_files_are_checked_by_one_process_that_leaves_a_terminal_as_it_was() {
    let _turn = turn();
    let project = Project::new(&with_hook("hullmark-system"));
    if !project.has("pre-commit") {
        return;
    }
    for number in 0..40 {
        project.repo.write(&format!("project/{number}/Dockerfile"), GOOD);
    }
    project.must("project", "git add --all");
    // It gives hooks a terminal when it is to show colours.
    let run = project.run("pre-commit run --all-files --color always");
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(run.out.matches("41 warnings").count(), 1, "{run:?}");
    // What follows the number of an escape sequence: `m` colours, all else moves the cursor or hides it.
    let sequences = run.out.split("\u{1b}[").skip(1);
    let moves = sequences
        .filter(|rest| !rest.trim_start_matches(|part: char| part.is_ascii_digit() || part == ';').starts_with('m'));
    assert_eq!(moves.count(), 0, "{run:?}");
}

#[test]
fn pip_and_uv_make_a_wheel_that_hooks_are_made_of() {
    let _turn = turn();
    let wheels = readme("# .pre-commit-config.yaml, with a wheel\n");
    let mut project = Project::new(&wheels);
    if !project.has("maturin") {
        return;
    }
    let (_, profile) = target();
    let profile = if profile.ends_with("debug") { "dev" } else { "release" };
    // The program that the tests are about is already built, in this profile and at this path.
    let arguments = format!("--profile {profile} --manifest-path {}", root().join("Cargo.toml").display());
    project.set("MATURIN_PEP517_ARGS", arguments);
    project.without_program();

    project.must("hooks", "pip wheel --quiet --no-deps --wheel-dir ../wheels .");
    project.must("", "python3 -m venv venv");
    project.must("", "venv/bin/pip install --quiet hullmark");
    let run = project.try_run("", "venv/bin/hullmark --version").unwrap();
    assert_eq!(run.out, concat!("hullmark ", env!("CARGO_PKG_VERSION"), "\n"));

    let built = readme("# .pre-commit-config.yaml\n");
    for runner in RUNNERS.into_iter().filter(|runner| project.has(runner)) {
        project.must("project", &format!("{runner} install --overwrite"));
        for (what, configuration) in [("a wheel", &wheels), ("built", &built)] {
            let comment = format!("# {what}, {runner}\n");
            let (passed, said) = project.commit(".pre-commit-config.yaml", &format!("{configuration}{comment}"));
            assert!(passed, "{runner}: {said}");
            let (passed, said) = project.commit("Dockerfile", GOOD);
            assert!(!passed && said.contains("Dockerfile:1:11"), "{runner}: {said}");
            let (passed, said) = project.commit("Dockerfile", &format!("{PINNED}{comment}"));
            assert!(passed, "{runner}: {said}");
        }
    }
}

/// What `cargo install` needs of the checkout, which building it would take minutes to show.
#[test]
fn the_hook_from_source_finds_its_program_and_what_plugins_are_built_for() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let hooks = read(".pre-commit-hooks.yaml");
    let hook = hooks.split("- id: ").find(|hook| hook.starts_with("hullmark-source\n")).unwrap();
    let entry = hook.lines().find_map(|line| line.trim().strip_prefix("entry: ")).unwrap();
    let manifest = Command::new(env!("CARGO")).arg("read-manifest").current_dir(root()).output().unwrap();
    assert!(manifest.status.success(), "the root is no package: {manifest:?}");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.stdout).unwrap();
    let targets = manifest["targets"].as_array().unwrap();
    let program = targets.iter().find(|target| target["kind"][0] == "bin").unwrap();
    assert_eq!(program["name"].as_str(), entry.split(' ').next());
    let on = manifest["features"]["default"].as_array().unwrap();
    assert!(program["required-features"].as_array().unwrap().iter().all(|feature| on.contains(feature)));
    assert!(read("rust-toolchain.toml").contains("targets = [\"wasm32-unknown-unknown\"]"), "rustup fetches it");
}

/// Names the runners under which cargo builds all that the program is made of, as it is released and without the lock file: it takes
/// minutes for each.
const WITH_SOURCE: &str = "HULLMARK_SOURCE_HOOK";

#[test]
fn cargo_builds_the_hook_from_source() {
    let asked = std::env::var(WITH_SOURCE).unwrap_or_default();
    if asked.is_empty() {
        return tools::say(&format!(
            "the hook from source is passed over, since it takes minutes: {WITH_SOURCE}=pre-commit asks for it"
        ));
    }
    let _turn = turn();
    let mut project = Project::new(&with_hook("hullmark-source")).with_sources();
    let (target, _) = target();
    project.set("CARGO_TARGET_DIR", target.join("source-hook").to_str().unwrap().to_owned());
    project.without_program();
    for runner in asked.split(' ').filter(|runner| project.has(runner)) {
        project.must("project", &format!("{runner} install --overwrite"));
        let (passed, said) = project.commit("Dockerfile", GOOD);
        assert!(!passed && said.contains("Dockerfile:1:11"), "{runner}: {said}");
        let (passed, said) = project.commit("Dockerfile", &format!("{PINNED}# {runner}\n"));
        assert!(passed, "{runner}: {said}");
    }
}
