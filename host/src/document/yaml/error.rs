//! What the YAML parser complains of, in words that say what to do, and at a place that can be seen.

use granit_parser::{ErrorKind, ScanError};

use super::super::{Problem, Span};

/// What the parser had read when it stopped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Where the last token of content ended.
    pub(super) after: usize,
    /// Where the innermost open collection begins.
    pub(super) collection: Option<usize>,
}

/// A problem at `offset` of `text`: from there to the end of the word, or at the last character before it where the
/// line or the text ends.
pub(super) fn problem_at(text: &str, offset: usize, message: impl Into<String>) -> Problem {
    Problem { span: visible(text, offset), message: message.into(), aliases: &[] }
}

/// The problem behind a parser's error; `from` is where the part that it parsed begins.
pub(super) fn problem(text: &str, from: usize, error: &ScanError, place: Place) -> Problem {
    let offset = floor(text, from + error.marker().byte_offset().unwrap_or(0));
    let fault = Fault { text, offset, place };
    let (span, message) = fault.explain(error.kind());
    let message = message.unwrap_or_else(|| error.info());
    Problem { span, message, aliases: &[] }
}

/// Where the parser stopped.
#[derive(Clone, Copy)]
struct Fault<'a> {
    text: &'a str,
    offset: usize,
    place: Place,
}

