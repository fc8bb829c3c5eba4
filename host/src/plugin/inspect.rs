//! What a plugin file is, and what a call of it uses up, for whoever writes one.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::cache::{CodeCache, Watch};
use super::interface;
use super::registry::{LoadedPlugin, Loader, component_bytes, file_engine};
use super::{Limits, PluginError};
use crate::document::Document;

/// A plugin that was looked at from the outside.
pub struct Inspected {
    plugin: LoadedPlugin,
    limits: Limits,
    imports: Vec<String>,
    interface: String,
}

/// What one call used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Fuel that it took.
    pub fuel: u64,
    /// Fuel that it might have taken.
    pub fuel_limit: u64,
    /// Bytes of linear memory that it ended with.
    pub memory: usize,
    /// Findings that it returned.
    pub findings: usize,
}

impl Inspected {
    /// Version of the interface that this program offers.
    pub const OFFERED: &str = interface::VERSION;

    /// Loads the plugin of a file alone, with a folder where compiled code is kept. `watch` hears of it when it is compiled.
    ///
    /// # Errors
    /// One sentence fragment that says why it is none.
    pub fn load(path: &Path, limits: Limits, cache: Option<&Path>, watch: Option<Watch<'_>>) -> Result<Self, String> {
        let loader = file_engine(limits.stack)
            .and_then(|engine| Loader::new(engine, limits))
            .map_err(|error| format!("no plugin can run on this machine: {error:#}"))?;
        let bytes = component_bytes(path, limits)?;
        let identity = format!("{:x}", Sha256::digest(&bytes));
        let component = loader.compile(path, &bytes, &identity, Some(&CodeCache::open(cache, watch)))?;
        let plugin = loader.plugin(path, &component, bytes.len(), identity)?;
        let imports = interface::imports(&component, &loader.engine);
        let interface = interface::version(&component, &loader.engine);
        Ok(Self { plugin, limits, imports, interface })
    }

    /// What it is in a run.
    #[must_use]
    pub const fn plugin(&self) -> &LoadedPlugin {
        &self.plugin
    }

    /// Names of the interfaces that it imports.
    #[must_use]
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// Version of the interface that it is built for.
    #[must_use]
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// Lets a new instance check a document with all rules. `options` is JSON, as the interface has it.
    ///
    /// # Errors
    /// Why the call did not return.
    pub fn try_on(&self, document: &Arc<Document>, options: &str) -> Result<Usage, PluginError> {
        let mut instance = self.plugin.instantiate(self.limits)?;
        instance.configure(options)?;
        let rules: Vec<u32> = (0..).zip(&self.plugin.info().rules).map(|(index, _)| index).collect();
        let findings = instance.check(Arc::clone(document), &rules)?.len();
        let (fuel_limit, left) = instance.fuel();
        Ok(Usage { fuel: fuel_limit - left, fuel_limit, memory: instance.memory(), findings })
    }
}
