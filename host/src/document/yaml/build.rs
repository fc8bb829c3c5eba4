//! The parser's events as a tree. Nothing here recurses: open collections are a list, and an alias copies nodes that
//! are already there.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use granit_parser::{Event, ScalarStyle, StructureStyle, Tag};

use super::super::tree::{NONE, NewNode, NodeId, TreeBuilder, kind};
use super::super::{Problem, Span, Tree};
use super::error::{Place, problem_at};
use super::resolve::{self, Form, Scalar};
use super::{Budget, MAX_DEPTH, Stream, YamlDocument, too_deep};

/// A child that came by a merge key.
const MERGED: u8 = 1;
/// The value of a merge key: its children were copied to where they count, it goes itself.
const SPENT: u8 = 2;

/// Builds the trees of one part of a stream.
pub(super) struct Builder<'a, 'b> {
    /// The whole text.
    text: &'a str,
    /// Where the part begins.
    from: usize,
    budget: &'b mut Budget,
    start: u32,
    tree: TreeBuilder,
    open: Vec<Open<'a>>,
    /// What the anchors of this document name, by the parser's numbers from `first_anchor` on.
    anchors: Vec<Anchored>,
    first_anchor: usize,
    /// [`MERGED`] and [`SPENT`] by node; shorter than the tree where nothing is merged.
    flags: Vec<u8>,
    /// Where the last token of content ended.
    cursor: usize,
}

/// A collection that has begun.
struct Open<'a> {
    node: NodeId,
    mapping: bool,
    anchor: usize,
    /// The span of the `<<` whose value this is.
    merge: Option<Span>,
    /// The key that waits for its value.
    key: Option<Key<'a>>,
    /// How many levels of collections it holds.
    height: usize,
    end: u32,
}

struct Key<'a> {
    text: Cow<'a, str>,
    span: Span,
    merge: bool,
}

/// What an anchor names.
#[derive(Clone, Default)]
enum Anchored {
    /// A collection that has not ended, or nothing.
    #[default]
    Unfinished,
    /// Nodes of the tree, with the levels of collections among them.
    Nodes(Range<NodeId>, usize),
    /// A key, which is no node.
    Key(Scalar<'static>, Span),
}

type Step = Result<(), Problem>;

impl<'a, 'b> Builder<'a, 'b> {
    pub(super) fn new(text: &'a str, from: usize, budget: &'b mut Budget) -> Self {
        Self {
            text,
            from,
            budget,
            start: from as u32,
            tree: TreeBuilder::default(),
            open: Vec::new(),
            anchors: Vec::new(),
            first_anchor: 0,
            flags: Vec::new(),
            cursor: from,
        }
    }

    /// Takes one event; a finished document goes to `stream`.
    pub(super) fn event(&mut self, event: Event<'a>, at: &granit_parser::Span, stream: &mut Stream) -> Step {
        let range = at.byte_range().unwrap_or(0..0);
        let (start, end) = (self.from + range.start, self.from + range.end);
        match event {
            Event::Comment(..) => stream.comments.push(Span::new(start as u32, end as u32)),
            Event::DocumentStart(..) => {
                // A marker belongs to its document; so do comments above an implicit beginning.
                self.start = if stream.documents.last().is_some_and(|last| last.start as usize >= self.from) {
                    start as u32
                } else {
                    self.from as u32
                };
            }
            Event::DocumentEnd => self.finish(stream),
            Event::Alias(anchor) => self.alias(anchor, Span::new(start as u32, end as u32))?,
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref(), start, end)?,
            Event::SequenceStart(style, anchor, _) => self.begin(false, style, anchor, start, end)?,
            Event::MappingStart(style, anchor, _) => self.begin(true, style, anchor, start, end)?,
            Event::SequenceEnd | Event::MappingEnd => self.end(start, end)?,
            _ => {}
        }
        Ok(())
    }

