//! One living instance of a plugin with its store, and the calls into it. After an error an instance is dead: a machine
//! that stopped in the middle can never be entered again, so whoever gets an error drops it.

use std::sync::Arc;

use wasmtime::Store;
use wasmtime::component::Resource;

use super::PluginError;
use super::bindings::exports::hullmark::policy::plugin::PluginInfo;
use super::bindings::{Policy, PolicyPre, types};
use super::error::OptionError;
use super::host::{DOCUMENT, PROJECT, State, Subject};
use super::limits::Limits;
use super::text;
use crate::document::{Document, Project};

/// A plugin that can be called.
pub(super) struct Instance {
    store: Store<State>,
    policy: Policy,
}

/// What a check gives: findings, or the plugin's own words on why there are none.
type CheckResult = Result<Vec<types::Finding>, String>;

impl Instance {
    /// A new instance, not yet configured.
    pub(super) fn new(pre: &PolicyPre<State>, limits: Limits) -> Result<Self, PluginError> {
        let mut store = Store::new(pre.engine(), State::new(limits));
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(limits.returned_bytes);
        store.set_max_component_handles(100_000);
        begin(&mut store, Subject::Nothing, limits.memory)?;
        let policy =
            pre.instantiate(&mut store).map_err(|error| match PluginError::from_call(&error, store.data()) {
                PluginError::Trap { message } => PluginError::NotInstantiated(message),
                other => other,
            })?;
        Ok(Self { store, policy })
    }

    /// What the plugin says of itself.
    pub(super) fn describe(&mut self) -> Result<PluginInfo, PluginError> {
        let memory = self.store.data().limits.memory;
        self.call(Subject::Nothing, memory, |policy, store| policy.hullmark_policy_plugin().call_describe(store))
    }

    /// Gives the plugin its options.
    pub(super) fn configure(&mut self, options: &str) -> Result<(), PluginError> {
        let memory = self.store.data().limits.memory;
        let answer = self.call(Subject::Nothing, memory, |policy, store| {
            policy.hullmark_policy_plugin().call_configure(store, options)
        })?;
        answer.map_err(|errors| {
            let line = |text: &str| text::line(text, text::MESSAGE);
            let error = |error: types::OptionError| OptionError {
                pointer: line(&error.pointer),
                message: line(&error.message),
            };
            PluginError::Options(errors.into_iter().take(100).map(error).collect())
        })
    }

    /// Lets the plugin check a document.
    pub(super) fn check(&mut self, document: Arc<Document>, rules: &[u32]) -> Result<Vec<types::Finding>, PluginError> {
        let memory = self.store.data().limits.memory;
        let answer = self.call(Subject::Document(document), memory, |policy, store| {
            policy.hullmark_policy_plugin().call_check(store, Resource::new_borrow(DOCUMENT), rules)
        })?;
        refused(answer)
    }

    /// Lets the plugin check all documents together.
    pub(super) fn check_project(
        &mut self,
        project: Arc<Project>,
        rules: &[u32],
    ) -> Result<Vec<types::Finding>, PluginError> {
        let memory = self.store.data().limits.project_memory;
        let answer = self.call(Subject::Project(project), memory, |policy, store| {
            policy.hullmark_policy_plugin().call_check_project(store, Resource::new_borrow(PROJECT), rules)
        })?;
        refused(answer)
    }

    /// Fuel that the last call was given, and what it left.
    pub(super) fn fuel(&self) -> (u64, u64) {
        (self.store.data().fuel, self.store.get_fuel().unwrap_or_default())
    }

    /// Bytes of linear memory in use: they never shrink.
    pub(super) fn memory(&self) -> usize {
        self.store.data().limiter.memory()
    }

    fn call<T>(
        &mut self,
        subject: Subject,
        memory: usize,
        function: impl FnOnce(&Policy, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, PluginError> {
        begin(&mut self.store, subject, memory)?;
        let result = function(&self.policy, &mut self.store);
        let state = self.store.data_mut();
        // The next call must not see this one's document, and its memory is not ours to keep.
        state.subject = Subject::Nothing;
        result.map_err(|error| PluginError::from_call(&error, state))
    }
}

/// Fills up all budgets for one call.
fn begin(store: &mut Store<State>, subject: Subject, memory: usize) -> Result<(), PluginError> {
    store.data_mut().begin(subject, memory);
    let fuel = store.data().fuel;
    store.set_fuel(fuel).map_err(|error| PluginError::NotInstantiated(error.to_string()))
}

fn refused(answer: CheckResult) -> Result<Vec<types::Finding>, PluginError> {
    answer.map_err(|reason| PluginError::Refused(text::line(&reason, text::MESSAGE)))
}
