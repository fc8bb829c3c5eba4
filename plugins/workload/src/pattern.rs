//! Labels and annotations as options name them: a key, or a key, `=` and a value, each with `*` for anything. No rule belongs
//! here.

use hullmark_sdk::prelude::*;

/// Whether an entry of a mapping is what a pattern names. A key alone stands for every value but an empty one.
pub(crate) fn names(pattern: &str, key: &str, value: Node) -> bool {
    let value = value.value().unwrap_or_default();
    match pattern.split_once('=') {
        Some((key_pattern, value_pattern)) => matches(key_pattern, key) && matches(value_pattern, value),
        None => matches(pattern, key) && !value.is_empty(),
    }
}

/// The patterns of an option that no entry of a mapping is named by.
pub(crate) fn unmet<'o>(
    patterns: impl Iterator<Item = &'o str>,
    mapping: Option<Node<'_>>,
) -> impl Iterator<Item = &'o str> {
    patterns.filter(move |pattern| {
        !mapping.into_iter().flat_map(Node::entries).any(|(key, value)| names(pattern, key, value))
    })
}

/// Whether a text equals a pattern in which `*` stands for anything.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|start| text.strip_prefix(start)) else { return false };
    let Some(end) = parts.next_back() else { return rest.is_empty() };
    let Some(mut rest) = rest.strip_suffix(end) else { return false };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in [("a", "a"), ("*", ""), ("a*", "abc"), ("*c", "abc"), ("a*c", "ac"), ("*@*.*", "a@b.c")]
        {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("", "a"), ("a*a", "a"), ("*@*.*", "a.b"), ("a*b*c", "acb")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
