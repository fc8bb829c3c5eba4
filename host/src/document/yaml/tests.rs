//! Streams to trees: every style of YAML with the place of every token.

mod hostile;
mod properties;

use super::super::{Tree, kind};
use super::*;

/// Each node below the root as `key|value as written|value`; `{}` and `[]` stand for the values of collections. A node
/// that came through an alias is followed by it.
fn nodes(text: &str) -> Vec<String> {
    let stream = parse(text);
    assert!(stream.broken.is_empty(), "{text:?}: {:?}", stream.broken);
    let shown = |document: &YamlDocument| {
        (1..document.tree.len() as u32).map(|node| show(text, &document.tree, node)).collect()
    };
    stream.documents.iter().flat_map::<Vec<_>, _>(shown).collect()
}

fn show(text: &str, tree: &Tree, node: u32) -> String {
    let value = match tree.kind(node) {
        kind::MAPPING => "{}",
        kind::SEQUENCE => "[]",
        _ => tree.value(node).unwrap(),
    };
    let key = tree.key_span(node).map_or("", |span| &text[span.range()]);
    let alias = tree.alias(node).map_or(String::new(), |span| format!(" by {}", &text[span.range()]));
    format!("{key}|{}|{value}{alias}", &text[tree.span(node).range()])
}

/// The whole text of each document's root.
fn roots(text: &str) -> Vec<&str> {
    let stream = parse(text);
    assert!(stream.broken.is_empty(), "{text:?}: {:?}", stream.broken);
    stream.documents.iter().map(|document| &text[document.tree.span(0).range()]).collect()
}

/// The first problem as `place: message`.
fn problem(text: &str) -> String {
    let stream = parse(text);
    let broken = stream.broken.first().unwrap_or_else(|| panic!("nothing is wrong with {text:?}"));
    format!("{}: {}", &text[broken.problem.span.range()], broken.problem.message)
}

/// Where the value of node 1 stands.
fn start(text: &str) -> u32 {
    parse(text).documents[0].tree.span(1).start
}

#[test]
fn plain_scalars_end_before_comments_and_blanks() {
    assert_eq!(nodes("a: b c  # x\n"), ["a|b c|b c"]);
    assert_eq!(nodes("a: x#y\nb: http://x:80/\n"), ["a|x#y|x#y", "b|http://x:80/|http://x:80/"]);
    assert_eq!(nodes("a: one\n  two\n\n  three\nb: 1\n"), ["a|one\n  two\n\n  three|one two\nthree", "b|1|1"]);
}

#[test]
fn quoted_scalars_span_their_quotes() {
    assert_eq!(nodes("\"a\\t\": \"b\\n\\u00fc\"\n"), ["\"a\\t\"|\"b\\n\\u00fc\"|b\nü"]);
    assert_eq!(nodes("'a''b': 'c''d' # e\n"), ["'a''b'|'c''d'|c'd"]);
    assert_eq!(nodes("a: \"x\n  y\"\nb: 'x\n\n  y'\n"), ["a|\"x\n  y\"|x y", "b|'x\n\n  y'|x\ny"]);
}

#[test]
fn block_scalars_span_from_their_indicator_to_their_last_text() {
    assert_eq!(nodes("a: |\n  x\n\n  y\n\nb: 1\n"), ["a||\n  x\n\n  y|x\n\ny\n", "b|1|1"]);
    assert_eq!(nodes("a: >2-\n    x\n  y\n"), ["a|>2-\n    x\n  y|  x\ny"]);
    assert_eq!(nodes("a: |+\n  x\n\n\n"), ["a||+\n  x|x\n\n\n"]);
    assert_eq!(nodes("a: |- # | >\n  x\n"), ["a||- # | >\n  x|x"]);
    assert_eq!(nodes("a: &b !!str |\n  x\n"), ["a||\n  x|x\n"]);
    assert_eq!(nodes("a: |\n\nb: >\n"), ["a|||", "b|>|"]);
    assert_eq!(nodes("a: |- # c \nb: 1\n"), ["a||-|", "b|1|1"]);
    assert_eq!(nodes("a: >\n  x\n\n  # text\n # comment\nb: 1\n")[0], "a|>\n  x\n\n  # text|x\n# text\n");
}