impl Fault<'_> {
    /// Place and message; no message where the parser's own is good enough, because it is hardly ever seen.
    fn explain(self, kind: &ErrorKind) -> (Span, Option<String>) {
        match kind {
            ErrorKind::RecursionLimitExceeded => self.here(super::too_deep()),
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar => self.tab(),
            ErrorKind::UnknownAnchor => self.here(
                "the alias names no anchor that stands before it in this document; quote the text if it is no alias",
            ),
            ErrorKind::MissingAnchorOrAliasName => {
                self.here("a value without quotes cannot begin with `*` or `&`; quote it")
            }
            ErrorKind::UnexpectedCharacter { character } => self.character(*character),
            ErrorKind::BlockEntryInFlowCollection => {
                self.here("an item cannot begin with `-` inside brackets; remove the dash, or quote the value")
            }
            ErrorKind::BlockSequenceEntryNotAllowed => {
                self.here("an item cannot begin here; put it on a line of its own, or quote the value")
            }
            ErrorKind::InvalidBlockScalarHeader => self.here(
                "nothing but digits, `+`, `-` and a comment may follow `|` or `>`; begin the text on the next line",
            ),
            ErrorKind::UnknownQuotedScalarEscape => self.escape(),
            ErrorKind::ExpectedDocumentStart => {
                self.here("the document ended above; begin another with `---`, or remove what stands before this line")
            }
            ErrorKind::SimpleKeyExpected => {
                self.here("this key has no `:`; add it, or indent the line as part of the value above")
            }
            ErrorKind::MappingValueNotAllowed => self.colon(),
            ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => self.block(),
            ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
                self.after_quote()
            }
            _ => self.explain_brackets(kind),
        }
    }

    fn explain_brackets(self, kind: &ErrorKind) -> (Span, Option<String>) {
        match kind {
            ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::DocumentIndicatorInQuotedScalar => self.quote(),
            ErrorKind::UnclosedFlowCollection { open } => {
                self.bracket(format!("this `{open}` is never closed; add `{}`", closing(*open)))
            }
            ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
                self.bracket(format!("this `{open}` is closed by `{close}`; write `{}` there", closing(*open)))
            }
            ErrorKind::MisplacedFlowCollectionEnd => {
                self.here("this bracket closes nothing; remove it, or quote the value")
            }
            ErrorKind::ExpectedFlowSequenceSeparator => self.separator('['),
            ErrorKind::ExpectedFlowMappingSeparator => self.separator('{'),
            ErrorKind::InvalidColonPlacement
            | ErrorKind::InvalidFlowScalarIndent
            | ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofImplicitFlowMapping => self.unclosed(),
            _ => (visible(self.text, self.offset), None),
        }
    }

    fn here(self, message: impl Into<String>) -> (Span, Option<String>) {
        (visible(self.text, self.offset), Some(message.into()))
    }

    fn at(self, offset: usize, message: impl Into<String>) -> (Span, Option<String>) {
        Self { offset, ..self }.here(message)
    }

    /// The bracket that stands here.
    fn bracket(self, message: String) -> (Span, Option<String>) {
        (Span::new(self.offset as u32, self.ceil(self.offset + 1) as u32), Some(message))
    }

    /// The line up to the place.
    fn before(&self) -> &str {
        let start = self.text[..self.offset].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        &self.text[start..self.offset]
    }

    fn begins_line(&self) -> bool {
        self.before().trim_start_matches('\u{feff}').trim().is_empty()
    }

    fn tab(self) -> (Span, Option<String>) {
        let blanks = self.before().len() - self.before().trim_end_matches([' ', '\t']).len();
        let near = self.offset - blanks;
        let tab = memchr::memchr(b'\t', &self.text.as_bytes()[near..]).map_or(self.offset, |at| near + at);
        (Span::new(tab as u32, self.ceil(tab + 1) as u32), Some("a tab cannot indent a line; use spaces".to_owned()))
    }

    fn ceil(&self, mut offset: usize) -> usize {
        while !self.text.is_char_boundary(offset) && offset < self.text.len() {
            offset += 1;
        }
        offset.min(self.text.len())
    }

    fn character(self, character: char) -> (Span, Option<String>) {
        let end = self.ceil(self.offset + 1);
        let span = Span::new(self.offset as u32, end as u32);
        if character.is_control() || self.text[self.offset..end].chars().any(char::is_control) {
            return (
                span,
                Some(format!("the control character U+{:04X} cannot stand in YAML; remove it", u32::from(character))),
            );
        }
        self.here(format!("a value without quotes cannot begin with {}; quote it", code(character)))
    }

    /// The escape that double quotes do not know.
    fn escape(self) -> (Span, Option<String>) {
        let mut rest = self.text[self.offset..].char_indices();
        while let Some((at, character)) = rest.next() {
            let Some((_, escaped)) = (character == '\\').then(|| rest.next()).flatten() else { continue };
            if "0abt\tnvfre \"/\\N_LPxuU\n\r".contains(escaped) {
                continue;
            }
            let start = self.offset + at;
            let span = Span::new(start as u32, (start + 1 + escaped.len_utf8()) as u32);
            let message = "double quotes know no such escape; write the backslash twice, or use single quotes";
            return (span, Some(message.to_owned()));
        }
        self.here("double quotes know no such escape; write the backslash twice, or use single quotes")
    }

    /// A `:` that makes a key where none can be.
    fn colon(self) -> (Span, Option<String>) {
        let line = self.before();
        let key = line.trim_start_matches([' ', '\t', '\u{feff}']);
        let end = self.ceil(self.offset + 1);
        if key.contains(": ") {
            let word = key.len() - key.rfind(' ').map_or(0, |at| at + 1);
            let span = Span::new((self.offset - word) as u32, end as u32);
            return (span, Some("a value without quotes cannot hold `:` before a space; quote it".to_owned()));
        }
        let span = Span::new((self.offset - key.len()) as u32, end as u32);
        let message = "the line above goes on here, so this cannot be a key; correct the indentation, or end the line above with `:`";
        (span, Some(message.to_owned()))
    }

    /// Something that is no part of the block collection around it.
    fn block(mut self) -> (Span, Option<String>) {
        let line = self.before().trim_start();
        if !line.trim_end_matches([' ', '-']).is_empty() {
            return self.here("text follows a value that has ended; quote the whole value");
        }
        // An item may be reported after its dash.
        self.offset -= line.len();
        let column = |offset: usize| {
            let before = &self.text[..floor(self.text, offset)];
            offset - before.rfind(['\n', '\r']).map_or(0, |end| end + 1)
        };
        let lines_up = self.place.collection.is_some_and(|start| column(start) == column(self.offset));
        if !lines_up {
            return self
                .here("the indentation fits nothing above; line it up with the keys or items that this belongs to");
        }
        if self.text[self.offset..].starts_with("- ") {
            return self.here("an item cannot stand between keys; indent it below the key that holds it");
        }
        self.here("a key cannot stand between items; begin it with `- `, or correct the indentation")
    }

    /// The quote that opens a text without end.
    fn quote(self) -> (Span, Option<String>) {
        let (at, quote) = self.opening_quote().unwrap_or((self.offset, '"'));
        self.at(at, format!("the quoted text that begins here is not closed; add {}", code(quote)))
    }

    /// The first quote behind the last token that can open a text.
    fn opening_quote(self) -> Option<(usize, char)> {
        let from = floor(self.text, self.place.after.min(self.offset));
        let quotes = self.text[from..].char_indices().filter(|(_, character)| matches!(character, '"' | '\''));
        quotes.map(|(at, quote)| (from + at, quote)).find(|&(at, _)| {
            at == 0 || self.text[..at].ends_with([' ', '\t', '\n', '\r', '[', '{', ',', ':', '-', '\u{feff}'])
        })
    }

    /// What follows a closing quote.
    fn after_quote(self) -> (Span, Option<String>) {
        // What ends in a line that does not belong below the one where it began was meant to end there.
        let began = self.opening_quote().map_or(self.offset, |(at, _)| at);
        let goes_on = self.text[began.min(self.offset)..self.offset].contains(['\n', '\r']);
        if goes_on && self.indentation(self.offset) <= self.indentation(began) {
            return self.quote();
        }
        if self.text[self.offset..].starts_with(['"', '\'']) {
            return self.here(
                "two quoted texts follow each other; put a `,` between them, or escape the quotes inside one text",
            );
        }
        self.here("text follows a closing quote; quote the whole value, and escape the quotes inside it")
    }

    /// Blanks that the line of an offset begins with.
    fn indentation(&self, offset: usize) -> usize {
        let start = self.text[..offset].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        self.text[start..].bytes().take_while(|&byte| byte == b' ').count()
    }

    /// A value where a comma or the closing bracket must stand.
    fn separator(self, open: char) -> (Span, Option<String>) {
        let start = floor(self.text, self.place.collection.unwrap_or(self.offset).min(self.offset));
        let continues =
            self.text[self.offset..].starts_with(':') && self.text[start..self.offset].contains(['\n', '\r']);
        if continues || self.begins_line() || self.offset >= self.text.trim_end().len() {
            return self.unclosed();
        }
        let close = closing(open);
        self.here(format!("a `,` or `{close}` must stand before this; add it, or quote the value"))
    }

    /// A bracket that the lines below do not close.
    fn unclosed(self) -> (Span, Option<String>) {
        let start = self.place.collection.unwrap_or(self.offset);
        match self.text.as_bytes().get(start) {
            Some(&byte @ (b'[' | b'{')) => {
                let open = char::from(byte);
                let span = Span::new(start as u32, start as u32 + 1);
                let close = closing(open);
                (
                    span,
                    Some(format!(
                        "this `{open}` is not closed where it should be; add `{close}`, or a `,` after each item"
                    )),
                )
            }
            _ => self.here("a bracket above is not closed; close it, or quote the value"),
        }
    }
}

