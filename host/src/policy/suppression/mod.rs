//! Exceptions that stand where they apply: comments that keep findings from being reported, the same for every rule of
//! every plugin. What a tool's comment looks like is in the file of its name; here it is what a comment covers, and which
//! findings that takes away.

mod buildkit;
mod checkov;
mod hadolint;
mod hullmark;
mod pragma;
mod rules;
mod trivy;

use std::collections::{HashMap, HashSet};

pub use pragma::Tool;
use pragma::{Name, Pragma, Reach};
pub use rules::{INLINE, SUPPRESSION, plugin};

use super::Date;
use super::names::{RuleNames, canonical};
use crate::document::{Document, Language, Source, Span, kind};
use crate::finding::{Finding, Suppressed};

/// A comment of a file that keeps findings from being reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The comment, from its `#` on.
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
/// where it has a line of its own, in the next line that is no comment, with all that is below it.
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
            Reach::Stage => None,
            Reach::File => Some(file),
        };
        let placed = |pragma: Pragma| Some(Suppression { comment, covers: covers(pragma.reach)?, pragma });
        found.extend(said.into_iter().filter_map(placed));
    }
    found
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
