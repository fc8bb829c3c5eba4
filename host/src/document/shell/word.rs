//! Words: quotes, escapes, variables and substitutions.

use super::Unparsed;
use super::columns::{Part, Word, content, part};
use super::parser::{Parser, Stop, ends_word};
use super::simple::name_of;
use super::text::Text;
use crate::document::NONE;
use crate::document::dockerfile::Extent;

/// Longest text that is kept of a word which holds a substitution: texts in texts would add up.
const MAX_RAW: usize = 4096;
/// Furthest that the end of a brace expansion is looked for.
const MAX_BRACE: usize = 256;

/// A word's value while it is read.
#[derive(Debug, Default)]
pub(super) struct Value {
    text: String,
    flags: u32,
}

/// What stands between `${` and its operator's argument.
#[derive(Clone, Copy, Debug, Default)]
struct Head<'t> {
    name: &'t str,
    subscript: Option<&'t str>,
    operator: Option<&'t str>,
}

impl<'t> Head<'t> {
    /// Operators, each before those that begin like it.
    const OPERATORS: [&'static str; 24] = [
        ":-", ":=", ":?", ":+", "##", "%%", "//", "/#", "/%", "^^", ",,", "-", "=", "?", "+", "#", "%", "/", "^", ",",
        "@", ":", "~~", "~",
    ];

    fn read(text: &'t str) -> Self {
        let before = match text.as_bytes() {
            [b'#', next, ..] if *next != b'}' && parameter(&text[1..]) > 0 => Some("length"),
            [b'!', next, ..] if next.is_ascii_alphabetic() || *next == b'_' => Some("indirect"),
            _ => None,
        };
        let text = if before.is_some() { &text[1..] } else { text };
        let (name, rest) = text.split_at(parameter(text));
        let inside = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (subscript, rest) = inside.map_or((None, rest), |(subscript, rest)| (Some(subscript), rest));
        let after = Self::OPERATORS.into_iter().find(|operator| rest.starts_with(operator));
        Self { name, subscript, operator: before.or(after) }
    }
}

/// Length of the name of a variable, or of a parameter such as `1` or `@`, that a text begins with.
fn parameter(text: &str) -> usize {
    match name_of(text) {
        0 if text.starts_with(['@', '*', '#', '?', '-', '$', '!']) => 1,
        0 => text.bytes().take_while(u8::is_ascii_digit).count(),
        name => name,
    }
}

