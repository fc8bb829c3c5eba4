//! The command line: what can be said, and what each command does with the library. Nothing here prints or exits; output
//! goes to the writers that `main` hands in.

mod args;
mod baseline;
mod check;
mod completions;
mod config;
mod configure;
mod fix;
mod merge;
mod output;
mod plugin;
mod progress;
mod rules;

use std::ffi::OsString;
use std::io::{self, Write};

use crate::policy::PolicyError;
use crate::report::located;

use baseline::Accept;

pub use args::{
    Args, BaselineArgs, CheckArgs, ColorChoice, Command, CompletionsArgs, ConfigCommand, ConfigSchemaArgs,
    ConfigShowArgs, ConfigurationArgs, ExplainArgs, InitArgs, ManArgs, PluginsArgs, RulesArgs,
};

/// How a run of the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing at or above the level.
    Clean,
    /// Findings at or above the level.
    Findings,
    /// Wrong usage or configuration: nothing was checked.
    Usage,
    /// Some file or plugin could not be checked; everything else was, and is reported.
    Incomplete,
}

impl Exit {
    /// The number that the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
        }
    }
}

/// Where a command writes, and what these places are.
pub struct Streams<'a> {
    /// Reports.
    pub out: &'a mut dyn Write,
    /// Everything else.
    pub err: &'a mut dyn Write,
    /// Whether reports go to a terminal.
    pub out_is_terminal: bool,
    /// Whether everything else does.
    pub err_is_terminal: bool,
}

/// Wrong usage: nothing was checked.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{message}")]
pub struct UsageError {
    /// One sentence, lower case.
    pub message: String,
    /// What to do.
    #[help]
    pub help: Option<String>,
}

impl UsageError {
    /// An error without more to say.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// An error with what to do.
    pub fn with_help(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: Some(help.into()) }
    }
}

/// What can end a command early.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error(transparent)]
    Usage(#[from] UsageError),
    #[error("a policy has errors")]
    Policy(Vec<PolicyError>),
    #[error(transparent)]
    Output(#[from] io::Error),
}

impl From<Vec<PolicyError>> for CommandError {
    fn from(errors: Vec<PolicyError>) -> Self {
        Self::Policy(errors)
    }
}

/// Runs the program with these arguments, the program's name first.
///
/// # Errors
/// Where a stream cannot be written, a closed pipe left out: whoever closed it has read enough.
pub fn run(arguments: impl IntoIterator<Item = OsString>, mut streams: Streams<'_>) -> io::Result<Exit> {
    let args = match Args::read(arguments) {
        Ok(args) => args,
        Err(error) => {
            let asked = !error.use_stderr();
            let text = error.render();
            if asked {
                write!(streams.out, "{text}")?;
                return Ok(Exit::Clean);
            }
            // Where this cannot be written, the exit code has to do.
            let _ = write!(streams.err, "{text}");
            return Ok(Exit::Usage);
        }
    };
    let done = match args.command {
        Command::Check(args) => check::check(&args, None, &mut streams),
        Command::Baseline(args) => {
            let accept = if args.shrink { Accept::Known } else { Accept::Found };
            check::check(&args.check, Some(accept), &mut streams)
        }
        Command::Merge(args) => merge::merge(&args, &mut streams),
        Command::Rules(args) => rules::rules(&args, &mut streams),
        Command::Explain(args) => rules::explain(&args, &mut streams),
        Command::Config(command) => config::config(&command, &mut streams),
        Command::Init(args) => config::init(&args, &mut streams),
        Command::Completions(args) => completions::completions(&args, &mut streams),
        Command::Man(args) => completions::man(&args, &mut streams),
        Command::Plugin(command) => plugin::plugin(&command, &mut streams),
    };
    match done {
        Ok(exit) => Ok(exit),
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Clean),
        Err(CommandError::Output(error)) => Err(error),
        Err(CommandError::Usage(error)) => {
            let _ = write!(streams.err, "{:?}", miette::Report::new(error));
            Ok(Exit::Usage)
        }
        Err(CommandError::Policy(errors)) => {
            for error in errors {
                let report = match error.place {
                    Some(place) => miette::Report::new(located(&place, &error.message, error.help)),
                    None => miette::Report::new(UsageError { message: error.message, help: error.help }),
                };
                let _ = write!(streams.err, "{report:?}");
            }
            Ok(Exit::Usage)
        }
    }
}
