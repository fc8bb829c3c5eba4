//! The tree of a document as columns: one entry per node, parents before children, siblings in the order of the text.
//! The columns are those that cross to a plugin (`tree` in the plugin interface), so that crossing is a copy.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use super::Span;

/// Index of a node.
pub type NodeId = u32;

/// Stands for "no string", "no parent", "no alias" in a column.
pub const NONE: u32 = u32::MAX;

/// Kinds of nodes. Numbers are append-only: they are part of the plugin interface.
pub mod kind {
    /// YAML mapping.
    pub const MAPPING: u8 = 1;
    /// YAML sequence.
    pub const SEQUENCE: u8 = 2;
    /// Scalar that Kubernetes reads as a string.
    pub const STRING: u8 = 3;
    /// Scalar that Kubernetes reads as an integer.
    pub const INTEGER: u8 = 4;
    /// Scalar that Kubernetes reads as a floating-point number.
    pub const FLOAT: u8 = 5;
    /// Scalar that Kubernetes reads as a boolean.
    pub const BOOLEAN: u8 = 6;
    /// Scalar that Kubernetes reads as null, an empty value included.
    pub const NULL: u8 = 7;
    /// Root of a Dockerfile.
    pub const DOCKERFILE: u8 = 32;
    /// Stage of a Dockerfile; its value is its name in lower case.
    pub const STAGE: u8 = 33;
    /// Instruction; its key is the keyword in upper case.
    pub const INSTRUCTION: u8 = 34;
    /// Flag of an instruction; its key is the name without `--`.
    pub const FLAG: u8 = 35;
    /// Argument: a word, or the whole rest where the instruction takes one.
    pub const ARGUMENT: u8 = 36;
    /// Name and value of ENV, LABEL or ARG.
    pub const PAIR: u8 = 37;
    /// Heredoc; its key is the delimiter, its value the body.
    pub const HEREDOC: u8 = 38;
    /// Parser directive.
    pub const DIRECTIVE: u8 = 39;
    /// Comment.
    pub const COMMENT: u8 = 40;
    /// Word of the exec form, unescaped.
    pub const JSON_ARGUMENT: u8 = 41;
    /// Keyword inside an instruction.
    pub const KEYWORD: u8 = 42;
}

/// Distinct strings, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StringTable {
    /// All of them as UTF-8.
    pub bytes: Vec<u8>,
    /// Where each ends.
    pub ends: Vec<u32>,
}

impl StringTable {
    /// String number `index`; `None` for [`NONE`] and for a number that the table lacks.
    #[must_use]
    pub fn get(&self, index: u32) -> Option<&str> {
        std::str::from_utf8(self.bytes_of(index)?).ok()
    }

    fn bytes_of(&self, index: u32) -> Option<&[u8]> {
        let index = index as usize;
        let end = *self.ends.get(index)? as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.bytes.get(start..end)
    }
}

/// Collects distinct strings into a [`StringTable`].
#[derive(Debug, Default)]
pub struct Interner {
    table: StringTable,
    /// Keyed anew for each process, so that no file can be made to collide.
    hasher: RandomState,
    /// Hash of each string.
    hashes: Vec<u64>,
    /// Open addressing over the strings' numbers, [`NONE`] where free; its length is zero or a power of two.
    slots: Vec<u32>,
}

/// Slots to begin with: enough for most documents.
const SLOTS: usize = 256;