#[test]
fn flow_collections_span_their_brackets() {
    let text = "a: {b: c, d: , e, \"f\":g, }\n";
    let want = ["a|{b: c, d: , e, \"f\":g, }|{}", "b|c|c", "d||null", "e||null", "\"f\"|g|g"];
    assert_eq!(nodes(text), want);
    assert_eq!(nodes("a: [1, x,\n  b: c ]\n"), ["a|[1, x,\n  b: c ]|[]", "|1|1", "|x|x", "|b: c|{}", "b|c|c"]);
    assert_eq!(roots("{\n  b: [\n   1,\n  ],\n}\n"), ["{\n  b: [\n   1,\n  ],\n}"]);
}

#[test]
fn block_collections_end_with_their_last_value() {
    assert_eq!(nodes("a:\n  b: 1 # c\n\n\nd: 1\n")[0], "a|b: 1|{}");
    assert_eq!(nodes("a:\n  # c1\n  - b # c2\n  # c3\n  - c\nd:\n")[0], "a|- b # c2\n  # c3\n  - c|[]");
    assert_eq!(nodes("- a: 1\n  b: 2\n-\n  c: 3\n")[0], "|a: 1\n  b: 2|{}");
    assert_eq!(nodes("- - e\n")[0], "|- e|[]");
}

#[test]
fn sequences_need_no_indentation() {
    assert_eq!(nodes("a:\n- b\n-  c: 1\n   d: 2\ne: f\n")[0], "a|- b\n-  c: 1\n   d: 2|[]");
    assert_eq!(nodes("a: &l # c - d\n# - e\n- b\n")[0], "a|- b|[]");
    assert_eq!(nodes("a: !x-y\n- b\n")[0], "a|- b|[]");
}

#[test]
fn a_missing_value_stands_after_what_announces_it() {
    assert_eq!(start("a:\n"), 2);
    assert_eq!(start("a: # c\nb: 1\n"), 2);
    assert_eq!(start("'a' :\n\n\nb: 1\n"), 5);
    assert_eq!(start("? a\n? b\n"), 3);
    assert_eq!(start("? a # :\n:\n"), 9);
    assert_eq!(start("- # c\n- b\n"), 1);
    assert_eq!(start("{a: , b}\n"), 3);
    assert_eq!(start("{a, b}\n"), 2);
    assert_eq!(roots("a:\nb:\n  c:\n\n# d\n"), ["a:\nb:\n  c:"]);
    assert_eq!(roots("- \n-\n\n"), ["- \n-"]);
    assert_eq!(roots("? a\n: b\n? c\n\n"), ["? a\n: b\n? c"]);
}

#[test]
fn explicit_keys_are_keys() {
    assert_eq!(nodes("? a\n: b\n"), ["a|b|b"]);
    assert_eq!(nodes("? |\n  x\n: - y\n"), ["|\n  x|- y|[]", "|y|true"]);
}

#[test]
fn tags_decide_what_a_scalar_is_and_stand_outside_it() {
    assert_eq!(nodes("a: !!str 1\n!t b: !t {c: d}\n"), ["a|1|1", "b|{c: d}|{}", "c|d|d"]);
    let kinds = |text| parse(text).documents[0].tree.kinds[1];
    assert_eq!(kinds("a: !!str 1"), kind::STRING);
    assert_eq!(kinds("a: ! 1"), kind::STRING);
    assert_eq!(kinds("a: !!int '1'"), kind::INTEGER);
    assert_eq!(kinds("a: !<tag:yaml.org,2002:str> 1"), kind::STRING);
    assert_eq!(kinds("a: !!null"), kind::NULL);
}

