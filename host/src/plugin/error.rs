//! Why a plugin gave no result, or not all of it.

use wasmtime::Trap;

use super::host::{HostWorkExhausted, State};
use super::text;

/// What went wrong in one call of a plugin. The texts are complete without the plugin's name, which whoever reports them
/// knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PluginError {
    /// It stopped in the middle, by its own fault.
    #[error("the plugin failed: {message}")]
    Trap {
        /// The last error that it logged, or the machine's reason.
        message: String,
    },
    /// It ran for too long.
    #[error("the plugin used up its budget of {fuel} units of fuel; it loops, or needs a larger budget")]
    FuelExhausted {
        /// The limit.
        fuel: u64,
    },
    /// It asked too much of the host.
    #[error("the plugin asked the host for more than {units} bytes in one call; ask for less, or keep what was given")]
    HostWorkExhausted {
        /// The limit.
        units: u64,
    },
    /// It needs more memory.
    #[error("the plugin needs more than {mebibytes} MiB of memory")]
    MemoryExhausted {
        /// The limit.
        mebibytes: usize,
    },
    /// It needs larger tables.
    #[error("the plugin needs tables of more than {elements} elements")]
    TablesExhausted {
        /// The limit.
        elements: usize,
    },
    /// It called itself too deeply.
    #[error("the plugin used up its stack of {kibibytes} KiB; it recurses too deeply")]
    StackExhausted {
        /// The limit.
        kibibytes: usize,
    },
    /// It found more than can be reported.
    #[error("the plugin returned {count} findings; only the first {limit} are kept")]
    TooManyFindings {
        /// What it returned.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// It handed over too much.
    #[error("the plugin returned more than {mebibytes} MiB in one call, so nothing of it is kept")]
    TooMuchReturned {
        /// The limit.
        mebibytes: usize,
    },
    /// It said itself that it could not check.
    #[error("the plugin could not check this: {0}")]
    Refused(String),
    /// It does not accept its options.
    #[error("the options of the plugin are not valid: {}", list(.0))]
    Options(Vec<OptionError>),
    /// It reported a rule that it does not declare.
    #[error("the plugin reported the rule `{0}`, which it does not declare")]
    Undeclared(String),
    /// It reported a rule that was not asked for.
    #[error("the plugin reported the rule `{0}`, which is not enabled in this call")]
    NotEnabled(String),
    /// It pointed to a document that it was not given.
    #[error("the rule `{rule}` points to document {document}, which does not exist")]
    UnknownDocument {
        /// The rule.
        rule: String,
        /// The number.
        document: u32,
    },
    /// It pointed to what is no part of the text.
    #[error("the rule `{rule}` points to bytes {start}..{end}, which {why}")]
    BadSpan {
        /// The rule.
        rule: String,
        /// First byte.
        start: u32,
        /// After the last byte.
        end: u32,
        /// What is wrong with them.
        why: &'static str,
    },
    /// One of its fixes cannot be applied; the finding is kept.
    #[error("a fix of the rule `{rule}` is left out: {why}")]
    BadFix {
        /// The rule.
        rule: String,
        /// What is wrong with it.
        why: String,
    },
    /// More of its findings were at fault than are told one by one.
    #[error("the plugin returned {count} more faults like these")]
    MoreFaults {
        /// How many.
        count: usize,
    },
    /// The machine could not make an instance of it.
    #[error("the plugin does not start: {0}")]
    NotInstantiated(String),
}

/// Something wrong with an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// JSON Pointer into the options that the plugin was given.
    pub pointer: String,
    /// One sentence.
    pub message: String,
}

fn list(errors: &[OptionError]) -> String {
    let texts: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.pointer, error.message)).collect();
    texts.join("; ")
}

impl PluginError {
    /// Whether a budget was used up: a plugin to which that happens again and again is better skipped.
    #[must_use]
    pub const fn is_exhausted(&self) -> bool {
        matches!(
            self,
            Self::FuelExhausted { .. }
                | Self::HostWorkExhausted { .. }
                | Self::MemoryExhausted { .. }
                | Self::TablesExhausted { .. }
                | Self::StackExhausted { .. }
                | Self::TooMuchReturned { .. }
        )
    }

    /// The reason of a call that did not return.
    pub(super) fn from_call(error: &wasmtime::Error, state: &State) -> Self {
        let limits = &state.limits;
        if error.downcast_ref::<HostWorkExhausted>().is_some() {
            return Self::HostWorkExhausted { units: limits.host_work };
        }
        let trap = error.downcast_ref::<Trap>();
        if trap == Some(&Trap::OutOfFuel) {
            return Self::FuelExhausted { fuel: state.fuel };
        }
        if trap == Some(&Trap::StackOverflow) {
            return Self::StackExhausted { kibibytes: limits.stack >> 10 };
        }
        if let Some(refusal) = state.limiter.refusal() {
            return refusal;
        }
        let cause = error.root_cause().to_string();
        // The engine has a type for this, but keeps it private.
        if cause.contains("fuel allocated for hostcalls") {
            return Self::TooMuchReturned { mebibytes: limits.returned_bytes >> 20 };
        }
        let message = match (&state.last_error, trap) {
            (Some(message), _) => message.clone(),
            (None, Some(Trap::UnreachableCodeReached)) => "it stopped itself without a message".to_owned(),
            (None, _) => text::line(&cause, text::MESSAGE),
        };
        Self::Trap { message }
    }
}
