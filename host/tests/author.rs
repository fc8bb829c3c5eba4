//! What authors of plugins are told: the tutorial is followed as written, and what goes wrong is said in one sentence.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "cli/repo.rs"]
mod repo;
#[expect(dead_code, reason = "other tests use more of it")]
mod support;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use repo::Repo;
use support::{FindingSpec, Guest};

/// A fenced block of a page: its info string, and its text.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    info: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The fenced blocks of a page, in order.
fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in markdown.split_inclusive('\n') {
        match (open.take(), line.trim_end().strip_prefix("```")) {
            (Some(block), Some("")) => blocks.push(block),
            (Some(block), _) => open = Some(Block { text: block.text + line, ..block }),
            (None, Some(info)) => open = Some(Block { info: info.to_owned(), text: String::new() }),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is never closed: {open:?}");
    blocks
}

/// Whether a text is as a page shows it, where `…` stands for anything.
fn is_shown(shown: &str, text: &str) -> bool {
    let mut parts = shown.split('…');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// A text with the lines of a patch: what begins with `-` gives way to what begins with `+`.
fn patched(text: &str, patch: &str) -> String {
    let side = |other: char| -> String {
        patch.split_inclusive('\n').filter(|line| !line.starts_with(other)).map(|line| &line[1..]).collect()
    };
    let (old, new) = (side('+'), side('-'));
    assert_eq!(text.matches(&old).count(), 1, "the page shows what the file does not have:\n{old}");
    text.replace(&old, &new)
}

/// Somebody who follows a page.
struct Reader {
    home: tempfile::TempDir,
    /// Where they are.
    folder: PathBuf,
}

impl Reader {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().canonicalize().unwrap();
        Self { home, folder }
    }

    /// Does what a page says, and holds it to what it shows.
    fn follow(&mut self, page: &str) {
        let mut said: Option<String> = None;
        for Block { info, text } in blocks(page) {
            match info.split_once(' ') {
                None if info == "console" => said = Some(text.lines().map(|line| self.run(line)).collect()),
                None if info == "text" => {
                    let said = said.take().expect("a command stands before what it says");
                    assert!(is_shown(&text, &said), "the page shows\n{text}\nand it is\n{said}");
                }
                Some(("diff", path)) => {
                    let path = self.folder.join(path);
                    fs::write(&path, patched(&fs::read_to_string(&path).unwrap(), &text)).unwrap();
                }
                Some((_, path)) => fs::write(self.folder.join(path), text).unwrap(),
                None => panic!("nobody knows what to do with a block of `{info}`"),
            }
        }
    }

    /// Runs a line as a shell does: what it prints. It ends with 0 unless it says `# exit code N`.
    fn run(&mut self, line: &str) -> String {
        if let Some(folder) = line.strip_prefix("cd ") {
            self.folder.push(folder);
            return String::new();
        }
        let code: i32 = line.split_once("# exit code ").map_or(0, |(_, code)| code.trim().parse().unwrap());
        let output = self.shell().args(["-c", line]).output().unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "`{line}` says\n{out}\n{err}");
        self.lock();
        out
    }

    fn shell(&self) -> Command {
        let mut command = Command::new("sh");
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HULLMARK_")) {
            command.env_remove(name);
        }
        let program = Path::new(env!("CARGO_BIN_EXE_hullmark")).parent().unwrap().to_owned();
        let paths = env::var_os("PATH").unwrap_or_default();
        let paths = env::join_paths([program].into_iter().chain(env::split_paths(&paths))).unwrap();
        command
            .current_dir(&self.folder)
            .env("PATH", paths)
            .env("XDG_CACHE_HOME", self.home.path().join(".cache"))
            // The SDK of this checkout, and the versions that it is tested with.
            .env("HULLMARK_SDK", root().join("plugins/sdk"))
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("author"))
            .env("CARGO_NET_OFFLINE", "true");
        command
    }

    /// Gives new projects this checkout's versions of dependencies, which are on this machine.
    fn lock(&self) {
        for entry in fs::read_dir(&self.folder).unwrap() {
            let folder = entry.unwrap().path();
            if folder.join("Cargo.toml").is_file() && !folder.join("Cargo.lock").exists() {
                fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
            }
        }
    }
}

#[test]
fn the_tutorial_can_be_followed_as_written() {
    Reader::new().follow(include_str!("../../docs/tutorial.md"));
}

/// Exit code of the script that builds the examples where the tools cannot be had.
const UNAVAILABLE: i32 = 75;

/// The folder with the tools of other languages that `plugins/examples/build` installs; nothing where they cannot be had.
#[expect(clippy::print_stdout, reason = "whoever runs the tests should know what they did not hold")]
fn tools() -> Option<PathBuf> {
    let examples = Path::new(env!("CARGO_TARGET_TMPDIR")).join("languages");
    // The folder of `CARGO_TARGET_TMPDIR` lies directly in the target folder.
    let target = examples.ancestors().nth(2).unwrap();
    let script = root().join("plugins/examples/build");
    let done = Command::new(script).arg(&examples).env("CARGO_TARGET_DIR", target).output().unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    if done.status.code() == Some(UNAVAILABLE) && env::var_os("CI").is_none() {
        println!("not held, for want of tools: {told}");
        return None;
    }
    assert!(done.status.success(), "{told}");
    Some(target.join("languages"))
}

