//! A document's tree, pleasant to walk.

use std::fmt;

use serde_core::Deserialize;

use crate::bindings::hullmark::policy::types as wit;
use crate::decode::{self, DecodeError};
use crate::document::Document;
use crate::image::{Quantity, parse_quantity};
use crate::report::Place;

pub(crate) const NONE: u32 = u32::MAX;

/// Byte range in the source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// A span from `start` up to `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty span before this one.
    #[must_use]
    pub const fn before(self) -> Self {
        Self { start: self.start, end: self.start }
    }

    /// The empty span after this one.
    #[must_use]
    pub const fn after(self) -> Self {
        Self { start: self.end, end: self.end }
    }
}

/// Strings of one set of columns.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    pub(crate) fn new(table: wit::StringTable) -> Self {
        let text = String::from_utf8(table.bytes).unwrap_or_default();
        Self { text, ends: table.ends }
    }

    pub(crate) fn get(&self, index: u32) -> Option<&str> {
        let index = index as usize;
        let end = *self.ends.get(index)? as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        self.text.get(start..end)
    }
}

/// Kind of a node. Kinds that this SDK does not know are `Other`: pass over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// YAML mapping.
    Mapping,
    /// YAML sequence.
    Sequence,
    /// String scalar.
    String,
    /// Integer scalar.
    Integer,
    /// Floating-point scalar.
    Float,
    /// Boolean scalar.
    Boolean,
    /// Null, an empty value included.
    Null,
    /// Root of a Dockerfile.
    Dockerfile,
    /// Stage of a Dockerfile.
    Stage,
    /// Instruction.
    Instruction,
    /// Flag of an instruction.
    Flag,
    /// Argument of an instruction.
    Argument,
    /// Name and value of ENV, LABEL or ARG.
    Pair,
    /// Heredoc.
    Heredoc,
    /// Parser directive.
    Directive,
    /// Comment.
    Comment,
    /// Word of the exec form.
    JsonArgument,
    /// Keyword inside an instruction.
    Keyword,
    /// Something newer than this SDK.
    Other(u8),
}

impl From<u8> for Kind {
    fn from(number: u8) -> Self {
        match number {
            1 => Self::Mapping,
            2 => Self::Sequence,
            3 => Self::String,
            4 => Self::Integer,
            5 => Self::Float,
            6 => Self::Boolean,
            7 => Self::Null,
            32 => Self::Dockerfile,
            33 => Self::Stage,
            34 => Self::Instruction,
            35 => Self::Flag,
            36 => Self::Argument,
            37 => Self::Pair,
            38 => Self::Heredoc,
            39 => Self::Directive,
            40 => Self::Comment,
            41 => Self::JsonArgument,
            42 => Self::Keyword,
            other => Self::Other(other),
        }
    }
}

/// The columns of a tree with what is derived from them.
#[derive(Debug)]
pub(crate) struct Tree {
    columns: wit::Tree,
    strings: Strings,
    subtree_ends: Vec<u32>,
}

impl Tree {
    pub(crate) fn new(mut columns: wit::Tree) -> Self {
        let strings = Strings::new(std::mem::replace(
            &mut columns.strings,
            wit::StringTable { bytes: Vec::new(), ends: Vec::new() },
        ));
        let count = columns.kinds.len();
        let mut subtree_ends: Vec<u32> = (1..=count as u32).collect();
        for node in (1..count).rev() {
            let parent = columns.parents[node] as usize;
            if parent < node {
                subtree_ends[parent] = subtree_ends[parent].max(subtree_ends[node]);
            }
        }
        Self { columns, strings, subtree_ends }
    }

    /// Index after a node's last descendant.
    pub(crate) fn subtree_end(&self, node: u32) -> u32 {
        self.subtree_ends.get(node as usize).copied().unwrap_or(0)
    }
}

/// A node of a document's tree. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    pub(crate) document: &'a Document<'a>,
    pub(crate) index: u32,
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?} {:?}", self.kind(), self.key(), self.value())
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.document.id() == other.document.id()
    }
}

