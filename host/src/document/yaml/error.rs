//! What the YAML parser complains of, in words and at a place that can be seen.

use granit_parser::{ErrorKind, ScanError};

use super::super::{Problem, Span};

/// A problem at `offset` of `text`: from there to the end of the word, or at the last character before it where the
/// line or the text ends.
pub(super) fn problem_at(text: &str, offset: usize, message: impl Into<String>) -> Problem {
    Problem { span: visible(text, offset), message: message.into() }
}

/// The problem behind a parser's error; `from` is where the part that it parsed begins.
pub(super) fn problem(text: &str, from: usize, error: &ScanError) -> Problem {
    let mut offset = from + error.marker().byte_offset().unwrap_or(0);
    let message = match error.kind() {
        ErrorKind::RecursionLimitExceeded => super::too_deep(),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => {
            offset = next_tab(text, offset);
            "a tab must not be used for indentation".to_owned()
        }
        ErrorKind::UnknownAnchor => "the alias names no anchor that stands before it in this document".to_owned(),
        _ => error.info(),
    };
    problem_at(text, offset, message)
}

/// The first tab that begins a line after an offset; the offset itself where there is none.
fn next_tab(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    if rest.starts_with('\t') {
        return offset;
    }
    memchr::memmem::find(rest.as_bytes(), b"\n\t").map_or(offset, |at| offset + at + 1)
}

fn visible(text: &str, offset: usize) -> Span {
    let mut start = offset.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
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
