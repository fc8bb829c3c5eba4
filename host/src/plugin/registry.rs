//! Loads plugins: those that are built in, and components or core modules from files.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, Linker};

use super::bindings::{Policy, PolicyPre};
use super::builtin::{self, Builtin};
use super::cache::{CodeCache, Watch};
use super::component::componentize;
use super::engine::config;
use super::host::State;
use super::instance::Instance;
use super::{Limits, PluginError, describe, interface, text};
use crate::finding::{Level, Notification, Plugin};

/// First bytes of a WebAssembly component, with its version and layer.
const COMPONENT_HEADER: [u8; 8] = *b"\0asm\x0d\0\x01\0";
/// First bytes of a core module.
const MODULE_HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Part of this program.
    Builtin,
    /// A file that the user named.
    File(PathBuf),
}

/// A plugin that can be called, with what it says of itself.
pub struct LoadedPlugin {
    info: Arc<Plugin>,
    origin: Origin,
    size: usize,
    identity: String,
    code: Code,
    /// Index of each rule by its name without the plugin's.
    rules: HashMap<String, usize>,
}

/// What instances are made from.
enum Code {
    /// Ready.
    Ready(PolicyPre<State>),
    /// Made ready at the first call: a run on one file needs few of the built-in plugins.
    Builtin { builtin: &'static Builtin, loader: Arc<LazyLoader>, ready: OnceLock<Result<PolicyPre<State>, String>> },
}

impl LoadedPlugin {
    fn new(info: Plugin, origin: Origin, size: usize, identity: String, code: Code) -> Self {
        let rules = info.rules.iter().enumerate().map(|(index, rule)| (rule.name().to_owned(), index)).collect();
        Self { info: Arc::new(info), origin, size, identity, code, rules }
    }

    /// Its metadata.
    #[must_use]
    pub fn info(&self) -> &Plugin {
        &self.info
    }

    /// The same, to be kept.
    #[must_use]
    pub const fn shared_info(&self) -> &Arc<Plugin> {
        &self.info
    }

    /// Where it comes from.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Bytes of its component.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// A hash of its component: a plugin of the same identity finds the same.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// Index of the rule of that name, without the plugin's name.
    #[must_use]
    pub fn rule(&self, name: &str) -> Option<usize> {
        self.rules.get(name).copied()
    }

    /// A new instance of it.
    pub(super) fn instantiate(&self, limits: Limits) -> Result<Instance, PluginError> {
        let pre = match &self.code {
            Code::Ready(pre) => pre,
            Code::Builtin { builtin, loader, ready } => ready
                .get_or_init(|| loader.get().as_ref().map_err(String::clone)?.builtin(builtin))
                .as_ref()
                .map_err(|reason| PluginError::NotInstantiated(reason.clone()))?,
        };
        Instance::new(pre, limits)
    }
}

/// All plugins of a run.
pub struct Registry {
    plugins: Vec<LoadedPlugin>,
    limits: Limits,
}

impl Registry {
    /// Loads the built-in plugins, if they are wanted, and those of the files, in that order. A plugin that does not
    /// load is left out; the notification says why, and everything else goes on.
    #[must_use]
    pub fn load(builtins: bool, files: &[PathBuf], limits: Limits) -> (Self, Vec<Notification>) {
        Self::load_with_cache(builtins, files, limits, None, None)
    }

    /// The same, with a folder where the code of compiled files is kept between runs. It is made if it is not there, and
    /// not used where others than the user may write to it, or to a folder above it. `watch` hears of what is compiled.
    #[must_use]
    pub fn load_with_cache(
        builtins: bool,
        files: &[PathBuf],
        limits: Limits,
        cache: Option<&Path>,
        watch: Option<Watch<'_>>,
    ) -> (Self, Vec<Notification>) {
        Self::load_held(builtins, files, limits, cache, watch, &|_, _| Ok(()))
    }

