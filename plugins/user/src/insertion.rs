//! Fixes that add an entry to a mapping. Only where the text leaves no doubt: block style, written where it stands.

use hullmark_sdk::prelude::*;

/// A fix that writes lines at the top of a block mapping, in its indentation.
pub(crate) fn insertion(title: &str, mapping: Node, lines: &[&str]) -> Option<Fix> {
    let first = mapping.children().next()?;
    // Through an alias the lines would be written once for each place that uses them.
    if mapping.alias().is_some() || first.alias().is_some() {
        return None;
    }
    let key = first.key_span()?;
    let text = mapping.document().text();
    let before = text.get(..key.start as usize)?;
    // Flow style may be spread over lines too.
    if text.get(mapping.span().start as usize..)?.starts_with('{') || before.trim_end().ends_with(['{', ',']) {
        return None;
    }
    let indent = before.get(before.rfind('\n')? + 1..)?;
    if !indent.bytes().all(|byte| byte == b' ') {
        return None;
    }
    let inserted: String = lines.iter().map(|line| format!("{line}\n{indent}")).collect();
    Some(Fix::needs_review(title).insert_before(first.key_place(), inserted))
}

/// A fix that replaces a scalar, unless it stands there through an alias.
pub(crate) fn replacement(title: &str, scalar: Node, text: &str) -> Option<Fix> {
    scalar.alias().is_none().then(|| Fix::needs_review(title).replace(scalar, text))
}
