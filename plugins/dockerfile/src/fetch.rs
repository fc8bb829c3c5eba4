//! How the command lines of curl and wget are read.

use hullmark_sdk::prelude::*;

/// Short options of curl that take a value.
pub(crate) const CURL_VALUED: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

/// Short options of wget that take a value.
pub(crate) const WGET_VALUED: &str = "aABDeGIilOoPQRTtUwX";

/// The letters of a word of short options, up to the first of those in `valued`, which take a value; and what stands behind
/// that one in the word, nothing where the value is the next word.
pub(crate) fn letters<'a>(word: &'a str, valued: &str) -> (&'a str, Option<&'a str>) {
    let letters = word.strip_prefix('-').filter(|letters| !letters.starts_with('-')).unwrap_or_default();
    match letters.find(|letter| valued.contains(letter)) {
        Some(last) => {
            let (letters, value) = letters.split_at(last + 1);
            (letters, Some(value).filter(|value| !value.is_empty()))
        }
        None => (letters, None),
    }
}

/// Name of the file that curl or wget writes to, as it is written, without its folder.
pub(crate) fn output<'a>(command: Command<'a>, address: Word<'a>) -> Option<&'a str> {
    let is_curl = command.name() == Some("curl");
    let (valued, letter, long) =
        if is_curl { (CURL_VALUED, 'o', "--output") } else { (WGET_VALUED, 'O', "--output-document") };
    let mut words = command.words().skip(1);
    while let Some(word) = words.next() {
        let text = word.resolved().unwrap_or_else(|| word.raw());
        let (letters, value) = letters(text, valued);
        if letters.ends_with(letter) || text == long {
            return value.or_else(|| words.next().map(Word::raw)).map(file_name);
        }
        if let Some(value) = text.strip_prefix(long).and_then(|rest| rest.strip_prefix('=')) {
            return Some(file_name(value));
        }
        if is_curl && (letters.contains('O') || text == "--remote-name") {
            return Some(file_name(address.raw()));
        }
    }
    if !is_curl {
        return Some(file_name(address.raw()));
    }
    command.redirections().find(|redirection| redirection.descriptor().is_none()).map(|to| file_name(to.target().raw()))
}

/// The last part of a path or address, without quotes.
pub(crate) fn file_name(path: &str) -> &str {
    path.trim_matches(['"', '\'']).rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_ends_with_the_first_value() {
        assert_eq!(letters("-fsSLo", "oH"), ("fsSLo", None));
        assert_eq!(letters("-sokay", "oH"), ("so", Some("kay")));
        assert_eq!(letters("-sk", "oH"), ("sk", None));
        assert_eq!(letters("--insecure", "oH"), ("", None));
        assert_eq!(letters("file", "oH"), ("", None));
    }
}
