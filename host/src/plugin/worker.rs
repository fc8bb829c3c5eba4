//! One thread's instances of all plugins, and the calls that a run makes.

use std::sync::Arc;

use super::accept::{Checked, Scope};
use super::bindings::types;
use super::host::DOCUMENT;
use super::instance::Instance;
use super::{LoadedPlugin, Origin, PluginError, Registry};
use crate::document::{Document, Project};

/// Most instances of one plugin that are kept, each with options of its own.
const KEPT: usize = 8;
/// An instance that has grown beyond so many bytes is not kept.
const KEPT_MEMORY: usize = 16 << 20;

/// Calls plugins. Each thread has its own; its stack must have room for the stack of a plugin beside its own use.
pub struct Worker<'a> {
    registry: &'a Registry,
    /// Whether no instance is ever used twice.
    fresh: bool,
    /// For each plugin the instances that can be used again.
    kept: Vec<Vec<Configured>>,
}

/// An instance with the options that it was given.
struct Configured {
    options: String,
    instance: Instance,
}

impl<'a> Worker<'a> {
    /// A worker without any instance yet. With `fresh` the built-in plugins, too, get a new instance for each call, as
    /// the others always do so that they carry nothing from one document to the next. What is found is the same.
    #[must_use]
    pub fn new(registry: &'a Registry, fresh: bool) -> Self {
        let kept = registry.plugins().iter().map(|_| Vec::new()).collect();
        Self { registry, fresh, kept }
    }

    /// Gives a plugin options and nothing else, to learn early whether it accepts them.
    ///
    /// # Errors
    /// [`PluginError::Options`] where it does not; another where it fails over them.
    pub fn configure(&mut self, plugin: usize, options: &str) -> Result<(), PluginError> {
        let Some(loaded) = self.registry.plugins().get(plugin) else { return Ok(()) };
        let configured = self.configured(loaded, options)?;
        self.keep(plugin, configured);
        Ok(())
    }

    /// Lets the plugin of that index in [`Registry::plugins`] check a document. `rules` are the indexes of the rules that
    /// are wanted; `options` is JSON, as the interface has it.
    #[must_use]
    pub fn check(&mut self, plugin: usize, document: &Arc<Document>, rules: &[u32], options: &str) -> Checked {
        let Some(loaded) = self.registry.plugins().get(plugin) else { return Checked::default() };
        let call = |instance: &mut Instance| instance.check(Arc::clone(document), rules);
        match self.call(plugin, loaded, options, call) {
            Ok(findings) => {
                let lookup = |id| (id == DOCUMENT).then(|| Arc::clone(document));
                self.accept(loaded, rules, &lookup, findings)
            }
            Err(error) => error.into(),
        }
    }

    /// Lets the plugin of that index check all documents together.
    #[must_use]
    pub fn check_project(&mut self, plugin: usize, project: &Arc<Project>, rules: &[u32], options: &str) -> Checked {
        let Some(loaded) = self.registry.plugins().get(plugin) else { return Checked::default() };
        let call = |instance: &mut Instance| instance.check_project(Arc::clone(project), rules);
        match self.call(plugin, loaded, options, call) {
            Ok(findings) => self.accept(loaded, rules, &|id| project.document(id).cloned(), findings),
            Err(error) => error.into(),
        }
    }

    fn accept(
        &self,
        plugin: &LoadedPlugin,
        rules: &[u32],
        document: &dyn Fn(u32) -> Option<Arc<Document>>,
        findings: Vec<types::Finding>,
    ) -> Checked {
        Scope { plugin, rules, document, limit: self.registry.limits().findings }.accept(findings)
    }

    /// Makes a call in an instance with these options. A failure in a used instance says little, as the instance's past
    /// may have a part in it: then the call is made again in a new one, and that is what counts on every machine.
    fn call(
        &mut self,
        plugin: usize,
        loaded: &LoadedPlugin,
        options: &str,
        call: impl Fn(&mut Instance) -> Result<Vec<types::Finding>, PluginError>,
    ) -> Result<Vec<types::Finding>, PluginError> {
        if let Some(mut used) = self.take(plugin, options) {
            match call(&mut used.instance) {
                Ok(findings) => {
                    self.keep(plugin, used);
                    return Ok(findings);
                }
                // This is an answer, and the instance lives.
                Err(refused @ PluginError::Refused(_)) => {
                    self.keep(plugin, used);
                    return Err(refused);
                }
                Err(_) => {}
            }
        }
        let mut configured = self.configured(loaded, options)?;
        let findings = call(&mut configured.instance)?;
        self.keep(plugin, configured);
        Ok(findings)
    }

    /// A new instance that has its options.
    fn configured(&self, loaded: &LoadedPlugin, options: &str) -> Result<Configured, PluginError> {
        let mut instance = loaded.instantiate(self.registry.limits())?;
        instance.configure(options)?;
        Ok(Configured { options: options.to_owned(), instance })
    }

    fn take(&mut self, plugin: usize, options: &str) -> Option<Configured> {
        let kept = self.kept.get_mut(plugin)?;
        let index = kept.iter().position(|configured| configured.options == options)?;
        Some(kept.remove(index))
    }

    /// Keeps an instance for the next call where that is allowed.
    fn keep(&mut self, plugin: usize, configured: Configured) {
        let builtin = self.registry.plugins().get(plugin).is_some_and(|loaded| *loaded.origin() == Origin::Builtin);
        if !builtin || self.fresh || configured.instance.memory() > KEPT_MEMORY {
            return;
        }
        let Some(kept) = self.kept.get_mut(plugin) else { return };
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push(configured);
    }
}
