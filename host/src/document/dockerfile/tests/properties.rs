//! What holds for every text, Dockerfile or not.

use proptest::prelude::*;

use super::*;
use crate::document::{Span, Tree};

/// Texts that look enough like Dockerfiles to reach every branch; without NUL bytes, which make a file no text.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "FROM a AS b", "FROM b", "RUN ", "run <<EOF", "<<-'E F'", "EOF", "\tE F", "COPY --from=b ", "--link=x ", "ENV ",
            "A=b ", "c='d e' ", "\"$A ${B:-c}\"", "ARG V=1", "CMD [\"a\", \"\\u00e9\"]", "[1]", "ONBUILD ", "HEALTHCHECK NONE",
            "# escape=`", "# c", "\\", "`", "\\\\", "\n", "\r\n", "\\\n", "\\\r\n", "`\n", " ", "\t", "\u{feff}", "\u{a0}",
            "é", "\u{1f433}", "--", "=", "'", "\"", "$", "<<", "LABEL ", "SHELL x", "user ", "\u{2028}", "İ",
        ]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(1..=u8::MAX, 0..6),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn document(bytes: Vec<u8>) -> (Arc<Source>, Parsed) {
    let source = Arc::new(Source::new("Dockerfile", bytes));
    let parsed = parse(&source);
    (source, parsed)
}

/// Whether a span lies in the text, on character boundaries.
fn is_sound(text: &str, span: Span) -> bool {
    span.start <= span.end
        && text.is_char_boundary(span.start as usize)
        && text.is_char_boundary(span.end as usize)
        && span.end as usize <= text.len()
}

/// A token without a continuation in it is its own text.
fn token_is_its_text(source: &Source, tree: &Tree, node: u32) -> bool {
    let text = source.slice(tree.span(node));
    if text.contains(['\n', '\r']) {
        return true;
    }
    let value = tree.value(node).unwrap_or_default();
    match tree.kind(node) {
        kind::ARGUMENT => value == text,
        kind::KEYWORD => value == text.to_uppercase(),
        kind::JSON_ARGUMENT => text.len() >= 2 && text.starts_with('"') && text.ends_with('"'),
        kind::FLAG => text.starts_with("--"),
        kind::COMMENT => text.strip_prefix('#').map(str::trim) == Some(value),
        kind::HEREDOC => text.is_empty(),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn every_span_is_sound(bytes in text()) {
        let (source, parsed) = document(bytes);
        prop_assert_eq!(parsed.documents.len(), 1);
        let tree = &parsed.documents[0].tree;
        for node in 0..tree.len() as u32 {
            let spans = [Some(tree.span(node)), tree.key_span(node)];
            prop_assert!(spans.into_iter().flatten().all(|span| is_sound(source.text(), span)), "node {}", node);
            prop_assert!(token_is_its_text(&source, tree, node), "{:?}", source.slice(tree.span(node)));
        }
        for problem in &parsed.problems {
            prop_assert!(is_sound(source.text(), problem.span));
            prop_assert!(!problem.span.is_empty() || source.text().is_empty(), "{:?}", problem);
        }
    }

    #[test]
    fn children_lie_in_their_parents_and_follow_each_other(bytes in text()) {
        let (_, parsed) = document(bytes);
        let tree = &parsed.documents[0].tree;
        for node in 1..tree.len() as u32 {
            let parent = tree.parent(node).unwrap();
            prop_assert!(tree.span(parent).contains(tree.span(node)), "{} in {}", node, parent);
        }
        for node in 0..tree.len() as u32 {
            let starts: Vec<u32> = tree.children(node).map(|child| tree.span(child).start).collect();
            prop_assert!(starts.is_sorted(), "{:?}", starts);
        }
    }

    #[test]
    fn logical_bytes_are_the_bytes_they_stand_for(bytes in text()) {
        let source = Source::new("Dockerfile", bytes);
        let file = read(source.text());
        for instruction in file.instructions() {
            let logical = instruction.text.text();
            for (offset, byte) in logical.bytes().enumerate() {
                let physical = instruction.text.physical(offset as u32) as usize;
                prop_assert_eq!(source.text().as_bytes()[physical], byte);
            }
        }
    }

    #[test]
    fn stages_agree_with_the_tree(bytes in text()) {
        let (_, parsed) = document(bytes);
        let document = &parsed.documents[0];
        let stages = &document.stages;
        for (index, (&node, &from)) in stages.nodes.iter().zip(&stages.froms).enumerate() {
            prop_assert_eq!(document.tree.kind(node), kind::STAGE);
            prop_assert_eq!(document.tree.parent(from), Some(node));
            prop_assert!(stages.parents[index] == crate::document::NONE || (stages.parents[index] as usize) < index);
        }
        prop_assert_eq!(stages.shipped.last().copied().unwrap_or(1), 1);
    }

    #[test]
    fn expansion_never_fails_hard(word in "[$\\{\\}:#%/*?'\"\\\\a-c1 <+-]{0,24}", value in "[ab/*\\\\ ]{0,8}") {
        let lookup = |name: &str| if name == "a" { Variable::Value(&value) } else { Variable::Unset };
        if let Ok(found) = expand(&word, Escape::Backslash, lookup) {
            for split in found.words {
                prop_assert!((split.extent.end as usize) <= word.len() && split.extent.start <= split.extent.end);
            }
        }
        let _ = unquote(&word, Escape::Backtick);
    }
}
