//! What authors of plugins are told: the tutorial is followed as written, and what goes wrong is said in one sentence.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "cli/repo.rs"]
mod repo;
#[expect(dead_code, reason = "other tests use more of it")]
mod support;
#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/tools.rs"]
mod tools;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use repo::Repo;
use serde_json::{Value, json};
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
    /// The checkout that the SDKs come from.
    sdk: PathBuf,
    /// Where they are.
    folder: PathBuf,
}

impl Reader {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().canonicalize().unwrap();
        Self { home, folder, sdk: root().to_owned() }
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
            .env("HULLMARK_SDK", &self.sdk)
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

/// A checkout with the SDKs alone, so that what other languages' tools leave beside sources is left there.
fn sdks(folder: &Path) -> PathBuf {
    let plugins = folder.join("checkout/plugins");
    fs::create_dir_all(&plugins).unwrap();
    for sdk in ["sdk-python", "sdk-javascript"] {
        let copied = Command::new("cp").arg("-r").args([root().join("plugins").join(sdk), plugins.join(sdk)]).status();
        assert!(copied.unwrap().success());
    }
    folder.join("checkout")
}

/// Follows a page whose tools come from a package registry. Where it cannot be reached, the test is passed over.
fn follow_with_registry(page: &str, tool: &str, install: &str) -> Option<Reader> {
    let mut reader = Reader::new();
    reader.sdk = sdks(reader.home.path());
    let probe = reader.shell().args(["-c", install]).output().unwrap();
    if !probe.status.success() {
        tools::passed_over("languages", tool);
        return None;
    }
    reader.follow(page);
    Some(reader)
}

#[test]
fn the_tutorial_in_python_can_be_followed_as_written() {
    let probe =
        "python3 -m venv probe && probe/bin/pip download --quiet --no-deps --dest probe componentize-py==0.25.1";
    let Some(mut reader) =
        follow_with_registry(include_str!("../../docs/tutorial-python.md"), "componentize-py", probe)
    else {
        return;
    };
    let shown = reader.run("hullmark plugin inspect acme.wasm");
    assert!(
        is_shown("acme 0.1.0: What acme asks … MiB\n…acme/npm-install  warning  `npm install` may …", &shown),
        "{shown}"
    );
    check_python(&mut reader);
}

#[test]
fn the_tutorial_in_javascript_can_be_followed_as_written() {
    let page = include_str!("../../docs/tutorial-javascript.md");
    let Some(mut reader) = follow_with_registry(page, "componentize-qjs", "npm view componentize-qjs@0.4.5 version")
    else {
        return;
    };
    let shown = reader.run("hullmark plugin inspect acme.wasm");
    assert!(
        is_shown("acme 0.1.0: What acme asks … MiB\n…acme/npm-install  warning  `npm install` may …", &shown),
        "{shown}"
    );
    check_javascript(&mut reader);
}

/// Copies files that are there, and not the folders among them.
fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        fs::copy(&entry, to.join(entry.file_name().unwrap())).unwrap();
    }
}

/// Writes the files that a page shows.
fn write_programs(page: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let named = |block: Block| Some((block.info.split_once(' ')?.1.to_owned(), block.text));
    let files: Vec<(String, String)> =
        blocks(&fs::read_to_string(page).unwrap()).into_iter().filter_map(named).collect();
    assert!(!files.is_empty(), "{} shows no file", page.display());
    for (path, text) in files {
        fs::write(to.join(path), text).unwrap();
    }
}

/// Holds the Python SDK, the new project at hand and the example to their types.
fn check_python(reader: &mut Reader) {
    let Some(mypy) = tools::python("mypy") else { return };
    let wit = root().join("wit");
    reader.run(&format!(".venv/bin/componentize-py -d {} -w policy bindings ../bindings", wit.display()));
    let python = reader.folder.join(".venv/bin/python");
    let bindings = reader.folder.with_file_name("bindings");
    let mypy = |what: &str| {
        let (mypy, python) = (mypy.display(), python.display());
        format!("MYPYPATH={} {mypy} --strict --python-executable {python} {what}", bindings.display())
    };
    assert!(reader.run(&mypy("-p hullmark")).starts_with("Success"));
    assert!(reader.run(&mypy("policy.py")).starts_with("Success"));
    copy_files(&root().join("plugins/examples/python"), &reader.folder.join("example"));
    assert!(reader.run(&format!("(cd example && {})", mypy("*.py"))).starts_with("Success"));
    write_programs(&root().join("plugins/sdk-python/README.md"), &reader.folder.join("readme"));
    assert!(reader.run(&format!("(cd readme && {})", mypy("*.py"))).starts_with("Success"));
    // What is wrong is found, so the types are seen.
    let wrong = "import hullmark\n\ndef rule(word: hullmark.Word) -> int:\n    return word.text\n";
    fs::write(reader.folder.join("wrong.py"), wrong).unwrap();
    assert!(reader.run(&mypy("wrong.py    # exit code 1")).contains("\"str | None\""));
}

