//! From the instructions of a Dockerfile to the tree that rules see.

use std::borrow::Cow;

use super::{Arguments, Command, Comment, Dockerfile, Escape, Extent, Instruction, Item, Pair, Statement, unquote};
use crate::document::{NewNode, NodeId, Span, Tree, TreeBuilder, kind};

/// Where stages came to stand in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StageNodes {
    /// The stage.
    pub(crate) stage: NodeId,
    /// Its FROM.
    pub(crate) from: NodeId,
}

/// Where stages and instructions came to stand in a tree, each in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    pub(crate) stages: Vec<StageNodes>,
    /// Triggers of ONBUILD left out.
    pub(crate) instructions: Vec<NodeId>,
}

/// Builds the tree, and tells where stages and instructions came to stand.
///
/// A comment belongs to the stage whose instructions follow it; before a FROM, after the last instruction and outside
/// every stage it belongs to the root. So a stage's span holds all that is in it.
pub(crate) fn tree(text: &str, file: &Dockerfile<'_>) -> (Tree, Nodes) {
    let mut builder = TreeBuilder::default();
    let span = Span::new(0, text.len() as u32);
    let root = builder.push(None, NewNode { kind: kind::DOCKERFILE, span, ..NewNode::default() });
    let mut nodes = Nodes::default();
    let mut parent = root;
    let mut comments: Vec<&Comment<'_>> = Vec::new();
    for item in &file.items {
        match item {
            Item::Directive(directive) => {
                let key = directive.key.to_ascii_lowercase();
                let (span, key_span) = (directive.span, directive.key_span);
                let value = Some(directive.value);
                let node = NewNode { kind: kind::DIRECTIVE, key: Some(&key), value, span, key_span, alias: None };
                builder.push(Some(root), node);
            }
            Item::Comment(comment) => comments.push(comment),
            Item::Instruction(instruction) => {
                let begins_stage = instruction.statement.command == Some(Command::From);
                let place = if begins_stage { root } else { parent };
                comments.drain(..).for_each(|comment| push_comment(&mut builder, place, comment));
                if begins_stage {
                    parent = push_stage(&mut builder, root, instruction);
                }
                let node = push_statement(&mut builder, parent, instruction, &instruction.statement, file.escape);
                nodes.instructions.push(node);
                if begins_stage {
                    nodes.stages.push(StageNodes { stage: parent, from: node });
                }
                if parent != root {
                    builder.set_end(parent, instruction.span.end);
                }
            }
        }
    }
    comments.drain(..).for_each(|comment| push_comment(&mut builder, root, comment));
    (builder.finish(), nodes)
}

fn push_comment(builder: &mut TreeBuilder, parent: NodeId, comment: &Comment<'_>) {
    let node = NewNode { kind: kind::COMMENT, value: Some(comment.text), span: comment.span, ..NewNode::default() };
    builder.push(Some(parent), node);
}

fn push_stage(builder: &mut TreeBuilder, root: NodeId, from: &Instruction<'_>) -> NodeId {
    let name = stage_name(from);
    let value = name.map(|extent| from.slice(extent).to_lowercase());
    let key_span = name.map(|extent| from.text.span(extent)).unwrap_or_default();
    let node = NewNode { kind: kind::STAGE, value: value.as_deref(), span: from.span, key_span, ..NewNode::default() };
    builder.push(Some(root), node)
}

