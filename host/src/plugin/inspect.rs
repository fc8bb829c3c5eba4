//! What a plugin file is, and what a call of it uses up, for whoever writes one.

use std::path::Path;
use std::sync::Arc;

use super::cache::{CodeCache, Watch};
use super::instance::Instance;
use super::registry::{FileBytes, LoadedPlugin, Loader, file_engine};
use super::{Limits, PluginError};
use super::{interface, text};
use crate::document::{Document, Project};

/// A plugin that was looked at from the outside.
pub struct Inspected {
    plugin: LoadedPlugin,
    limits: Limits,
    imports: Vec<String>,
    interface: String,
    sha256: String,
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
    /// Bytes of linear memory that it might have had.
    pub memory_limit: usize,
    /// Findings that it returned; nothing for a call that has none to return.
    pub findings: Option<usize>,
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
        // A reason may hold words of the file.
        let shown = |reason: String| text::line(&reason, text::MESSAGE);
        let file = FileBytes::read(path, limits).map_err(shown)?;
        let sha256 = file.sha256.clone();
        let (bytes, identity) = file.component().map_err(shown)?;
        let component = loader.compile(path, &bytes, &identity, Some(&CodeCache::open(cache, watch))).map_err(shown)?;
        let plugin = loader.plugin(path, &component, bytes.len(), identity).map_err(shown)?;
        let imports = interface::imports(&component, &loader.engine);
        let interface = interface::version(&component, &loader.engine);
        Ok(Self { plugin, limits, imports, interface, sha256 })
    }

    /// What it is in a run.
    #[must_use]
    pub const fn plugin(&self) -> &LoadedPlugin {
        &self.plugin
    }

    /// The hash of its file, which is another one than that of the component where the file is a core module.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
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

    /// Lets a new instance say what it is.
    ///
    /// # Errors
    /// Why the call did not return.
    pub fn describe(&self) -> Result<Usage, PluginError> {
        let mut instance = self.plugin.instantiate(self.limits)?;
        instance.describe()?;
        Ok(Self::usage(&instance, self.limits.memory, None))
    }

    /// Gives a new instance its options: JSON, as the interface has it.
    ///
    /// # Errors
    /// Why the call did not return, or why it does not take them.
    pub fn configure(&self, options: &str) -> Result<Usage, PluginError> {
        Ok(Self::usage(&self.configured(options)?, self.limits.memory, None))
    }

    /// Lets a new instance check a document with these rules, by their numbers in the plugin.
    ///
    /// # Errors
    /// Why the call did not return.
    pub fn check(&self, document: &Arc<Document>, rules: &[u32], options: &str) -> Result<Usage, PluginError> {
        let mut instance = self.configured(options)?;
        let findings = instance.check(Arc::clone(document), rules)?.len();
        Ok(Self::usage(&instance, self.limits.memory, Some(findings)))
    }

    /// Lets a new instance check documents together with these rules.
    ///
    /// # Errors
    /// Why the call did not return.
    pub fn check_project(&self, project: &Arc<Project>, rules: &[u32], options: &str) -> Result<Usage, PluginError> {
        let mut instance = self.configured(options)?;
        let findings = instance.check_project(Arc::clone(project), rules)?.len();
        Ok(Self::usage(&instance, self.limits.project_memory, Some(findings)))
    }

    fn configured(&self, options: &str) -> Result<Instance, PluginError> {
        let mut instance = self.plugin.instantiate(self.limits)?;
        instance.configure(options)?;
        Ok(instance)
    }

    /// What the last call of an instance used up.
    fn usage(instance: &Instance, memory_limit: usize, findings: Option<usize>) -> Usage {
        let (fuel_limit, left) = instance.fuel();
        Usage { fuel: fuel_limit - left, fuel_limit, memory: instance.memory(), memory_limit, findings }
    }
}