impl Interner {
    /// Number of `text`, new or known.
    pub fn intern(&mut self, text: &str) -> u32 {
        if self.hashes.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = self.hasher.hash_one(text);
        let mut slot = hash as usize & (self.slots.len() - 1);
        while self.slots[slot] != NONE {
            let number = self.slots[slot];
            if self.hashes[number as usize] == hash && self.table.bytes_of(number) == Some(text.as_bytes()) {
                return number;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        let number = self.hashes.len() as u32;
        self.slots[slot] = number;
        self.hashes.push(hash);
        self.table.bytes.extend_from_slice(text.as_bytes());
        self.table.ends.push(self.table.bytes.len() as u32);
        number
    }

    /// Makes room for twice as many strings.
    fn grow(&mut self) {
        let len = (self.slots.len() * 2).max(SLOTS);
        self.slots.clear();
        self.slots.resize(len, NONE);
        for (number, &hash) in self.hashes.iter().enumerate() {
            let mut slot = hash as usize & (len - 1);
            while self.slots[slot] != NONE {
                slot = (slot + 1) & (len - 1);
            }
            self.slots[slot] = number as u32;
        }
    }

    /// Number of `text`, or [`NONE`].
    pub fn intern_option(&mut self, text: Option<&str>) -> u32 {
        text.map_or(NONE, |text| self.intern(text))
    }

    /// The string of a number that was given out.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&str> {
        self.table.get(number)
    }

    /// The finished table.
    #[must_use]
    pub fn finish(self) -> StringTable {
        let mut table = self.table;
        table.bytes.shrink_to_fit();
        table.ends.shrink_to_fit();
        table
    }
}

/// A document's nodes in columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Kind of each node, see [`kind`].
    pub kinds: Vec<u8>,
    /// Parent of each node; [`NONE`] for the root.
    pub parents: Vec<NodeId>,
    /// String number of the key, or [`NONE`].
    pub keys: Vec<u32>,
    /// String number of the scalar value, or [`NONE`].
    pub values: Vec<u32>,
    /// Offset of the value's first byte.
    pub starts: Vec<u32>,
    /// Offset after the value's last byte.
    pub ends: Vec<u32>,
    /// Offset of the key's first byte.
    pub key_starts: Vec<u32>,
    /// Offset after the key's last byte; equal to the first where there is no key.
    pub key_ends: Vec<u32>,
    /// Index of the alias through which the node stands here, or [`NONE`].
    pub aliases: Vec<u32>,
    /// Offset of each alias's first byte.
    pub alias_starts: Vec<u32>,
    /// Offset after each alias's last byte.
    pub alias_ends: Vec<u32>,
    /// What the string numbers stand for.
    pub strings: StringTable,
    /// Where each node's descendants end: derived, so it does not cross.
    subtree_ends: Vec<NodeId>,
}

impl Tree {
    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there is not even a root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Kind of a node, see [`kind`].
    #[must_use]
    pub fn kind(&self, node: NodeId) -> u8 {
        self.kinds[node as usize]
    }

    /// Parent of a node; `None` for the root.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        let parent = self.parents[node as usize];
        (parent != NONE).then_some(parent)
    }

    /// Key of a node.
    #[must_use]
    pub fn key(&self, node: NodeId) -> Option<&str> {
        self.strings.get(self.keys[node as usize])
    }

    /// Scalar value of a node.
    #[must_use]
    pub fn value(&self, node: NodeId) -> Option<&str> {
        self.strings.get(self.values[node as usize])
    }

    /// Span of a node's value: where it was written.
    #[must_use]
    pub fn span(&self, node: NodeId) -> Span {
        Span::new(self.starts[node as usize], self.ends[node as usize])
    }

    /// Span of a node's key token.
    #[must_use]
    pub fn key_span(&self, node: NodeId) -> Option<Span> {
        let span = Span::new(self.key_starts[node as usize], self.key_ends[node as usize]);
        (!span.is_empty()).then_some(span)
    }

    /// Span of the alias or merge key through which the node stands where it stands.
    #[must_use]
    pub fn alias(&self, node: NodeId) -> Option<Span> {
        let index = self.aliases[node as usize] as usize;
        Some(Span::new(*self.alias_starts.get(index)?, *self.alias_ends.get(index)?))
    }

    /// First node after a node and all its descendants.
    #[must_use]
    pub fn subtree_end(&self, node: NodeId) -> NodeId {
        self.subtree_ends[node as usize]
    }

    /// Children of a node in order.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.subtree_end(node);
        let mut next = node + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let child = next;
                next = self.subtree_end(child);
                child
            })
        })
    }

    /// Value under `key` of a mapping; the last one where the key stands twice, as Kubernetes' decoder takes it.
    #[must_use]
    pub fn get(&self, node: NodeId, key: &str) -> Option<NodeId> {
        if self.kind(node) != kind::MAPPING {
            return None;
        }
        self.children(node).filter(|&child| self.key(child) == Some(key)).last()
    }

    /// Value at a path of keys.
    #[must_use]
    pub fn at(&self, node: NodeId, path: &[&str]) -> Option<NodeId> {
        path.iter().try_fold(node, |node, key| self.get(node, key))
    }

    /// Gives back the room for growth: project rules keep the trees of all files.
    fn shrink(&mut self) {
        self.kinds.shrink_to_fit();
        for column in [
            &mut self.parents,
            &mut self.keys,
            &mut self.values,
            &mut self.starts,
            &mut self.ends,
            &mut self.key_starts,
            &mut self.key_ends,
            &mut self.aliases,
            &mut self.alias_starts,
            &mut self.alias_ends,
        ] {
            column.shrink_to_fit();
        }
    }

    /// Value of a string scalar.
    #[must_use]
    pub fn text(&self, node: NodeId) -> Option<&str> {
        (self.kind(node) == kind::STRING).then(|| self.value(node)).flatten()
    }
}