impl Parser<'_> {
    /// The word that stands here; fails where none does.
    pub(super) fn word(&mut self) -> Result<Word, Unparsed> {
        let outer = (self.mark, self.part);
        (self.mark, self.part) = (NONE, NONE);
        let word = self.word_with_mark();
        (self.mark, self.part) = outer;
        word
    }

    /// Reads a part of the word, from `start` to where `read` ends.
    fn part(
        &mut self,
        kind: u8,
        start: usize,
        read: impl FnOnce(&mut Self, usize) -> Result<(), Unparsed>,
    ) -> Result<(), Unparsed> {
        let (row, first, outer) = (self.out.parts.len(), self.out.len() as u32, self.part);
        self.out.parts.push(Part {
            mark: self.mark,
            parent: outer,
            kind,
            name: NONE,
            operator: NONE,
            subscript: NONE,
            resolved: NONE,
            span: self.source.span(start, start),
            commands: (first, first),
        });
        self.part = row as u32;
        let result = read(self, row);
        self.part = outer;
        let last = self.out.len() as u32;
        let part = &mut self.out.parts[row];
        (part.span, part.commands.1) = (self.source.span(start, self.at), last);
        result
    }

    fn word_with_mark(&mut self) -> Result<Word, Unparsed> {
        let start = self.at;
        let plain = self.rest().iter().take_while(|&&byte| is_plain(byte)).count();
        self.at += plain;
        let opens = matches!(self.rest(), [b'(', ..] | [b'<' | b'>', b'(', ..]);
        if plain > 0 && ends_word(self.peek()) && !opens {
            let text = self.out.strings.intern(&self.text[start..self.at]);
            let span = self.source.span(start, self.at);
            return Ok(Word {
                extent: Extent::new(start, self.at),
                span,
                value: text,
                raw: text,
                flags: 0,
                mark: NONE,
            });
        }
        self.mark = if self.mark == NONE { self.out.mark_word() } else { self.mark };
        let mut value = Value { text: self.text[start..self.at].to_owned(), flags: 0 };
        self.pieces(start, &mut value)?;
        if self.at == start {
            return Err(Unparsed);
        }
        Ok(self.word_of(start, &value))
    }

    fn word_of(&mut self, start: usize, value: &Value) -> Word {
        let raw = &self.text[start..self.at];
        let long = value.flags & content::UNKNOWN != 0 && raw.len() > MAX_RAW;
        Word {
            extent: Extent::new(start, self.at),
            span: self.source.span(start, self.at),
            value: if value.flags & content::UNKNOWN != 0 { NONE } else { self.out.strings.intern(&value.text) },
            raw: if long { NONE } else { self.out.strings.intern(raw) },
            flags: value.flags,
            mark: self.mark,
        }
    }

    /// The parts of a word that began at `start`, up to its end.
    fn pieces(&mut self, start: usize, value: &mut Value) -> Result<(), Unparsed> {
        while let Some(byte) = self.peek() {
            match byte {
                b'\'' => self.single_quoted(value)?,
                b'"' => self.double_quoted(value)?,
                b'\\' => self.escaped(value),
                b'$' => self.dollar(false, value)?,
                b'`' => self.backticks(false, value)?,
                b'(' => {
                    if !self.parentheses(start, value)? {
                        return Ok(());
                    }
                }
                b'<' | b'>' if self.peek_at(1) == Some(b'(') => {
                    value.flags |= content::SUBSTITUTION;
                    self.part(part::PROCESS, self.at, |parser, _| {
                        parser.at += 2;
                        parser.parenthesised()
                    })?;
                }
                b'\r' if self.peek_at(1) != Some(b'\n') => self.plain(1, value),
                _ if ends_word(Some(byte)) => return Ok(()),
                b'*' | b'?' | b'[' => {
                    value.flags |= content::GLOB;
                    self.plain(1, value);
                }
                b'{' => {
                    value.flags |= if self.is_brace_expansion() { content::BRACE } else { 0 };
                    self.plain(1, value);
                }
                b'~' => {
                    value.flags |= if self.at == start { content::TILDE } else { 0 };
                    self.plain(1, value);
                }
                _ => {
                    let plain = self.rest().iter().take_while(|&&byte| is_plain(byte)).count();
                    self.plain(plain, value);
                }
            }
        }
        Ok(())
    }

    /// Takes bytes that stand for themselves.
    fn plain(&mut self, len: usize, value: &mut Value) {
        value.text.push_str(self.text.get(self.at..self.at + len).unwrap_or_default());
        self.at += len;
    }

    /// `'…'`.
    fn single_quoted(&mut self, value: &mut Value) -> Result<(), Unparsed> {
        value.flags |= content::QUOTED;
        self.part(part::SINGLE_QUOTED, self.at, |parser, _| {
            parser.at += 1;
            let len = memchr::memchr(b'\'', parser.rest()).ok_or(Unparsed)?;
            parser.plain(len, value);
            parser.at += 1;
            Ok(())
        })
    }

    /// `"…"`.
    fn double_quoted(&mut self, value: &mut Value) -> Result<(), Unparsed> {
        self.part(part::DOUBLE_QUOTED, self.at, |parser, _| parser.in_double_quotes(value))
    }

    /// From `"` to the next one.
    fn in_double_quotes(&mut self, value: &mut Value) -> Result<(), Unparsed> {
        self.at += 1;
        value.flags |= content::QUOTED;
        self.deeper(|parser| {
            loop {
                let rest = parser.rest();
                let len = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'$' | b'`')).ok_or(Unparsed)?;
                parser.plain(len, value);
                match parser.rest() {
                    [b'"', ..] => {
                        parser.at += 1;
                        return Ok(());
                    }
                    [b'$', ..] => parser.dollar(true, value)?,
                    [b'`', ..] => parser.backticks(true, value)?,
                    [_, b'\n', ..] => parser.at += 2,
                    [_, b'$' | b'`' | b'"' | b'\\', ..] => {
                        parser.at += 1;
                        parser.plain(1, value);
                    }
                    _ => parser.plain(1, value),
                }
            }
        })
    }

    /// A backslash outside quotes.
    fn escaped(&mut self, value: &mut Value) {
        match self.rest() {
            [_, b'\n', ..] => self.at += 2,
            [_, b'\r', b'\n', ..] => self.at += 3,
            _ => {
                value.flags |= content::QUOTED;
                self.at += 1;
                // One at the very end of the text stands for itself.
                match self.text[self.at..].chars().next() {
                    Some(char) => self.plain(char.len_utf8(), value),
                    None => value.text.push('\\'),
                }
            }
        }
    }

    /// What `$` begins.
    pub(super) fn dollar(&mut self, quoted: bool, value: &mut Value) -> Result<(), Unparsed> {
        let start = self.at;
        let variable = if quoted { content::QUOTED_VARIABLE } else { content::VARIABLE };
        self.at += 1;
        match self.rest() {
            [b'(', b'(', ..] if self.arithmetic_end(self.at + 2).is_some() => {
                value.flags |= variable;
                self.part(part::ARITHMETIC, start, |parser, _| {
                    parser.at += 2;
                    parser.arithmetic(quoted)
                })
            }
            [b'(', ..] => {
                value.flags |= if quoted { content::QUOTED_SUBSTITUTION } else { content::SUBSTITUTION };
                self.part(part::COMMANDS, start, |parser, _| {
                    parser.at += 1;
                    parser.parenthesised()
                })
            }
            [b'{', ..] => {
                value.flags |= variable;
                self.part(part::VARIABLE, start, |parser, row| {
                    parser.at += 1;
                    parser.deeper(|parser| parser.braced(quoted, row, value))
                })
            }
            [b'\'', ..] if !quoted => self.part(part::ANSI_QUOTED, start, |parser, _| parser.ansi_quoted(value)),
            [b'"', ..] if !quoted => self.part(part::TRANSLATED, start, |parser, _| parser.in_double_quotes(value)),
            [b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!', ..] => self.named(1, start, variable, value),
            _ => match name_of(&self.text[self.at..]) {
                0 => {
                    value.text.push_str(&self.text[start..self.at]);
                    Ok(())
                }
                len => self.named(len, start, variable, value),
            },
        }
    }

    /// A variable without braces, from its name on.
    fn named(&mut self, len: usize, start: usize, flag: u32, value: &mut Value) -> Result<(), Unparsed> {
        value.flags |= flag;
        self.part(part::VARIABLE, start, |parser, row| {
            let name = &parser.text[parser.at..parser.at + len];
            parser.out.parts[row].name = parser.out.strings.intern(name);
            parser.at += len;
            Ok(())
        })
    }

    /// The rest of `$( … )`, `<( … )` or `>( … )`.
    fn parenthesised(&mut self) -> Result<(), Unparsed> {
        self.substituted(|parser| parser.list(Stop::Parenthesis))?;
        self.at += 1;
        Ok(())
    }

    /// The rest of `${…}`.
    fn braced(&mut self, quoted: bool, row: usize, value: &mut Value) -> Result<(), Unparsed> {
        let head = Head::read(&self.text[self.at..]);
        let (strings, part) = (&mut self.out.strings, &mut self.out.parts[row]);
        part.name = strings.intern(head.name);
        part.operator = strings.intern_option(head.operator);
        part.subscript = strings.intern_option(head.subscript);
        let name = name_of(&self.text[self.at..]);
        let (name, after) = (&self.text[self.at..self.at + name], self.peek_at(name));
        let is_set = after == Some(b'=') || (after == Some(b':') && self.peek_at(name.len() + 1) == Some(b'='));
        if is_set && !name.is_empty() {
            self.out.assigned(name);
        }
        // In double quotes a single quote means itself in a default, but quotes in a pattern.
        let quotes = !quoted || matches!(after, Some(b'#' | b'%' | b'/' | b'^' | b','));
        let mut inner = Value::default();
        loop {
            match self.rest() {
                [] => return Err(Unparsed),
                [b'}', ..] => {
                    self.at += 1;
                    // Only its substitutions matter to the word that holds it.
                    value.flags |= inner.flags & (content::SUBSTITUTION | content::QUOTED_SUBSTITUTION);
                    return Ok(());
                }
                [b'\\', _, ..] => self.at += 2,
                [b'\'', ..] if quotes => self.single_quoted(&mut inner)?,
                [b'"', ..] => self.double_quoted(&mut inner)?,
                [b'$', ..] => self.dollar(quoted, &mut inner)?,
                [b'`', ..] => self.backticks(quoted, &mut inner)?,
                _ => self.at += 1,
            }
        }
    }

    /// `$'…'`, from the quote on.
    fn ansi_quoted(&mut self, value: &mut Value) -> Result<(), Unparsed> {
        self.at += 1;
        value.flags |= content::QUOTED;
        loop {
            let len = memchr::memchr2(b'\'', b'\\', self.rest()).ok_or(Unparsed)?;
            self.plain(len, value);
            self.at += 1;
            if self.bytes[self.at - 1] == b'\'' {
                return Ok(());
            }
            let Some(char) = self.text[self.at..].chars().next() else { return Err(Unparsed) };
            self.at += char.len_utf8();
            match char {
                'n' => value.text.push('\n'),
                't' => value.text.push('\t'),
                'r' => value.text.push('\r'),
                'a' => value.text.push('\u{7}'),
                'b' => value.text.push('\u{8}'),
                'e' | 'E' => value.text.push('\u{1b}'),
                'f' => value.text.push('\u{c}'),
                'v' => value.text.push('\u{b}'),
                '\'' | '"' | '\\' | '?' => value.text.push(char),
                'x' | 'u' | 'U' => self.code(16, if char == 'x' { 2 } else { 8 }, value),
                '0'..='7' => {
                    self.at -= 1;
                    self.code(8, 3, value);
                }
                _ => value.text.extend(['\\', char]),
            }
        }
    }

    /// A character by its number.
    fn code(&mut self, radix: u32, most: usize, value: &mut Value) {
        let digits = self.rest().iter().take(most).take_while(|&&byte| char::from(byte).is_digit(radix)).count();
        let number = u32::from_str_radix(&self.text[self.at..self.at + digits], radix).ok();
        self.at += digits;
        value.text.push(number.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    /// A command substitution in backticks. What stands between them is a text of its own, with one level of escapes.
    pub(super) fn backticks(&mut self, quoted: bool, value: &mut Value) -> Result<(), Unparsed> {
        value.flags |= if quoted { content::QUOTED_SUBSTITUTION } else { content::SUBSTITUTION };
        self.part(part::BACKTICKS, self.at, |parser, _| parser.between_backticks(quoted))
    }

    fn between_backticks(&mut self, quoted: bool) -> Result<(), Unparsed> {
        let mut inner = Text::default();
        let mut from = self.at + 1;
        let mut at = from;
        loop {
            at += memchr::memchr2(b'`', b'\\', self.bytes.get(at..).unwrap_or_default()).ok_or(Unparsed)?;
            if self.bytes[at] == b'`' {
                break;
            }
            match self.bytes.get(at + 1) {
                Some(b'`' | b'\\' | b'$') => {}
                Some(b'"') if quoted => {}
                _ => {
                    at += 1;
                    continue;
                }
            }
            inner.push(self.source, from, at);
            inner.push_escape(self.source, at, at + 2, &self.text[at + 1..at + 2]);
            at += 2;
            from = at;
        }
        inner.push(self.source, from, at);
        self.at = at + 1;
        let here = self.here_in_substitution();
        Parser::new(&inner, here, self.depth + 1, self.out).run().map_err(|_| Unparsed)
    }

    /// `(` inside a word: an array's value or an extended pattern. Whether it is part of the word.
    fn parentheses(&mut self, start: usize, value: &mut Value) -> Result<bool, Unparsed> {
        let Some(&before) = self.at.checked_sub(1).and_then(|before| self.bytes.get(before)) else { return Ok(false) };
        let array = before == b'=' && (self.at == start || self.at_name_and_equals(start));
        let pattern = self.at > start && matches!(before, b'?' | b'*' | b'+' | b'@' | b'!');
        if !array && !pattern {
            return Ok(false);
        }
        let from = self.at;
        value.flags |= if array { content::ARRAY } else { content::GLOB };
        let read = |parser: &mut Self| {
            parser.at += 1;
            parser.deeper(|parser| parser.group(array))
        };
        if array {
            self.part(part::ARRAY, from, |parser, _| read(parser))?;
        } else {
            read(self)?;
        }
        value.text.push_str(&self.text[from..self.at]);
        Ok(true)
    }

    /// Whether the word up to here is `name=`, as an argument of `declare` may be.
    fn at_name_and_equals(&self, start: usize) -> bool {
        let name = name_of(&self.text[start..]);
        matches!(&self.bytes[start + name..self.at], b"=" | b"+=")
    }

    /// Words up to `)`, which is passed.
    pub(super) fn group(&mut self, array: bool) -> Result<(), Unparsed> {
        loop {
            if array {
                self.lines()?;
            } else {
                self.blanks();
            }
            match self.peek() {
                Some(b')') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'|') if !array => self.at += 1,
                // Its parts are those of the word that holds it.
                _ => drop(self.word_with_mark()?),
            }
        }
    }

    fn is_brace_expansion(&self) -> bool {
        let rest = &self.rest()[..self.rest().len().min(MAX_BRACE)];
        let Some(end) = rest.iter().position(|&byte| byte == b'}' || ends_word(Some(byte))) else { return false };
        rest[end] == b'}' && (rest[..end].contains(&b',') || rest[..end].windows(2).any(|pair| pair == b".."))
    }

    /// Where `))` ends what begins at `from`, if that is arithmetic and not commands in two pairs of parentheses.
    pub(super) fn arithmetic_end(&self, from: usize) -> Option<usize> {
        let mut depth = 0_u32;
        let mut at = from;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b')' => return (self.bytes.get(at + 1) == Some(&b')')).then_some(at),
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Arithmetic up to `))`, which is passed; read for the substitutions in it.
    pub(super) fn arithmetic(&mut self, quoted: bool) -> Result<(), Unparsed> {
        self.deeper(|parser| {
            let mut inner = Value::default();
            let mut depth = 0_u32;
            loop {
                match parser.rest() {
                    [] => return Err(Unparsed),
                    [b')', b')', ..] if depth == 0 => {
                        parser.at += 2;
                        return Ok(());
                    }
                    [b'(', ..] => depth += 1,
                    [b')', ..] => depth = depth.checked_sub(1).ok_or(Unparsed)?,
                    [b'\\', _, ..] => parser.at += 1,
                    [b'$', ..] => {
                        parser.dollar(quoted, &mut inner)?;
                        continue;
                    }
                    [b'`', ..] => {
                        parser.backticks(quoted, &mut inner)?;
                        continue;
                    }
                    _ => {}
                }
                parser.at += 1;
            }
        })
    }

    /// `[[ … ]]`, from after its opening word on, as a command of that name.
    pub(super) fn test(&mut self) -> Result<(), Unparsed> {
        let start = self.at - 2;
        self.at = start;
        let (mark, words, heredocs) = (self.out.mark(), self.words.len(), self.heredocs.len());
        let outer = std::mem::replace(&mut self.current, NONE);
        let result = self.test_words(start);
        self.current = outer;
        self.words.truncate(words);
        if result.is_err() {
            self.out.go_back(mark);
            self.heredocs.truncate(heredocs);
            self.known = Some(start);
        }
        result
    }

    fn test_words(&mut self, start: usize) -> Result<(), Unparsed> {
        let command = self.begin(start);
        let first = self.words.len();
        loop {
            self.lines()?;
            let closes = self.at_word("]]");
            let word = match self.peek() {
                None => return Err(Unparsed),
                // Operators, and parts of regular expressions.
                Some(b'(' | b')' | b'<' | b'>' | b'&' | b'|' | b';') => {
                    let from = self.at;
                    self.at += 1;
                    self.word_of(from, &Value { text: self.text[from..self.at].to_owned(), flags: 0 })
                }
                Some(_) => self.word()?,
            };
            self.words.push(word);
            if closes {
                self.out.finish(command, &self.words[first..], self.source.span(start, self.at).end);
                return Ok(());
            }
        }
    }

    /// Expansions in a text that is no word: the body of a heredoc.
    pub(super) fn expansions(&mut self) -> Result<(), Unparsed> {
        let mut value = Value::default();
        while let Some(len) = self.rest().iter().position(|byte| matches!(byte, b'\\' | b'$' | b'`')) {
            self.at += len;
            match self.rest() {
                [b'\\', _, ..] => self.at += 2,
                [b'$', ..] => self.dollar(true, &mut value)?,
                [b'`', ..] => self.backticks(true, &mut value)?,
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// A word without its quotes and escapes, as the command gets it; variables and substitutions stay as written.
    pub(super) fn unquoted(&self, word: Extent) -> Text<'static> {
        let (mut at, end) = (word.start as usize, word.end as usize);
        let mut text = Text::default();
        let mut double = false;
        while at < end {
            let rest = &self.bytes[at..end];
            let next = rest.get(1).copied();
            match rest[0] {
                b'\'' if !double => {
                    let len = memchr::memchr(b'\'', &rest[1..]).unwrap_or(rest.len() - 1);
                    text.push(self.source, at + 1, at + 1 + len);
                    at += len + 2;
                }
                b'"' => {
                    double = !double;
                    at += 1;
                }
                b'\\' if next == Some(b'\n') => at += 2,
                b'\\' if next.is_some() && (!double || matches!(next, Some(b'$' | b'`' | b'"' | b'\\'))) => {
                    let len = self.text[at + 1..].chars().next().map_or(1, char::len_utf8);
                    text.push_escape(self.source, at, at + 1 + len, &self.text[at + 1..at + 1 + len]);
                    at += 1 + len;
                }
                _ => {
                    let special = |&byte: &u8| matches!(byte, b'\'' | b'"' | b'\\');
                    let len = 1 + rest[1..].iter().position(special).unwrap_or(rest.len() - 1);
                    text.push(self.source, at, at + len);
                    at += len;
                }
            }
        }
        text
    }
}

/// Whether a byte stands for itself wherever in a word it stands.
const fn is_plain(byte: u8) -> bool {
    !matches!(
        byte,
        b' ' | b'\t'
            | b'\n'
            | b'\r'
            | b';'
            | b'&'
            | b'|'
            | b'<'
            | b'>'
            | b'('
            | b')'
            | b'$'
            | b'`'
            | b'\''
            | b'"'
            | b'\\'
            | b'*'
            | b'?'
            | b'['
            | b'{'
            | b'~'
    )
}
