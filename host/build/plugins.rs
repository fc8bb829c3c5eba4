//! The table of built-in plugins: sources or packaged components in, precompiled code and `builtin.rs` out.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use wasmtime::Engine;

#[path = "../src/plugin/component.rs"]
mod component;
#[path = "../src/plugin/engine.rs"]
mod engine;
#[path = "guests.rs"]
mod guests;

/// One plugin as a component, under the name of its folder or file.
struct Plugin {
    name: String,
    component: Vec<u8>,
}

/// Stack of the engine that compiles; it does not show in the code.
const STACK: usize = 1 << 20;

/// Writes `builtin.rs` and the code that it includes to the output folder.
pub(crate) fn embed() -> Result<(), String> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    let target = variable("TARGET")?;
    for path in ["host/build", "host/src/plugin/engine.rs", "host/src/plugin/component.rs", "Cargo.toml", "Cargo.lock"]
    {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rustc-env=HULLMARK_TARGET={target}");
    let engine = engine::engine(&target, STACK).map_err(|error| format!("no plugin can run on {target}: {error:#}"))?;
    let mut plugins = components(&root, &out)?;
    plugins.sort_by(|one, other| one.name.cmp(&other.name));
    let mut table = String::from("static BUILTINS: &[Builtin] = &[\n");
    for plugin in &plugins {
        let code = precompile(&engine, plugin, &out)?;
        let name = &plugin.name;
        let size = plugin.component.len();
        writeln!(table, "    Builtin {{ name: {name:?}, size: {size}, code: include_bytes!({code:?}) }},")
            .map_err(|error| error.to_string())?;
    }
    table.push_str("];\n");
    write(&out.join("builtin.rs"), table.as_bytes())
}

/// All built-in plugins. A checkout has their sources; a published package has `host/components` instead.
fn components(root: &Path, out: &Path) -> Result<Vec<Plugin>, String> {
    if root.join("plugins").is_dir() {
        for path in ["plugins", "wit", "rust-toolchain.toml"] {
            println!("cargo::rerun-if-changed={path}");
        }
        return guests::modules(root, out)?
            .into_iter()
            .map(|(name, module)| {
                let component = component::componentize(&read(&module)?)
                    .map_err(|error| format!("the plugin {name} makes no component: {error}"))?;
                Ok(Plugin { name, component })
            })
            .collect();
    }
    println!("cargo::rerun-if-changed=host/components");
    files(&root.join("host/components"))?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .map(|path| Ok(Plugin { name: stem(&path), component: read(&path)? }))
        .collect()
}

/// Path of the machine code of a plugin, made anew only where the component or the compiler has changed.
fn precompile(engine: &Engine, plugin: &Plugin, out: &Path) -> Result<PathBuf, String> {
    let component = out.join(format!("{}.wasm", plugin.name));
    let code = out.join(format!("{}.cwasm", plugin.name));
    let key = out.join(format!("{}.key", plugin.name));
    let engine_key = engine_key(engine);
    let unchanged = code.is_file()
        && fs::read(&component).is_ok_and(|bytes| bytes == plugin.component)
        && fs::read(&key).is_ok_and(|bytes| bytes == engine_key.as_bytes());
    if unchanged {
        return Ok(code);
    }
    let compiled = engine
        .precompile_component(&plugin.component)
        .map_err(|error| format!("the plugin {} does not compile: {error:#}", plugin.name))?;
    // The key is written last: an interrupted build leaves none, or an old one beside a component that differs.
    let _ = fs::remove_file(&key);
    write(&code, &compiled)?;
    write(&component, &plugin.component)?;
    write(&key, engine_key.as_bytes())?;
    Ok(code)
}

/// Changes whenever machine code of another engine would be refused.
fn engine_key(engine: &Engine) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("the variable {name} is not usable: {error}"))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// What a folder holds.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let describe = |error: std::io::Error| format!("cannot list {}: {error}", folder.display());
    fs::read_dir(folder).map_err(describe)?.map(|entry| entry.map(|entry| entry.path()).map_err(describe)).collect()
}

/// File name without its extension.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
