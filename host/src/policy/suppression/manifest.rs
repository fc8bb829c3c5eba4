//! Comments of manifests: what they are about.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::pragma::{Pragma, Reach};
use super::{Comment, Exceptions};
use crate::document::{Document, Source, Span};

pub(super) fn comments(document: &Document) -> Exceptions {
    let source = &document.source;
    let file = Span::new(0, source.text().len() as u32);
    let lines = Lines::new(document);
    let mut found = Exceptions::default();
    for comment in document.comments.iter().filter_map(|&comment| Comment::read(source, comment)) {
        let covers = |pragma: &Pragma<'_>| match pragma.reach {
            Reach::Next => lines.begins_in(lines.about(comment.span)),
            Reach::Stage | Reach::Object => None,
            Reach::File => Some(file),
        };
        found.comment(source, &comment, &covers);
    }
    found
}

/// What begins in the lines of a document; looked at once something is asked.
struct Lines<'d> {
    document: &'d Document,
    /// For each line, from 0, the first one from there on that is neither empty nor a comment.
    content: OnceCell<Vec<u32>>,
    begins: OnceCell<HashMap<u32, Span>>,
}

impl<'d> Lines<'d> {
    fn new(document: &'d Document) -> Self {
        Self { document, content: OnceCell::new(), begins: OnceCell::new() }
    }

    /// The line that a comment is about: its own, or the next with content where it stands alone.
    fn about(&self, comment: Span) -> u32 {
        let source = &self.document.source;
        let own = source.line(comment.start);
        let content = self.content.get_or_init(|| lines_with_content(source));
        content.get(own as usize - 1).copied().unwrap_or(own)
    }

    /// The outermost key or list item that begins in a line, with its value.
    fn begins_in(&self, line: u32) -> Option<Span> {
        self.begins.get_or_init(|| first_in_lines(self.document)).get(&line).copied()
    }
}

fn lines_with_content(source: &Source) -> Vec<u32> {
    let mut next = source.line_count() + 1;
    let mut content: Vec<u32> = (1..=source.line_count())
        .rev()
        .map(|line| {
            let text = source.slice(source.line_span(line)).trim();
            if !text.is_empty() && !text.starts_with('#') {
                next = line;
            }
            next
        })
        .collect();
    content.reverse();
    content
}

fn first_in_lines(document: &Document) -> HashMap<u32, Span> {
    let (tree, source) = (&document.tree, &document.source);
    let mut begins = HashMap::new();
    for node in (0..tree.len() as u32).filter(|&node| tree.parent(node).is_some()) {
        let span = tree.span(node);
        let start = tree.key_span(node).map_or(span.start, |key| key.start);
        begins.entry(source.line(start)).or_insert_with(|| Span::new(start, span.end.max(start)));
    }
    begins
}
