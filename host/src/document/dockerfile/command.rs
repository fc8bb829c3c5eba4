//! The instructions of a Dockerfile: their names, and the grammar of what follows them.

/// A known instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the instruction of that name in Docker's reference")]
pub enum Command {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    StopSignal,
    User,
    Volume,
    Workdir,
}

/// How BuildKit's parser reads the text after the flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// A JSON array of strings, else words.
    ArrayOrWords,
    /// A JSON array of strings, else one text.
    ArrayOrText,
    /// A keyword, then [`Grammar::ArrayOrText`].
    Healthcheck,
    /// `name=value …`, or `name value`.
    Pairs,
    /// `name[=value] …`.
    Declarations,
    /// Words between blanks.
    Words,
    /// Another instruction.
    Trigger,
    /// One text.
    Text,
}

impl Command {
    /// All of them, in the order of the alphabet.
    pub const ALL: [Self; 18] = [
        Self::Add,
        Self::Arg,
        Self::Cmd,
        Self::Copy,
        Self::Entrypoint,
        Self::Env,
        Self::Expose,
        Self::From,
        Self::Healthcheck,
        Self::Label,
        Self::Maintainer,
        Self::Onbuild,
        Self::Run,
        Self::Shell,
        Self::StopSignal,
        Self::User,
        Self::Volume,
        Self::Workdir,
    ];

    /// The keyword in upper case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "ADD",
            Self::Arg => "ARG",
            Self::Cmd => "CMD",
            Self::Copy => "COPY",
            Self::Entrypoint => "ENTRYPOINT",
            Self::Env => "ENV",
            Self::Expose => "EXPOSE",
            Self::From => "FROM",
            Self::Healthcheck => "HEALTHCHECK",
            Self::Label => "LABEL",
            Self::Maintainer => "MAINTAINER",
            Self::Onbuild => "ONBUILD",
            Self::Run => "RUN",
            Self::Shell => "SHELL",
            Self::StopSignal => "STOPSIGNAL",
            Self::User => "USER",
            Self::Volume => "VOLUME",
            Self::Workdir => "WORKDIR",
        }
    }

    /// The instruction of a keyword, whatever its case.
    #[must_use]
    pub fn from_keyword(keyword: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name().eq_ignore_ascii_case(keyword))
    }

    /// Whether heredocs may follow it.
    #[must_use]
    pub const fn takes_heredocs(self) -> bool {
        matches!(self, Self::Run | Self::Copy | Self::Add)
    }

    pub(crate) const fn grammar(self) -> Grammar {
        match self {
            Self::Add | Self::Copy | Self::Volume => Grammar::ArrayOrWords,
            Self::Run | Self::Cmd | Self::Entrypoint | Self::Shell => Grammar::ArrayOrText,
            Self::Healthcheck => Grammar::Healthcheck,
            Self::Env | Self::Label => Grammar::Pairs,
            Self::Arg => Grammar::Declarations,
            Self::Expose | Self::From => Grammar::Words,
            Self::Onbuild => Grammar::Trigger,
            Self::Maintainer | Self::StopSignal | Self::User | Self::Workdir => Grammar::Text,
        }
    }
}