    fn problem(&self, at: Span, message: impl Into<String>) -> Problem {
        if at.is_empty() {
            return problem_at(self.text, at.start as usize, message);
        }
        Problem { span: at, message: message.into(), aliases: &[] }
    }

    /// Whether the next node is the key of a mapping.
    fn expects_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.mapping && open.key.is_none())
    }

    fn scalar(
        &mut self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        start: usize,
        end: usize,
    ) -> Step {
        let plain = style == ScalarStyle::Plain;
        // The parser writes a missing node as `~`, of no length.
        let missing = plain && tag.is_none() && start == end;
        let text = if missing { Cow::Borrowed("") } else { text };
        let form = form(plain, tag);
        let span = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => self.block_scalar(start, end),
            _ if start == end => self.missing(start),
            _ => Span::new(start as u32, end as u32),
        };
        self.cursor = self.cursor.max(end).max(span.end as usize);
        if self.expects_key() {
            return self.key(text, form, anchor, span);
        }
        if self.open.last().is_some_and(|open| open.key.as_ref().is_some_and(|key| key.merge)) {
            return Err(self.problem(span, "a merge key `<<` needs a mapping or a sequence of mappings"));
        }
        let Scalar { kind, value } = resolve::scalar(text, form);
        let node = self.push(kind, Some(&value), span);
        self.name(anchor, || Anchored::Nodes(node..node + 1, 0));
        Ok(())
    }

    fn key(&mut self, text: Cow<'a, str>, form: Form, anchor: usize, span: Span) -> Step {
        let merge = form == Form::Plain && text == "<<";
        if anchor != 0 {
            let Scalar { kind, value } = resolve::scalar(Cow::Owned(text.clone().into_owned()), form);
            self.name(anchor, || Anchored::Key(Scalar { kind, value }, span));
        }
        let Some(text) = resolve::key(text, form) else {
            return Err(self.problem(span, "null cannot be the key of a mapping"));
        };
        self.set_key(Key { text, span, merge });
        Ok(())
    }

    fn set_key(&mut self, key: Key<'a>) {
        if let Some(open) = self.open.last_mut() {
            open.end = open.end.max(key.span.end);
            open.key = Some(key);
        }
    }

    /// Appends a node where the next value belongs, and grows what holds it.
    fn push(&mut self, kind: u8, value: Option<&str>, span: Span) -> NodeId {
        self.budget.written += 1;
        let mut node = NewNode { kind, value, span, ..NewNode::default() };
        let Some(open) = self.open.last_mut() else {
            return self.tree.push(None, node);
        };
        open.end = open.end.max(span.end);
        let key = open.key.take();
        if let Some(key) = key.as_ref().filter(|key| !key.merge) {
            node.key = Some(&key.text);
            node.key_span = key.span;
        }
        self.tree.push(Some(open.node), node)
    }

    fn begin(&mut self, mapping: bool, style: StructureStyle, anchor: usize, start: usize, end: usize) -> Step {
        let block = style == StructureStyle::Block;
        let here = Span::new(start as u32, end as u32);
        if self.expects_key() {
            let what = if mapping { "mapping" } else { "sequence" };
            return Err(self.problem(here, format!("a {what} cannot be the key of a mapping")));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.problem(here, too_deep()));
        }
        let key = self.open.last().and_then(|open| open.key.as_ref());
        let merge = key.filter(|key| key.merge).map(|key| key.span);
        // A sequence without indentation is reported at its first item, after the dash.
        let start = if block && !mapping && key.is_some() { self.seek(start, b"-") } else { start };
        let kind = if mapping { kind::MAPPING } else { kind::SEQUENCE };
        let node = self.push(kind, None, Span::new(start as u32, start.max(end) as u32));
        self.cursor = self.cursor.max(if block { start } else { end });
        // Known, but not to be used before it ends.
        self.name(anchor, || Anchored::Unfinished);
        self.open.push(Open { node, mapping, anchor, merge, key: None, height: 1, end: end as u32 });
        Ok(())
    }

    fn end(&mut self, start: usize, end: usize) -> Step {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        // Flow collections end with a bracket, block collections with their last value.
        let end = if start < end { open.end.max(end as u32) } else { open.end };
        self.cursor = self.cursor.max(end as usize);
        self.tree.set_end(open.node, end);
        let nodes = open.node..self.tree.len() as NodeId;
        self.name(open.anchor, || Anchored::Nodes(nodes, open.height));
        if let Some(parent) = self.open.last_mut() {
            parent.end = parent.end.max(end);
            parent.height = parent.height.max(open.height + 1);
        }
        match open.merge {
            Some(key) => self.merge(open.node, key),
            None => Ok(()),
        }
    }

    fn name(&mut self, anchor: usize, what: impl FnOnce() -> Anchored) {
        if anchor == 0 {
            return;
        }
        // The parser counts through all documents of a part.
        if self.anchors.is_empty() {
            self.first_anchor = anchor;
        }
        let index = anchor.saturating_sub(self.first_anchor);
        if self.anchors.len() <= index {
            self.anchors.resize(index + 1, Anchored::default());
        }
        self.anchors[index] = what();
    }

    fn alias(&mut self, anchor: usize, at: Span) -> Step {
        self.cursor = self.cursor.max(at.end as usize);
        let index = anchor.checked_sub(self.first_anchor);
        let target = index.and_then(|index| self.anchors.get(index)).cloned().unwrap_or_default();
        if self.expects_key() {
            return self.alias_key(&target, at);
        }
        let merge = self.open.last().and_then(|open| open.key.as_ref()).is_some_and(|key| key.merge);
        match target {
            Anchored::Unfinished => Err(self.problem(at, "the alias stands inside the value that it names")),
            Anchored::Nodes(nodes, _) if merge => {
                if self.tree.nodes().kind(nodes.start) != kind::MAPPING {
                    return Err(self.problem(at, "a merge key `<<` needs a mapping or a sequence of mappings"));
                }
                let alias = self.tree.alias(at);
                let parent = self.take_place(at);
                self.copy(nodes.start + 1..nodes.end, parent.map(|(parent, _)| parent), alias, MERGED, at)
            }
            Anchored::Key(..) if merge => {
                Err(self.problem(at, "a merge key `<<` needs a mapping or a sequence of mappings"))
            }
            Anchored::Nodes(nodes, height) => self.alias_nodes(nodes, height, at),
            Anchored::Key(Scalar { kind, value }, span) => {
                self.expand(1, at)?;
                let alias = self.tree.alias(at);
                let place = self.take_place(at);
                let (parent, key) = place.map_or((None, None), |(parent, key)| (Some(parent), key));
                self.tree.push(
                    parent,
                    NewNode {
                        kind,
                        key: key.as_ref().map(|key| &*key.text),
                        value: Some(&value),
                        span,
                        key_span: key.as_ref().map_or(Span::default(), |key| key.span),
                        alias: Some(alias),
                    },
                );
                Ok(())
            }
        }
    }

    fn alias_nodes(&mut self, nodes: Range<NodeId>, height: usize, at: Span) -> Step {
        if self.open.len() + height > MAX_DEPTH {
            return Err(self.problem(at, too_deep()));
        }
        let alias = self.tree.alias(at);
        let Some((parent, key)) = self.take_place(at) else {
            return Ok(());
        };
        if let Some(open) = self.open.last_mut() {
            open.height = open.height.max(height + 1);
        }
        let copy = self.tree.len() as NodeId;
        self.copy(nodes, Some(parent), alias, 0, at)?;
        let span = key.as_ref().map_or(Span::default(), |key| key.span);
        self.tree.set_key(copy, key.as_ref().map(|key| &*key.text), span);
        Ok(())
    }

    /// The collection that the next value stands in, and its key.
    fn take_place(&mut self, at: Span) -> Option<(NodeId, Option<Key<'a>>)> {
        let open = self.open.last_mut()?;
        open.end = open.end.max(at.end);
        Some((open.node, open.key.take()))
    }

    fn alias_key(&mut self, target: &Anchored, at: Span) -> Step {
        let (kind, text) = match target {
            Anchored::Nodes(nodes, _) => (self.tree.nodes().kind(nodes.start), self.tree.value(nodes.start)),
            Anchored::Key(scalar, _) => (scalar.kind, Some(&*scalar.value)),
            Anchored::Unfinished => (kind::MAPPING, None),
        };
        match text.filter(|_| kind != kind::NULL).map(str::to_owned) {
            Some(text) => {
                self.set_key(Key { text: text.into(), span: at, merge: false });
                Ok(())
            }
            None => Err(self.problem(at, "only a scalar that is not null can be the key of a mapping")),
        }
    }

    fn expand(&mut self, nodes: usize, at: Span) -> Step {
        self.budget
            .expand(nodes)
            .map_err(|limit| self.problem(at, format!("aliases expand to more than {limit} nodes")))
    }

    /// Copies the subtrees in `nodes` below `parent`; the outermost get `flag`.
    fn copy(&mut self, nodes: Range<NodeId>, parent: Option<NodeId>, alias: u32, flag: u8, at: Span) -> Step {
        let Some(parent) = parent else {
            return Ok(());
        };
        self.expand(nodes.len(), at)?;
        if flag != 0 || !self.flags.is_empty() {
            self.flags.resize(self.tree.len(), 0);
            self.flags.extend_from_within(nodes.start as usize..nodes.end as usize);
        }
        let from = nodes.start;
        let first = self.tree.copy(nodes.clone(), parent, alias);
        if flag == 0 {
            return Ok(());
        }
        for node in nodes {
            let copy = node - from + first;
            if self.tree.nodes().parents[copy as usize] == parent {
                self.flags[copy as usize] |= flag;
            }
        }
        Ok(())
    }

    /// Spreads the value of a merge key, which ended just now, over the mapping that it stands in. What stands later
    /// wins, as in go-yaml v2; of a sequence's mappings the earlier wins, so they are taken from the end.
    fn merge(&mut self, value: NodeId, key: Span) -> Step {
        let end = self.tree.len() as NodeId;
        let nodes = self.tree.nodes();
        let mut starts = vec![value];
        if nodes.kind(value) == kind::SEQUENCE {
            starts = (value + 1..end).filter(|&node| nodes.parents[node as usize] == value).collect();
            if let Some(&other) = starts.iter().find(|&&node| nodes.kind(node) != kind::MAPPING) {
                let at = nodes.alias(other).unwrap_or_else(|| nodes.span(other));
                return Err(self.problem(at, "a merge key `<<` needs a mapping or a sequence of mappings"));
            }
        }
        let ends = starts.iter().skip(1).copied().chain([end]);
        let sources: Vec<Range<NodeId>> = starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect();
        let parent = self.open.last().map(|open| open.node);
        self.flags.resize(end as usize, 0);
        self.flags[value as usize] |= SPENT;
        for source in sources.into_iter().rev() {
            let alias = match self.tree.nodes().aliases[source.start as usize] {
                NONE => self.tree.alias(key),
                alias => alias,
            };
            self.copy(source.start + 1..source.end, parent, alias, MERGED, key)?;
        }
        Ok(())
    }

    fn finish(&mut self, stream: &mut Stream) {
        let mut tree = std::mem::take(&mut self.tree);
        let flags = std::mem::take(&mut self.flags);
        self.open.clear();
        self.anchors.clear();
        if !flags.is_empty() {
            let keep = keep(tree.nodes(), &flags);
            tree.retain(&keep);
        }
        stream.documents.push(YamlDocument { start: self.start, tree: tree.finish() });
    }

    /// The first of `wanted` after the last token, passing over blanks, comments, a key's colon, tags and anchors;
    /// `limit` where there is none before it.
    fn seek(&self, limit: usize, wanted: &[u8]) -> usize {
        let text = self.text.as_bytes();
        let mut at = self.cursor;
        while at < limit {
            match text[at] {
                byte if wanted.contains(&byte) => return at,
                b'#' => at += memchr::memchr2(b'\n', b'\r', &text[at..limit]).unwrap_or(limit - at),
                b'&' | b'!' => {
                    let rest = &text[at..limit];
                    at += rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
                }
                _ => at += 1,
            }
        }
        limit
    }

    /// A block scalar from its indicator to the end of its last line that is not blank. One without text ends with the
    /// indicator: a comment behind that is none of it.
    fn block_scalar(&self, start: usize, end: usize) -> Span {
        let indicator = self.seek(start, b"|>");
        let text = self.text[indicator..end].trim_end_matches(['\n', '\r', ' ', '\t']);
        let is_empty = !text.contains(['\n', '\r']);
        let text = text.split([' ', '\t']).next().filter(|_| is_empty).unwrap_or(text);
        Span::new(indicator as u32, (indicator + text.len()) as u32)
    }

    /// Where a missing value would stand: after the colon, dash, tag or anchor that announces it, or after the key alone.
    /// The parser says where the key ends, or, where a line ends without a value, where the next token begins.
    fn missing(&self, at: usize) -> Span {
        let here = Span::new(at as u32, at as u32);
        let Some(open) = self.open.last().filter(|_| !self.expects_key()) else {
            return here;
        };
        let text = self.text.as_bytes();
        let blanks = text[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let follows = open.key.is_some() && text.get(at + blanks) == Some(&b':');
        let limit = if follows { at + blanks + 1 } else { at };
        let (mut next, mut end) = (self.cursor.min(limit), self.cursor.min(limit));
        while next < limit {
            let rest = &text[next..limit];
            if rest[0].is_ascii_whitespace() {
                next += 1;
            } else if rest[0] == b'#' {
                next += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            } else {
                next += rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
                end = next;
            }
        }
        Span::new(end as u32, end as u32)
    }

    /// What surrounds the next token.
    pub(super) fn place(&self) -> Place {
        let start = |open: &Open<'_>| self.tree.nodes().starts[open.node as usize] as usize;
        Place { after: self.cursor, collection: self.open.last().map(start) }
    }
}

