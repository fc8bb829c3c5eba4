//! Dockerfiles, as BuildKit reads them, with the byte span of every token.
//!
//! [`read`] gives the file as instructions ([`Dockerfile`]), each with its text joined and the way back to the bytes
//! ([`Logical`]); [`parse`] lowers that to the document that rules see. What a RUN's text means to a shell is not
//! decided here.

mod ast;
mod command;
mod directive;
mod environment;
mod error;
mod expand;
mod flags;
mod heredoc;
mod json;
mod lines;
mod logical;
mod lower;
mod mount;
mod pattern;
mod refusals;
mod stages;
mod statement;
mod suggest;
mod variables;
mod words;

use std::sync::{Arc, OnceLock};

pub use ast::{
    Arguments, Comment, Directive, Dockerfile, Escape, Fault, Flag, Heredoc, Instruction, Item, Pair, Statement, Word,
};
pub use command::Command;
pub use error::SyntaxError;
pub use expand::{ExpandError, Expansion, Reference, SplitWord, Variable, expand, unquote};
pub use lines::read;
pub use logical::{Extent, Logical};

use super::{Document, Language, Objects, Parsed, Pods, Problem, Source, Span, Traits};

/// Longest message of a syntax error, in characters: it may quote a word of any length.
const MAX_MESSAGE: usize = 300;

/// Parses a Dockerfile; there is always one document, whatever the text, and none where the file is no text.
#[must_use]
pub fn parse(source: &Arc<Source>) -> Parsed {
    if source.is_binary() {
        let first = source.text().chars().next().map_or(0, char::len_utf8) as u32;
        return Parsed { problems: vec![problem(Span::new(0, first), &SyntaxError::NoText)], ..Parsed::default() };
    }
    let text = source.text();
    let file = read(text);
    let (tree, nodes) = lower::tree(text, &file);
    let stages = stages::columns(&file, &nodes.stages);
    let variables = variables::columns(&file, &tree, &nodes.instructions, &stages);
    let document = Document {
        source: Arc::clone(source),
        language: Language::Dockerfile,
        traits: Traits::default(),
        tree,
        // A Dockerfile's comments are nodes of its tree.
        comments: Vec::new(),
        stages,
        variables,
        ignore_file: None,
        objects: Objects::default(),
        pods: Pods::default(),
        commands: OnceLock::new(),
    };
    Parsed { documents: vec![document], problems: problems(text, &file), template: false }
}

/// What BuildKit would refuse; nothing where another frontend reads the file.
fn problems(text: &str, file: &Dockerfile<'_>) -> Vec<Problem> {
    if directive::frontend(text).is_some_and(|image| !directive::is_docker(image)) {
        return Vec::new();
    }
    let mut errors = refusals::find(file);
    errors.extend(file.errors.iter().cloned());
    errors.sort_by_key(|(span, _)| *span);
    errors.iter().map(|(span, error)| problem(*span, error)).collect()
}

fn problem(span: Span, error: &SyntaxError) -> Problem {
    Problem { span, message: short(error.to_string()), aliases: error.aliases() }
}

fn short(mut message: String) -> String {
    if let Some((at, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.truncate(at);
        message.push('\u{2026}');
    }
    message
}

#[cfg(test)]
mod tests;
