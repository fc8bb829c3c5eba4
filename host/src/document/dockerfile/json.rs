//! JSON arrays of strings (the exec form), read as Go's `encoding/json` reads them, with the place of every string.

use super::{Extent, Word};

/// What a text that begins with `[` turns out to be.
#[derive(Debug)]
pub(crate) enum Array {
    /// An array of strings; extents count the text that was given.
    Strings(Vec<Word>),
    /// A valid array with something in it that is no string, here.
    NotStrings(Extent),
}

/// Deepest nesting that is followed; Go's decoder stops at 10,000, and nobody writes more than one level.
const MAX_DEPTH: usize = 10_000;

/// Reads `text` as one JSON array with nothing after it; `None` for anything else.
pub(crate) fn array(text: &str) -> Option<Array> {
    let mut reader = Reader { bytes: text.as_bytes(), text, at: 0 };
    reader.blanks();
    reader.byte(b'[')?;
    let mut words = Vec::new();
    let mut odd = None;
    reader.blanks();
    if reader.byte(b']').is_none() {
        loop {
            reader.blanks();
            let start = reader.at;
            if reader.peek() == Some(b'"') {
                let value = reader.string()?;
                words.push(Word { extent: Extent::new(start, reader.at), value });
            } else {
                reader.value()?;
                odd = odd.or(Some(Extent::new(start, reader.at)));
            }
            reader.blanks();
            if reader.byte(b',').is_none() {
                break;
            }
        }
        reader.byte(b']')?;
    }
    reader.blanks();
    if reader.peek().is_some() {
        return None;
    }
    Some(odd.map_or(Array::Strings(words), Array::NotStrings))
}

struct Reader<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
}

/// What may follow inside a nested value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closer {
    Bracket,
    Brace,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn byte(&mut self, expected: u8) -> Option<()> {
        (self.peek() == Some(expected)).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// A string with its quotes; unescaped.
    fn string(&mut self) -> Option<String> {
        self.byte(b'"')?;
        let mut value = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            value.push_str(&self.text[start..self.at]);
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(value);
                }
                b'\\' => value.push(self.escape()?),
                _ => return None,
            }
        }
    }

    /// An escape sequence; half a surrogate pair becomes U+FFFD.
    fn escape(&mut self) -> Option<char> {
        self.byte(b'\\')?;
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                self.second_half(first).or(char::from_u32(first)).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    /// The character of a surrogate pair whose first half was `high`; the second half is consumed only if it fits.
    fn second_half(&mut self, high: u32) -> Option<char> {
        if !(0xd800..0xdc00).contains(&high) || !self.bytes[self.at..].starts_with(b"\\u") {
            return None;
        }
        let before = self.at;
        self.at += 2;
        let pair = self.hex().filter(|low| (0xdc00..0xe000).contains(low));
        let Some(low) = pair else {
            self.at = before;
            return None;
        };
        char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        let mut value = 0;
        for &digit in digits {
            value = value * 16 + char::from(digit).to_digit(16)?;
        }
        self.at += 4;
        Some(value)
    }

    /// Any value, with an explicit stack of what is open.
    fn value(&mut self) -> Option<()> {
        let mut open: Vec<Closer> = Vec::new();
        loop {
            self.blanks();
            let opened = self.scalar_or_opener()?;
            if let Some(closer) = opened {
                if open.len() >= MAX_DEPTH {
                    return None;
                }
                self.blanks();
                if self.close(closer).is_none() {
                    open.push(closer);
                    self.name(closer)?;
                    continue;
                }
            }
            loop {
                let Some(&closer) = open.last() else { return Some(()) };
                self.blanks();
                if self.byte(b',').is_some() {
                    self.name(closer)?;
                    break;
                }
                self.close(closer)?;
                open.pop();
            }
        }
    }

    /// A value without parts, or the beginning of one that has them.
    fn scalar_or_opener(&mut self) -> Option<Option<Closer>> {
        match self.peek()? {
            b'"' => drop(self.string()?),
            b'[' => {
                self.at += 1;
                return Some(Some(Closer::Bracket));
            }
            b'{' => {
                self.at += 1;
                return Some(Some(Closer::Brace));
            }
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => self.number()?,
        }
        Some(None)
    }

    fn close(&mut self, closer: Closer) -> Option<()> {
        self.byte(if closer == Closer::Bracket { b']' } else { b'}' })
    }

    /// The name before a member's value, in an object.
    fn name(&mut self, closer: Closer) -> Option<()> {
        if closer == Closer::Bracket {
            return Some(());
        }
        self.blanks();
        self.string()?;
        self.blanks();
        self.byte(b':')
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.bytes[self.at..].starts_with(word.as_bytes()).then(|| self.at += word.len())
    }

    /// A number that a 64-bit float can hold.
    fn number(&mut self) -> Option<()> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.byte(b'0').is_none() {
            self.digits()?;
        }
        if self.byte(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let number: f64 = self.text[start..self.at].parse().ok()?;
        number.is_finite().then_some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> Option<Vec<String>> {
        match array(text)? {
            Array::Strings(words) => Some(words.into_iter().map(|word| word.value).collect()),
            Array::NotStrings(_) => None,
        }
    }

    fn odd(text: &str) -> Option<&str> {
        match array(text)? {
            Array::Strings(_) => None,
            Array::NotStrings(extent) => Some(&text[extent.start as usize..extent.end as usize]),
        }
    }

    #[test]
    fn near_arrays_are_none() {
        for text in
            ["", "[", "['a']", "[\"a\"", "[\"a\",]", "[\"a\"] b", "[\"a\" \"b\"]", "[\"\\x\"]", "[\"\t\"]", "[,]"]
        {
            assert!(array(text).is_none(), "{text}");
        }
        assert!(array("[01]").is_none() && array("[1.]").is_none() && array("[1e999]").is_none());
        assert!(array("[{\"a\" 1}]").is_none() && array("[[1}]").is_none());
    }

    #[test]
    fn strings_are_unescaped_as_go_does() {
        assert_eq!(strings(" [ \"a\" ,\t\"b c\" ] "), Some(vec!["a".into(), "b c".into()]));
        assert_eq!(strings("[]"), Some(vec![]));
        assert_eq!(strings(r#"["\" \\ \/ \n \u00e9 \ud83d\udc33"]"#), Some(vec!["\" \\ / \n é \u{1f433}".into()]));
        assert_eq!(strings(r#"["\ud83dx\ud83d\u0041"]"#), Some(vec!["\u{fffd}x\u{fffd}A".into()]));
    }

    #[test]
    fn the_first_value_that_is_no_string_is_named() {
        assert_eq!(odd(r#"["a", 1, null]"#), Some("1"));
        assert_eq!(odd(r#"["a", [ "b", {"c": [-0.5e+3, {}]} ] ]"#), Some(r#"[ "b", {"c": [-0.5e+3, {}]} ]"#));
        assert_eq!(odd("[true]"), Some("true"));
    }

    #[test]
    fn depth_needs_no_stack() {
        let deep = "[".repeat(60_000);
        assert!(array(&deep).is_none());
    }
}
