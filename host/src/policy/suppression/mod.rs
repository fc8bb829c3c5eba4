//! Exceptions that stand where they apply: comments, and annotations of Kubernetes objects, that keep findings from being
//! reported, the same for every rule of every plugin. What a tool's form looks like is in the file of its name; here it is
//! what an exception covers. Which findings that takes away, and which exceptions are at fault, is in `judge`.

mod annotations;
mod buildkit;
mod checkov;
mod hadolint;
mod hullmark;
mod judge;
mod kube_linter;
mod kube_score;
mod manifest;
mod polaris;
mod pragma;
mod rules;
mod scripts;
mod settings;
mod trivy;

use std::collections::HashSet;
use std::sync::Arc;

pub use judge::apply;
pub use pragma::Tool;
use pragma::{Name, Pragma, Reach};
pub use rules::{INLINE, SUPPRESSION, plugin};
pub use settings::SuppressionSettings;

use super::Date;
use crate::document::{Document, Language, Source, Span, kind};

/// Exceptions of one document; nobody writes more.
const MOST: usize = 10_000;

/// What keeps findings of a file from being reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The comment, from its `#` on, or the annotation.
    pub comment: Span,
    /// Where findings must lie; nothing where what it could be about does not exist.
    pub covers: Option<Span>,
    tool: Tool,
    reach: Reach,
    names: Vec<Named>,
    until: Option<Date>,
    reason: Option<String>,
    /// What to take out of the text to be rid of it; nothing where that would take away more.
    removal: Option<Span>,
}

/// A name in an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    text: String,
    /// Whether it is a pattern of ids of the comment's tool.
    is_pattern: bool,
    /// Nothing where it is no part of the file as it stands in it.
    place: Option<Span>,
}

/// An exception that says nothing, because of how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The comment or the annotation.
    pub place: Span,
    /// One sentence, lower case.
    pub message: String,
}

/// What a file or a document says of exceptions, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// Those that can be understood.
    pub suppressions: Vec<Suppression>,
    /// The others.
    pub malformed: Vec<Malformed>,
}

/// The exceptions of one file.
#[derive(Clone, Debug)]
pub struct InFile {
    /// The file.
    pub source: Arc<Source>,
    /// What it says.
    pub exceptions: Exceptions,
}

impl Suppression {
    /// What a pragma says at this place.
    fn new(source: &Source, comment: Span, covers: Option<Span>, removal: Option<Span>, pragma: Pragma<'_>) -> Self {
        let Pragma { tool, names, reach, until, reason } = pragma;
        let named = |name: Name<'_>| match name {
            Name::Rule(text) => Named { text: text.to_owned(), is_pattern: false, place: place_of(source, text) },
            Name::Pattern(text) => Named { text: text.to_owned(), is_pattern: true, place: place_of(source, text) },
        };
        let mut seen = HashSet::new();
        let names = names.into_iter().filter(|name| seen.insert(*name)).map(named).collect();
        Self { comment, covers, tool, reach, names, until, reason, removal }
    }

    /// The tool whose form it has.
    #[must_use]
    pub const fn tool(&self) -> Tool {
        self.tool
    }

    /// What it is, for a message.
    #[must_use]
    pub fn form(&self) -> &'static str {
        if self.reach == Reach::Object { "annotation" } else { "comment" }
    }

    /// Other tools' names for the use of such a comment.
    #[must_use]
    pub fn aliases(&self) -> Vec<String> {
        let inline = self.tool == Tool::Hadolint && self.reach == Reach::Next;
        if inline { vec![rules::INLINE_ALIAS.to_owned()] } else { Vec::new() }
    }
}

impl Exceptions {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.suppressions.is_empty() && self.malformed.is_empty()
    }

    /// Adds what a later document of the same file says.
    pub fn extend(&mut self, later: Self) {
        self.suppressions.extend(later.suppressions);
        self.malformed.extend(later.malformed);
    }

    /// Adds what a comment says, which is about what `covers` makes of its reach.
    fn comment(&mut self, source: &Source, comment: &Comment<'_>, covers: &dyn Fn(&Pragma<'_>) -> Option<Span>) {
        let alone = comment.said.len() == 1;
        for said in &comment.said {
            match said {
                Ok(pragma) => {
                    let removal = comment.removal(source).filter(|_| alone);
                    let suppression = Suppression::new(source, comment.span, covers(pragma), removal, pragma.clone());
                    self.suppressions.push(suppression);
                }
                Err(message) => self.malformed.push(Malformed { place: comment.span, message: message.clone() }),
            }
        }
    }

    fn finish(mut self) -> Self {
        self.suppressions.sort_by_key(|suppression| suppression.comment);
        if let Some(first) = self.suppressions.get(MOST) {
            let message = format!("a document has at most {MOST} exceptions; this one and those below do not count");
            self.malformed.push(Malformed { place: first.comment, message });
            self.suppressions.truncate(MOST);
        }
        self.malformed.sort_by_key(|malformed| malformed.place);
        self
    }
}

