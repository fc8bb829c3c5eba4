//! Which rules apply: policies, names and their resolution. Nothing here runs a rule.

mod error;
mod format;
mod load;
mod located;
mod names;
mod only;
mod selection;
mod settings;

pub use error::PolicyError;
pub use load::{Policies, builtin};
pub use names::{NameError, RuleNames};
pub use selection::Selection;
pub use settings::RuleSettings;
