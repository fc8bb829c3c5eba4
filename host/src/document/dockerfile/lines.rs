//! From physical lines to instructions: comments, directives, continuations and heredoc bodies.

use super::heredoc::{self, Opener};
use super::{
    Arguments, Command, Comment, Directive, Dockerfile, Escape, Fault, Heredoc, Instruction, Item, Logical, Statement,
    SyntaxError, directive, statement,
};
use crate::document::Span;

/// Most bytes of a line, without its `\n`, that BuildKit's scanner takes.
const MAX_LINE: usize = 65_535;

/// Reads a whole file as BuildKit's parser does, and goes on where that would stop.
#[must_use]
pub fn read(text: &str) -> Dockerfile<'_> {
    let mut reader =
        Reader { lines: Lines { text, at: 0, number: 0 }, file: Dockerfile::default(), seen: Some(Vec::new()) };
    while let Some(line) = reader.lines.next() {
        reader.line(line);
    }
    let mut file = reader.file;
    too_long(text, &mut file.errors);
    if file.instructions().next().is_none() {
        let end = text.find('\n').unwrap_or(text.len());
        let first = text[..end].trim_end_matches('\r').len();
        let end = if first == 0 { text.len().min(1) } else { first };
        file.errors.push((Span::new(0, end as u32), SyntaxError::NoInstructions));
    }
    file.errors.sort_by_key(|(span, _)| *span);
    file
}

fn too_long(text: &str, errors: &mut Vec<(Span, SyntaxError)>) {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        if end - start > MAX_LINE {
            errors.push((Span::new(start as u32, end as u32), SyntaxError::LineTooLong));
        }
        start = end + 1;
    }
}

/// A physical line.
#[derive(Clone, Copy, Debug)]
struct Line<'s> {
    /// Offset of its first byte; that after a byte order mark on the first line.
    start: usize,
    /// Without its line end.
    text: &'s str,
    /// From 1.
    number: u32,
}

impl<'s> Line<'s> {
    fn end(self) -> usize {
        self.start + self.text.len()
    }

    /// The text from the first character that is no white space, and its offset.
    fn trimmed(self) -> (usize, &'s str) {
        let text = self.text.trim_start();
        (self.end() - text.len(), text)
    }

    fn comment(self) -> Option<Comment<'s>> {
        let (start, text) = self.trimmed();
        let body = text.strip_prefix('#')?;
        let end = start + text.trim_end().len();
        Some(Comment { span: Span::new(start as u32, end as u32), text: body.trim() })
    }
}

/// The physical lines; only `\n` parts them. A line that BuildKit's scanner does not take is told by [`too_long`], and
/// passed over here: nobody needs megabytes of what cannot be built.
#[derive(Clone, Copy)]
struct Lines<'s> {
    text: &'s str,
    at: usize,
    number: u32,
}

impl<'s> Lines<'s> {
    fn next(&mut self) -> Option<Line<'s>> {
        loop {
            let line = self.any()?;
            if line.text.len() <= MAX_LINE {
                return Some(line);
            }
        }
    }

    fn any(&mut self) -> Option<Line<'s>> {
        let mut start = self.at;
        let rest = &self.text[start..];
        if rest.is_empty() {
            return None;
        }
        let len = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |len| len + 1);
        self.at += len;
        self.number += 1;
        let mut text = rest[..len].trim_end_matches(['\r', '\n']);
        if let Some(after) = text.strip_prefix('\u{feff}').filter(|_| self.number == 1) {
            (start, text) = (start + text.len() - after.len(), after);
        }
        Some(Line { start, text, number: self.number })
    }
}

struct Reader<'s> {
    lines: Lines<'s>,
    file: Dockerfile<'s>,
    /// Keys of the directives so far; `None` once something else has come.
    seen: Option<Vec<String>>,
}

impl<'s> Reader<'s> {
    fn line(&mut self, line: Line<'s>) {
        if self.directive(line) {
            return;
        }
        self.seen = None;
        if let Some(comment) = line.comment() {
            self.file.items.push(Item::Comment(comment));
            return;
        }
        let (start, text) = line.trimmed();
        if !text.is_empty() {
            self.instruction(line, start, text);
        }
    }