impl<'a> Node<'a> {
    fn tree(self) -> &'a Tree {
        self.document.tree()
    }

    fn at_index(self, index: u32) -> Self {
        Self { document: self.document, index }
    }

    /// What the node is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.tree().columns.kinds.get(self.index as usize).map_or(Kind::Null, |&kind| kind.into())
    }

    /// The key it stands under.
    #[must_use]
    pub fn key(self) -> Option<&'a str> {
        let tree = self.tree();
        tree.strings.get(*tree.columns.keys.get(self.index as usize)?)
    }

    /// Scalar text, whatever its type: strings unquoted, numbers and booleans as JSON writes them.
    #[must_use]
    pub fn value(self) -> Option<&'a str> {
        let tree = self.tree();
        tree.strings.get(*tree.columns.values.get(self.index as usize)?)
    }

    /// Text of a string scalar or of a Dockerfile token.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        match self.kind() {
            Kind::Mapping | Kind::Sequence | Kind::Integer | Kind::Float | Kind::Boolean | Kind::Null => None,
            _ => self.value(),
        }
    }

    /// Value of an integer scalar.
    #[must_use]
    pub fn integer(self) -> Option<i64> {
        (self.kind() == Kind::Integer).then(|| self.value()?.parse().ok()).flatten()
    }

    /// The value as a Kubernetes quantity, see [`magnitude`](crate::magnitude); nothing where Kubernetes would refuse it.
    #[must_use]
    pub fn quantity(self) -> Option<Quantity> {
        parse_quantity(self.value()?).ok()
    }

    /// Value of a boolean scalar.
    #[must_use]
    pub fn boolean(self) -> Option<bool> {
        (self.kind() == Kind::Boolean).then(|| self.value() == Some("true"))
    }

    /// Whether it is an explicit or implied null.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Where the value was written.
    #[must_use]
    pub fn span(self) -> Span {
        let columns = &self.tree().columns;
        let index = self.index as usize;
        Span::new(columns.starts[index], columns.ends[index])
    }

    /// Where the key was written.
    #[must_use]
    pub fn key_span(self) -> Option<Span> {
        let columns = &self.tree().columns;
        let index = self.index as usize;
        let span = Span::new(columns.key_starts[index], columns.key_ends[index]);
        (span.start < span.end).then_some(span)
    }

    /// The alias or merge key through which the node stands where it stands.
    #[must_use]
    pub fn alias(self) -> Option<Place> {
        let columns = &self.tree().columns;
        let index = columns.aliases[self.index as usize] as usize;
        let span = Span::new(*columns.alias_starts.get(index)?, *columns.alias_ends.get(index)?);
        Some(Place { document: self.document.id(), span })
    }

    /// The node as a place: a scalar's or token's value; a mapping's or sequence's key, or its first token.
    #[must_use]
    pub fn place(self) -> Place {
        match self.kind() {
            Kind::Mapping | Kind::Sequence => {
                let key = self.key_span().or_else(|| self.children().next().map(|child| child.place().span));
                Place { document: self.document.id(), span: key.unwrap_or_else(|| self.span()) }
            }
            Kind::Instruction => self.key_place(),
            // A null that is not written has no text of its own.
            Kind::Null if self.span().start == self.span().end => self.key_place(),
            _ => Place { document: self.document.id(), span: self.span() },
        }
    }

    /// The key as a place; the value's where there is no key.
    #[must_use]
    pub fn key_place(self) -> Place {
        Place { document: self.document.id(), span: self.key_span().unwrap_or_else(|| self.span()) }
    }

    /// The part of the value that equals `part`, at byte `offset` of the value; the whole value where quoting or
    /// escapes keep the two apart.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed_manifest;
    ///
    /// let document = parsed_manifest("apiVersion: v1\nkind: Pod\nmetadata: {name: web-test}\n");
    /// let name = document.root().at(&["metadata", "name"]).unwrap();
    /// let place = name.part("web".len(), "-test");
    /// assert_eq!(document.text_at(place.span), "-test");
    /// ```
    #[must_use]
    pub fn part(self, offset: usize, part: &str) -> Place {
        let span = self.span();
        let written = self.document.text_at(span);
        let found = self.value().and_then(|value| written.find(value)).map(|start| start + offset);
        match found {
            Some(start) if written.get(start..start + part.len()) == Some(part) && !part.is_empty() => {
                let start = span.start + start as u32;
                Place { document: self.document.id(), span: Span::new(start, start + part.len() as u32) }
            }
            _ => self.place(),
        }
    }

    /// The node above.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        let parent = self.tree().columns.parents[self.index as usize];
        (parent != NONE).then(|| self.at_index(parent))
    }

    /// The nodes directly below, in order.
    pub fn children(self) -> impl Iterator<Item = Self> + use<'a> {
        let ends = &self.tree().subtree_ends;
        let end = ends.get(self.index as usize).copied().unwrap_or(0);
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let child = self.at_index(next);
                next = ends[next as usize];
                child
            })
        })
    }

    /// Entries of a sequence; nothing for any other node.
    pub fn items(self) -> impl Iterator<Item = Self> + use<'a> {
        (self.kind() == Kind::Sequence).then(|| self.children()).into_iter().flatten()
    }

    /// Entries of a mapping; nothing for any other node.
    pub fn entries(self) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        (self.kind() == Kind::Mapping)
            .then(|| self.children())
            .into_iter()
            .flatten()
            .filter_map(|child| Some((child.key()?, child)))
    }

    /// Value under a key of a mapping; an explicit null counts as missing, as Kubernetes has it.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed_manifest;
    ///
    /// let document = parsed_manifest("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostname: null}\n");
    /// let spec = document.root().get("spec").unwrap();
    /// assert!(spec.get("hostname").is_none() && spec.written("hostname").is_some());
    /// ```
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        self.written(key).filter(|node| !node.is_null())
    }

    /// Value under a key of a mapping, a null included.
    #[must_use]
    pub fn written(self, key: &str) -> Option<Self> {
        self.entries().filter(|(name, _)| *name == key).map(|(_, node)| node).last()
    }

    /// Value at a path of keys.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The value as a type that serde can read.
    ///
    /// Types of Kubernetes take more than its server does: what is missing has its default, and unknown fields are passed
    /// over. A null counts as missing where the type says so, and of a key that stands twice the last one counts. Anything
    /// else than the type wants is an error at the very value.
    ///
    /// # Errors
    /// Where the type does not take what is written.
    pub fn decode<T: Deserialize<'a>>(self) -> Result<T, DecodeError> {
        decode::decode(self)
    }

    /// All nodes below, in order of the text.
    pub fn descendants(self) -> impl Iterator<Item = Self> + use<'a> {
        let end = self.tree().subtree_ends.get(self.index as usize).copied().unwrap_or(0);
        (self.index + 1..end).map(move |index| self.at_index(index))
    }

    /// The document it belongs to.
    #[must_use]
    pub fn document(self) -> &'a Document<'a> {
        self.document
    }
}
