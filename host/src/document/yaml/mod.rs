//! YAML streams as trees with the kinds of a manifest, values resolved as Kubernetes reads them, aliases and merge
//! keys replaced by the nodes that they stand for. What a document is about does not belong here.

mod build;
mod error;
mod resolve;
mod split;

use granit_parser::{Parser, options};

use super::{Problem, Span, Tree};
use build::Builder;

/// How deep collections may be nested, aliases replaced.
pub(super) const MAX_DEPTH: usize = 1_000;
/// How many nodes aliases may add to one file, however large it is.
const MAX_EXPANSION: usize = 1_000_000;

fn too_deep() -> String {
    format!("collections are nested deeper than {MAX_DEPTH} levels")
}

/// What aliases may still add to a file.
#[derive(Debug, Default)]
struct Budget {
    /// Nodes that stand in the text.
    written: usize,
    /// Nodes that aliases added.
    expanded: usize,
}

impl Budget {
    /// Counts nodes that an alias is about to add; an error says how many there may be.
    fn expand(&mut self, nodes: usize) -> Result<(), usize> {
        self.expanded = self.expanded.saturating_add(nodes);
        let limit = MAX_EXPANSION.min(self.written.saturating_mul(100).saturating_add(10_000));
        if self.expanded > limit { Err(limit) } else { Ok(()) }
    }
}

/// One document of a stream.
#[derive(Debug)]
pub struct YamlDocument {
    /// Where the document begins: its `---`, or its content.
    pub start: u32,
    /// What it holds.
    pub tree: Tree,
}

/// A syntax error that ended one part of a stream.
#[derive(Debug)]
pub struct Broken {
    /// The error.
    pub problem: Problem,
    /// Whether that part holds `{{`, so that a template language explains it.
    pub template: bool,
}

/// What a stream holds.
#[derive(Debug, Default)]
pub struct Stream {
    /// In the order of the text.
    pub documents: Vec<YamlDocument>,
    /// Comments of all documents, each from its `#` to the end of the line.
    pub comments: Vec<Span>,
    /// In the order of the text.
    pub broken: Vec<Broken>,
}

/// Parses a stream, each part between `---` lines by itself.
#[must_use]
pub fn parse(text: &str) -> Stream {
    let mut stream = Stream::default();
    let mut budget = Budget::default();
    for part in split::parts(text) {
        let known = stream.documents.len();
        let Err(problem) = parse_part(text, part.clone(), &mut stream, &mut budget) else {
            continue;
        };
        let template = memchr::memmem::find(text[part].as_bytes(), b"{{").is_some();
        // What the part yielded before its error is of no use: it may be half of something else.
        if template {
            stream.documents.truncate(known);
        }
        stream.broken.push(Broken { problem, template });
    }
    // The parser reports a comment late where it looked past it to tell what a token is.
    stream.comments.sort_unstable();
    stream
}

fn parse_part(
    text: &str,
    part: std::ops::Range<usize>,
    stream: &mut Stream,
    budget: &mut Budget,
) -> Result<(), Problem> {
    let from = part.start;
    let options = options! {
        block_nesting_limit: MAX_DEPTH,
        flow_nesting_limit: MAX_DEPTH,
        max_buffered_comment_events: usize::MAX,
    };
    // An error is explained by what stands in its own part, not by a quote or a bracket further down.
    let read = &text[..part.end];
    let mut builder = Builder::new(text, from, budget);
    for event in Parser::new_from_str_with_options(&text[part], options) {
        let (event, span) = event.map_err(|error| error::problem(read, from, &error, builder.place()))?;
        builder.event(event, &span, stream)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