/// What the tag and the quotes make of a scalar.
fn form(plain: bool, tag: Option<&Tag>) -> Form {
    match tag.map(Tag::core_suffix) {
        None if plain => Form::Plain,
        Some(Some("int" | "float" | "bool" | "null")) => Form::Tagged,
        Some(Some("merge")) if plain => Form::Plain,
        _ => Form::Text,
    }
}

/// Which nodes stay once merge keys are spent: of two equal keys, of which one was merged, the later.
fn keep(nodes: &Tree, flags: &[u8]) -> Vec<bool> {
    let flag = |node: usize| flags.get(node).copied().unwrap_or(0);
    let merged: HashSet<NodeId> =
        (0..flags.len()).filter(|&node| flag(node) & MERGED != 0).map(|node| nodes.parents[node]).collect();
    let mut keep = vec![true; nodes.len()];
    let mut later: HashMap<(NodeId, u32), bool> = HashMap::new();
    for node in (0..nodes.len()).rev() {
        if flag(node) & SPENT != 0 {
            keep[node] = false;
            continue;
        }
        if !merged.contains(&nodes.parents[node]) {
            continue;
        }
        let by_merge = flag(node) & MERGED != 0;
        match later.entry((nodes.parents[node], nodes.keys[node])) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(by_merge);
            }
            std::collections::hash_map::Entry::Occupied(entry) => keep[node] = !(by_merge || *entry.get()),
        }
    }
    for node in 1..nodes.len() {
        let parent = nodes.parents[node] as usize;
        keep[node] &= keep.get(parent).copied().unwrap_or(true);
    }
    keep
}