    /// The same, where each file is held to something by its SHA-256 before anything else is done with it. The error says why
    /// it is refused.
    #[must_use]
    pub fn load_held(
        builtins: bool,
        files: &[PathBuf],
        limits: Limits,
        cache: Option<&Path>,
        watch: Option<Watch<'_>>,
        hold: &dyn Fn(&Path, &str) -> Result<(), String>,
    ) -> (Self, Vec<Notification>) {
        let mut registry = Self { plugins: Vec::new(), limits };
        let mut notifications = Vec::new();
        if builtins {
            registry.add_builtins();
        }
        let loader = LazyLoader::new(file_engine, limits);
        let cache = CodeCache::open(cache.filter(|_| !files.is_empty()), watch);
        for file in files {
            let loader = loader.get().as_ref().map_err(String::clone);
            let plugin = loader.and_then(|loader| loader.file(file, &cache, hold));
            if let Err(reason) = plugin.and_then(|plugin| registry.add(plugin)) {
                let path = Some(file.display().to_string());
                let message = format!("the plugin does not load: {}", text::line(&reason, text::MESSAGE));
                notifications.push(Notification { level: Level::Error, path, plugin: None, message });
            }
        }
        (registry, notifications)
    }

    /// All plugins that loaded: the built-in ones by name, then the others in the order in which they were named.
    #[must_use]
    pub fn plugins(&self) -> &[LoadedPlugin] {
        &self.plugins
    }

    /// What one call may use up.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    fn add_builtins(&mut self) {
        let loader = Arc::new(LazyLoader::new(builtin::engine, self.limits));
        for builtin in builtin::all() {
            let loader = Arc::clone(&loader);
            let code = Code::Builtin { builtin, loader, ready: OnceLock::new() };
            self.plugins.push(LoadedPlugin::new(
                builtin.info(),
                Origin::Builtin,
                builtin.size,
                builtin.identity.to_owned(),
                code,
            ));
        }
    }

    fn add(&mut self, plugin: LoadedPlugin) -> Result<(), String> {
        let name = &plugin.info.name;
        if self.plugins.iter().any(|other| other.info.name == *name) {
            return Err(format!("a plugin of the name `{name}` is loaded already; rename one of them"));
        }
        self.plugins.push(plugin);
        Ok(())
    }
}

/// An engine that compiles.
pub(super) fn file_engine(stack: usize) -> wasmtime::Result<Engine> {
    Engine::new(&config(env!("HULLMARK_TARGET"), stack)?)
}

/// A [`Loader`] that is made when it is first needed.
struct LazyLoader {
    engine: fn(usize) -> wasmtime::Result<Engine>,
    limits: Limits,
    loader: OnceLock<Result<Loader, String>>,
}

impl LazyLoader {
    const fn new(engine: fn(usize) -> wasmtime::Result<Engine>, limits: Limits) -> Self {
        Self { engine, limits, loader: OnceLock::new() }
    }

    /// The loader, or why no plugin can run on this machine.
    fn get(&self) -> &Result<Loader, String> {
        self.loader.get_or_init(|| {
            (self.engine)(self.limits.stack)
                .and_then(|engine| Loader::new(engine, self.limits))
                .map_err(|error| format!("no plugin can run on this machine: {error:#}"))
        })
    }
}

/// What is shared while plugins load.
pub(super) struct Loader {
    pub(super) engine: Engine,
    linker: Linker<State>,
    limits: Limits,
}

