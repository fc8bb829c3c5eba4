//! A tree as JSON, and places in it by JSON Pointer. A manifest's JSON is what the API server would be sent; a
//! Dockerfile's has one object for each node: `{"kind":…,"key":…,"value":…,"children":[…]}`, without what is missing.

use std::collections::HashMap;

use super::{NodeId, Span, Tree, kind};

/// A node and what is below it as JSON; `null` for a node that does not exist.
///
/// Scalars are written as JSON has them: `0x1F` as `31`, `yes` as `true`, and as a string where JSON has no such number
/// (`.inf`). Where a key stands twice only the last one is written, as Kubernetes' decoder takes it.
#[must_use]
pub fn to_json(tree: &Tree, node: NodeId) -> String {
    if node as usize >= tree.len() {
        return "null".to_owned();
    }
    let mut writer = Writer { tree, out: String::new(), open: Vec::new() };
    let end = tree.subtree_end(node);
    let mut next = node;
    while next < end {
        writer.close_until(next);
        if writer.is_shadowed(next) {
            next = tree.subtree_end(next);
            continue;
        }
        writer.begin(next, next != node);
        next += 1;
    }
    writer.close_until(end);
    writer.out
}

/// A collection whose end is not yet written.
struct Open<'t> {
    end: NodeId,
    close: &'static str,
    is_empty: bool,
    /// For a mapping in which a key stands twice: the node that counts for each key.
    last: HashMap<&'t str, NodeId>,
}

struct Writer<'t> {
    tree: &'t Tree,
    out: String,
    open: Vec<Open<'t>>,
}

impl<'t> Writer<'t> {
    fn close_until(&mut self, node: NodeId) {
        while let Some(open) = self.open.pop_if(|open| open.end <= node) {
            self.out.push_str(open.close);
        }
    }

    fn is_shadowed(&self, node: NodeId) -> bool {
        let counting = self.open.last().and_then(|open| open.last.get(self.tree.key(node)?));
        counting.is_some_and(|&last| last != node)
    }

    fn begin(&mut self, node: NodeId, below: bool) {
        if let Some(open) = self.open.last_mut() {
            if !open.is_empty {
                self.out.push(',');
            }
            open.is_empty = false;
        }
        let tree = self.tree;
        match tree.kind(node) {
            kind::DOCKERFILE.. => self.begin_dockerfile_node(node),
            other => {
                let in_mapping = below && tree.parent(node).is_some_and(|parent| tree.kind(parent) == kind::MAPPING);
                if let Some(key) = tree.key(node).filter(|_| in_mapping) {
                    write_string(&mut self.out, key);
                    self.out.push(':');
                }
                match other {
                    kind::MAPPING => self.push(node, "{", "}", last_of_each_key(tree, node)),
                    kind::SEQUENCE => self.push(node, "[", "]", HashMap::new()),
                    other => write_scalar(&mut self.out, other, tree.value(node).unwrap_or("")),
                }
            }
        }
    }

    fn begin_dockerfile_node(&mut self, node: NodeId) {
        let tree = self.tree;
        self.out.push_str("{\"kind\":");
        match kind_name(tree.kind(node)) {
            Some(name) => write_string(&mut self.out, name),
            None => self.out.push_str(&tree.kind(node).to_string()),
        }
        for (name, text) in [("key", tree.key(node)), ("value", tree.value(node))] {
            if let Some(text) = text {
                self.out.push(',');
                write_string(&mut self.out, name);
                self.out.push(':');
                write_string(&mut self.out, text);
            }
        }
        if tree.subtree_end(node) == node + 1 {
            self.out.push('}');
        } else {
            self.push(node, ",\"children\":[", "]}", HashMap::new());
        }
    }

    fn push(&mut self, node: NodeId, open: &str, close: &'static str, last: HashMap<&'t str, NodeId>) {
        self.out.push_str(open);
        self.open.push(Open { end: self.tree.subtree_end(node), close, is_empty: true, last });
    }
}

/// Empty where no key stands twice.
fn last_of_each_key(tree: &Tree, mapping: NodeId) -> HashMap<&str, NodeId> {
    let mut last = HashMap::new();
    let mut twice = false;
    for child in tree.children(mapping) {
        if let Some(key) = tree.key(child) {
            twice |= last.insert(key, child).is_some();
        }
    }
    if twice { last } else { HashMap::new() }
}

