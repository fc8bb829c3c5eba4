//! Builds the plugins' sources to core modules by a cargo of its own: other target, own profile, own target folder, and
//! nothing of the flags and wrappers that the outer build was given.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{files, read, variable};

/// What the plugins are built for: a machine with no system interface at all.
const TARGET: &str = "wasm32-unknown-unknown";
/// Profile in the workspace's Cargo.toml.
const PROFILE: &str = "plugin";
/// Variables of cargo's that say where it finds things, not how it builds.
const KEPT: [&str; 6] =
    ["CARGO_HOME", "CARGO_MAKEFLAGS", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTRIES_", "CARGO_REGISTRY_"];

/// A plugin's folder in the workspace.
struct Guest {
    /// Name of the folder.
    name: String,
    /// Name of the package in it.
    package: String,
}

/// Name and core module of every plugin in the workspace.
pub(crate) fn modules(root: &Path, out: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let guests = guests(root)?;
    // Other folders beside these hold what is not embedded; a new plugin shows in Cargo.lock.
    for guest in &guests {
        println!("cargo::rerun-if-changed=plugins/{}", guest.name);
    }
    if guests.is_empty() {
        return Ok(Vec::new());
    }
    require_target()?;
    let folder = target_folder(out);
    build(root, &folder, &guests)?;
    let modules = folder.join(TARGET).join(PROFILE);
    Ok(guests
        .into_iter()
        .map(|guest| (guest.name, modules.join(format!("{}.wasm", guest.package.replace('-', "_")))))
        .collect())
}

/// The plugins are the folders whose package is a dynamic library; the SDK is none.
fn guests(root: &Path) -> Result<Vec<Guest>, String> {
    let mut guests = Vec::new();
    for folder in files(&root.join("plugins"))? {
        let manifest = folder.join("Cargo.toml");
        if !manifest.is_file() {
            continue;
        }
        let text = String::from_utf8_lossy(&read(&manifest)?).into_owned();
        let dynamic = value(&text, "crate-type").is_some_and(|value| value.contains("\"cdylib\""));
        if !dynamic {
            continue;
        }
        let package = value(&text, "name").map(|value| value.trim_matches('"').to_owned());
        let package = package.ok_or_else(|| format!("{} has no package name", manifest.display()))?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        guests.push(Guest { name, package });
    }
    guests.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(guests)
}

/// The first value of a key in a manifest: all that is needed of TOML here.
fn value<'a>(manifest: &'a str, key: &str) -> Option<&'a str> {
    manifest.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('=').map(str::trim))
}

/// Says in one line what to do where the target's standard library is not installed.
fn require_target() -> Result<(), String> {
    let rustc = variable("RUSTC")?;
    let output = Command::new(&rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|error| format!("cannot run {rustc}: {error}"))?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if output.status.success() && folder.is_dir() {
        return Ok(());
    }
    Err(format!("the built-in plugins need the target {TARGET}: run `rustup target add {TARGET}`"))
}

/// One folder for every profile of the outer build, so that a plugin is built once: beside the profiles' folders.
fn target_folder(out: &Path) -> PathBuf {
    let build = out.ancestors().nth(2).filter(|folder| folder.ends_with("build"));
    build.and_then(|build| build.ancestors().nth(2)).unwrap_or(out).join("plugins")
}

fn build(root: &Path, folder: &Path, guests: &[Guest]) -> Result<(), String> {
    let mut command = Command::new(variable("CARGO")?);
    command.arg("build").args(["--quiet", "--lib", "--locked", "--target", TARGET, "--profile", PROFILE]);
    command.arg("--manifest-path").arg(root.join("Cargo.toml")).arg("--target-dir").arg(folder).current_dir(root);
    for guest in guests {
        command.args(["--package", &guest.package]);
    }
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let foreign = name.starts_with("CARGO") || name.starts_with("RUSTC") || name.starts_with("RUSTDOC");
        if foreign && !KEPT.iter().any(|kept| name.starts_with(kept)) {
            command.env_remove(name);
        }
    }
    // These are stronger than any configuration file; the paths of this machine stay out of panic messages.
    let mut flags = vec![format!("--remap-path-prefix={}=.", root.display())];
    if let Some(home) = cargo_home() {
        flags.push(format!("--remap-path-prefix={}=cargo", home.display()));
    }
    command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    command.env("RUSTC_WRAPPER", "").env("RUSTC_WORKSPACE_WRAPPER", "");
    let output = command.output().map_err(|error| format!("cannot run cargo for the plugins: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("the built-in plugins do not build:\n{}", errors.trim_end()))
}

/// Where cargo keeps the sources of dependencies.
fn cargo_home() -> Option<PathBuf> {
    let home = |name: &str| std::env::var_os(name).map(PathBuf::from);
    home("CARGO_HOME").or_else(|| Some(home("HOME").or_else(|| home("USERPROFILE"))?.join(".cargo")))
}