/// Holds the JavaScript SDK, the new project at hand and the example to their types, and builds the project as TypeScript.
fn check_javascript(reader: &mut Reader) {
    let Some(modules) = tools::node(".bin/tsc") else { return };
    let tsc = modules.join(".bin/tsc");
    let tsc = tsc.display();
    let sdk = reader.sdk.join("plugins/sdk-javascript");
    reader.run(&format!("{tsc} -p {} && cp -r {}/types node_modules/hullmark/", sdk.display(), sdk.display()));
    let project = format!("{tsc} --noEmit --allowJs --checkJs --strict --module nodenext");
    assert_eq!(reader.run(&format!("{project} policy.js")), "");
    copy_files(&root().join("plugins/examples/javascript"), &reader.folder.join("example"));
    assert_eq!(reader.run(&format!("{project} example/policy.js")), "");
    let wrong =
        "/** @param {import(\"hullmark\").Word} word @returns {string} */\nexport const rule = (word) => word.text;\n";
    fs::write(reader.folder.join("wrong.js"), wrong).unwrap();
    assert!(reader.run(&format!("{project} wrong.js    # exit code 1")).contains("'string | null'"));

    for package in ["esbuild", "@esbuild"] {
        std::os::unix::fs::symlink(modules.join(package), reader.folder.join("node_modules").join(package)).unwrap();
    }
    reader.run("mv policy.js policy.ts");
    let rule = fs::read_to_string(reader.folder.join("npm-install.js")).unwrap();
    let typed = rule.replace("const INSTALL =", "const INSTALL: readonly string[] =");
    assert_ne!(rule, typed);
    fs::write(reader.folder.join("npm-install.ts"), typed).unwrap();
    reader.run("rm npm-install.js");
    assert!(reader.run("hullmark plugin test").ends_with("3 passed, 0 failed\n"));
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
        run.out.contains("  flagged.Dockerfile:1\n    FROM node\n  + #    ^^^^ own/some-rule: a message\n"),
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
    assert!(run.out.starts_with("own 1.2.3: A plugin for tests.\n"), "{}", run.out);
    for line in [
        "  own/some-rule  warning  A rule",
        "    looks at  dockerfile\n",
        "  check      Dockerfile:1",
        ", findings 1\n",
    ] {
        assert!(run.out.contains(line), "{line}: {}", run.out);
    }
}

#[test]
fn a_plugin_is_told_to_programs_call_by_call() {
    let repo = Repo::new(&[("x.Dockerfile", "FROM node\n")]);
    repo.write("own.wasm", Guest::new("own").finding(FindingSpec::new("some-rule", "a message", 5, 9)).component());
    let run = repo.run("plugin inspect own.wasm x.Dockerfile --format json");
    let told: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, &told["name"], &told["interface"]), (0, &json!("own"), &json!("0.1.0")));
    assert_eq!(
        (&told["rules"][0]["id"], &told["rules"][0]["subjects"]),
        (&json!("own/some-rule"), &json!(["dockerfile"]))
    );
    let calls: Vec<&Value> = told["trial"].as_array().unwrap().iter().map(|trial| &trial["call"]).collect();
    assert_eq!(calls, ["describe", "configure", "check"]);
    let check = &told["trial"][2];
    assert_eq!((&check["on"], &check["findings"]), (&json!("x.Dockerfile:1"), &json!(1)));
    assert!(check["fuel"].as_u64() > Some(0) && check["fuel"].as_u64() < check["fuelLimit"].as_u64(), "{check}");

    repo.write("trap.wasm", Guest::new("own").check("unreachable").component());
    let run = repo.run("plugin inspect trap.wasm");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("check      Dockerfile:1           failed: "), "{}", run.out);
    let run = repo.run("plugin inspect trap.wasm --format json");
    let told: Value = serde_json::from_str(&run.out).unwrap();
    assert!(run.code == 3 && told["trial"][2]["error"].is_string(), "{told}");
}

#[test]
fn a_rule_with_fixes_shows_what_they_make_of_a_case() {
    let mut finding = FindingSpec::new("some-rule", "a message", 5, 9);
    finding.edits.push((5, 9, "bash".to_owned()));
    let guest = Guest::new("own").finding(finding);
    let case = "FROM node\n#    ^^^^ own/some-rule: a message\n";
    let fixtures = "fixtures/some-rule";
    let repo = Repo::new(&[(&format!("{fixtures}/flagged.Dockerfile"), case)]);
    repo.write("own.wasm", guest.component());
    let run = repo.run("plugin test --component own.wasm");
    // This rule reports whatever stands there.
    assert!(run.out.contains("  the fix `mend it` does not remove its finding: flagged.Dockerfile:1"), "{}", run.out);
    assert!(run.out.contains("\nMISSING some-rule/fixed.Dockerfile: a rule with fixes shows"), "{}", run.out);
    repo.write(&format!("{fixtures}/fixed.Dockerfile"), "FROM sh\n");
    let run = repo.run("plugin test --component own.wasm");
    let difference = "  fixed.Dockerfile\n    @@ -1 +1,2 @@\n    -FROM sh\n    +FROM bash\n    +#    ^^^^ own/some-rule: a message\n";
    assert!(run.out.contains(difference), "{}", run.out);

    let repo = Repo::new(&[(&format!("{fixtures}/fixed-other.Dockerfile"), "FROM node\n")]);
    repo.write("own.wasm", guest.component());
    let run = repo.run("plugin test --component own.wasm");
    assert!(run.code == 2 && run.words().contains("is there without what it was made of"), "{}", run.err);
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
