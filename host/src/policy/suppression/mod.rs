//! Exceptions that stand where they apply: comments, and annotations of Kubernetes objects, that keep findings from being
//! reported, the same for every rule of every plugin. What a tool's form looks like is in the file of its name; here it is
//! what an exception covers, and which findings that takes away.

mod buildkit;
mod checkov;
mod hadolint;
mod hullmark;
mod kube_linter;
mod kube_score;
mod polaris;
mod pragma;
mod rules;
mod trivy;

use std::collections::{HashMap, HashSet};

pub use pragma::Tool;
use pragma::{Name, Pragma, Reach};
pub use rules::{INLINE, SUPPRESSION, plugin};

use super::Date;
use super::names::{RuleNames, canonical};
use crate::document::{Document, Language, NodeId, Source, Span, Tree, kind};
use crate::finding::{Finding, Suppressed};

/// What keeps findings of a file from being reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The comment, from its `#` on, or the annotation.
    pub comment: Span,
    /// Where findings must lie.
    pub covers: Span,
    pragma: Pragma,
}

impl Suppression {
    /// The tool whose form the comment has.
    #[must_use]
    pub const fn tool(&self) -> Tool {
        self.pragma.tool
    }

    /// What it is, for a message.
    #[must_use]
    pub fn form(&self) -> &'static str {
        if self.pragma.reach == Reach::Object { "an annotation" } else { "a comment" }
    }

    /// Other tools' names for the use of such a comment.
    #[must_use]
    pub fn aliases(&self) -> Vec<String> {
        let inline = self.pragma.tool == Tool::Hadolint && self.pragma.reach == Reach::Next;
        if inline { vec![rules::INLINE_ALIAS.to_owned()] } else { Vec::new() }
    }
}

/// The exceptions in a document, in the order of the text.
///
/// What is said of an instruction stands above it, with nothing but comments and empty lines between, or between its
/// lines; it covers the instruction with all its lines, its heredocs and the comments above it. What is said of a stage
/// stands above its FROM or in it. In a manifest, a comment covers the key or the list item that begins in its line or,
/// where it has a line of its own, in the next line that is no comment, with all that is below it; an annotation covers the
/// object.
#[must_use]
pub fn suppressions(document: &Document) -> Vec<Suppression> {
    let mut found = match document.language {
        Language::Dockerfile => in_dockerfile(document),
        Language::Manifest => in_manifest(document),
    };
    found.sort_by_key(|suppression| suppression.comment);
    found
}

fn in_dockerfile(document: &Document) -> Vec<Suppression> {
    let tree = &document.tree;
    let file = Span::new(0, document.source.text().len() as u32);
    let mut found = Vec::new();
    let mut take = |comment: Span, pragma: Pragma, instruction: Option<Span>, stage: Option<Span>| {
        let covers = match pragma.reach {
            Reach::Next => instruction,
            Reach::Stage => stage,
            Reach::Object => None,
            Reach::File => Some(file),
        };
        found.extend(covers.map(|covers| Suppression { comment, covers, pragma }));
    };
    let mut stage = None;
    // Comments since the last instruction: where the first begins, and what they say.
    let mut above: Option<u32> = None;
    let mut waiting: Vec<(Span, Pragma)> = Vec::new();
    for node in 0..tree.len() as u32 {
        let span = tree.span(node);
        let begin = |span: Span| Span::new(above.unwrap_or(span.start).min(span.start), span.end);
        let inside = tree.parent(node).filter(|&parent| tree.kind(parent) == kind::INSTRUCTION);
        match tree.kind(node) {
            kind::DIRECTIVE if tree.key(node) == Some("check") => {
                let pragma = tree.value(node).and_then(|value| buildkit::options(value, Reach::File));
                pragma.into_iter().for_each(|pragma| take(span, pragma, None, None));
            }
            kind::STAGE => stage = Some(begin(span)),
            kind::COMMENT => {
                let said = tree.value(node).map(read).unwrap_or_default();
                if let Some(instruction) = inside {
                    said.into_iter().for_each(|pragma| take(span, pragma, Some(tree.span(instruction)), stage));
                } else {
                    above = above.or(Some(span.start));
                    waiting.extend(said.into_iter().map(|pragma| (span, pragma)));
                }
            }
            kind::INSTRUCTION if inside.is_none() => {
                let covers = begin(span);
                waiting.drain(..).for_each(|(comment, pragma)| take(comment, pragma, Some(covers), stage));
                above = None;
            }
            _ => {}
        }
    }
    waiting.drain(..).for_each(|(comment, pragma)| take(comment, pragma, None, stage));
    found
}

fn in_manifest(document: &Document) -> Vec<Suppression> {
    let source = &document.source;
    let file = Span::new(0, source.text().len() as u32);
    let mut found = Vec::new();
    for &comment in &document.comments {
        let said = read(source.slice(comment).trim_start_matches('#').trim());
        let covers = |reach: Reach| match reach {
            Reach::Next => begins_in(document, line_of(source, comment)),
            Reach::Stage | Reach::Object => None,
            Reach::File => Some(file),
        };
        let placed = |pragma: Pragma| Some(Suppression { comment, covers: covers(pragma.reach)?, pragma });
        found.extend(said.into_iter().filter_map(placed));
    }
    found.extend(in_annotations(document));
    found
}

