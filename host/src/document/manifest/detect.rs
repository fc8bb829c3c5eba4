//! Whether a text is worth parsing as a manifest, told without parsing it.

use memchr::memmem;

/// Whether a text may hold a manifest: both keys that every Kubernetes object has occur in it. Never wrong where it says
/// no, apart from keys that are written with escapes.
#[must_use]
pub fn looks_like_manifest(text: &str) -> bool {
    memmem::find(text.as_bytes(), b"apiVersion").is_some() && memmem::find(text.as_bytes(), b"kind").is_some()
}

/// Whether a text that cannot be parsed was meant as a manifest: both keys stand at the top level.
pub(super) fn has_top_level_keys(text: &str) -> bool {
    has_key(text, "apiVersion") && has_key(text, "kind")
}

/// Whether a key begins a line, or is a quoted key of a text that begins like JSON.
fn has_key(text: &str, key: &str) -> bool {
    let json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    memmem::find_iter(text.as_bytes(), key).any(|at| {
        let before = &text[..at];
        let after = text[at + key.len()..].trim_start_matches(['"', '\'', ' ', '\t']);
        let begins_line = before.is_empty() || before.ends_with(['\n', '\r', '\u{feff}']);
        after.starts_with(':') && (begins_line || json && before.ends_with('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_below_other_keys_or_in_words_are_not_at_the_top() {
        assert!(!has_top_level_keys("spec:\n  apiVersion: v1\n  kind: Pod\n"));
        assert!(!has_top_level_keys("apiVersions: v1\nkinds: x\n"));
        assert!(!has_top_level_keys("apiVersion: v1\n"));
    }

    #[test]
    fn both_keys_at_the_top_make_a_manifest() {
        assert!(has_top_level_keys("\u{feff}apiVersion: v1\nkind : [\n"));
        assert!(has_top_level_keys("{\"kind\": \"Pod\", \"apiVersion\": \"v1\""));
        assert!(looks_like_manifest("# c\napiVersion: v1\nkind: Pod\n"));
        assert!(!looks_like_manifest("kind: Pod\n"));
    }
}
