//! Text inside XML and HTML.

use std::fmt::{self, Write};

/// Text that reads as it is, whatever stands in it, as the content of an element and in a quoted attribute. Characters that
/// XML cannot hold stand as U+FFFD.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // An attribute would lose them.
                '\t' | '\n' | '\r' => write!(f, "&#{};", u32::from(character))?,
                '\u{fffe}' | '\u{ffff}' => f.write_char(char::REPLACEMENT_CHARACTER)?,
                character if character.is_control() => f.write_char(char::REPLACEMENT_CHARACTER)?,
                character => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

/// A sentence in HTML, with what stands in backticks as code. A backtick without its partner makes all of it plain text.
pub(super) fn prose(text: &str, escape: impl Fn(&str) -> String) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let mut prose = String::with_capacity(text.len() * 2);
    for (index, part) in parts.into_iter().enumerate() {
        let escaped = escape(part);
        prose += &if index % 2 == 1 { format!("<code>{escaped}</code>") } else { escaped };
    }
    prose
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_is_text() {
        let hostile = "]]><b a=\"1\" b='2'>&amp;\n\t\u{1b}[0m\0\u{ffff}é";
        assert_eq!(
            Escaped(hostile).to_string(),
            "]]&gt;&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;&#10;&#9;\u{fffd}[0m\u{fffd}\u{fffd}é"
        );
    }

    #[test]
    fn backticks_make_code_in_pairs_only() {
        let html = |text| prose(text, |text| Escaped(text).to_string());
        assert_eq!(html("`a<b` is `c`"), "<code>a&lt;b</code> is <code>c</code>");
        assert_eq!(html("a ` b"), "a ` b");
        assert_eq!(html("``"), "<code></code>");
    }
}
