//! Whether a text is worth parsing as a manifest, told without parsing it.

use memchr::memmem;

/// Whether a text may hold a manifest: of `apiVersion`, `kind` and `metadata`, which Kubernetes objects have, one may be
/// missing. Never wrong where it says no, apart from keys that are written with escapes.
#[must_use]
pub fn looks_like_manifest(text: &str) -> bool {
    let missing = |key: &&&str| memmem::find(text.as_bytes(), key.as_bytes()).is_none();
    ["apiVersion", "kind", "metadata"].iter().filter(missing).take(2).count() < 2
}

/// Whether a text that cannot be parsed was meant as a manifest: both keys stand at the top level, or one there and the
/// other, wrongly indented, on the line before or after it.
pub(super) fn has_top_level_keys(text: &str) -> bool {
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return has_json_key(text, "apiVersion") && has_json_key(text, "kind");
    }
    let (mut version, mut kind) = (false, false);
    let mut above = None;
    let lines = text.trim_start_matches('\u{feff}').split(['\n', '\r']);
    for line in lines.filter(|line| !line.trim_start().is_empty() && !line.trim_start().starts_with('#')) {
        let key = ["apiVersion", "kind"].into_iter().find(|key| is_key(line.trim_start(), key));
        let top = !line.starts_with([' ', '\t']);
        version |= top && key == Some("apiVersion");
        kind |= top && key == Some("kind");
        let pair = matches!(above, Some((other, outer)) if key.is_some() && key != Some(other) && (top || outer));
        if pair || version && kind {
            return true;
        }
        above = key.map(|key| (key, top));
    }
    false
}

/// Whether a line begins with a key, quoted or not.
fn is_key(line: &str, key: &str) -> bool {
    let rest = line.trim_start_matches(['"', '\'']).strip_prefix(key);
    rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ', '\t']).starts_with(':'))
}

/// Whether a quoted key stands anywhere.
fn has_json_key(text: &str, key: &str) -> bool {
    memmem::find_iter(text.as_bytes(), key).any(|at| {
        let after = &text[at + key.len()..];
        text[..at].ends_with('"') && after.strip_prefix('"').is_some_and(|after| after.trim_start().starts_with(':'))
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
        assert!(!has_top_level_keys("apiVersion: v2\nname: x\nvalues:\n  kind: Pod\n"));
        assert!(!has_top_level_keys("a: \"apiVersion\"\nkind: Pod\n"));
    }

    #[test]
    fn keys_beside_each_other_make_a_manifest_though_one_is_indented() {
        assert!(has_top_level_keys("apiVersion: apps/v1\n    # c\n    kind: Deployment\n"));
        assert!(has_top_level_keys(" kind: Pod\napiVersion: v1\n"));
    }

    #[test]
    fn both_keys_at_the_top_make_a_manifest() {
        assert!(has_top_level_keys("\u{feff}apiVersion: v1\nkind : [\n"));
        assert!(has_top_level_keys("{\"kind\": \"Pod\", \"apiVersion\": \"v1\""));
        assert!(looks_like_manifest("# c\napiVersion: v1\nkind: Pod\n"));
        assert!(looks_like_manifest("apiVersion: v1\nmetadata: {name: a}\n"));
        assert!(!looks_like_manifest("kind: Pod\n"));
    }
}
