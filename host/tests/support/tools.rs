//! Programs of other projects that tests hold this one against. `.ci/run` installs them, most of them into the build folder; where one is
//! missing, its test says that it is passed over. In CI, where it was installed, that is a failure.

use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;

/// Names the groups of tools that must be found, separated by blanks.
const REQUIRED: &str = "HULLMARK_TOOLS_REQUIRED";
/// Browsers, by the names that systems give them.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The build folder, where the tools lie.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_hullmark")).ancestors().nth(2).unwrap()
}

/// A program that pip has installed.
pub(crate) fn python(name: &str) -> Option<PathBuf> {
    found("python", target().join("tools/bin").join(name))
}

/// A schema that came with the programs that pip has installed.
pub(crate) fn schema(name: &str) -> Option<PathBuf> {
    found("python", target().join("tools/schemas").join(name))
}

/// The folder of the packages that npm has installed, where it has this one.
pub(crate) fn node(package: &str) -> Option<PathBuf> {
    let modules = target().join("tools-npm/node_modules");
    found("node", modules.join(package)).map(|_| modules)
}

/// A browser.
pub(crate) fn browser() -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    let mut browsers = BROWSERS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let browser = browsers.find(|browser| browser.is_file());
    found("browser", browser.unwrap_or_else(|| BROWSERS[0].into()))
}

fn found(group: &str, path: PathBuf) -> Option<PathBuf> {
    if path.exists() {
        return Some(path);
    }
    passed_over(group, &path.display().to_string());
    None
}

/// Says that the running test is passed over for want of a tool of a group.
pub(crate) fn passed_over(group: &str, tool: &str) {
    let required = env::var(REQUIRED).unwrap_or_default();
    assert!(
        !required.split_whitespace().any(|name| name == group),
        "there is no `{tool}`, though {REQUIRED} has {group}"
    );
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    say(&format!("{test} is passed over: there is no `{tool}`; .ci/run installs what can be had"));
}

/// Says something past the harness, which keeps what a test that passes prints.
pub(crate) fn say(text: &str) {
    io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}
