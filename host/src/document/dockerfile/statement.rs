//! One instruction's text: keyword, flags, arguments.

use super::command::Grammar;
use super::json::{self, Array};
use super::words::{self, is_blank};
use super::{Arguments, Command, Escape, Extent, Pair, Statement, SyntaxError, Word};

/// What became of an instruction's text.
pub(crate) struct Read {
    pub(crate) statement: Statement,
    /// The instruction that ONBUILD defers.
    pub(crate) trigger: Option<Statement>,
    /// Why BuildKit's parser would refuse it, and where.
    pub(crate) error: Option<(Extent, SyntaxError)>,
}

/// Reads the whole text of an instruction.
pub(crate) fn read(text: &str, escape: Escape) -> Read {
    let mut error = None;
    let statement = statement(text, Extent::new(0, text.len()), escape, &mut error);
    let deferred = statement.command == Some(Command::Onbuild) && !statement.rest.is_empty();
    let trigger = deferred.then(|| self::statement(text, statement.rest, escape, &mut error));
    Read { statement, trigger, error }
}

/// Reads the part `all` of `text`. The instruction of an ONBUILD is left to the caller.
fn statement(text: &str, all: Extent, escape: Escape, error: &mut Option<(Extent, SyntaxError)>) -> Statement {
    let all = trim(text, all);
    let line = part(text, all);
    let keyword_end = line.bytes().position(is_blank).unwrap_or(line.len());
    let after =
        line.len() - line[keyword_end..].trim_start_matches(|char: char| char.is_ascii() && is_blank(char as u8)).len();
    let (flags, rest_at) = words::flags(&line[after..]);
    let base = all.start + after as u32;
    let flags = flags
        .into_iter()
        .map(|flag| super::Flag {
            extent: flag.extent.shifted(base),
            name_extent: flag.name_extent.shifted(base),
            ..flag
        })
        .collect();
    let keyword = Extent { start: all.start, end: all.start + keyword_end as u32 };
    let rest = trim(text, Extent { start: base + rest_at as u32, end: all.end });
    let command = Command::from_keyword(&line[..keyword_end]);
    let mut statement = Statement { keyword, command, flags, rest, kind: None, arguments: Arguments::None };
    if let Some(command) = command {
        match arguments(text, command, &mut statement.kind, rest, escape) {
            Ok(arguments) => statement.arguments = arguments,
            Err(found) => *error = Some(found),
        }
    }
    statement
}

fn arguments(
    text: &str,
    command: Command,
    kind: &mut Option<Extent>,
    rest: Extent,
    escape: Escape,
) -> Result<Arguments, (Extent, SyntaxError)> {
    if rest.is_empty() {
        return Ok(Arguments::None);
    }
    let words = |found: Vec<Extent>| found.into_iter().map(|word| word.shifted(rest.start)).collect::<Vec<_>>();
    Ok(match command.grammar() {
        Grammar::Text => Arguments::Text(rest),
        Grammar::Words => Arguments::Words(words(words::between_blanks(part(text, rest)))),
        Grammar::ArrayOrWords => match array(text, rest)? {
            Some(strings) => Arguments::Array(strings),
            None => Arguments::Words(words(words::between_blanks(part(text, rest)))),
        },
        Grammar::ArrayOrText => match array(text, rest)? {
            Some(strings) => Arguments::Array(strings),
            None => Arguments::Text(rest),
        },
        Grammar::Healthcheck => {
            let line = part(text, rest);
            let len = line.find(|char: char| char.is_ascii_whitespace() || char == '\x0b').unwrap_or(line.len());
            *kind = Some(Extent { start: rest.start, end: rest.start + len as u32 });
            let tail = trim(text, Extent { start: rest.start + len as u32, end: rest.end });
            match array(text, tail)? {
                _ if tail.is_empty() => Arguments::None,
                Some(strings) => Arguments::Array(strings),
                None => Arguments::Text(tail),
            }
        }
        Grammar::Declarations => {
            let found = words(words::quoted(part(text, rest), escape));
            Arguments::Pairs(found.into_iter().map(|word| declaration(text, word)).collect())
        }
        Grammar::Pairs => pairs(text, command, rest, &words(words::quoted(part(text, rest), escape)))?,
        Grammar::Trigger => Arguments::None,
    })
}

/// `name=value …`, or `name value` where the first word has no `=`.
fn pairs(text: &str, command: Command, rest: Extent, words: &[Extent]) -> Result<Arguments, (Extent, SyntaxError)> {
    let Some(&first) = words.first() else { return Ok(Arguments::None) };
    if part(text, first).contains('=') {
        let odd = words.iter().find(|&&word| !part(text, word).contains('='));
        return match odd {
            Some(&word) => Err((word, SyntaxError::MissingEquals(part(text, word).to_owned()))),
            None => Ok(Arguments::Pairs(words.iter().map(|&word| declaration(text, word)).collect())),
        };
    }
    let line = part(text, rest);
    let Some(len) = line.bytes().position(is_blank) else {
        return Err((rest, SyntaxError::MissingValue(command)));
    };
    let name = Extent { start: rest.start, end: rest.start + len as u32 };
    let value = trim(text, Extent { start: name.end, end: rest.end });
    Ok(Arguments::Pairs(vec![Pair { name, value: Some(value), legacy: true }]))
}

/// A word as `name=value`, or as a name.
fn declaration(text: &str, word: Extent) -> Pair {
    let Some(len) = part(text, word).find('=') else {
        return Pair { name: word, value: None, legacy: false };
    };
    let equals = word.start + len as u32;
    let name = Extent { start: word.start, end: equals };
    Pair { name, value: Some(Extent { start: equals + 1, end: word.end }), legacy: false }
}

/// The strings of a JSON array; `None` where it is none.
fn array(text: &str, rest: Extent) -> Result<Option<Vec<Word>>, (Extent, SyntaxError)> {
    match json::array(part(text, rest)) {
        None => Ok(None),
        Some(Array::NotStrings(extent)) => Err((extent.shifted(rest.start), SyntaxError::ArrayNotOfStrings)),
        Some(Array::Strings(words)) => {
            let moved = words.into_iter().map(|word| Word { extent: word.extent.shifted(rest.start), ..word });
            Ok(Some(moved.collect()))
        }
    }
}

fn part(text: &str, extent: Extent) -> &str {
    text.get(extent.start as usize..extent.end as usize).unwrap_or_default()
}

/// The extent without the white space at its ends.
fn trim(text: &str, extent: Extent) -> Extent {
    let all = part(text, extent);
    let trimmed = all.trim_end();
    let end = extent.start + trimmed.len() as u32;
    Extent { start: end - trimmed.trim_start().len() as u32, end }
}
