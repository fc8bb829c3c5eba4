//! What holds for every text, however odd.

use proptest::prelude::*;

use super::super::super::tree::NONE;
use super::super::super::{Span, Tree, kind};
use super::parse;

/// Pieces of YAML; joined at random they make most of its syntax and many of its errors.
const PIECES: [&str; 48] = [
    "a",
    "b",
    "kind",
    ": ",
    ":",
    "- ",
    "-",
    "\n",
    "\n",
    "\n",
    " ",
    "  ",
    "\t",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "&x ",
    "*x",
    "*y ",
    "!t ",
    "!!str ",
    "!!int ",
    "|",
    ">",
    "|-2",
    ">+",
    "\n  ",
    "\n    ",
    "'",
    "\"",
    "\\",
    "# c",
    "#",
    "<<: ",
    "---",
    "\n---\n",
    "\n...\n",
    "\n%YAML 1.2\n",
    "~",
    "0x1f",
    "🐳",
    "ü",
    "\r\n",
    "\r",
    "\u{feff}",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40).prop_map(|pieces| pieces.concat())
}

fn is_whole(text: &str, span: Span) -> bool {
    span.start <= span.end && text.get(span.range()).is_some()
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let stream = parse(text);
    for broken in &stream.broken {
        prop_assert!(is_whole(text, broken.problem.span));
        prop_assert!(text.is_empty() || !broken.problem.span.is_empty());
    }
    let comments = &stream.comments;
    prop_assert!(comments.iter().all(|&comment| is_whole(text, comment) && text[comment.range()].starts_with('#')));
    prop_assert!(comments.windows(2).all(|pair| pair[0].end <= pair[1].start));
    prop_assert!(stream.documents.windows(2).all(|pair| pair[0].start < pair[1].start));
    stream.documents.iter().try_for_each(|document| check_tree(text, &document.tree))
}

fn check_tree(text: &str, tree: &Tree) -> Result<(), TestCaseError> {
    for node in 0..tree.len() as u32 {
        let span = tree.span(node);
        prop_assert!(is_whole(text, span), "{:?}", span);
        prop_assert!(tree.key_span(node).is_none_or(|key| is_whole(text, key)));
        check_parent(tree, node)?;
        let slice = &text[span.range()];
        let first = slice.chars().next();
        if tree.kind(node) == kind::STRING && tree.value(node) != Some(slice) && !slice.contains(['\n', '\r']) {
            prop_assert!(
                matches!(first, None | Some('\'' | '"' | '|' | '>')),
                "{:?} is not {:?}",
                slice,
                tree.value(node)
            );
        }
        if tree.kind(node) == kind::SEQUENCE {
            prop_assert!(matches!(first, Some('-' | '[')), "{:?}", slice);
        }
    }
    Ok(())
}

fn check_parent(tree: &Tree, node: u32) -> Result<(), TestCaseError> {
    let Some(parent) = tree.parent(node) else {
        prop_assert_eq!(node, 0);
        return Ok(());
    };
    prop_assert!(parent < node);
    prop_assert_eq!(tree.keys[node as usize] != NONE, tree.kind(parent) == kind::MAPPING);
    if tree.alias(node).is_some() {
        return Ok(());
    }
    prop_assert!(tree.span(parent).contains(tree.span(node)), "{:?} in {:?}", tree.span(node), tree.span(parent));
    let key = tree.key_span(node).filter(|_| tree.kind(parent) == kind::MAPPING);
    prop_assert!(key.is_none_or(|key| tree.span(parent).contains(key) && key.end <= tree.span(node).start));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn every_tree_stands_in_its_text(text in text()) {
        check(&text)?;
    }

    #[test]
    fn every_manifest_stands_in_its_text(text in "(a|b|\"c\"|'d'): ?(x|[|]|\\{|\\}|&a |\\*a|\n|\n  |\n- |\n  - |, |: |#){0,30}") {
        check(&text)?;
    }
}