/// What a document says of exceptions.
///
/// What is said of an instruction stands above it, with nothing but comments and empty lines between, or between its
/// lines; it covers the instruction with all its lines, its heredocs and the comments above it. What hullmark's own form
/// says of a FROM, it says of the stage that begins there; other tools have forms of their own for that, above the FROM or
/// in the stage. What it says in a comment of a script, it says of the line. In a manifest, a comment covers the key or the list item that begins in its line or, where it has a line of
/// its own, in the next line that is no comment, with all that is below it; an annotation covers the object, the pod
/// template or the container.
#[must_use]
pub fn exceptions(document: &Document) -> Exceptions {
    let mut found = match document.language {
        Language::Dockerfile => in_dockerfile(document),
        Language::Manifest => manifest::comments(document),
    };
    if document.language == Language::Manifest {
        annotations::read(document, &mut found);
    }
    found.finish()
}

/// A comment that says something.
struct Comment<'t> {
    span: Span,
    /// In the forms of all tools.
    said: Vec<Result<Pragma<'t>, String>>,
}

impl<'t> Comment<'t> {
    /// Nothing where it says nothing.
    fn read(source: &'t Source, span: Span) -> Option<Self> {
        let text = source.slice(span).trim_start_matches('#').trim();
        let one_each = [hadolint::read(text), buildkit::read(text), checkov::read(text)];
        let others = one_each.into_iter().flatten().chain(trivy::read(text)).map(Ok);
        let said: Vec<_> = hullmark::read(text).into_iter().chain(others).collect();
        (!said.is_empty()).then_some(Self { span, said })
    }

    /// A parser directive, which only BuildKit has.
    fn directive(source: &'t Source, span: Span) -> Option<Self> {
        let (_, value) = source.slice(span).split_once('=')?;
        let pragma = buildkit::options(value.trim(), Reach::File)?;
        Some(Self { span, said: vec![Ok(pragma)] })
    }

    /// The whole line where it has one of its own, else what stands behind the text of the line. Nothing where it says more
    /// than which rules to pass over.
    fn removal(&self, source: &Source) -> Option<Span> {
        let line = source.line(self.span.start);
        let line_span = source.line_span(line);
        let before = source.slice(Span::new(line_span.start, self.span.start)).trim_start_matches('\u{feff}');
        let is_options = self.said.iter().flatten().any(|pragma| pragma.tool == Tool::BuildKit);
        let says_more = is_options && source.slice(self.span).contains(';');
        let removal = if before.trim().is_empty() {
            let end = if line < source.line_count() { source.line_span(line + 1).start } else { line_span.end };
            Span::new(self.span.start - before.len() as u32, end)
        } else {
            Span::new(line_span.start + before.trim_end().len() as u32, self.span.end)
        };
        (!says_more).then_some(removal)
    }
}

fn in_dockerfile(document: &Document) -> Exceptions {
    let (tree, source) = (&document.tree, &document.source);
    let file = Span::new(0, source.text().len() as u32);
    let mut found = Exceptions::default();
    let mut take = |comment: &Comment<'_>, instruction: Option<Span>, from: bool, stage: Option<Span>| {
        let covers = |pragma: &Pragma<'_>| match pragma.reach {
            Reach::Next if from && pragma.tool == Tool::Hullmark => stage,
            Reach::Next => instruction,
            Reach::Stage => stage,
            Reach::Object => None,
            Reach::File => Some(file),
        };
        found.comment(source, comment, &covers);
    };
    let mut stage = None;
    // Comments since the last instruction: where the first begins, and those that say something.
    let mut above: Option<u32> = None;
    let mut waiting: Vec<Comment<'_>> = Vec::new();
    for node in 0..tree.len() as u32 {
        let span = tree.span(node);
        let begin = |span: Span| Span::new(above.unwrap_or(span.start).min(span.start), span.end);
        let inside = tree.parent(node).filter(|&parent| tree.kind(parent) == kind::INSTRUCTION);
        let is_from = |node| tree.key(node) == Some("FROM");
        match tree.kind(node) {
            kind::DIRECTIVE if tree.key(node) == Some("check") => {
                Comment::directive(source, span).iter().for_each(|comment| take(comment, None, false, None));
            }
            kind::STAGE => stage = Some(begin(span)),
            kind::COMMENT => {
                let comment = Comment::read(source, span);
                if let Some(instruction) = inside {
                    let covers = Some(tree.span(instruction));
                    comment.iter().for_each(|comment| take(comment, covers, is_from(instruction), stage));
                } else {
                    above = above.or(Some(span.start));
                    waiting.extend(comment);
                }
            }
            kind::INSTRUCTION if inside.is_none() => {
                let covers = Some(begin(span));
                waiting.drain(..).for_each(|comment| take(&comment, covers, is_from(node), stage));
                above = None;
            }
            _ => {}
        }
    }
    waiting.drain(..).for_each(|comment| take(&comment, None, false, stage));
    scripts::comments(document).iter().for_each(|(comment, line)| take(comment, Some(*line), false, None));
    found
}

/// Where a part of a source's text stands in it; nothing for a text that is no part of it.
fn place_of(source: &Source, part: &str) -> Option<Span> {
    let offset = part.as_ptr().addr().checked_sub(source.text().as_ptr().addr())?;
    let end = offset + part.len();
    (end <= source.text().len()).then(|| Span::new(offset as u32, end as u32))
}

#[cfg(test)]
mod tests;
