//! Shell text: the commands of a Dockerfile, down to their words, each with its place in the file.
//!
//! [`commands`] finds the texts that a shell reads, and the commands that none does (the exec form), and gives them in
//! columns. What a command does is for rules to know; only what a shell does with a text is decided here. Nothing is
//! executed, and a variable is followed only where the file alone tells its value.

mod columns;
mod environment;
mod heredoc;
mod instructions;
mod parser;
mod pragma;
mod script;
mod shells;
mod simple;
mod text;
mod word;

pub use columns::{
    AssignmentColumns, CommandColumns, Commands, CompoundColumns, PartColumns, RedirectionColumns, ScriptColumns,
    WordColumns, compound, content, context, join, part, state,
};
pub use script::ShellText;

use super::{Document, Language};

/// What stands here is not what a shell would read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unparsed;

/// The commands of RUN, CMD, ENTRYPOINT and HEALTHCHECK, those of ONBUILD included; none for a manifest. They are read
/// when they are first asked for.
#[must_use]
pub fn commands(document: &Document) -> &Commands {
    document.commands.get_or_init(|| match document.language {
        Language::Dockerfile => instructions::read(document),
        Language::Manifest => Commands::default(),
    })
}

/// The texts of the scripts that POSIX-like shells read, those in arguments and heredocs included, in the order in which
/// they begin; none for a manifest.
#[must_use]
pub fn shell_texts(document: &Document) -> Vec<ShellText> {
    match document.language {
        Language::Dockerfile => instructions::texts(document),
        Language::Manifest => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
