//! What BuildKit refuses in a Dockerfile.

use super::Command;

/// A syntax error of a Dockerfile; the text is meant for the file's author.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// There are only comments and blank lines, or nothing.
    #[error("file has no instructions")]
    NoInstructions,
    /// BuildKit reads lines into a buffer of fixed size.
    #[error("line is longer than 65535 bytes")]
    LineTooLong,
    /// A parser directive stands twice.
    #[error("only one `{0}` parser directive can be used")]
    DuplicateDirective(String),
    /// `# escape=` with anything but a backslash or a backtick.
    #[error("invalid escape character `{0}`: write a backslash or a backtick")]
    InvalidEscape(String),
    /// The lines of a heredoc never reach its delimiter.
    #[error("unterminated heredoc: no line consists of `{0}`")]
    UnterminatedHeredoc(String),
    /// A JSON array holds a number, a list or the like.
    #[error("JSON array may hold only strings: put quotes around this value")]
    ArrayNotOfStrings,
    /// `ENV name` without a value.
    #[error("{} must have two arguments: write `name=value`", .0.name())]
    MissingValue(Command),
    /// A later word of ENV or LABEL without `=`.
    #[error("no `=` in `{0}`: write `name=value`, with quotes around a value that has blanks")]
    MissingEquals(String),
    /// A keyword that is no instruction's.
    #[error("unknown instruction `{name}`{}", did_you_mean(*.suggestion))]
    UnknownInstruction {
        /// The keyword as written.
        name: String,
        /// A known one that looks like it.
        suggestion: Option<&'static str>,
    },
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!(": did you mean `{name}`?"))
}