fn closing(open: char) -> char {
    if open == '[' { ']' } else { '}' }
}

/// A character in backticks, or in words where it is one.
fn code(character: char) -> String {
    if character == '`' { "a backtick".to_owned() } else { format!("`{character}`") }
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn visible(text: &str, offset: usize) -> Span {
    let start = floor(text, offset);
    let word = text[start..].find(|character: char| character.is_whitespace()).unwrap_or(text.len() - start);
    if word > 0 {
        return Span::new(start as u32, (start + word) as u32);
    }
    if text[start..].starts_with('\t') {
        return Span::new(start as u32, start as u32 + 1);
    }
    let before = text[..start].trim_end();
    if let Some(last) = before.chars().next_back() {
        return Span::new((before.len() - last.len_utf8()) as u32, before.len() as u32);
    }
    let first = text[start..].chars().next().map_or(0, char::len_utf8);
    Span::new(start as u32, (start + first) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, offset: usize) -> &str {
        &text[visible(text, offset).range()]
    }

    #[test]
    fn a_place_is_a_word_or_the_last_character_before_it() {
        assert_eq!(shown("a: [b\n", 3), "[b");
        assert_eq!(shown("a: ü\n\n", 6), "ü");
        assert_eq!(shown("a: ü\n\n", 99), "ü");
        assert_eq!(shown("a\n\tb", 2), "\t");
        assert_eq!(shown("\n", 0), "\n");
        assert_eq!(shown("", 0), "");
    }
}
