//! What BuildKit's parser lets pass and its instructions then refuse. Where a value is known only at build time, or
//! versions of BuildKit differ, nothing is said: a file that builds never gets a problem.

use super::{
    Arguments, Command, Dockerfile, Extent, Fault, Instruction, Statement, SyntaxError, flags, heredoc, suggest,
};
use crate::document::Span;

/// All of them; the order is that of the instructions.
pub(crate) fn find(file: &Dockerfile<'_>) -> Vec<(Span, SyntaxError)> {
    let mut finder = Finder::default();
    file.instructions().for_each(|instruction| finder.instruction(instruction));
    let first = file.instructions().next();
    if let Some(first) = first.filter(|_| !finder.in_stage && !finder.lost) {
        finder.errors.push((first.text.span(first.statement.keyword), SyntaxError::NoStages));
    }
    finder.errors
}

#[derive(Default)]
struct Finder {
    errors: Vec<(Span, SyntaxError)>,
    /// Whether a FROM has come.
    in_stage: bool,
    /// Whether a missing FROM has been explained.
    lost: bool,
    /// Whether what stands here may be the body of a heredoc that never ends.
    in_heredoc: bool,
}

impl Finder {
    fn instruction(&mut self, instruction: &Instruction<'_>) {
        let statement = &instruction.statement;
        let keyword = instruction.text.span(statement.keyword);
        let Some(command) = statement.command else {
            self.unknown(instruction, keyword);
            return;
        };
        self.in_heredoc = instruction.fault == Some(Fault::Heredoc);
        self.in_stage |= command == Command::From;
        if !self.in_stage && !self.lost && command != Command::Arg {
            self.lost = true;
            self.errors.push((keyword, SyntaxError::BeforeFrom(command)));
        }
        let errors = &mut self.errors;
        let mut report = |extent, error| errors.push((instruction.text.span(extent), error));
        let skips_flags = command == Command::Healthcheck && is_none(instruction);
        if !skips_flags {
            flags::refused(command, statement, &mut report);
        }
        if instruction.fault.is_none() {
            arguments(command, instruction, &mut report);
        }
    }

    fn unknown(&mut self, instruction: &Instruction<'_>, keyword: Span) {
        // Perhaps this was meant for FROM: then what follows is in a stage.
        self.lost = true;
        if self.in_heredoc {
            return;
        }
        let name = instruction.slice(instruction.statement.keyword);
        if name.is_empty() {
            self.errors.push((instruction.span, SyntaxError::EmptyInstruction));
            return;
        }
        let suggestion = suggest::nearest(name, Command::ALL.map(Command::name));
        self.errors.push((keyword, SyntaxError::UnknownInstruction { name: name.to_owned(), suggestion }));
    }
}

fn is_none(instruction: &Instruction<'_>) -> bool {
    instruction.statement.kind.is_some_and(|kind| instruction.slice(kind).eq_ignore_ascii_case("none"))
}

fn arguments(command: Command, instruction: &Instruction<'_>, report: &mut impl FnMut(Extent, SyntaxError)) {
    let statement = &instruction.statement;
    match command {
        Command::From => from(instruction, report),
        Command::Add | Command::Copy => copy(command, instruction, report),
        Command::Env | Command::Label | Command::Arg => pairs(command, statement, report),
        Command::Healthcheck => healthcheck(instruction, report),
        Command::Onbuild => onbuild(instruction, report),
        Command::Shell => match &statement.arguments {
            Arguments::Array(words) if !words.is_empty() => {}
            Arguments::Text(rest) => report(*rest, SyntaxError::ShellNotArray),
            _ => report(statement.keyword, SyntaxError::NoArguments(command)),
        },
        Command::Expose | Command::Volume => {
            if count(&statement.arguments) == 0 {
                report(statement.keyword, SyntaxError::NoArguments(command));
            }
            if let Arguments::Array(words) = &statement.arguments {
                let empty = words.iter().filter(|word| word.value.trim().is_empty());
                empty.for_each(|word| report(word.extent, SyntaxError::EmptyVolume));
            }
        }
        Command::Maintainer | Command::StopSignal | Command::User | Command::Workdir => {
            if count(&statement.arguments) == 0 {
                report(statement.keyword, SyntaxError::NoArgument(command));
            }
        }
        Command::Run | Command::Cmd | Command::Entrypoint => {}
    }
}