/// The folder of a tool, whatever its version.
fn tool(tools: &Path, name: &str) -> PathBuf {
    let mut folders = fs::read_dir(tools).unwrap().map(|entry| entry.unwrap().path());
    folders.find(|path| path.is_dir() && path.file_name().unwrap().to_string_lossy().starts_with(name)).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    assert!(Command::new("cp").arg("-r").args([from, to]).status().unwrap().success());
}

/// Begins a project in a language, gives it what the first lines of its README install, and runs its tests.
fn begins(language: &str, install: impl Fn(&Path)) {
    let mut reader = Reader::new();
    reader.run(&format!("hullmark plugin new acme --lang {language}"));
    reader.run("cd acme");
    install(&reader.folder);
    let passed = "ok      npm-install/clean.Dockerfile\nok      npm-install/flagged.Dockerfile\n\n2 passed, 0 failed\n";
    assert_eq!(reader.run("hullmark plugin test"), passed, "{language}");
    let built = reader.run("hullmark plugin build");
    assert!(
        is_shown("acme.wasm: … MiB, imports …acme/npm-install  warning  `npm install` may install …", &built),
        "{built}"
    );
}

#[test]
fn projects_in_other_languages_build_and_pass_their_tests() {
    use std::os::unix::fs::symlink;

    let Some(tools) = tools() else { return };
    begins("python", |folder| {
        symlink(tool(&tools, "componentize-py-"), folder.join(".venv")).unwrap();
        copy(&root().join("plugins/sdk-python/hullmark"), &folder.join("hullmark"));
    });
    begins("javascript", |folder| {
        let modules = tool(&tools, "componentize-qjs-").join("node_modules");
        symlink(modules, folder.parent().unwrap().join("node_modules")).unwrap();
        copy(&root().join("plugins/sdk-javascript"), &folder.join("node_modules/hullmark"));
    });
}

#[test]
fn what_cannot_be_a_plugin_is_told_with_what_to_do() {
    let repo = Repo::new(&[("there/x", ""), ("garbage.wasm", "garbage")]);
    for (arguments, words) in [
        ("plugin new Acme", "`Acme` cannot be the name of a plugin"),
        ("plugin new image", "`image` is the name of a plugin of hullmark's own"),
        ("plugin new there", "`there` exists already"),
        ("plugin new acme --sdk nowhere", "the SDK `nowhere` cannot be found"),
        ("plugin build", "`hullmark plugin new NAME` makes one"),
        ("plugin test there", "`there` is no project of a plugin"),
        ("plugin test --component garbage.wasm", "`garbage.wasm` is no plugin that loads: it is no WebAssembly"),
        ("plugin inspect nowhere.wasm", "it cannot be read"),
    ] {
        let run = repo.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments}");
        assert!(run.words().contains(words), "{arguments}: {}", run.err);
    }
    assert!(!repo.path("acme").exists());
}

#[test]
fn a_component_of_any_language_is_tested_and_shown() {
    let guest = Guest::new("own").finding(FindingSpec::new("some-rule", "a message", 5, 9));
    let repo = Repo::new(&[("fixtures/some-rule/flagged.Dockerfile", "FROM node\n")]);
    repo.write("own.wasm", guest.component());

    let run = repo.run("plugin test --component own.wasm");
    assert_eq!(run.code, 1);
    assert!(
        run.out.contains("reported under flagged.Dockerfile:1\n#    ^^^^ own/some-rule: a message\n"),
        "{}",
        run.out
    );
    assert!(run.out.contains("MISSING some-rule/clean"), "{}", run.out);

    let run = repo.run("plugin test --component own.wasm --update");
    assert!(run.out.starts_with("updated some-rule/flagged.Dockerfile\n"), "{}", run.out);
    let written = "FROM node\n#    ^^^^ own/some-rule: a message\n";
    assert_eq!(repo.read("fixtures/some-rule/flagged.Dockerfile"), written);

    let run = repo.run("plugin inspect own.wasm");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.starts_with("own "), "{}", run.out);
    assert!(run.out.contains("own/some-rule") && run.out.contains("deployment.yaml:1: fuel "), "{}", run.out);
}

#[test]
fn fixtures_of_no_rule_are_told() {
    let repo = Repo::new(&[("fixtures/other/clean.Dockerfile", "FROM node\n")]);
    repo.write("own.wasm", Guest::new("own").component());
    let run = repo.run("plugin test --component own.wasm");
    assert_eq!(run.code, 2);
    assert!(run.words().contains("belongs to no rule of the plugin"), "{}", run.err);
}

#[test]
fn pages_are_read_as_they_are_shown() {
    let page = "a\n```console\nls\n```\n```rust src/x.rs\nfn a() {}\n```\n";
    let block = |info: &str, text: &str| Block { info: info.to_owned(), text: text.to_owned() };
    assert_eq!(blocks(page), [block("console", "ls\n"), block("rust src/x.rs", "fn a() {}\n")]);
    assert!(is_shown("a\n", "a\n") && is_shown("a …\nb\n", "a 1\nb\n") && is_shown("…b\n", "b\n"));
    assert!(!is_shown("a\n", "a\nb\n") && !is_shown("a …\n", "b 1\n") && !is_shown("a …\nb\n", "a\nc\n"));
    assert_eq!(patched("a\nb\nc\n", " a\n-b\n+d\n"), "a\nd\nc\n");
}
