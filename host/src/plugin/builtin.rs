//! The plugins that the build script embedded, and the only place that trusts machine code: code from anywhere else is
//! compiled here and now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use wasmtime::component::Component;
use wasmtime::{CustomCodeMemory, Engine};

use super::engine::embedded;
use crate::finding::{Level, Plugin, Rule};

/// An embedded plugin.
pub(super) struct Builtin {
    /// Bytes of its component.
    pub(super) size: usize,
    /// A hash of its component, in hex.
    pub(super) identity: &'static str,
    /// What it says of itself.
    declared: Declared,
    /// Its machine code.
    code: &'static [u8],
}

/// The record [`Plugin`] as a constant.
struct Declared {
    name: &'static str,
    version: &'static str,
    summary: &'static str,
    homepage: &'static str,
    options_schema: &'static str,
    rules: &'static [DeclaredRule],
}

/// The record [`Rule`] as a constant.
struct DeclaredRule {
    id: &'static str,
    summary: &'static str,
    explanation: &'static str,
    level: &'static str,
    enabled: bool,
    tags: &'static [&'static str],
    security_severity: Option<&'static str>,
    precision: &'static str,
    aliases: &'static [&'static str],
    references: &'static [&'static str],
    subjects: &'static [&'static str],
    fragments: bool,
    options_schema: &'static str,
    since: &'static str,
}

/// Puts code at the beginning of a page, which is where the engine wants it.
#[repr(C, align(4096))]
struct Page<T>(T);

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// All of them, by name.
pub(super) fn all() -> &'static [Builtin] {
    BUILTINS
}

/// The engine that runs the embedded code where it lies, with the size of its stacks, and the components that it mapped.
/// There is one in a process: the runtime finds code by its address, so the same bytes cannot belong to two engines.
struct InPlace {
    stack: usize,
    engine: Engine,
    components: Mutex<HashMap<&'static str, Component>>,
}

static IN_PLACE: OnceLock<InPlace> = OnceLock::new();

/// An engine that runs the embedded plugins and no others. On Linux the code lies in a section of this program that the
/// system maps executable, and is run where it lies: copying it would take longer than all else that a small run does.
/// A process that uses a second size of stacks gets an engine that copies.
pub(super) fn engine(stack: usize) -> wasmtime::Result<Engine> {
    if !cfg!(target_os = "linux") {
        return new_engine(stack, false);
    }
    if IN_PLACE.get().is_none() {
        let made = InPlace { stack, engine: new_engine(stack, true)?, components: Mutex::default() };
        // Where another thread was faster, its engine is the one.
        let _ = IN_PLACE.set(made);
    }
    match IN_PLACE.get() {
        Some(shared) if shared.stack == stack => Ok(shared.engine.clone()),
        _ => new_engine(stack, false),
    }
}

fn new_engine(stack: usize, in_place: bool) -> wasmtime::Result<Engine> {
    let mut config = embedded(env!("HULLMARK_TARGET"), stack)?;
    // What it runs is compiled already.
    config.enable_compiler(false);
    if in_place {
        config.with_custom_code_memory(Some(Arc::new(ExecutableAlready)));
    }
    Engine::new(&config)
}

/// The embedded code, whose pages never change.
struct ExecutableAlready;

impl CustomCodeMemory for ExecutableAlready {
    fn required_alignment(&self) -> usize {
        align_of::<Page<u8>>()
    }

    fn publish_executable(&self, _start: *const u8, _length: usize) -> wasmtime::Result<()> {
        Ok(())
    }

    fn unpublish_executable(&self, _start: *const u8, _length: usize) -> wasmtime::Result<()> {
        Ok(())
    }
}

impl Builtin {
    /// What the plugin says of itself, as the build script heard it: to know a rule, the plugin need not run.
    pub(super) fn info(&self) -> Plugin {
        let Declared { name, version, summary, homepage, options_schema, rules } = self.declared;
        Plugin {
            name: name.into(),
            version: version.into(),
            summary: summary.into(),
            homepage: homepage.into(),
            options_schema: options_schema.into(),
            rules: rules.iter().map(DeclaredRule::rule).collect(),
        }
    }

    /// The plugin's component, for an engine made by [`engine`].
    pub(super) fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        let Some(shared) = IN_PLACE.get().filter(|shared| Engine::same(&shared.engine, engine)) else {
            return self.copied(engine);
        };
        let mut components = shared.components.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(component) = components.get(self.identity) {
            return Ok(component.clone());
        }
        let component = self.mapped(engine)?;
        components.insert(self.identity, component.clone());
        Ok(component)
    }

    #[expect(unsafe_code, reason = "machine code can only be trusted by whoever made it, and that is this very build")]
    fn mapped(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: the bytes are what the build script's engine of the same configuration wrote; they are static, in a
        // section that is never writable.
        unsafe { Component::deserialize_raw(engine, std::ptr::NonNull::from(self.code)) }
    }

    #[expect(unsafe_code, reason = "machine code can only be trusted by whoever made it, and that is this very build")]
    fn copied(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: the bytes are what the build script's engine of the same configuration wrote.
        unsafe { Component::deserialize(engine, self.code) }
    }
}

impl DeclaredRule {
    fn rule(&self) -> Rule {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Rule {
            id: self.id.into(),
            summary: self.summary.into(),
            explanation: self.explanation.into(),
            level: Some(Level::from_interface(self.level)),
            enabled: self.enabled,
            tags: owned(self.tags),
            security_severity: self.security_severity.map(Into::into),
            precision: self.precision.into(),
            aliases: owned(self.aliases),
            references: self.references.iter().map(|&reference| reference.into()).collect(),
            subjects: owned(self.subjects),
            fragments: self.fragments,
            options_schema: self.options_schema.into(),
            since: self.since.into(),
        }
    }
}
