//! Splitting the text after a keyword: flags, words between blanks, and words that may hold quotes.

use super::{Escape, Extent, Flag};

/// What parts an instruction's words for BuildKit: ASCII blanks only.
pub(crate) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\x0b' | b'\x0c' | b'\r' | b' ')
}

/// What Go calls white space, in one byte of a UTF-8 text.
const fn is_space(byte: u8) -> bool {
    is_blank(byte) || byte == b'\n'
}

/// Words between blanks; quotes mean nothing. The text begins and ends with none.
pub(crate) fn between_blanks(text: &str) -> Vec<Extent> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = bytes[at..].iter().position(|&byte| is_blank(byte)).map_or(bytes.len(), |len| at + len);
        words.push(Extent::new(at, end));
        at = bytes[end..].iter().position(|&byte| !is_blank(byte)).map_or(bytes.len(), |len| end + len);
    }
    words
}

/// Words between white space that quotes and escapes may hold together. Both stay in the word, but an escape character
/// at the very end of the text is dropped.
pub(crate) fn quoted(text: &str, escape: Escape) -> Vec<Extent> {
    let escape = escape.char();
    let mut words = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some(&(start, first)) = chars.peek() {
        if first.is_whitespace() {
            chars.next();
            continue;
        }
        let mut quote = None;
        let mut end = start;
        while let Some(&(at, char)) = chars.peek() {
            if quote.is_none() && char.is_whitespace() {
                break;
            }
            chars.next();
            if char == escape && quote != Some('\'') {
                let Some((next, escaped)) = chars.next() else { break };
                end = next + escaped.len_utf8();
                continue;
            }
            end = at + char.len_utf8();
            if quote == Some(char) {
                quote = None;
            } else if quote.is_none() && matches!(char, '\'' | '"') {
                quote = Some(char);
            }
        }
        if end > start {
            words.push(Extent::new(start, end));
        }
    }
    words
}

/// The leading words that begin with `--`, and where the rest of the text begins. A lone `--` ends them.
///
/// Quotes and escapes (always with a backslash) are resolved, as BuildKit does.
pub(crate) fn flags(text: &str) -> (Vec<Flag>, usize) {
    let bytes = text.as_bytes();
    let mut flags = Vec::new();
    let mut at = 0;
    loop {
        at += bytes[at..].iter().take_while(|&&byte| is_space(byte)).count();
        if !bytes[at..].starts_with(b"--") {
            return (flags, at);
        }
        let (flag, end) = flag(text, at);
        if flag.name.is_empty() && flag.value.is_none() {
            return (flags, end);
        }
        flags.push(flag);
        at = end;
    }
}

/// The flag that begins at `start`, and where it ends.
fn flag(text: &str, start: usize) -> (Flag, usize) {
    let mut chars = text[start..].char_indices().map(|(at, char)| (start + at, char));
    let mut word = String::new();
    let mut name_end = None;
    let mut quote = None;
    let mut end = text.len();
    while let Some((at, char)) = chars.next() {
        if quote.is_none() && char.is_ascii() && is_space(char as u8) {
            end = at;
            break;
        }
        if quote == Some(char) {
            quote = None;
            continue;
        }
        if quote.is_none() && matches!(char, '\'' | '"') {
            quote = Some(char);
            continue;
        }
        let mut written = char;
        if char == '\\' {
            let Some((_, escaped)) = chars.next() else { break };
            written = escaped;
        }
        if written == '=' && name_end.is_none() {
            name_end = Some((at, word.len()));
        }
        word.push(written);
    }
    let (name_at, split) = name_end.unwrap_or((end, word.len()));
    let flag = Flag {
        extent: Extent::new(start, end),
        name_extent: Extent::new(start, name_at),
        name: word[..split].strip_prefix("--").unwrap_or(&word[..split]).to_owned(),
        value: word.get(split + 1..).map(str::to_owned),
    };
    (flag, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices<'t>(text: &'t str, words: &[Extent]) -> Vec<&'t str> {
        words.iter().map(|word| &text[word.start as usize..word.end as usize]).collect()
    }

    fn split(text: &str) -> Vec<&str> {
        slices(text, &quoted(text, Escape::Backslash))
    }

    #[test]
    fn only_ascii_blanks_part_plain_words() {
        let text = "a\u{a0}b  \"c\td\"";
        assert_eq!(slices(text, &between_blanks(text)), ["a\u{a0}b", "\"c", "d\""]);
        assert!(between_blanks("").is_empty());
    }

    #[test]
    fn quotes_and_escapes_hold_words_together() {
        assert_eq!(split(r#"a='x y' b="q\"r s" c=z\ w"#), ["a='x y'", r#"b="q\"r s""#, r"c=z\ w"]);
        assert_eq!(split(r"n='a\'b'' x"), [r"n='a\'b''", "x"], "a backslash escapes nothing in single quotes");
        assert_eq!(split("a=b\\"), ["a=b"]);
        assert_eq!(split("\\"), [""; 0]);
        assert_eq!(split("a=\"b c"), ["a=\"b c"], "an open quote takes the rest");
    }

    #[test]
    fn flags_end_at_the_first_argument() {
        let (found, rest) = flags("--a=1 --b  x --c");
        assert_eq!(found.iter().map(|flag| flag.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(found[0].value.as_deref(), Some("1"));
        assert_eq!(found[1].value, None);
        assert_eq!(rest, 11);
        assert_eq!(flags("- x").1, 0);
    }

    #[test]
    fn two_dashes_end_the_flags_and_are_dropped() {
        let (found, rest) = flags("--a -- --b");
        assert_eq!((found.len(), rest), (1, 6));
    }

    #[test]
    fn quotes_in_flags_are_resolved() {
        let text = r#"--a="x y"\ z rest"#;
        let (found, rest) = flags(text);
        assert_eq!(found[0].value.as_deref(), Some("x y z"));
        assert_eq!(slices(text, &[found[0].extent, found[0].name_extent]), [r#"--a="x y"\ z"#, "--a"]);
        assert_eq!(&text[rest..], " rest".trim());
    }
}
