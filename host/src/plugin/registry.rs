//! Loads plugins: those that are built in, and components or core modules from files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, Linker};

use super::bindings::{Policy, PolicyPre};
use super::component::componentize;
use super::engine::engine;
use super::host::State;
use super::instance::Instance;
use super::{Limits, PluginError, describe, interface};
use crate::finding::{Level, Notification, Plugin};

/// First bytes of a WebAssembly component, with its version and layer.
const COMPONENT_HEADER: [u8; 8] = *b"\0asm\x0d\0\x01\0";
/// First bytes of a core module.
const MODULE_HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";

/// A plugin that the build script embedded.
struct Builtin {
    /// Name of its folder.
    name: &'static str,
    /// Bytes of its component.
    size: usize,
    /// Its machine code.
    code: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

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
    info: Plugin,
    origin: Origin,
    size: usize,
    pre: PolicyPre<State>,
    /// Index of each rule by its name without the plugin's.
    rules: HashMap<String, usize>,
}

impl LoadedPlugin {
    /// Its metadata.
    #[must_use]
    pub const fn info(&self) -> &Plugin {
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

    /// Index of the rule of that name, without the plugin's name.
    #[must_use]
    pub fn rule(&self, name: &str) -> Option<usize> {
        self.rules.get(name).copied()
    }

    /// A new instance of it.
    pub(super) fn instantiate(&self, limits: Limits) -> Result<Instance, PluginError> {
        Instance::new(&self.pre, limits)
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
        let mut registry = Self { plugins: Vec::new(), limits };
        let mut notifications = Vec::new();
        let loader = match Loader::new(limits) {
            Ok(loader) => loader,
            Err(error) => {
                let message = format!("no plugin can run on this machine: {error:#}");
                notifications.push(Notification { level: Level::Error, path: None, plugin: None, message });
                return (registry, notifications);
            }
        };
        let builtins = if builtins { BUILTINS } else { &[] };
        for builtin in builtins {
            let plugin = loader.builtin(builtin);
            let plugin = plugin.and_then(|plugin| registry.add(plugin));
            if let Err(reason) = plugin {
                let plugin = Some(builtin.name.to_owned());
                let message = format!("the built-in plugin does not load: {reason}");
                notifications.push(Notification { level: Level::Error, path: None, plugin, message });
            }
        }
        for file in files {
            let plugin = loader.file(file);
            let plugin = plugin.and_then(|plugin| registry.add(plugin));
            if let Err(reason) = plugin {
                let path = Some(file.display().to_string());
                let message = format!("the plugin does not load: {reason}");
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

    fn add(&mut self, plugin: LoadedPlugin) -> Result<(), String> {
        let name = &plugin.info.name;
        if self.plugins.iter().any(|other| other.info.name == *name) {
            return Err(format!("a plugin of the name `{name}` is loaded already; rename one of them"));
        }
        self.plugins.push(plugin);
        Ok(())
    }
}

/// What is shared while plugins load.
struct Loader {
    engine: Engine,
    linker: Linker<State>,
    limits: Limits,
}

impl Loader {
    fn new(limits: Limits) -> wasmtime::Result<Self> {
        let engine = engine(env!("HULLMARK_TARGET"), limits.stack)?;
        let mut linker = Linker::new(&engine);
        Policy::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        Ok(Self { engine, linker, limits })
    }

    fn builtin(&self, builtin: &Builtin) -> Result<LoadedPlugin, String> {
        // SAFETY: the bytes are what the build script's own engine wrote for this very program, and are never changed;
        // code of another engine configuration is refused by the engine.
        #[expect(unsafe_code, reason = "machine code can only be trusted by whoever made it, and that is this build")]
        let component = unsafe { Component::deserialize(&self.engine, builtin.code) };
        let component = component.map_err(|error| format!("{error:#}"))?;
        self.plugin(&component, Origin::Builtin, builtin.size)
    }

    fn file(&self, path: &Path) -> Result<LoadedPlugin, String> {
        let limit = self.limits.component_size;
        let length = std::fs::metadata(path).map_err(|error| format!("it cannot be read: {error}"))?.len();
        if length > limit as u64 {
            let (length, limit) = (length.div_ceil(1 << 20), limit >> 20);
            return Err(format!("it has {length} MiB, and a plugin may have {limit} MiB; strip its debug information"));
        }
        let bytes = std::fs::read(path).map_err(|error| format!("it cannot be read: {error}"))?;
        let component = if bytes.starts_with(&COMPONENT_HEADER) {
            bytes
        } else if bytes.starts_with(&MODULE_HEADER) {
            componentize(&bytes).map_err(|error| interface::module_fault(&error))?
        } else {
            return Err("it is no WebAssembly; name a component, or a core module that `wit-bindgen` made".to_owned());
        };
        let size = component.len();
        let component = Component::new(&self.engine, &component).map_err(|error| format!("{error:#}"))?;
        self.plugin(&component, Origin::File(path.to_owned()), size)
    }

    fn plugin(&self, component: &Component, origin: Origin, size: usize) -> Result<LoadedPlugin, String> {
        interface::check(component, &self.engine)?;
        let pre = self.linker.instantiate_pre(component).map_err(|error| interface::link_fault(&error))?;
        let pre = PolicyPre::new(pre).map_err(|error| interface::link_fault(&error))?;
        let described = Instance::new(&pre, self.limits).and_then(|mut instance| instance.describe());
        let info = describe::accept(described.map_err(|error| error.to_string())?)?;
        let rules = info.rules.iter().enumerate().map(|(index, rule)| (rule.name().to_owned(), index)).collect();
        Ok(LoadedPlugin { info, origin, size, pre, rules })
    }
}
