//! One script: its row, its commands, and its text for whoever reads it in another way.

use super::columns::{Builder, NewScript, state};
use super::parser::{Here, Parser};
use super::text::Text;
use crate::document::Span;

/// A text that a POSIX-like shell reads, as the shell gets it, with the way back to the file.
#[derive(Clone, Debug)]
pub struct ShellText {
    /// Name of the shell without its folder.
    pub shell: String,
    /// The shell's own arguments, with blanks between.
    pub options: String,
    /// Names of the variables that ARG and ENV give it, sorted.
    pub variables: Vec<String>,
    text: Text<'static>,
}

impl ShellText {
    pub(super) fn new(shell: &str, options: &str, text: &Text<'_>) -> Self {
        let mut whole = Text::default();
        whole.push(text, 0, text.len());
        Self { shell: shell.to_owned(), options: options.to_owned(), variables: Vec::new(), text: whole }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// Where a range of its bytes stands in the file, with all that lies between the first and the last.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        self.text.span(start, end)
    }
}

/// Reads a text as a script of a POSIX-like shell.
pub(super) fn read(out: &mut Builder, text: &Text<'_>, new: NewScript<'_>, here: Here, depth: u32) {
    let script = out.script(new);
    out.keep(script, text, &new);
    let here = Here { script, ..here };
    match Parser::new(text, here, depth, out).run() {
        Ok(()) => out.settle(script, state::PARSED, new.span.end),
        Err(at) => out.settle(script, state::PARTIAL, text.physical(at)),
    }
}