    /// Takes a line that is a directive.
    fn directive(&mut self, line: Line<'s>) -> bool {
        let (start, text) = line.trimmed();
        let Some(seen) = &mut self.seen else { return false };
        let Some(found) = directive::read(text, "#") else { return false };
        let span = Span::new(start as u32, (start + found.end) as u32);
        let key_start = (start + found.key_at) as u32;
        let key_span = Span::new(key_start, key_start + found.key.len() as u32);
        self.file.items.push(Item::Directive(Directive { span, key: found.key, key_span, value: found.value }));
        let key = found.key.to_ascii_lowercase();
        if seen.contains(&key) {
            self.file.errors.push((span, SyntaxError::DuplicateDirective(key)));
            return true;
        }
        if key == "escape" {
            match found.value {
                "\\" => self.file.escape = Escape::Backslash,
                "`" => self.file.escape = Escape::Backtick,
                other => self.file.errors.push((span, SyntaxError::InvalidEscape(other.to_owned()))),
            }
        }
        seen.push(key);
        true
    }

    fn instruction(&mut self, first: Line<'s>, start: usize, text: &'s str) {
        let (content, mut continues) = self.without_continuation(text);
        let mut logical = Logical::new(content, start);
        let mut comments = Vec::new();
        let mut empty_continuation = false;
        let mut last = first.number;
        let mut end = start + text.trim_end().len();
        while continues {
            let Some(line) = self.lines.next() else { break };
            last = line.number;
            if let Some(comment) = line.comment() {
                end = comment.span.end as usize;
                comments.push(comment);
                continue;
            }
            if line.text.trim_start().is_empty() {
                empty_continuation = true;
                continue;
            }
            end = line.start + line.text.trim_end().len();
            let content;
            (content, continues) = self.without_continuation(line.text);
            logical.push(content, line.start);
        }
        let read = statement::read(logical.text(), self.file.escape);
        let error = read.error.map(|(extent, error)| (logical.span(extent), error));
        let mut instruction = Instruction {
            span: Span::new(start as u32, end as u32),
            lines: (first.number, last),
            statement: read.statement,
            trigger: read.trigger,
            heredocs: Vec::new(),
            comments,
            empty_continuation,
            fault: error.is_some().then_some(Fault::Arguments),
            text: logical,
        };
        self.file.errors.extend(error);
        self.heredocs(&mut instruction);
        self.file.items.push(Item::Instruction(Box::new(instruction)));
    }

    /// A line without its continuation character, and whether it has one: the last character that is no blank, unless
    /// another one stands before it.
    fn without_continuation(&self, text: &'s str) -> (&'s str, bool) {
        let escape = self.file.escape.char();
        let Some(before) = text.trim_end_matches([' ', '\t']).strip_suffix(escape) else { return (text, false) };
        if before.ends_with(escape) { (text, false) } else { (before, true) }
    }

    /// Takes the bodies of an instruction's heredocs. Where one never ends, the line after the instruction is the next.
    fn heredocs(&mut self, instruction: &mut Instruction<'s>) {
        let statement = instruction.trigger.as_ref().unwrap_or(&instruction.statement);
        if instruction.fault.is_some() || !can_hold_heredocs(statement) {
            return;
        }
        for opener in heredoc::openers(instruction.text.text()) {
            let before = self.lines;
            match self.body(opener) {
                Ok((heredoc, end, line)) => {
                    instruction.heredocs.push(heredoc);
                    instruction.span.end = end;
                    instruction.lines.1 = line;
                }
                Err(opener) => {
                    self.lines = before;
                    instruction.fault = Some(Fault::Heredoc);
                    let span = instruction.text.span(opener.extent);
                    self.file.errors.push((span, SyntaxError::UnterminatedHeredoc(opener.name)));
                    return;
                }
            }
        }
    }

    /// The body of a heredoc, the offset where its last line ends, and that line's number.
    fn body(&mut self, opener: Opener) -> Result<(Heredoc<'s>, u32, u32), Opener> {
        let start = self.lines.at;
        loop {
            let at = self.lines.at;
            let Some(line) = self.lines.next() else { return Err(opener) };
            let text = if opener.chomp { line.text.trim_start_matches('\t') } else { line.text };
            if text != opener.name {
                continue;
            }
            let heredoc = Heredoc {
                opener: opener.extent,
                name: opener.name,
                descriptor: opener.descriptor,
                expand: opener.expand,
                chomp: opener.chomp,
                body: &self.lines.text[start..at],
                span: Span::new(start as u32, at as u32),
            };
            return Ok((heredoc, line.end() as u32, line.number));
        }
    }
}

fn can_hold_heredocs(statement: &Statement) -> bool {
    statement.command.is_some_and(Command::takes_heredocs) && !matches!(statement.arguments, Arguments::Array(_))
}
