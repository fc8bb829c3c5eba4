//! What the variables of a script may hold, as far as its text and the Dockerfile tell.

use std::collections::HashMap;

use hullmark_sdk::prelude::*;

use crate::words;

/// Variables that Docker, or every shell, sets to a value without blanks.
const HARMLESS: [&str; 14] = [
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "HOME",
    "USER",
    "UID",
    "GID",
    "HOSTNAME",
];

/// How many assignments are followed from one variable to the next.
const DEPTH: u32 = 4;

/// What a script gives to a variable.
#[derive(Clone, Copy, Debug)]
enum Given<'a> {
    /// A word.
    Word(Word<'a>),
    /// What only the build tells.
    Unknown,
}

/// What the scripts of one instruction, and what stands before it, give to variables.
#[derive(Debug, Default)]
pub(crate) struct Values<'a> {
    instruction: Option<Instruction<'a>>,
    given: HashMap<&'a str, Vec<Given<'a>>>,
    declared: Vec<&'a str>,
}

impl<'a> Values<'a> {
    /// Takes the instruction of a command as the one that is asked about.
    pub(crate) fn look_at(&mut self, command: Command<'a>) {
        let instruction = command.instruction();
        if self.instruction.is_some_and(|current| current.node() == instruction.node()) {
            return;
        }
        *self = Self { instruction: Some(instruction), ..Self::default() };
        for command in instruction.commands() {
            self.take(command);
        }
        for compound in instruction.compounds() {
            let Some(name) = compound.name() else { continue };
            if compound.kind() == CompoundKind::For {
                self.given.entry(name).or_default().extend(compound.words().map(Given::Word));
            } else {
                self.given.entry(name).or_default().push(Given::Unknown);
            }
        }
        self.declared = declared(command);
    }

    fn take(&mut self, command: Command<'a>) {
        for assignment in command.assignments() {
            self.given.entry(assignment.name()).or_default().push(Given::Word(assignment.value()));
        }
        let reads = matches!(command.name(), Some("read" | "getopts" | "mapfile" | "readarray" | "let" | "unset"));
        let sets = matches!(command.name(), Some("env" | "sudo"));
        for word in command.words().skip(1) {
            if let Some(name) = words::declared_name(word).filter(|_| sets || words::is_declaration(command)) {
                self.given.entry(name).or_default().push(Given::Word(word));
            } else if let Some(name) = word.text().filter(|_| reads) {
                self.given.entry(name).or_default().push(Given::Unknown);
            }
        }
    }

    /// Whether ARG or ENV declares a variable before the instruction.
    pub(crate) fn is_declared(&self, name: &str) -> bool {
        self.declared.contains(&name)
    }

    /// Whether the scripts of the instruction give a variable a value.
    pub(crate) fn is_assigned(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// Whether what a variable stands for is one word, neither split nor taken for a pattern. What the scripts assign tells,
    /// and what ARG and ENV give.
    pub(crate) fn is_one_word(&self, part: Part<'a>) -> bool {
        self.is_plain(part, DEPTH)
    }

    /// [`Values::is_one_word`], or a variable that is known to hold no blanks by what it is for.
    pub(crate) fn is_harmless(&self, part: Part<'a>) -> bool {
        let name = part.name().unwrap_or_default();
        self.is_one_word(part) || part.resolved().is_some_and(|value| !value.is_empty()) || HARMLESS.contains(&name)
    }

    fn is_plain(&self, part: Part<'a>, depth: u32) -> bool {
        let name = part.name().unwrap_or_default();
        if matches!(part.operator(), Some("length" | "+" | ":+")) || matches!(name, "#" | "?" | "$" | "!" | "-") {
            return true;
        }
        let Some(given) = self.given.get(name) else { return false };
        // A variable that is given part by part may hold what it held before.
        depth > 0
            && given.iter().all(|given| matches!(given, Given::Word(word) if self.is_plain_word(*word, depth - 1)))
    }

    fn is_plain_word(&self, word: Word<'a>, depth: u32) -> bool {
        if let Some(text) = word.text() {
            return is_plain(text);
        }
        let Some(pieces) = words::pieces(word) else { return false };
        pieces.into_iter().all(|piece| match piece {
            words::Piece::Text(text) => is_plain(text),
            words::Piece::Part(part) if part.kind() == PartKind::Arithmetic => true,
            words::Piece::Part(part) if part.kind() == PartKind::Variable => {
                self.is_plain(part, depth) || self.is_declared(part.name().unwrap_or_default())
            }
            words::Piece::Part(_) => false,
        })
    }
}

/// Whether a text is one word to a shell, and no pattern.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(|char: char| char.is_whitespace() || matches!(char, '*' | '?' | '['))
}

/// Names that ARG and ENV declare before the command's instruction, in its stage and in those that it is built from.
fn declared<'a>(command: Command<'a>) -> Vec<&'a str> {
    let own = command.instruction().node().span().start;
    let stages: Vec<Stage<'a>> = command.stage().into_iter().flat_map(Stage::lineage).collect();
    let instructions = stages.into_iter().flat_map(Stage::instructions);
    instructions
        .filter(|instruction| matches!(instruction.name(), "ARG" | "ENV") && instruction.place().span.start < own)
        .flat_map(Instruction::pairs)
        .filter_map(Node::key)
        .collect()
}
