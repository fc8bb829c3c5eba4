//! The table of built-in plugins: sources or packaged components in, precompiled code and `builtin.rs` out.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use wasmtime::Engine;
use wasmtime::component::Component;

#[path = "../src/plugin/component.rs"]
mod component;
#[path = "describe.rs"]
mod describe;
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

/// Where the code goes: on Linux to where the program's own code is, so that it can be run in place.
const ATTRIBUTES: &str = "#[cfg_attr(target_os = \"linux\", expect(unsafe_code, reason = \"the section holds machine code\"), \
                          unsafe(link_section = \".text.hullmark\"))]";

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
    let engines = Engines::new(&target)?;
    let mut plugins = components(&root, &out)?;
    plugins.sort_by(|one, other| one.name.cmp(&other.name));
    let (mut sections, mut table) = (String::new(), String::new());
    for (index, plugin) in plugins.iter().enumerate() {
        let Compiled { code, length, declared } = engines.compile(plugin, &out)?;
        let size = plugin.component.len();
        let identity = hash(&plugin.component);
        sections +=
            &format!("{ATTRIBUTES}\nstatic CODE_{index}: Page<[u8; {length}]> = Page(*include_bytes!({code:?}));\n");
        table += &format!(
            "    Builtin {{ size: {size}, identity: \"{identity:016x}\", code: &CODE_{index}.0, declared: {declared} }},\n"
        );
    }
    let table = format!("{sections}static BUILTINS: &[Builtin] = &[\n{table}];\n");
    write(&out.join("builtin.rs"), table.as_bytes())
}

/// All built-in plugins. A checkout has their sources; a published package has `host/components` instead.
fn components(root: &Path, out: &Path) -> Result<Vec<Plugin>, String> {
    if root.join("plugins").is_dir() {
        for path in ["plugins/sdk", "wit", "rust-toolchain.toml"] {
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
    if !root.join("host/components").is_dir() {
        return Err(
            "there are neither the plugins' sources (plugins/) nor their components (host/components/)".to_owned()
        );
    }
    files(&root.join("host/components"))?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .map(|path| Ok(Plugin { name: stem(&path), component: read(&path)? }))
        .collect()
}

/// Changes with what is written beside the machine code of a plugin.
const FORMAT: u32 = 2;

/// What a plugin became.
struct Compiled {
    /// File of the machine code.
    code: PathBuf,
    /// Its bytes.
    length: u64,
    /// The plugin's metadata as a Rust expression.
    declared: String,
}

/// The engine whose code is embedded, and where that is for another machine, one that runs here.
struct Engines {
    target: Engine,
    host: Option<Engine>,
    /// Changes whenever what was made before is of no use.
    key: String,
}

impl Engines {
    fn new(target: &str) -> Result<Self, String> {
        let host = variable("HOST")?;
        let engine = |triple: &str| {
            engine::embedded(triple, STACK)
                .and_then(|config| Engine::new(&config))
                .map_err(|error| format!("no plugin can be compiled for {triple}: {error:#}"))
        };
        let host = if host == target { None } else { Some(engine(&host)?) };
        let target = engine(target)?;
        let key = hash((FORMAT, target.precompile_compatibility_hash()));
        Ok(Self { target, host, key: format!("{key:016x}") })
    }

    /// The machine code of a plugin, made anew only where the component or the compiler has changed.
    fn compile(&self, plugin: &Plugin, out: &Path) -> Result<Compiled, String> {
        let file = |extension: &str| out.join(format!("{}.{extension}", plugin.name));
        let (component, code, declared, key) = (file("wasm"), file("cwasm"), file("declared"), file("key"));
        let unchanged = fs::read(&component).is_ok_and(|bytes| bytes == plugin.component)
            && fs::read(&key).is_ok_and(|bytes| bytes == self.key.as_bytes());
        if unchanged
            && let Ok(declared) = fs::read_to_string(&declared)
            && let Ok(found) = fs::metadata(&code)
        {
            return Ok(Compiled { code, length: found.len(), declared });
        }
        let (bytes, text) = self
            .compile_anew(plugin)
            .map_err(|error| format!("the plugin {} does not compile: {error}", plugin.name))?;
        // The key is written last: an interrupted build leaves none, or an old one beside a component that differs.
        let _ = fs::remove_file(&key);
        write(&code, &bytes)?;
        write(&declared, text.as_bytes())?;
        write(&component, &plugin.component)?;
        write(&key, self.key.as_bytes())?;
        Ok(Compiled { code, length: bytes.len() as u64, declared: text })
    }

    /// Machine code and metadata.
    fn compile_anew(&self, plugin: &Plugin) -> Result<(Vec<u8>, String), String> {
        let describe_error = |error: wasmtime::Error| format!("{error:#}");
        let engine = self.host.as_ref().unwrap_or(&self.target);
        let component = Component::new(engine, &plugin.component).map_err(describe_error)?;
        let declared = describe::describe(engine, &component, &plugin.name)?;
        let code = match self.host {
            None => component.serialize(),
            Some(_) => self.target.precompile_component(&plugin.component),
        };
        Ok((code.map_err(describe_error)?, declared))
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

pub(crate) fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("the variable {name} is not usable: {error}"))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// What a folder holds.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let describe = |error: std::io::Error| format!("cannot list {}: {error}", folder.display());
    fs::read_dir(folder).map_err(describe)?.map(|entry| entry.map(|entry| entry.path()).map_err(describe)).collect()
}

/// File name without its extension.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
