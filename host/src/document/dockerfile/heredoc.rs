//! Words that open heredocs.

use super::Extent;
use super::expand::{self, Keep};

/// The opener of a heredoc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opener {
    /// The word, in the text that was searched.
    pub(crate) extent: Extent,
    /// The delimiter without quotes and escapes.
    pub(crate) name: String,
    /// File descriptor before `<<`; 0 where none is written.
    pub(crate) descriptor: u32,
    /// Whether no part of the delimiter is quoted.
    pub(crate) expand: bool,
    /// Whether it is `<<-`.
    pub(crate) chomp: bool,
}

/// The openers in an instruction's text. Text that is no well-formed shell line has none, as in BuildKit.
pub(crate) fn openers(text: &str) -> Vec<Opener> {
    if !text.contains("<<") {
        return Vec::new();
    }
    let words = expand::split(text, Keep { quotes: true, escapes: true, ..Keep::default() }).unwrap_or_default();
    words.iter().filter_map(|word| Some(Opener { extent: word.extent, ..opener(&word.text)? })).collect()
}

/// Reads one word, with its quotes and escapes, as an opener.
pub(crate) fn opener(word: &str) -> Option<Opener> {
    let digits = word.len() - word.trim_start_matches(|char: char| char.is_ascii_digit()).len();
    let after = word[digits..].strip_prefix("<<")?;
    let (after, chomp) = after.strip_prefix('-').map_or((after, false), |rest| (rest, true));
    let written = after.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
    if written.is_empty() || written.contains('<') {
        return None;
    }
    let [name] = <[_; 1]>::try_from(expand::split(written, Keep::default()).ok()?).ok()?;
    let quotes = |text: &str| text.bytes().filter(|byte| matches!(byte, b'\'' | b'"')).count();
    let [quoted] = <[_; 1]>::try_from(expand::split(written, Keep { quotes: true, ..Keep::default() }).ok()?).ok()?;
    Some(Opener {
        extent: Extent::default(),
        expand: quotes(&name.text) == quotes(&quoted.text),
        name: name.text,
        descriptor: word[..digits].parse().unwrap_or(0),
        chomp,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        openers(text).into_iter().map(|opener| opener.name).collect()
    }

    #[test]
    fn near_heredocs_are_none() {
        for text in ["cat <<<x", "\"<<X\" y", "<<- EOF", "$((1<<2))", "cat<<EOF", "<<", "<<''", "<<'a", "a < b"] {
            assert!(names(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn delimiters_lose_quotes_and_escapes() {
        assert_eq!(names("a <<EOF 3<<-'x y' << \"b\"c <<eo\\'f <<$E"), ["EOF", "x y", "bc", "eo'f", "$E"]);
        assert_eq!(names("$((1 << 2))"), ["2))"], "BuildKit takes this for a heredoc, too");
    }

    #[test]
    fn a_quoted_part_stops_expansion_and_an_escaped_quote_does_not() {
        let found = openers("3<<-EOF <<e'o'f <<eo\\'f");
        assert_eq!(found.iter().map(|opener| opener.expand).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!((found[0].descriptor, found[0].chomp), (3, true));
        assert_eq!((found[1].extent.start, found[1].extent.end), (8, 15));
    }
}
