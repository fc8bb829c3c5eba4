//! What holds for every text, however odd.

use proptest::prelude::*;

use super::super::super::{Problem, Tree, invariants};
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

fn check(text: &str) {
    let stream = parse(text);
    let problems: Vec<Problem> = stream.broken.iter().map(|broken| broken.problem.clone()).collect();
    invariants::problems(text, &problems);
    assert!(stream.documents.is_sorted_by(|one, next| one.start < next.start));
    let trees: Vec<&Tree> = stream.documents.iter().map(|document| &document.tree).collect();
    trees.iter().for_each(|tree| invariants::yaml(text, tree));
    if stream.broken.is_empty() {
        invariants::yaml_stream(text, &trees, &stream.comments);
    }
}

proptest! {
    #![proptest_config(invariants::cases(2000))]

    #[test]
    fn every_tree_stands_in_its_text(text in text()) {
        check(&text);
    }

    #[test]
    fn every_manifest_stands_in_its_text(text in "(a|b|\"c\"|'d'): ?(x|[|]|\\{|\\}|&a |\\*a|\n|\n  |\n- |\n  - |, |: |#){0,30}") {
        check(&text);
    }
}