/// A Dockerfile node's kind as a word.
fn kind_name(number: u8) -> Option<&'static str> {
    Some(match number {
        kind::DOCKERFILE => "dockerfile",
        kind::STAGE => "stage",
        kind::INSTRUCTION => "instruction",
        kind::FLAG => "flag",
        kind::ARGUMENT => "argument",
        kind::PAIR => "pair",
        kind::HEREDOC => "heredoc",
        kind::DIRECTIVE => "directive",
        kind::COMMENT => "comment",
        kind::JSON_ARGUMENT => "json-argument",
        kind::KEYWORD => "keyword",
        _ => return None,
    })
}

fn write_scalar(out: &mut String, kind: u8, text: &str) {
    match kind {
        kind::NULL => out.push_str("null"),
        kind::BOOLEAN => {
            let is_true =
                matches!(text, "y" | "Y") || ["yes", "true", "on"].iter().any(|word| text.eq_ignore_ascii_case(word));
            out.push_str(if is_true { "true" } else { "false" });
        }
        kind::INTEGER | kind::FLOAT => match number(text) {
            Some(number) => out.push_str(&number),
            None => write_string(out, text),
        },
        _ => write_string(out, text),
    }
}

/// A YAML number as JSON writes it; `None` where it cannot.
fn number(text: &str) -> Option<String> {
    if is_json_number(text) {
        return Some(text.to_owned());
    }
    let plain = text.replace('_', "");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", plain.strip_prefix('+').unwrap_or(&plain)),
    };
    if let Some(value) = whole(digits) {
        return Some(format!("{sign}{value}"));
    }
    let starts_well = digits.starts_with(|first: char| first == '.' || first.is_ascii_digit());
    let value = digits.parse::<f64>().ok().filter(|value| starts_well && value.is_finite())?;
    Some(format!("{sign}{value:?}"))
}

/// A whole number as YAML 1.1 and 1.2 write it.
fn whole(digits: &str) -> Option<u64> {
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] if digits.bytes().all(|byte| matches!(byte, b'0'..=b'7')) => (8, &digits[1..]),
        _ => (10, digits),
    };
    let first_is_digit = digits.starts_with(|first: char| first.is_ascii_alphanumeric());
    first_is_digit.then(|| u64::from_str_radix(digits, radix).ok()).flatten()
}

/// The grammar of RFC 8259.
fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with('0')) {
        return false;
    }
    rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let places = digits(fraction);
        if places == 0 {
            return false;
        }
        rest = &fraction[places..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[plain..at]);
        plain = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => out.push_str(&format!("\\u{control:04x}")),
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

/// Span of the value at a JSON Pointer (RFC 6901) below a node, in the JSON that [`to_json`] gives. Where the pointer
/// leads nowhere: the span of the deepest part that exists if `nearest` is set, else `None`.
#[must_use]
pub fn locate(tree: &Tree, node: NodeId, pointer: &str, nearest: bool) -> Option<Span> {
    if node as usize >= tree.len() {
        return None;
    }
    let mut place = Place::Node(node);
    let mut tokens = pointer.split('/');
    let mut found = tokens.next() == Some("");
    while let Some(token) = tokens.next().filter(|_| found) {
        match unescape(token).and_then(|token| step(tree, place, &token)) {
            Some(next) => place = next,
            None => found = false,
        }
    }
    (found || nearest).then(|| match place {
        Place::Node(node) | Place::Children(node) => tree.span(node),
        Place::Token(span) => span,
    })
}

/// Where a pointer has come to.
#[derive(Clone, Copy)]
enum Place {
    Node(NodeId),
    /// The list of a Dockerfile node's children.
    Children(NodeId),
    /// A text inside a Dockerfile node.
    Token(Span),
}

fn step(tree: &Tree, place: Place, token: &str) -> Option<Place> {
    match place {
        Place::Node(node) => match (tree.kind(node), token) {
            (kind::MAPPING, key) => tree.get(node, key).map(Place::Node),
            (kind::SEQUENCE, index) => item(tree, node, index).map(Place::Node),
            (kind::DOCKERFILE.., "children") => (tree.subtree_end(node) > node + 1).then_some(Place::Children(node)),
            (kind::DOCKERFILE.., "key") => {
                tree.key(node).map(|_| Place::Token(tree.key_span(node).unwrap_or(tree.span(node))))
            }
            (kind::DOCKERFILE.., "value") => tree.value(node).map(|_| Place::Token(tree.span(node))),
            (kind::DOCKERFILE.., "kind") => Some(Place::Token(tree.span(node))),
            _ => None,
        },
        Place::Children(node) => item(tree, node, token).map(Place::Node),
        Place::Token(_) => None,
    }
}