impl Loader {
    pub(super) fn new(engine: Engine, limits: Limits) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(&engine);
        Policy::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        Ok(Self { engine, linker, limits })
    }

    fn builtin(&self, builtin: &Builtin) -> Result<PolicyPre<State>, String> {
        let component = builtin.component(&self.engine).map_err(|error| format!("{error:#}"))?;
        self.link(&component)
    }

    fn file(
        &self,
        path: &Path,
        cache: &CodeCache<'_>,
        hold: &dyn Fn(&Path, &str) -> Result<(), String>,
    ) -> Result<LoadedPlugin, String> {
        let file = FileBytes::read(path, self.limits)?;
        hold(path, &file.sha256)?;
        let (bytes, identity) = file.component()?;
        let component = self.compile(path, &bytes, &identity, Some(cache))?;
        self.plugin(path, &component, bytes.len(), identity)
    }

    /// What a component is as a plugin.
    pub(super) fn plugin(
        &self,
        path: &Path,
        component: &Component,
        size: usize,
        identity: String,
    ) -> Result<LoadedPlugin, String> {
        interface::check(component, &self.engine)?;
        let pre = self.link(component)?;
        let described = Instance::new(&pre, self.limits).and_then(|mut instance| instance.describe());
        let info = describe::accept(described.map_err(|error| error.to_string())?)?;
        Ok(LoadedPlugin::new(info, Origin::File(path.to_owned()), size, identity, Code::Ready(pre)))
    }

    /// Compiles the component of a file, unless that was done in an earlier run.
    pub(super) fn compile(
        &self,
        path: &Path,
        bytes: &[u8],
        identity: &str,
        cache: Option<&CodeCache<'_>>,
    ) -> Result<Component, String> {
        match cache {
            Some(cache) => cache.component(&self.engine, path, bytes, identity),
            None => Component::new(&self.engine, bytes).map_err(|error| format!("{error:#}")),
        }
    }

    fn link(&self, component: &Component) -> Result<PolicyPre<State>, String> {
        let fault = |error| interface::link_fault(component, &self.engine, &error);
        let pre = self.linker.instantiate_pre(component).map_err(fault)?;
        PolicyPre::new(pre).map_err(fault)
    }
}

/// A file as it lies on a disk, read once: what is held to a hash is what is compiled.
pub(super) struct FileBytes {
    bytes: Vec<u8>,
    /// Their hash.
    pub(super) sha256: String,
}

impl FileBytes {
    /// Reads a file, unless it is larger than a plugin may be.
    pub(super) fn read(path: &Path, limits: Limits) -> Result<Self, String> {
        let limit = limits.component_size;
        let unread = |error: io::Error| format!("it cannot be read: {error}");
        let file = File::open(path).map_err(unread)?;
        let metadata = file.metadata().map_err(unread)?;
        // What is no file may never end.
        if !metadata.is_file() {
            return Err("it is no file".to_owned());
        }
        let length = metadata.len();
        let mut bytes = Vec::new();
        if length <= limit as u64 {
            // It may grow while it is read.
            file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(unread)?;
        }
        let length = length.max(bytes.len() as u64);
        if length > limit as u64 {
            let (length, limit) = (length.div_ceil(1 << 20), limit >> 20);
            return Err(format!("it has {length} MiB, and a plugin may have {limit} MiB; strip its debug information"));
        }
        let sha256 = format!("{:x}", Sha256::digest(&bytes));
        Ok(Self { bytes, sha256 })
    }

    /// The component that it holds or, being a core module, is made into, with the component's hash.
    pub(super) fn component(self) -> Result<(Vec<u8>, String), String> {
        if self.bytes.starts_with(&COMPONENT_HEADER) {
            return Ok((self.bytes, self.sha256));
        }
        if self.bytes.starts_with(&MODULE_HEADER) {
            let component = componentize(&self.bytes).map_err(|error| interface::module_fault(&error))?;
            let identity = format!("{:x}", Sha256::digest(&component));
            return Ok((component, identity));
        }
        Err("it is no WebAssembly; name a component, or a core module that `wit-bindgen` made".to_owned())
    }
}

/// The bytes of a component, which the file holds or, being a core module, is made into.
///
/// # Errors
/// One sentence fragment that says what the file is instead.
pub fn component_bytes(path: &Path, limits: Limits) -> Result<Vec<u8>, String> {
    FileBytes::read(path, limits)?.component().map(|(component, _)| component)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_plugins_say_what_the_build_script_heard() {
        let (registry, _) = Registry::load(true, &[], Limits::default());
        assert!(!registry.plugins().is_empty());
        for plugin in registry.plugins() {
            let info = plugin.instantiate(registry.limits()).unwrap().describe().unwrap();
            assert_eq!(format!("{:?}", describe::accept(info).unwrap()), format!("{:?}", plugin.info()));
        }
    }

    #[test]
    fn the_built_in_plugins_import_nothing_foreign() {
        let engine = builtin::engine(Limits::default().stack).unwrap();
        for builtin in builtin::all() {
            assert_eq!(interface::check(&builtin.component(&engine).unwrap(), &engine), Ok(()));
        }
    }
}