fn count(arguments: &Arguments) -> usize {
    match arguments {
        Arguments::None => 0,
        Arguments::Text(_) => 1,
        Arguments::Words(words) => words.len(),
        Arguments::Array(words) => words.len(),
        Arguments::Pairs(pairs) => pairs.len(),
    }
}

fn from(instruction: &Instruction<'_>, report: &mut impl FnMut(Extent, SyntaxError)) {
    let statement = &instruction.statement;
    let words = match &statement.arguments {
        Arguments::Words(words) => words.as_slice(),
        _ => &[],
    };
    match *words {
        [_] => {}
        [_, keyword, name] if instruction.slice(keyword).eq_ignore_ascii_case("as") => {
            let written = instruction.slice(name);
            if !is_stage_name(written) {
                report(name, SyntaxError::StageName(written.to_owned()));
            }
        }
        [_, second, ..] => report(Extent { start: second.start, end: statement.rest.end }, SyntaxError::FromArguments),
        [] => report(statement.keyword, SyntaxError::FromArguments),
    }
}

/// Whether the lower case of a name begins with an ASCII letter and holds only letters, digits, `-`, `_` and `.`.
fn is_stage_name(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with(|char: char| char.is_ascii_lowercase())
        && name
            .chars()
            .all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || matches!(char, '-' | '_' | '.'))
}

fn copy(command: Command, instruction: &Instruction<'_>, report: &mut impl FnMut(Extent, SyntaxError)) {
    let statement = &instruction.statement;
    if count(&statement.arguments) < 2 {
        report(statement.keyword, SyntaxError::NoDestination(command));
        return;
    }
    let (destination, text) = match &statement.arguments {
        Arguments::Words(words) => match words.last() {
            Some(&word) => (word, instruction.slice(word)),
            None => return,
        },
        Arguments::Array(words) => match words.last() {
            Some(word) => (word.extent, word.value.as_str()),
            None => return,
        },
        _ => return,
    };
    if heredoc::opener(text).is_some() {
        report(destination, SyntaxError::HeredocDestination(command));
    }
}

fn pairs(command: Command, statement: &Statement, report: &mut impl FnMut(Extent, SyntaxError)) {
    let Arguments::Pairs(pairs) = &statement.arguments else {
        report(statement.keyword, SyntaxError::NoArguments(command));
        return;
    };
    for pair in pairs.iter().filter(|pair| pair.name.is_empty()) {
        let end = pair.value.map_or(pair.name.end, |value| value.end);
        report(Extent { start: pair.name.start, end }, SyntaxError::BlankName(command));
    }
}

fn healthcheck(instruction: &Instruction<'_>, report: &mut impl FnMut(Extent, SyntaxError)) {
    let statement = &instruction.statement;
    let Some(kind) = statement.kind else {
        report(statement.keyword, SyntaxError::NoArguments(Command::Healthcheck));
        return;
    };
    let count = count(&statement.arguments);
    if is_none(instruction) {
        if count > 0 {
            report(statement.rest, SyntaxError::HealthcheckNone);
        }
    } else if !instruction.slice(kind).eq_ignore_ascii_case("cmd") {
        report(kind, SyntaxError::HealthcheckType(instruction.slice(kind).to_owned()));
    } else if count == 0 {
        report(kind, SyntaxError::HealthcheckCommand);
    }
}

fn onbuild(instruction: &Instruction<'_>, report: &mut impl FnMut(Extent, SyntaxError)) {
    let Some(trigger) = &instruction.trigger else {
        report(instruction.statement.keyword, SyntaxError::NoArguments(Command::Onbuild));
        return;
    };
    if let Some(command @ (Command::Onbuild | Command::From | Command::Maintainer)) = trigger.command {
        report(trigger.keyword, SyntaxError::Trigger(command));
    }
}