/// The child at an index, which has no sign and no leading zeros.
fn item(tree: &Tree, node: NodeId, index: &str) -> Option<NodeId> {
    let well_formed = index == "0" || (!index.starts_with('0') && index.bytes().all(|byte| byte.is_ascii_digit()));
    let index = index.parse().ok().filter(|_| well_formed)?;
    tree.children(node).nth(index)
}

/// A reference token; `None` where a `~` is neither `~0` nor `~1`.
fn unescape(token: &str) -> Option<String> {
    let mut parts = token.split('~');
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (escaped, rest) = match part.as_bytes().first()? {
            b'0' => ('~', &part[1..]),
            b'1' => ('/', &part[1..]),
            _ => return None,
        };
        out.push(escaped);
        out.push_str(rest);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::testing::tree_of;
    use super::super::{NewNode, TreeBuilder};
    use super::*;

    fn scalar(kind: u8, value: &str) -> String {
        let mut builder = TreeBuilder::default();
        builder.push(None, NewNode { kind, value: Some(value), ..NewNode::default() });
        to_json(&builder.finish(), 0)
    }

    fn found(value: &Value, pointer: &str, nearest: bool) -> Option<String> {
        let (tree, text) = tree_of(value);
        locate(&tree, 0, pointer, nearest).map(|span| text[span.range()].to_owned())
    }

    /// `RUN --network=none true`, in a stage.
    fn dockerfile() -> Tree {
        let mut builder = TreeBuilder::default();
        let mut push = |parent, kind, key, value, start, end| {
            let (span, key_span) = (Span::new(start, end), Span::new(start, start + 3));
            builder.push(parent, NewNode { kind, key, value, span, key_span, alias: None })
        };
        let root = push(None, kind::DOCKERFILE, None, None, 0, 23);
        let stage = push(Some(root), kind::STAGE, None, None, 0, 23);
        let run = push(Some(stage), kind::INSTRUCTION, Some("RUN"), Some("--network=none true"), 0, 23);
        push(Some(run), kind::FLAG, Some("network"), Some("none"), 4, 18);
        push(Some(run), kind::ARGUMENT, None, Some("true"), 19, 23);
        push(Some(root), 200, None, None, 23, 23);
        builder.finish()
    }

    #[test]
    fn numbers_that_json_lacks_are_rewritten_or_quoted() {
        for (text, expected) in [
            ("1", "1"),
            ("-0", "-0"),
            ("+1", "1"),
            ("0644", "420"),
            ("0o17", "15"),
            ("0x1F", "31"),
            ("-0x1F", "-31"),
            ("0b11", "3"),
            ("1_000", "1000"),
            ("089", "89"),
            ("18446744073709551616", "18446744073709551616"),
            ("0xFFFFFFFFFFFFFFFFFF", "\"0xFFFFFFFFFFFFFFFFFF\""),
            ("0x", "\"0x\""),
            ("0x+1", "\"0x+1\""),
        ] {
            assert_eq!(scalar(kind::INTEGER, text), expected, "{text}");
        }
        for (text, expected) in [
            ("1.5e3", "1.5e3"),
            ("1.", "1.0"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("+1.5", "1.5"),
            (".inf", "\".inf\""),
            ("-.INF", "\"-.INF\""),
            (".nan", "\".nan\""),
            ("inf", "\"inf\""),
            ("1e999", "1e999"),
        ] {
            assert_eq!(scalar(kind::FLOAT, text), expected, "{text}");
        }
    }

    #[test]
    fn booleans_and_nulls_lose_their_spelling() {
        for (text, expected) in [("Yes", "true"), ("on", "true"), ("y", "true"), ("No", "false"), ("FALSE", "false")] {
            assert_eq!(scalar(kind::BOOLEAN, text), expected);
        }
        assert_eq!(scalar(kind::NULL, "~"), "null");
        assert_eq!(scalar(kind::NULL, ""), "null");
    }

    #[test]
    fn only_the_last_of_equal_keys_is_written() {
        let mut builder = TreeBuilder::default();
        let root = builder.push(None, NewNode { kind: kind::MAPPING, ..NewNode::default() });
        let first = builder.push(Some(root), NewNode { kind: kind::SEQUENCE, key: Some("a"), ..NewNode::default() });
        builder.push(Some(first), NewNode { kind: kind::STRING, value: Some("gone"), ..NewNode::default() });
        builder
            .push(Some(root), NewNode { kind: kind::STRING, key: Some("b"), value: Some("1"), ..NewNode::default() });
        builder
            .push(Some(root), NewNode { kind: kind::STRING, key: Some("a"), value: Some("2"), ..NewNode::default() });
        assert_eq!(to_json(&builder.finish(), root), r#"{"b":"1","a":"2"}"#);
    }

    #[test]
    fn a_part_is_written_without_its_key() {
        let (tree, _) = tree_of(&json!({"a": {"b": []}, "c": "d"}));
        assert_eq!(to_json(&tree, 1), r#"{"b":[]}"#);
        assert_eq!(to_json(&tree, 3), r#""d""#);
        assert_eq!(to_json(&tree, 4), "null");
    }

    #[test]
    fn depth_costs_no_stack() {
        let mut builder = TreeBuilder::default();
        let mut parent = None;
        for _ in 0..200_000 {
            parent = Some(builder.push(parent, NewNode { kind: kind::SEQUENCE, ..NewNode::default() }));
        }
        assert_eq!(to_json(&builder.finish(), 0).len(), 400_000);
    }

    #[test]
    fn a_dockerfile_is_written_node_by_node() {
        let value: Value = serde_json::from_str(&to_json(&dockerfile(), 0)).unwrap();
        let run = json!({"kind": "instruction", "key": "RUN", "value": "--network=none true", "children": [
            {"kind": "flag", "key": "network", "value": "none"},
            {"kind": "argument", "value": "true"},
        ]});
        let stage = json!({"kind": "stage", "children": [run]});
        assert_eq!(value, json!({"kind": "dockerfile", "children": [stage, {"kind": 200}]}));
    }

    #[test]
    fn pointers_that_lead_nowhere_find_nothing_or_the_nearest() {
        let value = json!({"a": [{"b": 1}], "c": null});
        for (pointer, nearest) in [
            ("/x", r#"{"a":[{"b":1}],"c":null}"#),
            ("/a/1", r#"[{"b":1}]"#),
            ("/a/-", r#"[{"b":1}]"#),
            ("/a/00", r#"[{"b":1}]"#),
            ("/a/+0", r#"[{"b":1}]"#),
            ("/a/", r#"[{"b":1}]"#),
            ("/a/0/x/y", r#"{"b":1}"#),
            ("/a/0/b/0", "1"),
            ("/c/x", "null"),
            ("/~2", r#"{"a":[{"b":1}],"c":null}"#),
            ("/c~", r#"{"a":[{"b":1}],"c":null}"#),
            ("a", r#"{"a":[{"b":1}],"c":null}"#),
        ] {
            assert_eq!(found(&value, pointer, false), None, "{pointer}");
            assert_eq!(found(&value, pointer, true).as_deref(), Some(nearest), "{pointer}");
        }
        let (tree, _) = tree_of(&value);
        assert_eq!(locate(&tree, 99, "", true), None);
    }

    #[test]
    fn the_examples_of_rfc_6901_are_found() {
        let value =
            json!({"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "k\"l": 6, " ": 7, "m~n": 8, "~1": 9});
        for (pointer, expected) in [
            ("/foo", r#"["bar","baz"]"#),
            ("/foo/0", r#""bar""#),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
            ("/~01", "9"),
        ] {
            assert_eq!(found(&value, pointer, false).as_deref(), Some(expected), "{pointer}");
        }
        assert_eq!(found(&value, "", false), Some(tree_of(&value).1));
    }

    #[test]
    fn pointers_into_a_dockerfile_follow_its_json() {
        let tree = dockerfile();
        let run = "/children/0/children/0";
        let at = |rest: &str| locate(&tree, 0, &format!("{run}{rest}"), false);
        assert_eq!(at("/key"), Some(Span::new(0, 3)));
        assert_eq!(at("/children/1/value"), Some(Span::new(19, 23)));
        assert_eq!(at("/children/1/key"), None);
        assert_eq!(at("/children/1/children"), None);
        assert_eq!(at("/0"), None);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_the_same(value in any_json()) {
            let written = to_json(&tree_of(&value).0, 0);
            prop_assert_eq!(serde_json::from_str::<Value>(&written).ok(), Some(value));
        }

        #[test]
        fn any_number_is_written_as_json(text in "[-+]?[0-9_.xobeE+-]{0,12}") {
            let written = scalar(kind::FLOAT, &text);
            let quoted = format!("\"{text}\"");
            prop_assert!(is_json_number(&written) || written == quoted);
        }

        #[test]
        fn any_pointer_can_be_followed(pointer in "(/(a|0|1|00|-|~0|~1|)){0,5}") {
            let value = json!({"a": [[0, {"~": 1, "/": 2}], 1], "": {"": 0}, "0": [0, 1]});
            prop_assert_eq!(found(&value, &pointer, false), value.pointer(&pointer).map(Value::to_string));
            prop_assert!(found(&value, &pointer, true).is_some());
        }
    }
}