fn in_annotations(document: &Document) -> Vec<Suppression> {
    let (tree, pods) = (&document.tree, &document.pods);
    let mut found = Vec::new();
    for (index, &object) in document.objects.nodes.iter().enumerate() {
        let mut annotations = Annotations { tree, covers: tree.span(object), found: &mut found };
        let template = pods.objects.iter().position(|&of| of as usize == index).map(|pod| pods.templates[pod]);
        let template = template.filter(|&template| template != object);
        annotations.read(object, |key, value| {
            let one_each = [kube_linter::read(key, value), polaris::read(key, value), checkov::annotation(key, value)];
            one_each.into_iter().flatten().collect()
        });
        let asked_for =
            template.and_then(|template| annotations.value(template, kube_score::ENABLE)).unwrap_or_default();
        annotations.read(object, |key, value| kube_score::read(key, value, asked_for).into_iter().collect());
        if let Some(template) = template {
            annotations.read(template, |key, value| kube_score::read(key, value, "").into_iter().collect());
        }
    }
    found
}

/// The annotations of one object and of its pod template.
struct Annotations<'a> {
    tree: &'a Tree,
    /// The object.
    covers: Span,
    found: &'a mut Vec<Suppression>,
}

impl<'a> Annotations<'a> {
    /// The value of an annotation of an object or a pod template.
    fn value(&self, of: NodeId, key: &str) -> Option<&'a str> {
        self.tree.value(self.tree.at(of, &["metadata", "annotations", key])?)
    }

    /// Keeps what the annotations of an object or a pod template say.
    fn read(&mut self, of: NodeId, said: impl Fn(&str, &str) -> Vec<Pragma>) {
        let tree = self.tree;
        let Some(annotations) = tree.at(of, &["metadata", "annotations"]) else { return };
        for node in tree.children(annotations) {
            let (Some(key), Some(value), Some(key_span)) = (tree.key(node), tree.value(node), tree.key_span(node))
            else {
                continue;
            };
            let comment = Span::new(key_span.start, tree.span(node).end.max(key_span.end));
            let covers = self.covers;
            self.found.extend(said(key, value).into_iter().map(|pragma| Suppression { comment, covers, pragma }));
        }
    }
}

/// The line that a comment is about.
fn line_of(source: &Source, comment: Span) -> u32 {
    let text = |line: u32| source.slice(source.line_span(line)).trim();
    let own = source.line(comment.start);
    let lines = if text(own).starts_with('#') { own + 1..source.line_count() + 1 } else { own..own + 1 };
    lines.clone().find(|&line| !text(line).is_empty() && !text(line).starts_with('#')).unwrap_or(own)
}

/// The outermost key or list item that begins in a line, with its value.
fn begins_in(document: &Document, line: u32) -> Option<Span> {
    let (tree, source) = (&document.tree, &document.source);
    let whole = |node: u32| {
        let span = tree.span(node);
        let start = tree.key_span(node).map_or(span.start, |key| key.start);
        Span::new(start, span.end.max(start))
    };
    let root = |node: u32| tree.parent(node).is_none();
    (0..tree.len() as u32).filter(|&node| !root(node)).map(whole).find(|span| source.line(span.start) == line)
}

/// What a comment says, in the forms of all tools.
fn read(comment: &str) -> Vec<Pragma> {
    let one_each = [hullmark::read(comment), hadolint::read(comment), buildkit::read(comment), checkov::read(comment)];
    one_each.into_iter().flatten().chain(trivy::read(comment)).collect()
}

/// A name of a suppression, looked up.
enum Resolved<'n> {
    /// Full names of the rules that it stands for, and the id in one spelling for all, for findings that carry it.
    Rules(HashSet<&'n str>, String),
    /// Ids of one tool.
    Ids(Tool, &'n str),
}

impl<'n> Resolved<'n> {
    fn all(pragma: &'n Pragma, names: &'n RuleNames) -> Vec<Self> {
        let resolve = |name: &'n Name| match name {
            Name::Rule(name) => Self::Rules(names.find(name).into_iter().collect(), canonical(name)),
            Name::Pattern(pattern) => Self::Ids(pragma.tool, pattern),
        };
        pragma.names.iter().map(resolve).collect()
    }

    fn names(&self, finding: &Finding) -> bool {
        let mut aliases = finding.aliases.iter();
        match self {
            Self::Rules(rules, id) => rules.contains(&*finding.rule) || aliases.any(|alias| canonical(alias) == *id),
            Self::Ids(tool, pattern) => aliases.any(|alias| tool.owns(alias) && pragma::matches(pattern, alias)),
        }
    }
}

/// Takes out of `findings` those that the exceptions of their files cover, each with the first that does. What is reported
/// of exceptions themselves stays: no comment allows itself.
pub fn apply(
    findings: &mut Vec<Finding>,
    suppressions: &HashMap<String, Vec<Suppression>>,
    names: &RuleNames,
    today: Date,
) -> Vec<Suppressed> {
    let holds = |suppression: &&Suppression| suppression.pragma.until.is_none_or(|until| today < until);
    let resolved: HashMap<&str, Vec<_>> = suppressions
        .iter()
        .map(|(path, of_file)| {
            let of_file = of_file.iter().filter(holds);
            (
                path.as_str(),
                of_file.map(|suppression| (suppression, Resolved::all(&suppression.pragma, names))).collect(),
            )
        })
        .collect();
    let mut suppressed = Vec::new();
    let own = format!("{SUPPRESSION}/");
    let all = std::mem::take(findings);
    for finding in all {
        let of_file = resolved.get(finding.place.source.path()).filter(|_| !finding.rule.starts_with(&own));
        let by = of_file.into_iter().flatten().find(|(suppression, names)| {
            suppression.covers.contains(finding.place.span) && names.iter().any(|name| name.names(&finding))
        });
        match by {
            Some((suppression, _)) => suppressed.push(Suppressed {
                finding,
                comment: suppression.comment,
                tool: suppression.tool().as_str(),
                reason: suppression.pragma.reason.clone(),
            }),
            None => findings.push(finding),
        }
    }
    suppressed
}

#[cfg(test)]
mod tests;