/// The name that a FROM gives its stage.
pub(crate) fn stage_name(from: &Instruction<'_>) -> Option<Extent> {
    match &from.statement.arguments {
        Arguments::Words(words) => match words[..] {
            [_, keyword, name] if from.slice(keyword).eq_ignore_ascii_case("as") => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn push_statement(
    builder: &mut TreeBuilder,
    parent: NodeId,
    instruction: &Instruction<'_>,
    statement: &Statement,
    escape: Escape,
) -> NodeId {
    let outer = std::ptr::eq(statement, &raw const instruction.statement);
    let start = instruction.text.span(statement.keyword).start;
    let span = if outer { instruction.span } else { Span::new(start, instruction.span.end) };
    let keyword = instruction.slice(statement.keyword).to_uppercase();
    let node = NewNode {
        kind: kind::INSTRUCTION,
        key: Some(&keyword),
        value: Some(instruction.slice(statement.rest)),
        span,
        key_span: instruction.text.span(statement.keyword),
        alias: None,
    };
    let node = builder.push(Some(parent), node);
    let mut children = children(instruction, statement, escape);
    let trigger = instruction.trigger.as_ref().filter(|_| outer);
    if trigger.is_none() {
        children.extend(heredocs(instruction));
    }
    if outer {
        children.extend(instruction.comments.iter().map(|comment| Child {
            value: Some(Cow::Borrowed(comment.text)),
            ..Child::new(kind::COMMENT, comment.span)
        }));
    }
    children.sort_by_key(|child| child.span.start);
    let trigger_start = trigger.map_or(u32::MAX, |trigger| instruction.text.span(trigger.keyword).start);
    let split = children.partition_point(|child| child.span.start < trigger_start);
    children[..split].iter().for_each(|child| child.push(builder, node));
    if let Some(trigger) = trigger {
        push_statement(builder, node, instruction, trigger, escape);
    }
    children[split..].iter().for_each(|child| child.push(builder, node));
    node
}

/// A node without children of its own.
struct Child<'a> {
    kind: u8,
    key: Option<Cow<'a, str>>,
    value: Option<Cow<'a, str>>,
    span: Span,
    key_span: Span,
}

impl<'a> Child<'a> {
    fn new(kind: u8, span: Span) -> Self {
        Self { kind, key: None, value: None, span, key_span: Span::default() }
    }

    fn word(kind: u8, instruction: &'a Instruction<'_>, extent: Extent) -> Self {
        let value = Some(Cow::Borrowed(instruction.slice(extent)));
        Self { value, ..Self::new(kind, instruction.text.span(extent)) }
    }

    fn keyword(instruction: &'a Instruction<'_>, extent: Extent) -> Self {
        let value = Some(Cow::Owned(instruction.slice(extent).to_uppercase()));
        Self { value, ..Self::new(kind::KEYWORD, instruction.text.span(extent)) }
    }

    fn push(&self, builder: &mut TreeBuilder, parent: NodeId) {
        let node = NewNode {
            kind: self.kind,
            key: self.key.as_deref(),
            value: self.value.as_deref(),
            span: self.span,
            key_span: self.key_span,
            alias: None,
        };
        builder.push(Some(parent), node);
    }
}

/// Flags and arguments.
fn children<'a>(instruction: &'a Instruction<'_>, statement: &'a Statement, escape: Escape) -> Vec<Child<'a>> {
    let text = &instruction.text;
    let mut children: Vec<Child<'a>> = Vec::new();
    children.extend(statement.flags.iter().map(|flag| Child {
        key: Some(Cow::Borrowed(&flag.name)),
        value: flag.value.as_deref().map(Cow::Borrowed),
        key_span: text.span(flag.name_extent),
        ..Child::new(kind::FLAG, text.span(flag.extent))
    }));
    children.extend(statement.kind.map(|extent| Child::keyword(instruction, extent)));
    match &statement.arguments {
        Arguments::None => {}
        Arguments::Text(extent) => children.push(Child::word(kind::ARGUMENT, instruction, *extent)),
        Arguments::Words(words) => children.extend(words.iter().enumerate().map(|(index, &word)| {
            let from = statement.command == Some(Command::From);
            if from && index == 1 && instruction.slice(word).eq_ignore_ascii_case("as") {
                return Child::keyword(instruction, word);
            }
            Child::word(kind::ARGUMENT, instruction, word)
        })),
        Arguments::Array(words) => children.extend(words.iter().map(|word| Child {
            value: Some(Cow::Borrowed(&word.value)),
            ..Child::new(kind::JSON_ARGUMENT, text.span(word.extent))
        })),
        Arguments::Pairs(pairs) => children.extend(pairs.iter().map(|pair| pair_child(instruction, *pair, escape))),
    }
    children
}

fn pair_child<'a>(instruction: &'a Instruction<'_>, pair: Pair, escape: Escape) -> Child<'a> {
    let text = &instruction.text;
    let key_span = text.span(pair.name);
    let span = match pair.value {
        None => key_span,
        Some(value) if value.is_empty() => text.span(Extent { start: pair.name.start, end: value.end }),
        Some(value) => text.span(value),
    };
    Child {
        key: Some(without_quotes(instruction.slice(pair.name), escape)),
        value: pair.value.map(|value| without_quotes(instruction.slice(value), escape)),
        key_span,
        ..Child::new(kind::PAIR, span)
    }
}

/// The word without quotes and escapes; as written where BuildKit would refuse it.
fn without_quotes(word: &str, escape: Escape) -> Cow<'_, str> {
    if !word.contains(['\'', '"', escape.char()]) {
        return Cow::Borrowed(word);
    }
    unquote(word, escape).map_or(Cow::Borrowed(word), Cow::Owned)
}

/// Heredocs, with the tabs removed that `<<-` removes.
fn heredocs<'a>(instruction: &'a Instruction<'_>) -> impl Iterator<Item = Child<'a>> {
    instruction.heredocs.iter().map(|heredoc| Child {
        key: Some(Cow::Borrowed(&heredoc.name)),
        value: Some(heredoc.text()),
        key_span: instruction.text.span(heredoc.opener),
        ..Child::new(kind::HEREDOC, heredoc.span)
    })
}