#[test]
fn keys_that_are_no_strings_are_written_as_json_would() {
    let keys = |text| {
        let tree = &parse(text).documents[0].tree;
        (1..tree.len() as u32).map(|node| tree.key(node).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys("on: 1\n0x10: 2\n'on': 3\n"), ["true", "16", "on"]);
    assert_eq!(problem("~: a\n"), "~: null cannot be the key of a mapping");
    assert_eq!(problem("[a]: b\n"), "[: a sequence cannot be the key of a mapping");
    assert_eq!(problem("? {a: b}\n: c\n").split(": ").last(), Some("a mapping cannot be the key of a mapping"));
}

#[test]
fn an_alias_stands_for_what_its_anchor_names() {
    let text = "a: &x\n  b: c\nd: *x\n";
    assert_eq!(nodes(text)[2..], ["d|b: c|{} by *x", "b|c|c by *x"]);
    assert_eq!(nodes("a: &x {b: &y 1}\nc: *y\n")[2], "c|1|1 by *y");
    assert_eq!(nodes("- &a x\n- *a\n- &a z\n- *a\n"), ["|x|x", "|x|x by *a", "|z|z", "|z|z by *a"]);
    assert_eq!(nodes("a: &e\nb: *e\n")[1], "b||null by *e");
    assert_eq!(roots("a: &x 1\nb: *x\n"), ["a: &x 1\nb: *x"]);
}

#[test]
fn keys_may_have_anchors_and_be_aliases() {
    assert_eq!(nodes("&x a: &y b\n*x : *y\n"), ["a|b|b", "*x|b|b by *y"]);
    assert_eq!(nodes("- &a x\n- {*a : b}\n")[2], "*a|b|b");
    let tree = &parse("- &a x\n- {*a : b}\n").documents[0].tree;
    assert_eq!(tree.key(3), Some("x"));
    assert_eq!(nodes("&k a: 1\nb: *k\n")[1], "b|a|a by *k");
}

#[test]
fn anchors_end_with_their_document() {
    assert!(problem("a: &x 1\n---\nb: *x\n").starts_with("*x: the alias names no anchor"));
    assert!(problem("a: &x 1\n...\nb: *x\n").starts_with("*x: the alias names no anchor"));
    assert_eq!(nodes("&x a\n...\n- &y b\n- *y\n"), ["|b|b", "|b|b by *y"]);
}

#[test]
fn an_alias_cannot_stand_in_what_it_names() {
    assert_eq!(problem("a: &a [*a]\n"), "*a: the alias stands inside the value that it names");
    assert_eq!(problem("a: &a\n  b: *a\n"), "*a: the alias stands inside the value that it names");
    assert_eq!(problem("&a a: *b\n").split(':').next(), Some("*b"));
}

#[test]
fn merged_keys_count_from_where_the_merge_key_stands() {
    let own = "b: &b {x: 1, z: 2}\na:\n  <<: *b\n  z: 3\n";
    assert_eq!(nodes(own)[3..], ["a|<<: *b\n  z: 3|{}", "x|1|1 by *b", "z|3|3"]);
    let merged = "b: &b {x: 1, z: 2}\na:\n  z: 3\n  <<: *b\n";
    assert_eq!(nodes(merged)[4..], ["x|1|1 by *b", "z|2|2 by *b"]);
    assert_eq!(nodes("<<: {x: 1}\nz: 1\n"), ["x|1|1 by <<", "z|1|1"]);
}

#[test]
fn of_merged_mappings_the_first_wins() {
    let text = "b: &b {x: 1}\nc: &c {x: 2, z: 2}\na:\n  <<: [*b, *c]\n";
    assert_eq!(nodes(text)[6..], ["z|2|2 by *c", "x|1|1 by *b"]);
    assert_eq!(nodes("b: &b {x: {y: 1}}\na: {<<: [*b, {x: 2}]}\n")[4..], ["x|{y: 1}|{} by *b", "y|1|1 by *b"]);
}

#[test]
fn merged_mappings_may_have_merged_themselves() {
    let text = "a: &a {x: 1}\nb: &b\n  <<: *a\n  z: 2\nc:\n  <<: *b\n";
    assert_eq!(nodes(text)[5..], ["c|<<: *b|{}", "x|1|1 by *b", "z|2|2 by *b"]);
}

#[test]
fn only_mappings_can_be_merged() {
    let message = "a merge key `<<` needs a mapping or a sequence of mappings";
    for text in ["<<: x\n", "<<: [x]\n", "- &x x\n- <<: *x\n", "- &x [{a: b}]\n- <<: [*x]\n"] {
        assert!(problem(text).ends_with(message), "{text}");
    }
    assert_eq!(nodes("\"<<\": x\n"), ["\"<<\"|x|x"]);
}

#[test]
fn equal_keys_are_kept_and_the_last_counts() {
    let stream = parse("a: 1\na: 2\n");
    let tree = &stream.documents[0].tree;
    assert_eq!(tree.len(), 3);
    assert_eq!(tree.get(0, "a"), Some(2));
}

#[test]
fn documents_begin_with_their_marker() {
    let starts = |text| parse(text).documents.iter().map(|document| document.start).collect::<Vec<_>>();
    assert_eq!(starts("# c\na: 1\n---\nb: 2\n"), [0, 9]);
    assert_eq!(starts("a: 1\n...\n---\nb: 2\n...\n"), [0, 9]);
    assert_eq!(starts("a: 1\n...\nb: 2\n"), [0, 9]);
    assert_eq!(starts("--- a\n--- |\n x\n"), [0, 6]);
    assert_eq!(starts("# only\n"), [0; 0]);
    assert_eq!(roots("---\n---\n--- # c\n"), ["", "", ""]);
}

#[test]
fn a_marker_ends_even_a_block_scalar() {
    assert_eq!(roots("a: |\n  x\n---\n  z\n"), ["a: |\n  x", "z"]);
    assert_eq!(roots("a: |\n  x\n  ---\n  z\n"), ["a: |\n  x\n  ---\n  z"]);
}

#[test]
fn directives_belong_to_the_document_below() {
    assert_eq!(roots("%YAML 1.1\n---\na: 1\n...\n%TAG ! tag:x,2000:\n---\nb: !c d\n"), ["a: 1", "b: !c d"]);
}

#[test]
fn comments_come_in_the_order_of_the_text() {
    let text = "# a\n? b # c\n: d # e\n# f\n--- # g\n[ # h\n] # i\n";
    let comments: Vec<&str> = parse(text).comments.iter().map(|comment| &text[comment.range()]).collect();
    assert_eq!(comments, ["# a", "# c", "# e", "# f", "# g", "# h", "# i"]);
}

#[test]
fn line_ends_and_byte_order_marks_are_not_part_of_tokens() {
    assert_eq!(nodes("\u{feff}a: b\r\nc:\r\n- d\r\n"), ["a|b|b", "c|- d|[]", "|d|d"]);
    assert_eq!(roots("a: |\r\n  x\r\n\r\n"), ["a: |\r\n  x"]);
    assert_eq!(nodes("a: b\rc: d\r"), ["a|b|b", "c|d|d"]);
    assert_eq!(nodes("a: b # x\rc:\r- d")[1..], ["c|- d|[]", "|d|d"]);
}

#[test]
fn characters_of_every_length_count_their_bytes() {
    assert_eq!(nodes("🐳: ü 🐳 # 🐳\n\"é\": '🐳'\nb: >\n  🐳\n"), ["🐳|ü 🐳|ü 🐳", "\"é\"|'🐳'|🐳", "b|>\n  🐳|🐳\n"]);
    assert_eq!(problem("🐳: @🐳 a\n"), "@🐳: a value without quotes cannot begin with `@`; quote it");
}

#[test]
fn json_is_yaml() {
    let text = r#"{"a":[1,"b\u00e9\/",null,true,-1.5e3,{}],"c":{"d":""}}"#;
    let want =
        [r#""a"|[1,"b\u00e9\/",null,true,-1.5e3,{}]|[]"#, "|1|1", r#"|"b\u00e9\/"|bé/"#, "|null|null", "|true|true"];
    assert_eq!(nodes(text)[..5], want);
    assert_eq!(nodes("{\n\t\"a\": 1,\n\t\"b\": [\n\t\t2\n\t]\n}\n")[1], "\"b\"|[\n\t\t2\n\t]|[]");
}

#[test]
fn problems_say_what_to_do_where_the_fault_is() {
    for (text, want) in [
        ("a: b: c\n", "b:: a value without quotes cannot hold `:` before a space; quote it"),
        ("a: b\n  c: d\n", "c:: the line above goes on here, so this cannot be a key"),
        ("a\nb: c\n", "b:: the line above goes on here, so this cannot be a key"),
        ("a:\n  b: 1\n c: 2\n", "c:: the indentation fits nothing above"),
        ("a:\n    - b\n  - c\n", "-: the indentation fits nothing above"),
        ("a: 1\n- b\n", "-: an item cannot stand between keys"),
        ("- a\nb: c\n", "b:: a key cannot stand between items"),
        ("a: {b}.16\nc: 1\n", ".16: text follows a value that has ended"),
        ("a: \"b\" c\n", "c: text follows a closing quote"),
        ("a: 'b\nc: 'd'\n", "'b: the quoted text that begins here is not closed; add `'`"),
        ("a: 'b\n  c' d\n", "d: text follows a closing quote"),
        ("a: 1\nb: \"c", "\"c: the quoted text that begins here is not closed; add `\"`"),
        ("a: \"b\\qc\"\n", "\\q: double quotes know no such escape"),
        ("a: [b, c\nd: e\n", "[: this `[` is not closed where it should be"),
        ("a: [\"b\" \"c\"]\n", "\"c\"]: two quoted texts follow each other; put a `,` between them"),
        ("a: [\"b\" c]\n", "c]: text follows a closing quote"),
        ("a: [[b] [c]]\n", "[c]]: a `,` or `]` must stand before this"),
        ("a: {b: [c] d: e}\n", "d:: a `,` or `}` must stand before this"),
        ("a: {b: c\nd: e\n", "{: this `{` is not closed where it should be"),
        ("a: [b, c", "[: this `[` is never closed; add `]`"),
        ("a: [b}\n", "[: this `[` is closed by `}`; write `]` there"),
        ("a: ]\n", "]: this bracket closes nothing"),
        ("a:\n\tb: 1\n", "\t: a tab cannot indent a line; use spaces"),
        ("a:\n  b: 1\n\tc: 1\n", "\t: a tab cannot indent a line; use spaces"),
        ("a: b\0c\n", "\0: the control character U+0000 cannot stand in YAML; remove it"),
        ("a: `b`\n", "`b`: a value without quotes cannot begin with a backtick; quote it"),
        ("a: * * * * *\n", "*: a value without quotes cannot begin with `*` or `&`; quote it"),
        ("a: *.b.c\n", "*.b.c: the alias names no anchor"),
        ("a: - b\n", "-: an item cannot begin here"),
        ("a: [- b]\n", "-: an item cannot begin with `-` inside brackets"),
        ("a: |x\n  b\n", "|x: nothing but digits, `+`, `-` and a comment may follow `|` or `>`"),
        ("--\n# c\na: b\n", "a:: the document ended above"),
        ("a: 1\nb\nc: 2\n", "b: this key has no `:`"),
    ] {
        let found = problem(text);
        assert!(found.starts_with(want), "{text:?}: {found}");
    }
}

#[test]
fn a_problem_stands_in_its_own_part() {
    let text = "[]'\n---\n}aa, '";
    let broken = parse(text).broken;
    let shown: Vec<&str> = broken.iter().map(|broken| &text[broken.problem.span.range()]).collect();
    assert_eq!(shown, ["'", "}aa,"]);
}

#[test]
fn a_problem_costs_only_its_own_part() {
    let stream = parse("a: 1\n---\nb: [\n---\nc: 3\n");
    assert_eq!((stream.documents.len(), stream.broken.len()), (2, 1));
    let stream = parse("a: 1\n---\nb: 2\n...\n{{ c }}\n---\nd: 4\n");
    assert!(stream.broken[0].template);
    assert_eq!(stream.documents.iter().map(|document| document.start).collect::<Vec<_>>(), [0, 26]);
}
