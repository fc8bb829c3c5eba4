//! YAML texts as trees in which every key and value knows its place: what policies are read from. The only module that
//! names the library.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number};
use serde_saphyr::{Location, Spanned, UserMessageFormatter};

use super::PolicyError;
use crate::document::{Source, Span};

/// Nobody writes more by aliases, and few texts cost more to read.
const MOST_REPLAYED: usize = 10_000;
/// Levels of nesting; reading takes stack for each.
const DEEPEST: usize = 16;

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The scalar; of a collection its beginning.
    pub(super) span: Span,
    /// What it is.
    pub(super) value: Value,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

impl Node {
    /// Reads a text of one document.
    pub(super) fn read(source: &Arc<Source>) -> Result<Self, PolicyError> {
        if let Err(error) = std::str::from_utf8(source.bytes()) {
            let at = error.valid_up_to() as u32;
            return Err(PolicyError::at(source, Span::new(at, at + 1), "the text is not UTF-8"));
        }
        let options = serde_saphyr::options! {
            // `on` and `off` are levels, not flags.
            strict_booleans: true,
            with_snippet: false,
            budget: serde_saphyr::budget! { max_depth: DEEPEST },
            alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MOST_REPLAYED },
        };
        serde_saphyr::from_str_with_options(source.text(), options).map_err(|error| {
            let span = error.location().map_or_else(Span::default, |location| place(source, location));
            PolicyError::at(source, span, message(&error))
        })
    }

    /// The value without places.
    pub(super) fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Flag(flag) => serde_json::Value::Bool(*flag),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::Text(text) => serde_json::Value::String(text.clone()),
            Value::List(items) => items.iter().map(Self::json).collect(),
            Value::Mapping(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), entry.value.json())).collect::<Map<_, _>>().into()
            }
        }
    }

    /// Place of what a JSON Pointer below this value names, or of the nearest value above it.
    pub(super) fn span_at(&self, pointer: &str) -> Span {
        let Some((key, rest)) =
            pointer.strip_prefix('/').map(|path| path.split_at(path.find('/').unwrap_or(path.len())))
        else {
            return self.span;
        };
        let below = match &self.value {
            Value::List(items) => key.parse().ok().and_then(|index: usize| items.get(index)),
            Value::Mapping(entries) => {
                let key = key.replace("~1", "/").replace("~0", "~");
                entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
            }
            _ => None,
        };
        below.map_or(self.span, |node| node.span_at(rest))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, referenced, .. } = Spanned::deserialize(deserializer)?;
        Ok(Self { span: bytes(referenced), value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Number::from_f64(number).map(Value::Number).ok_or_else(|| E::custom("the number is not finite"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = access.next_entry::<Spanned<String>, Node>()? {
            entries.push(Entry { key_span: bytes(key.referenced), key: key.value, value });
        }
        Ok(Value::Mapping(entries))
    }
}

/// Place of a value; the library knows the bytes of everything that it has read.
fn bytes(location: Location) -> Span {
    let span = location.span();
    let number = |number: Option<u64>| number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
    let start = number(span.byte_offset());
    Span::new(start, start + number(span.byte_len()))
}

/// Place of an error, which may have no more than a line and a column in characters.
fn place(source: &Source, location: Location) -> Span {
    if location.span().byte_offset().is_some() {
        return bytes(location);
    }
    let line = u32::try_from(location.line()).unwrap_or(1).clamp(1, source.line_count());
    let line = source.line_span(line);
    let before = source.slice(line).chars().take(location.column().saturating_sub(1) as usize);
    let at = line.start + before.map(char::len_utf8).sum::<usize>() as u32;
    Span::new(at, at)
}

/// What is wrong, without the place.
fn message(error: &serde_saphyr::Error) -> String {
    match error.without_snippet() {
        serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } => format!("the key `{key}` stands here twice"),
        error => {
            let text = error.render_with_formatter(&UserMessageFormatter);
            let place = error.location().map(|at| format!(" at line {}, column {}", at.line(), at.column()));
            place.and_then(|place| text.strip_suffix(&place).map(str::to_owned)).unwrap_or(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: impl Into<Vec<u8>>) -> (Arc<Source>, Result<Node, PolicyError>) {
        let source = Arc::new(Source::new("p.yaml", text.into()));
        let node = Node::read(&source);
        (source, node)
    }

    #[test]
    fn places_are_bytes_of_the_text() {
        for text in ["\u{feff}a: b", "# é\r\na: b\r\n", "a: &x b\n", "{a: b}", "? a\n: b"] {
            let (source, node) = read(text);
            let Value::Mapping(entries) = node.unwrap().value else { panic!("{text:?}") };
            assert_eq!(
                (source.slice(entries[0].key_span), source.slice(entries[0].value.span)),
                ("a", "b"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn errors_know_their_column_without_knowing_their_byte() {
        let (source, node) = read("ä: *b\n");
        let place = node.unwrap_err().place.unwrap();
        assert_eq!(source.slice(Span::new(place.span.start, place.span.start + 2)), "*b");
    }

    #[test]
    fn words_that_were_flags_once_are_texts() {
        let (_, node) = read("[on, off, yes, 1, -1, 0.5, true, null]");
        let expected = serde_json::json!(["on", "off", "yes", 1, -1, 0.5, true, null]);
        assert_eq!(node.unwrap().json(), expected);
    }

    #[test]
    fn hostile_texts_are_refused() {
        let bomb: String =
            (1..9).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1)).collect();
        for text in ["[".repeat(100_000), "- ".repeat(100_000), "a: &a [*a]".into(), format!("a0: &a0 x\n{bomb}")] {
            assert!(read(text.as_str()).1.is_err(), "{}", &text[..text.len().min(80)]);
        }
        assert!(read(b"a: \xff".as_slice()).1.is_err());
    }
}
