//! What the variables of a script may hold, as far as its text and the Dockerfile tell.

use std::cell::OnceCell;
use std::collections::HashMap;

use hullmark_sdk::prelude::*;

use crate::words;

/// Variables that Docker, or every shell, sets to a value without blanks.
const HARMLESS: [&str; 13] = [
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
    "GID",
    "HOSTNAME",
];

/// Variables that the shell itself sets to a number, or to a word without blanks.
const NUMBERS: [&str; 14] =
    ["#", "?", "$", "!", "-", "BASHPID", "EUID", "LINENO", "OPTIND", "PPID", "RANDOM", "SECONDS", "SHLVL", "UID"];

/// Variables that every build may be given.
const PROXIES: [&str; 10] = [
    "ALL_PROXY",
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "ftp_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Variables that the image, Docker or the shell may set.
const SET: [&str; 18] = [
    "EUID",
    "HOME",
    "HOSTNAME",
    "IFS",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "LINENO",
    "MANPATH",
    "OLDPWD",
    "OPTARG",
    "OPTIND",
    "PATH",
    "PKG_CONFIG_PATH",
    "PWD",
    "SHELL",
    "UID",
    "USER",
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

impl Given<'_> {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Word(word) if word.text() == Some(""))
    }
}

/// What the scripts of one instruction, and what stands before it, give to variables.
#[derive(Debug, Default)]
pub(crate) struct Values<'a> {
    instruction: Option<Instruction<'a>>,
    given: HashMap<&'a str, Vec<Given<'a>>>,
    /// Names of ARG and ENV before it; found when the first variable asks, since most instructions have none.
    declared: OnceCell<Vec<&'a str>>,
}

impl<'a> Values<'a> {
    /// What holds for an instruction.
    pub(crate) fn of(instruction: Instruction<'a>) -> Self {
        let mut values = Self { instruction: Some(instruction), ..Self::default() };
        for command in instruction.commands() {
            values.take(command);
        }
        for compound in instruction.compounds() {
            let Some(name) = compound.name() else { continue };
            if compound.kind() == CompoundKind::For {
                values.given.entry(name).or_default().extend(compound.words().map(Given::Word));
            } else {
                values.given.entry(name).or_default().push(Given::Unknown);
            }
        }
        values
    }

    /// Takes the instruction of a command as the one that is asked about.
    pub(crate) fn look_at(&mut self, command: Command<'a>) {
        let instruction = command.instruction();
        if !self.instruction.is_some_and(|current| current.node() == instruction.node()) {
            *self = Self::of(instruction);
        }
    }

    /// Names of all variables that something sets.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.declared().iter().copied().chain(self.given.keys().copied())
    }

    /// The variables of the instruction that neither its scripts nor ARG and ENV set, each where it is used first, with
    /// the command. None where the scripts read what is not known, or the form says what holds without a value.
    pub(crate) fn unset(&self) -> Vec<(&'a str, Part<'a>, Command<'a>)> {
        let mut found: Vec<(&str, Part<'_>, Command<'_>)> = Vec::new();
        let commands = || self.instruction.into_iter().flat_map(Instruction::commands);
        if commands().any(|command| matches!(command.name(), Some("." | "source" | "eval"))) {
            return found;
        }
        for command in commands().filter(|command| !command.is_exec_form()) {
            for part in words::all(command).flat_map(Word::parts).filter(|part| part.kind() == PartKind::Variable) {
                let name = part.name().unwrap_or_default();
                let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
                let answered =
                    matches!(part.operator(), Some(":-" | "-" | ":+" | "+" | ":=" | "=" | ":?" | "?" | "indirect"));
                let is_set = SET.contains(&name) || self.is_declared(name) || self.is_assigned(name);
                if is_name && !answered && !is_set && !found.iter().any(|(earlier, ..)| *earlier == name) {
                    found.push((name, part, command));
                }
            }
        }
        found
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

    fn declared(&self) -> &[&'a str] {
        self.declared.get_or_init(|| {
            let stage = self.instruction.and_then(|instruction| instruction.commands().next()?.stage());
            self.instruction.zip(stage).map(|(instruction, stage)| declared(stage, instruction)).unwrap_or_default()
        })
    }

    /// Whether ARG or ENV declares a variable before the instruction.
    pub(crate) fn is_declared(&self, name: &str) -> bool {
        self.declared().contains(&name)
    }

    /// Whether the scripts of the instruction give a variable a value.
    pub(crate) fn is_assigned(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// Whether what a variable stands for is at most one word, neither split nor taken for a pattern, by what the
    /// scripts assign.
    pub(crate) fn is_one_word(&self, part: Part<'a>) -> bool {
        self.is_plain(part, DEPTH)
    }

    /// Whether a script empties a variable.
    fn may_be_empty(&self, part: Part<'a>) -> bool {
        let given = self.given.get(part.name().unwrap_or_default());
        given.is_some_and(|given| given.iter().any(|given| given.is_empty())) && part.operator().is_none()
    }

    /// Whether what a variable stands for is exactly one word: by what the scripts assign, by what ARG and ENV give, or
    /// by what it is for.
    pub(crate) fn is_harmless(&self, part: Part<'a>) -> bool {
        let name = part.name().unwrap_or_default();
        self.is_one_word(part) && !self.may_be_empty(part)
            || part.resolved().is_some_and(|value| !value.is_empty())
            || HARMLESS.contains(&name)
    }

    fn is_plain(&self, part: Part<'a>, depth: u32) -> bool {
        let name = part.name().unwrap_or_default();
        if matches!(part.operator(), Some("length" | "+" | ":+")) || NUMBERS.contains(&name) {
            return true;
        }
        let Some(given) = self.given.get(name) else { return false };
        // One that is always empty is no word.
        depth > 0
            && !given.iter().all(|given| given.is_empty())
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

/// Whether a text is at most one word to a shell, and no pattern.
fn is_plain(text: &str) -> bool {
    !text.contains(|char: char| char.is_whitespace() || matches!(char, '*' | '?' | '['))
}

/// Names that ARG and ENV declare before an instruction, in its stage and in those that it is built from; and those
/// that Docker declares.
fn declared<'a>(stage: Stage<'a>, instruction: Instruction<'a>) -> Vec<&'a str> {
    let own = instruction.node().span().start;
    let before = stage.lineage().flat_map(Stage::instructions).filter(|other| other.place().span.start < own);
    let names =
        before.filter(|other| matches!(other.name(), "ARG" | "ENV")).flat_map(Instruction::pairs).filter_map(Node::key);
    names.chain(PROXIES).collect()
}
