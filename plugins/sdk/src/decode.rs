//! Reads parts of a manifest into types, such as those of the crate `k8s-openapi`.

use std::collections::BTreeSet;
use std::fmt;

use serde_core::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde_core::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_core::{Deserialize, de, forward_to_deserialize_any};

use crate::report::Place;
use crate::tree::{Kind, Node};

/// Why a part of a manifest is not what a type wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    message: String,
    place: Place,
}

impl DecodeError {
    /// Where the value at fault stands; for a missing field, the key that should hold it.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DecodeError {}

/// Reads a node into a type.
///
/// # Errors
/// Where the type does not take what is written.
pub(crate) fn decode<'a, T: Deserialize<'a>>(node: Node<'a>) -> Result<T, DecodeError> {
    let read = T::deserialize(Decoder(node));
    read.map_err(|Fault { message, place }| DecodeError { message, place: place.unwrap_or_else(|| node.place()) })
}

/// An error on its way up, until the first node that it passes tells its place.
#[derive(Debug)]
struct Fault {
    message: String,
    place: Option<Place>,
}

impl Fault {
    fn at(self, node: Node<'_>) -> Self {
        Self { place: self.place.or_else(|| Some(node.place())), ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), place: None }
    }
}

#[derive(Clone, Copy)]
struct Decoder<'a>(Node<'a>);

impl<'a> Decoder<'a> {
    fn visit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Self(node) = self;
        let text = node.value().unwrap_or_default();
        match node.kind() {
            Kind::Mapping => visitor.visit_map(Entries::of(node)),
            Kind::Sequence => visitor.visit_seq(Items { rest: node.items().collect::<Vec<_>>().into_iter() }),
            Kind::Boolean => visitor.visit_bool(text == "true"),
            Kind::Null => visitor.visit_unit(),
            Kind::Integer => match (text.parse(), text.parse()) {
                (Ok(number), _) => visitor.visit_i64(number),
                (_, Ok(number)) => visitor.visit_u64(number),
                _ => Err(Fault::custom(format_args!("`{text}` is too large for a number"))),
            },
            Kind::Float => match text.parse() {
                Ok(number) => visitor.visit_f64(number),
                Err(_) => visitor.visit_borrowed_str(text),
            },
            _ => visitor.visit_borrowed_str(text),
        }
    }
}

impl<'a> Deserializer<'a> for Decoder<'a> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(visitor).map_err(|fault| fault.at(self.0))
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        let read = if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) };
        read.map_err(|fault| fault.at(self.0))
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self).map_err(|fault| fault.at(self.0))
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let read = match (self.0.kind(), self.0.value()) {
            (Kind::Mapping, _) => visitor.visit_enum(MapAccessDeserializer::new(Entries::of(self.0))),
            (_, Some(text)) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            _ => return self.deserialize_any(visitor),
        };
        read.map_err(|fault| fault.at(self.0))
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        <V: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

/// Entries of a mapping. Of a key that stands twice the last counts, as for Kubernetes.
struct Entries<'a> {
    rest: std::vec::IntoIter<(&'a str, Node<'a>)>,
    /// The value whose key was read last.
    next: Option<Node<'a>>,
}

impl<'a> Entries<'a> {
    fn of(mapping: Node<'a>) -> Self {
        let mut entries: Vec<_> = mapping.entries().collect();
        let mut seen = BTreeSet::new();
        entries.reverse();
        entries.retain(|(key, _)| seen.insert(*key));
        entries.reverse();
        Self { rest: entries.into_iter(), next: None }
    }
}

impl<'a> MapAccess<'a> for Entries<'a> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((key, node)) = self.rest.next() else { return Ok(None) };
        self.next = Some(node);
        let at_key = |fault: Fault| Fault { place: fault.place.or_else(|| Some(node.key_place())), ..fault };
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some).map_err(at_key)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let node = self.next.take().ok_or_else(|| Fault::custom("a value was asked for before its key"))?;
        seed.deserialize(Decoder(node))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Items<'a> {
    rest: std::vec::IntoIter<Node<'a>>,
}

impl<'a> SeqAccess<'a> for Items<'a> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.rest.next() else { return Ok(None) };
        seed.deserialize(Decoder(node)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}
