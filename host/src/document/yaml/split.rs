//! Where the documents of a stream begin, without parsing: an error in one must not hide the others, and Kubernetes
//! cuts at the same lines.

use std::ops::Range;

use memchr::memmem;

/// The parts of a stream. A part begins at a line that begins with `---`; comments and directives before the first
/// such line belong to the part that it begins, and so do directives after a `...`. Together the parts are the whole
/// text.
pub(super) fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for at in memmem::find_iter(text.as_bytes(), "---") {
        if !is_marker(text.as_bytes(), at) || at <= start {
            continue;
        }
        if start == 0 && is_preamble(&text[..at]) {
            continue;
        }
        let cut = before_directives(text, start, at);
        parts.push(start..cut);
        start = cut;
    }
    parts.push(start..text.len());
    parts
}

/// Whether the `---` at an offset stands alone at the beginning of a line.
fn is_marker(text: &[u8], at: usize) -> bool {
    let begins_line = match at.checked_sub(1) {
        None => true,
        Some(before) => matches!(text[before], b'\n' | b'\r') || text[..at] == *b"\xef\xbb\xbf",
    };
    begins_line && matches!(text.get(at + 3), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

/// Where the part of the `---` at `at` begins: at the directives above it, which a `...` parts from what precedes them.
fn before_directives(text: &str, start: usize, at: usize) -> usize {
    let mut cut = at;
    let mut directives = false;
    while cut > start {
        let line = text[..cut - 1].rfind('\n').map_or(0, |end| end + 1).max(start);
        match &text[line..cut] {
            directive if directive.starts_with('%') => directives = true,
            comment if comment.trim_start().is_empty() || comment.starts_with('#') => {}
            end if end.starts_with("...") && directives => return cut,
            _ => return at,
        }
        cut = line;
    }
    at
}

/// Whether there is nothing but comments, directives and blank lines.
fn is_preamble(text: &str) -> bool {
    text.trim_start_matches('\u{feff}')
        .split(['\n', '\r'])
        .all(|line| line.starts_with('%') || line.trim_start().is_empty() || line.trim_start().starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices(text: &str) -> Vec<&str> {
        parts(text).into_iter().map(|part| &text[part]).collect()
    }

    #[test]
    fn dashes_inside_a_line_or_joined_to_text_do_not_split() {
        for text in ["a: ---\n", " ---\n", "---a\n", "----\n", "", "# ---\na: b\n"] {
            assert_eq!(slices(text), [text]);
        }
    }

    #[test]
    fn a_part_begins_with_its_marker() {
        assert_eq!(slices("a: 1\n---\nb: 2\r\n--- # c\nd"), ["a: 1\n", "---\nb: 2\r\n", "--- # c\nd"]);
        assert_eq!(slices("---\n---"), ["---\n", "---"]);
    }

    #[test]
    fn directives_belong_to_the_marker_below_them() {
        assert_eq!(slices("a\n...\n# c\n%YAML 1.1\n---\nb").len(), 2);
        assert_eq!(slices("a\n...\n# c\n%YAML 1.1\n---\nb")[0], "a\n...\n");
        assert_eq!(slices("a\n%YAML 1.1\n---\nb")[0], "a\n%YAML 1.1\n");
        assert_eq!(slices("a\n...\n# c\n---\nb")[0], "a\n...\n# c\n");
    }

    #[test]
    fn what_precedes_the_first_marker_is_its_preamble() {
        for text in ["# license\n\n%YAML 1.1\n---\na: 1\n", "\u{feff}---\na: 1\n", "\n---\na"] {
            assert_eq!(slices(text), [text]);
        }
        assert_eq!(slices("---\n# one\n---\na: 1\n").len(), 2);
    }
}
