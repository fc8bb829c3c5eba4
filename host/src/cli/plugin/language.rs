//! The languages that plugins are written in: how a project is known, and how its own tools make a component of it.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::super::args::PluginLanguage;
use super::UsageError;

/// What Rust plugins are built for: a machine with no system interface at all.
const TARGET: &str = "wasm32-unknown-unknown";

/// The interface, for tools that want to see it.
const INTERFACE: &str = include_str!("../../../../wit/policy.wit");

/// What a build left.
pub(super) struct Built {
    /// The component or core module.
    pub(super) file: PathBuf,
    /// Where it lies, unless the tools have a place of their own for it.
    _folder: Option<TempDir>,
}

/// The language of the project in a folder, by the file that its tools read.
pub(super) fn language(folder: &Path) -> Result<PluginLanguage, UsageError> {
    let known = [
        ("Cargo.toml", PluginLanguage::Rust),
        ("policy.py", PluginLanguage::Python),
        ("package.json", PluginLanguage::Javascript),
    ];
    let found = known.iter().find(|(file, _)| folder.join(file).is_file());
    found.map(|(_, language)| *language).ok_or_else(|| {
        let files: Vec<String> = known.iter().map(|(file, _)| format!("`{file}`")).collect();
        let message = format!("`{}` is no project of a plugin: it has no {}", folder.display(), files.join(" or "));
        UsageError::with_help(message, "`hullmark plugin new NAME` makes one")
    })
}

/// Gives a Python project its tools and the SDK.
const INSTALL_PYTHON: &str = "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt";
/// Gives a JavaScript project its tools and the SDK.
const INSTALL_JAVASCRIPT: &str = "npm install";

/// What a new project needs before it can be built; nothing where the language's own tool does that by itself.
pub(super) const fn install(language: PluginLanguage) -> Option<&'static str> {
    match language {
        PluginLanguage::Rust => None,
        PluginLanguage::Python => Some(INSTALL_PYTHON),
        PluginLanguage::Javascript => Some(INSTALL_JAVASCRIPT),
    }
}

/// Builds the project. What the tools say goes where the program's own errors go.
pub(super) fn build(folder: &Path) -> Result<Built, UsageError> {
    match language(folder)? {
        PluginLanguage::Rust => Ok(Built { file: rust(folder)?, _folder: None }),
        PluginLanguage::Python => python(folder),
        PluginLanguage::Javascript => javascript(folder),
    }
}

