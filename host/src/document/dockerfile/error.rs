//! What BuildKit refuses in a Dockerfile.

use super::Command;

/// A syntax error of a Dockerfile; the text is meant for the file's author.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// The file holds NUL bytes: a program, an archive, or text in UTF-16.
    #[error("file is no UTF-8 text: it holds NUL bytes; save it as UTF-8, or exclude it")]
    NoText,
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
    /// A continuation at the end of the file, before any keyword.
    #[error("line continuation leads to no instruction")]
    EmptyInstruction,
    /// An instruction other than ARG before every FROM.
    #[error("no build stage for `{}`: only ARG may stand before the first FROM", .0.name())]
    BeforeFrom(Command),
    /// There are only ARGs.
    #[error("file has no build stage: it needs a FROM")]
    NoStages,
    /// A flag that the instruction does not have.
    #[error("unknown flag `--{name}`{}", did_you_mean(suggestion.as_deref()))]
    UnknownFlag {
        /// Its name without `--`.
        name: String,
        /// A known one that looks like it, with `--`.
        suggestion: Option<String>,
    },
    /// A flag that may stand only once stands again.
    #[error("duplicate flag `--{0}`")]
    DuplicateFlag(String),
    /// A flag without `=`, or with nothing after it.
    #[error("missing value on flag `--{0}`")]
    FlagWithoutValue(String),
    /// A flag that is either on or off has another value.
    #[error("flag `--{name}` expects `true` or `false`, not `{value}`")]
    FlagNotBoolean {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A flag's value is none of the known ones.
    #[error("flag `--{name}` does not know `{value}`: write {expected}")]
    FlagValue {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// FROM with two, or more than three, words, or without AS between.
    #[error("FROM requires either one or three arguments: `FROM image`, or `FROM image AS name`")]
    FromArguments,
    /// A stage's name that BuildKit refuses.
    #[error(
        "invalid name for a build stage `{0}`: it starts with a letter and holds only letters, digits, `-`, `_` and `.`"
    )]
    StageName(String),
    /// ONBUILD with an instruction that cannot be deferred.
    #[error("{} is not allowed as an ONBUILD trigger", .0.name())]
    Trigger(Command),
    /// No arguments at all.
    #[error("{} requires at least one argument", .0.name())]
    NoArguments(Command),
    /// No argument where the whole rest is one.
    #[error("{} requires exactly one argument", .0.name())]
    NoArgument(Command),
    /// A source without a destination.
    #[error("{} requires at least two arguments: sources and a destination", .0.name())]
    NoDestination(Command),
    /// A heredoc where the destination should be.
    #[error("{} cannot accept a heredoc as its destination", .0.name())]
    HeredocDestination(Command),
    /// `=value` without a name.
    #[error("{} names can not be blank", .0.name())]
    BlankName(Command),
    /// SHELL in shell form.
    #[error("SHELL requires its arguments in JSON form: write `SHELL [\"executable\", \"parameters\"]`")]
    ShellNotArray,
    /// An empty string in a VOLUME array.
    #[error("VOLUME can not be an empty string")]
    EmptyVolume,
    /// Anything after `HEALTHCHECK NONE`.
    #[error("HEALTHCHECK NONE takes no arguments")]
    HealthcheckNone,
    /// Nothing after `HEALTHCHECK CMD`.
    #[error("missing command after HEALTHCHECK CMD")]
    HealthcheckCommand,
    /// Another word than `CMD` or `NONE`.
    #[error("unknown type `{0}` in HEALTHCHECK: write `CMD` or `NONE` before the command")]
    HealthcheckType(String),
    /// A mount's field is no `key=value`.
    #[error("invalid field `{0}` in a mount: write `key=value`")]
    MountField(String),
    /// A mount's key that BuildKit does not know.
    #[error("unexpected key `{0}` in a mount")]
    MountKey(String),
    /// A mount's type that BuildKit does not know.
    #[error("unsupported mount type `{0}`: write `bind`, `cache`, `tmpfs`, `secret` or `ssh`")]
    MountType(String),
    /// `from` of a mount with a variable.
    #[error("`from` of a mount takes no variables: give the image a stage of its own and name that")]
    MountFrom,
}

impl SyntaxError {
    /// The ids of other tools for it; nothing where hadolint reads on without a word.
    #[must_use]
    pub const fn aliases(&self) -> &'static [&'static str] {
        match self {
            Self::BeforeFrom(_) => &["DL3061"],
            Self::Trigger(_) => &["DL3043"],
            Self::NoText
            | Self::UnterminatedHeredoc(_)
            | Self::MissingValue(_)
            | Self::MissingEquals(_)
            | Self::UnknownInstruction { .. }
            | Self::UnknownFlag { .. }
            | Self::FlagValue { .. }
            | Self::FromArguments
            | Self::NoArguments(_)
            | Self::NoArgument(_)
            | Self::NoDestination(_)
            | Self::HeredocDestination(_)
            | Self::HealthcheckNone
            | Self::HealthcheckCommand
            | Self::HealthcheckType(_)
            | Self::MountField(_)
            | Self::MountKey(_)
            | Self::MountType(_) => &["DL1000"],
            _ => &[],
        }
    }
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!(": did you mean `{name}`?"))
}
