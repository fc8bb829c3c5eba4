//! What the variables of a stage's ARG and ENV instructions are worth, as far as the file tells.

use std::collections::HashMap;
use std::rc::Rc;

use crate::document::dockerfile::{Arguments, Command, Escape, Instruction, Statement, Variable, expand, unquote};

/// Most bytes that all values of a stage may grow to; a value beyond them counts as unknown.
const MAX_SIZE: usize = 1 << 18;
/// Most variables that a stage takes from the one it is built from.
const MAX_INHERITED: usize = 64;

/// A variable.
#[derive(Clone, Debug)]
struct Known {
    /// `None` where the file does not tell the value.
    value: Option<Rc<str>>,
    /// Set by ENV, which outweighs ARG.
    env: bool,
}

/// The variables that a shell sees at some place of a Dockerfile.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    values: Rc<HashMap<String, Known>>,
    size: usize,
}

impl Environment {
    /// The environment of a stage built from one with this environment: its ENVs hold, its ARGs do not.
    pub(super) fn inherited(&self) -> Self {
        let envs = self.values.iter().filter(|(_, known)| known.env);
        let values: HashMap<String, Known> = envs.map(|(name, known)| (name.clone(), known.clone())).collect();
        // Which of too many would be kept must not hang on the order of a map.
        if values.len() > MAX_INHERITED {
            return Self::default();
        }
        Self { values: Rc::new(values), size: self.size }
    }

    /// The value of a variable, where the file alone tells it.
    pub(super) fn get(&self, name: &str) -> Variable<'_> {
        match self.values.get(name) {
            Some(Known { value: Some(value), .. }) => Variable::Value(value),
            // The base image, the shell and the command line may give it a value.
            _ => Variable::Unknown,
        }
    }

    /// Names of all variables, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.values.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// Takes an ENV or ARG; `global` holds the ARGs before the first FROM.
    pub(super) fn declare(
        &mut self,
        instruction: &Instruction<'_>,
        statement: &Statement,
        escape: Escape,
        global: Option<&Self>,
    ) {
        let env = statement.command == Some(Command::Env);
        let Arguments::Pairs(pairs) = &statement.arguments else { return };
        if !env && statement.command != Some(Command::Arg) {
            return;
        }
        let mut declared = Vec::new();
        // All pairs of one ENV see the values from before it; those of one ARG see each other.
        for pair in pairs {
            let written = instruction.slice(pair.name);
            let name = unquote(written, escape).unwrap_or_else(|| written.to_owned());
            let value = match pair.value {
                Some(value) => self.expand(instruction.slice(value), escape),
                None => global.and_then(|global| match global.get(&name) {
                    Variable::Value(value) => Some(Rc::from(value)),
                    Variable::Unset | Variable::Unknown => None,
                }),
            };
            if env {
                declared.push((name, value));
            } else {
                self.set(name, value, false);
            }
        }
        for (name, value) in declared {
            self.set(name, value, true);
        }
    }

    fn expand(&self, text: &str, escape: Escape) -> Option<Rc<str>> {
        let expansion = expand(text, escape, |name| self.get(name)).ok()?;
        expansion.complete().map(Rc::from)
    }

    fn set(&mut self, name: String, value: Option<Rc<str>>, env: bool) {
        if !env && self.values.get(&name).is_some_and(|known| known.env) {
            return;
        }
        let size = value.as_ref().map_or(0, |value| value.len());
        let value = value.filter(|_| self.size + size <= MAX_SIZE);
        self.size += size;
        Rc::make_mut(&mut self.values).insert(name, Known { value, env });
    }
}
