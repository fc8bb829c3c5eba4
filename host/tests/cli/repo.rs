//! A repository in a temporary folder, and the program run in it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A Dockerfile with one finding that no other rule has a say in: `image/latest-tag` in line 1.
pub(crate) const GOOD: &str = "FROM node:latest\nUSER 10001\n";

/// Files in a temporary folder.
pub(crate) struct Repo {
    folder: TempDir,
    /// What the program keeps between runs lies elsewhere.
    cache: TempDir,
}

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Repo {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let repo = Self { folder: tempfile::tempdir().unwrap(), cache: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            repo.write(path, text);
        }
        repo
    }

    /// Without symbolic links, as the program names it.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(path)
    }

    /// The folder in which the program keeps code of plugins.
    pub(crate) fn cache(&self) -> PathBuf {
        self.cache.path().join("hullmark")
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// The program in this folder, untouched by the settings of whoever runs the tests.
    pub(crate) fn program(&self) -> Command {
        self.program_named(env!("CARGO_BIN_EXE_hullmark"))
    }

    /// Another program, in the same way.
    pub(crate) fn program_named(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HULLMARK_")) {
            command.env_remove(name);
        }
        command.current_dir(self.folder.path()).stdin(Stdio::null()).env("XDG_CACHE_HOME", self.cache.path());
        command
    }

    /// Runs the program with arguments that are separated by blanks.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        finished(self.program().args(arguments.split_whitespace()))
    }

    pub(crate) fn run_in(&self, folder: impl AsRef<Path>, arguments: &str) -> Run {
        finished(self.program().args(arguments.split_whitespace()).current_dir(self.path("").join(folder)))
    }

    /// Runs the program with some variables set.
    pub(crate) fn run_with(&self, variables: &[(&str, &str)], arguments: &str) -> Run {
        finished(self.program().envs(variables.iter().copied()).args(arguments.split_whitespace()))
    }

    /// Runs the program with a text on standard input.
    pub(crate) fn run_on(&self, text: &str, arguments: &str) -> Run {
        let mut command = self.program();
        command.args(arguments.split_whitespace()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may end without reading all.
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        Run::of(child.wait_with_output().unwrap())
    }

    /// The findings of a run as `path:line:column rule`.
    pub(crate) fn findings(&self, arguments: &str) -> Vec<String> {
        self.run(&format!("check --format json {arguments}")).findings()
    }
}

fn finished(command: &mut Command) -> Run {
    Run::of(command.output().unwrap())
}

impl Run {
    pub(crate) fn of(output: std::process::Output) -> Self {
        Self {
            code: output.status.code().expect("the program was not killed"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What it says to people on standard error, however the lines are broken.
    pub(crate) fn words(&self) -> String {
        self.err.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The findings of a JSON report as `path:line:column rule`.
    pub(crate) fn findings(&self) -> Vec<String> {
        let report = self.json();
        let line = |finding: &Value| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            let region = &finding["region"];
            format!("{}:{}:{} {}", text("path"), region["startLine"], region["startColumn"], text("rule"))
        };
        report["findings"].as_array().unwrap().iter().map(line).collect()
    }
}
