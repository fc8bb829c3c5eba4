//! What is known of variables at one point of a Dockerfile: defaults of ARG, values of ENV, and what BuildKit brings.

use std::collections::HashMap;
use std::rc::Rc;

use super::{Arguments, Escape, Expansion, Instruction, Pair, Variable, expand};

/// Arguments that BuildKit sets from the platforms of the build: they have a value that the file does not tell.
const PLATFORM: [&str; 9] = [
    "BUILDARCH",
    "BUILDOS",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "TARGETARCH",
    "TARGETOS",
    "TARGETPLATFORM",
    "TARGETSTAGE",
    "TARGETVARIANT",
];

/// What every stage has: BuildKit sets PATH where the image does not, and takes proxies and the switches of its scanner
/// from the command line without an ARG.
const STAGE: [&str; 13] = [
    "PATH",
    "ALL_PROXY",
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "ftp_proxy",
    "https_proxy",
    "http_proxy",
    "no_proxy",
    "BUILDKIT_SBOM_SCAN_CONTEXT",
    "BUILDKIT_SBOM_SCAN_STAGE",
];

/// Most bytes that the values of one environment may grow to; a value beyond them counts as unknown.
const MAX_VALUES: usize = 1 << 20;

/// Where an environment holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Before the first FROM, and in every FROM.
    #[default]
    Global,
    /// In a stage from `scratch`: nothing comes from an image.
    Scratch,
    /// In a stage whose image may bring variables of its own.
    Image,
}

/// What is known of a declared variable.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    Value(Rc<str>),
    /// An ARG without a default: unset, unless the command line sets it.
    Open,
    /// It has a value that the file does not tell.
    Unknown,
}

/// How a variable stands; the numbers are those of the plugin interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The file tells its value.
    Known = 0,
    /// Declared without a default.
    Open = 1,
    /// Its value is known at build time only.
    Unknown = 2,
    /// Not declared; the base image may bring it.
    Undeclared = 3,
    /// Not declared, and nothing else brings it.
    Undefined = 4,
}

/// Variables with what is known of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    scope: Scope,
    values: HashMap<Rc<str>, Known>,
    /// Length of all values so far.
    size: usize,
    /// Whether there were more variables than are kept: then nothing is known of any.
    lost: bool,
}

impl Environment {
    /// That of a stage that is built from an image.
    pub(crate) fn of_stage(scope: Scope) -> Self {
        Self { scope, ..Self::default() }
    }

    /// One of which nothing is known.
    pub(crate) fn lost() -> Self {
        Self { lost: true, ..Self::default() }
    }

    /// Number of variables.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// What a word may use of a variable.
    pub(crate) fn lookup(&self, name: &str) -> Variable<'_> {
        match self.values.get(name) {
            Some(Known::Value(value)) => Variable::Value(value),
            Some(Known::Open) => Variable::Unset,
            Some(Known::Unknown) => Variable::Unknown,
            None if self.lost || self.is_given(name) => Variable::Unknown,
            None => Variable::Unset,
        }
    }

    /// How a variable stands.
    pub(crate) fn state(&self, name: &str) -> State {
        match self.values.get(name) {
            Some(Known::Value(_)) => State::Known,
            Some(Known::Open) => State::Open,
            Some(Known::Unknown) => State::Unknown,
            None if self.lost || self.is_given(name) => State::Unknown,
            None if self.scope == Scope::Image => State::Undeclared,
            None => State::Undefined,
        }
    }

    fn is_given(&self, name: &str) -> bool {
        match self.scope {
            Scope::Global => PLATFORM.contains(&name),
            Scope::Scratch | Scope::Image => STAGE.contains(&name),
        }
    }

    /// Sets a variable; `None` for a value that the file does not tell.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.filter(|value| self.size + value.len() <= MAX_VALUES);
        self.size += value.map_or(0, str::len);
        self.values.insert(name.into(), value.map_or(Known::Unknown, |value| Known::Value(value.into())));
    }

    /// An ARG without a default. In a stage it takes what `global` has of that name; apart from that it changes nothing,
    /// because it may be a platform's, or an earlier one may have a value.
    pub(crate) fn open(&mut self, name: &str, global: Option<&Self>) {
        if let Some(global) = global.filter(|global| global.state(name) != State::Undefined) {
            match global.lookup(name) {
                Variable::Value(value) => self.set(name, Some(value)),
                Variable::Unknown => self.set(name, None),
                Variable::Unset => self.open(name, None),
            }
        } else if !self.values.contains_key(name) && !self.is_given(name) {
            self.values.insert(name.into(), Known::Open);
        }
    }

    /// The text with variables replaced; nothing where BuildKit would refuse it.
    pub(crate) fn expand(&self, text: &str, escape: Escape) -> Option<Expansion> {
        expand(text, escape, |name| self.lookup(name)).ok()
    }

    /// Takes in one name of an ARG. `global` is what stands before the first FROM, for an ARG in a stage.
    pub(crate) fn declare(&mut self, arg: &Instruction<'_>, pair: Pair, escape: Escape, global: Option<&Self>) {
        let name = self.name(arg.slice(pair.name), escape);
        match pair.value {
            None => self.open(&name, global),
            Some(value) => {
                let value = self.expand(arg.slice(value), escape);
                self.set(&name, value.as_ref().and_then(Expansion::complete));
            }
        }
    }

    /// Takes in an ENV: all its values see what stands before it.
    pub(crate) fn assign(&mut self, env: &Instruction<'_>, escape: Escape) {
        let Arguments::Pairs(pairs) = &env.statement.arguments else { return };
        let values: Vec<_> = pairs
            .iter()
            .map(|pair| {
                let value = pair.value.and_then(|value| self.expand(env.slice(value), escape));
                (self.name(env.slice(pair.name), escape), value)
            })
            .collect();
        for (name, value) in values {
            self.set(&name, value.as_ref().and_then(Expansion::complete));
        }
    }

    fn name(&self, written: &str, escape: Escape) -> String {
        self.expand(written, escape).map_or_else(|| written.to_owned(), |name| name.text)
    }
}
