//! Reading a rule's explanation: sections, first paragraphs, first sentences. No rendering.

/// The body of the section with this heading, of whatever depth, up to the next heading that is not deeper.
pub(super) fn section<'a>(markdown: &'a str, heading: &str) -> Option<&'a str> {
    let mut found: Option<(usize, usize)> = None;
    for (at, line, depth) in headings(markdown) {
        match found {
            Some((start, own)) if depth <= own => return Some(markdown[start..at].trim()),
            None if line[depth..].trim().eq_ignore_ascii_case(heading) => found = Some((at + line.len(), depth)),
            _ => {}
        }
    }
    found.map(|(start, _)| markdown[start..].trim())
}

/// Headings outside code blocks: offset, line, depth.
fn headings(markdown: &str) -> impl Iterator<Item = (usize, &str, usize)> {
    let mut at = 0;
    let mut code = false;
    markdown.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        let fence = is_fence(line);
        code ^= fence;
        let depth = line.len() - line.trim_start_matches('#').len();
        (!code && !fence && depth > 0 && line[depth..].starts_with(' ')).then_some((start, line, depth))
    })
}

fn is_fence(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("```") || line.starts_with("~~~")
}

/// The first paragraph of running text on one line, links replaced by their text. Code blocks and headings are no text.
pub(super) fn first_paragraph(markdown: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut code = false;
    for line in markdown.lines() {
        let fence = is_fence(line);
        code ^= fence;
        let text = !code && !fence && !line.starts_with('#') && !line.trim().is_empty();
        if text {
            words.extend(line.trim_start_matches(['-', '*', '>', ' ']).split_whitespace());
        } else if !words.is_empty() {
            break;
        }
    }
    without_links(&words.join(" "))
}

/// The first sentence of the first paragraph; empty where there is none.
pub(super) fn first_sentence(markdown: &str) -> String {
    let paragraph = first_paragraph(markdown);
    let mut code = false;
    for (at, character) in paragraph.char_indices() {
        code ^= character == '`';
        if code || !matches!(character, '.' | '!' | '?') {
            continue;
        }
        let mut rest = paragraph[at + 1..].chars();
        // A small letter goes on with the sentence: "e.g. this".
        if rest.next() == Some(' ') && rest.next().is_some_and(|next| !next.is_lowercase()) {
            return paragraph[..=at].into();
        }
    }
    paragraph
}

/// `[text](target)` as `text`.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        match after.split_once("](").and_then(|(label, after)| Some((label, after.split_once(')')?.1))) {
            Some((label, after)) if !label.contains('[') => {
                plain.push_str(label);
                rest = after;
            }
            _ => {
                plain.push('[');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPLANATION: &str = "## What it checks\n\nTags that\nmove. More.\n\n### Detail\n\nx\n\n## Flagged\n\n```dockerfile\n## How to fix\nFROM a\n```\n\n## How to fix\n\n- Pin `a. B`, e.g. to\n  [a digest](https://a/b). Then rest.\n";

    #[test]
    fn a_section_ends_at_the_next_heading_that_is_not_deeper() {
        assert_eq!(section(EXPLANATION, "what it checks"), Some("Tags that\nmove. More.\n\n### Detail\n\nx"));
        assert_eq!(section(EXPLANATION, "Options"), None);
    }

    #[test]
    fn headings_in_code_are_code() {
        let section = section(EXPLANATION, "How to fix").unwrap();
        assert_eq!(first_sentence(section), "Pin `a. B`, e.g. to a digest.");
    }

    #[test]
    fn a_paragraph_is_one_line_of_text() {
        assert_eq!(first_paragraph(EXPLANATION), "Tags that move. More.");
        assert_eq!(first_paragraph("```\ncode\n```\n\n[a] [b](c) [d"), "[a] b [d");
        assert_eq!(first_sentence(""), "");
    }
}