/// Builds a [`Tree`] from the root down.
#[derive(Debug, Default)]
pub struct TreeBuilder {
    tree: Tree,
    strings: Interner,
}

/// One node for [`TreeBuilder::push`].
#[derive(Clone, Copy, Debug, Default)]
pub struct NewNode<'a> {
    /// See [`kind`].
    pub kind: u8,
    /// Key it stands under.
    pub key: Option<&'a str>,
    /// Scalar value.
    pub value: Option<&'a str>,
    /// Where the value is written.
    pub span: Span,
    /// Where the key is written; empty without one.
    pub key_span: Span,
    /// Index of an alias made by [`TreeBuilder::alias`].
    pub alias: Option<u32>,
}

impl TreeBuilder {
    /// Appends a node below `parent` (`None` for the root) and returns its index. A parent's children are pushed
    /// before any later sibling of the parent.
    pub fn push(&mut self, parent: Option<NodeId>, node: NewNode<'_>) -> NodeId {
        let tree = &mut self.tree;
        let id = tree.kinds.len() as NodeId;
        tree.kinds.push(node.kind);
        tree.parents.push(parent.unwrap_or(NONE));
        tree.keys.push(self.strings.intern_option(node.key));
        tree.values.push(self.strings.intern_option(node.value));
        tree.starts.push(node.span.start);
        tree.ends.push(node.span.end);
        tree.key_starts.push(node.key_span.start);
        tree.key_ends.push(node.key_span.end);
        tree.aliases.push(node.alias.unwrap_or(NONE));
        id
    }

    /// Records the place of an alias or merge key, for [`NewNode::alias`].
    pub fn alias(&mut self, span: Span) -> u32 {
        self.tree.alias_starts.push(span.start);
        self.tree.alias_ends.push(span.end);
        self.tree.alias_starts.len() as u32 - 1
    }

    /// Sets the end of a node's span once it is known.
    pub fn set_end(&mut self, node: NodeId, end: u32) {
        self.tree.ends[node as usize] = end;
    }

    /// Appends copies of the nodes in `range`, whole subtrees of one parent, below `parent`: they stand there through
    /// the alias `alias`. Returns the first copy. Keys are copied too, see [`TreeBuilder::set_key`].
    pub fn copy(&mut self, range: Range<NodeId>, parent: NodeId, alias: u32) -> NodeId {
        let tree = &mut self.tree;
        let first = tree.kinds.len() as NodeId;
        let (from, indexes) = (range.start, range.start as usize..range.end as usize);
        for column in [
            &mut tree.keys,
            &mut tree.values,
            &mut tree.starts,
            &mut tree.ends,
            &mut tree.key_starts,
            &mut tree.key_ends,
        ] {
            column.extend_from_within(indexes.clone());
        }
        tree.kinds.extend_from_within(indexes.clone());
        tree.aliases.extend(indexes.clone().map(|_| alias));
        for index in indexes {
            let old = tree.parents[index];
            let inside = old != NONE && old >= from;
            tree.parents.push(if inside { old - from + first } else { parent });
        }
        first
    }

    /// Puts a node under another key.
    pub fn set_key(&mut self, node: NodeId, key: Option<&str>, span: Span) {
        self.tree.keys[node as usize] = self.strings.intern_option(key);
        self.tree.key_starts[node as usize] = span.start;
        self.tree.key_ends[node as usize] = span.end;
    }

    /// Keeps the nodes that `keep` says, in order. With a node all its descendants must go.
    pub fn retain(&mut self, keep: &[bool]) {
        let mut moved = Vec::with_capacity(keep.len());
        let mut count: NodeId = 0;
        for &kept in keep {
            moved.push(count);
            count += NodeId::from(kept);
        }
        let tree = &mut self.tree;
        for parent in &mut tree.parents {
            *parent = moved.get(*parent as usize).copied().unwrap_or(NONE);
        }
        retain_column(&mut tree.kinds, keep);
        for column in [
            &mut tree.parents,
            &mut tree.keys,
            &mut tree.values,
            &mut tree.starts,
            &mut tree.ends,
            &mut tree.key_starts,
            &mut tree.key_ends,
            &mut tree.aliases,
        ] {
            retain_column(column, keep);
        }
    }

