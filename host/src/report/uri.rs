//! Paths as relative URI references (RFC 3986), and which text may stand where a format demands a URI.

use std::fmt::Write;

/// A path relative to the root as a URI reference: percent-encoded, without `./`. A colon is encoded too, so that the
/// first segment never reads as a scheme.
pub(super) fn from_path(path: &str) -> String {
    let mut path = path;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/@+=,!".contains(&byte) {
            uri.push(char::from(byte));
            continue;
        }
        // Writing to a string cannot fail.
        let _ = write!(uri, "%{byte:02X}");
    }
    uri
}

/// The path that [`from_path`] made a URI of; a `%` that encodes nothing stands for itself.
pub(super) fn to_path(uri: &str) -> Vec<u8> {
    let mut path = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).filter(|_| *first == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                path.push(byte);
                rest = &after[2..];
            }
            None => {
                path.push(*first);
                rest = after;
            }
        }
    }
    path
}

/// Whether a text that a plugin gives is a web address that every reader accepts as a URI. An address that is none would
/// make an upload fail.
pub(super) fn is_web_address(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    rest.starts_with(|first: char| first.is_ascii_alphanumeric())
        && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte))
        && rest.matches('#').count() <= 1
        && rest.split('%').skip(1).all(|escape| escape.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_encoded_from_the_root() {
        assert_eq!(from_path("deploy/app.prod/Dockerfile"), "deploy/app.prod/Dockerfile");
        assert_eq!(from_path("a b/100%/Zo\u{eb}.yaml"), "a%20b/100%25/Zo%C3%AB.yaml");
        assert_eq!(from_path("a:b/c:d"), "a%3Ab/c%3Ad");
        assert_eq!(from_path("././/x"), "x");
        assert_eq!(from_path(".hidden/x"), ".hidden/x");
        assert_eq!(from_path("a\\b[0]?#"), "a%5Cb%5B0%5D%3F%23");
    }

    #[test]
    fn a_path_comes_back() {
        for path in ["deploy/app.prod/Dockerfile", "a b/100%/Zo\u{eb}.yaml", "a:b\\[0]?#%41"] {
            assert_eq!(to_path(&from_path(path)), path.as_bytes());
        }
        assert_eq!(to_path("100%/%zz%2"), b"100%/%zz%2");
    }

    #[test]
    fn only_whole_web_addresses_pass() {
        assert!(is_web_address("https://docs.docker.com/reference/dockerfile/#from"));
        assert!(is_web_address("http://a.b/%20"));
        for text in
            ["", "docs", "https://", "https://a b", "https://a/%2", "https://a/#b#c", "https://a/<x>", "ftp://a"]
        {
            assert!(!is_web_address(text), "{text}");
        }
    }
}