/// Cargo makes a core module.
fn rust(folder: &Path) -> Result<PathBuf, UsageError> {
    let install = "install Rust from https://rustup.rs";
    let output = run("rustc", folder, &["--print", "target-libdir", "--target", TARGET], install)?;
    let library = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if !output.status.success() || !library.is_dir() {
        let message = format!("the target {TARGET} is not installed");
        return Err(UsageError::with_help(message, format!("run `rustup target add {TARGET}`")));
    }
    let arguments = ["build", "--release", "--lib", "--target", TARGET, "--message-format", "json-render-diagnostics"];
    let output = run("cargo", folder, &arguments, install)?;
    if !output.status.success() {
        return Err(not_built());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    // Dependencies come first.
    let module = messages.lines().rev().find_map(module);
    module.ok_or_else(|| {
        let message = "cargo made no WebAssembly of the library";
        UsageError::with_help(message, "give `[lib]` in Cargo.toml the line `crate-type = [\"cdylib\", \"rlib\"]`")
    })
}

/// componentize-py makes a component of `policy.py` and all that it imports, from `.venv` where there is one.
fn python(folder: &Path) -> Result<Built, UsageError> {
    let install = format!("run `{INSTALL_PYTHON}`");
    let programs = folder.join(".venv").join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = |name: &str| {
        // The folder of a virtual environment is known by the path that its programs are run by, links and all.
        let own = std::path::absolute(programs.join(name)).ok().filter(|own| own.is_file());
        own.map_or_else(|| name.to_owned(), |own| own.display().to_string())
    };
    let ask = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let output = run(&program(if cfg!(windows) { "python" } else { "python3" }), folder, &["-c", ask], &install)?;
    let packages = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let (made, interface) = temporary()?;
    let file = made.path().join("policy.wasm");
    let target = file.display().to_string();
    let interface = ["-d", &interface, "-w", "policy"];
    let component = ["componentize", "--stub-wasi", "-p", ".", "-p", &packages, "-o", &target, "policy"];
    let output = run(&program("componentize-py"), folder, &[&interface[..], &component].concat(), &install)?;
    if output.status.success() { Ok(Built { file, _folder: Some(made) }) } else { Err(not_built()) }
}

/// The SDK has a program that makes a component of `policy.ts` or `policy.js` and all that it imports, by componentize-qjs.
fn javascript(folder: &Path) -> Result<Built, UsageError> {
    let program = Path::new("node_modules/hullmark/bin/hullmark-componentize.js");
    if !folder.join(program).is_file() {
        return Err(UsageError::with_help("the SDK is not installed", format!("run `{INSTALL_JAVASCRIPT}`")));
    }
    let (made, interface) = temporary()?;
    let file = made.path().join("policy.wasm");
    let (program, target) = (program.display().to_string(), file.display().to_string());
    let entry = if folder.join("policy.ts").is_file() { "policy.ts" } else { "policy.js" };
    let arguments = [program.as_str(), entry, "--wit", &interface, "-o", &target];
    let output = run("node", folder, &arguments, "install Node.js from https://nodejs.org")?;
    if output.status.success() { Ok(Built { file, _folder: Some(made) }) } else { Err(not_built()) }
}

/// A folder for what a tool makes, gone when the build has been read, and one in it with the interface.
fn temporary() -> Result<(TempDir, String), UsageError> {
    let made = || {
        let folder = tempfile::tempdir()?;
        let interface = folder.path().join("wit");
        std::fs::create_dir(&interface)?;
        std::fs::write(interface.join("policy.wit"), INTERFACE)?;
        Ok((folder, interface.display().to_string()))
    };
    made().map_err(|error: io::Error| {
        UsageError::new(format!("the folder for temporary files cannot be written: {error}"))
    })
}

/// The module that a message of cargo's tells of.
fn module(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let files = message.get("filenames")?.as_array()?.iter().filter_map(Value::as_str);
    files.map(PathBuf::from).find(|file| file.extension() == Some(OsStr::new("wasm")))
}

/// Runs a tool in the folder of the project. It tells its errors and its progress itself.
fn run(program: &str, folder: &Path, arguments: &[&str], install: &str) -> Result<Output, UsageError> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stderr(Stdio::inherit());
    command.output().map_err(|error| missing(program, &error, install))
}

fn missing(program: &str, error: &io::Error, install: &str) -> UsageError {
    match error.kind() {
        ErrorKind::NotFound => UsageError::with_help(format!("`{program}` is not installed"), install),
        _ => UsageError::new(format!("`{program}` cannot be run: {error}")),
    }
}

/// The tool has said why.
fn not_built() -> UsageError {
    UsageError::new("the plugin does not build; its errors stand above")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_known_by_what_its_tools_read() {
        let folder = tempfile::tempdir().unwrap();
        let error = language(folder.path()).unwrap_err();
        assert!(error.message.ends_with("it has no `Cargo.toml` or `policy.py` or `package.json`"), "{error}");
        std::fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        assert_eq!(language(folder.path()).unwrap(), PluginLanguage::Rust);
    }

    #[test]
    fn the_module_is_read_from_what_cargo_says() {
        let line = r#"{"reason":"compiler-artifact","filenames":["/t/libx.rlib","/t/x.wasm"]}"#;
        assert_eq!(module(line), Some(PathBuf::from("/t/x.wasm")));
        assert_eq!(module(r#"{"reason":"compiler-artifact","filenames":["/t/libx.rlib"]}"#), None);
        assert_eq!(module(r#"{"reason":"build-finished","success":true}"#), None);
    }

    #[test]
    fn a_missing_tool_is_told_with_what_installs_it() {
        let error = run("no-such-tool", Path::new("."), &[], "install it").unwrap_err();
        assert_eq!(
            (error.message.as_str(), error.help.as_deref()),
            ("`no-such-tool` is not installed", Some("install it"))
        );
    }
}