    /// The nodes so far. Descendants cannot be asked for before the tree is finished, and its strings are empty.
    #[must_use]
    pub fn nodes(&self) -> &Tree {
        &self.tree
    }

    /// Scalar value of a node.
    #[must_use]
    pub fn value(&self, node: NodeId) -> Option<&str> {
        self.strings.table.get(self.tree.values[node as usize])
    }

    /// Number of nodes so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Whether nothing was pushed yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// The finished tree.
    #[must_use]
    pub fn finish(self) -> Tree {
        let mut tree = self.tree;
        tree.strings = self.strings.finish();
        let count = tree.kinds.len();
        tree.subtree_ends = (1..=count as NodeId).collect();
        for node in (1..count).rev() {
            let parent = tree.parents[node] as usize;
            if parent < node {
                tree.subtree_ends[parent] = tree.subtree_ends[parent].max(tree.subtree_ends[node]);
            }
        }
        tree.shrink();
        tree
    }
}

/// Keeps the entries of a column that `keep` says.
fn retain_column<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut index = 0;
    column.retain(|_| {
        index += 1;
        keep.get(index - 1).copied().unwrap_or(true)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_keeps_its_number_while_the_table_grows() {
        let mut strings = Interner::default();
        let names: Vec<String> = (0..1000).map(|number| format!("n{number}")).collect();
        let numbers: Vec<u32> = names.iter().map(|name| strings.intern(name)).collect();
        assert_eq!(numbers, (0..1000).collect::<Vec<_>>());
        assert_eq!(strings.intern("n7"), 7);
        assert_eq!((strings.intern(""), strings.intern("")), (1000, 1000));
        let table = strings.finish();
        assert_eq!((table.get(999), table.get(1000), table.get(1001)), (Some("n999"), Some(""), None));
    }

    #[test]
    fn copies_keep_their_shape_below_another_parent_and_dropped_nodes_close_up() {
        let mut builder = TreeBuilder::default();
        let root = builder.push(None, NewNode { kind: kind::MAPPING, ..NewNode::default() });
        let a = builder.push(Some(root), NewNode { kind: kind::SEQUENCE, key: Some("a"), ..NewNode::default() });
        builder.push(Some(a), NewNode { kind: kind::STRING, value: Some("x"), ..NewNode::default() });
        let alias = builder.alias(Span::new(7, 9));
        let copy = builder.copy(a..3, root, alias);
        builder.set_key(copy, Some("b"), Span::new(5, 6));
        builder.retain(&[true, false, false, true, true]);
        let tree = builder.finish();
        assert_eq!(tree.parents, [NONE, 0, 1]);
        assert_eq!(tree.key(1), Some("b"));
        assert_eq!(tree.value(2), Some("x"));
        assert_eq!(tree.alias(2), Some(Span::new(7, 9)));
    }

    #[test]
    fn children_skip_grandchildren_and_the_last_key_wins() {
        let mut builder = TreeBuilder::default();
        let root = builder.push(None, NewNode { kind: kind::MAPPING, ..NewNode::default() });
        let a = builder.push(Some(root), NewNode { kind: kind::SEQUENCE, key: Some("a"), ..NewNode::default() });
        builder.push(Some(a), NewNode { kind: kind::STRING, value: Some("x"), ..NewNode::default() });
        builder
            .push(Some(root), NewNode { kind: kind::STRING, key: Some("b"), value: Some("1"), ..NewNode::default() });
        let last = builder
            .push(Some(root), NewNode { kind: kind::STRING, key: Some("b"), value: Some("2"), ..NewNode::default() });
        let tree = builder.finish();
        assert_eq!(tree.children(root).collect::<Vec<_>>(), [1, 3, 4]);
        assert_eq!(tree.get(root, "b"), Some(last));
        assert_eq!(tree.text(last), Some("2"));
        assert_eq!(tree.get(root, "c"), None);
        assert_eq!(tree.subtree_end(a), 3);
    }
}
