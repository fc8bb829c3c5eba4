//! Which rules apply, and where not: policies, names and their resolution, and exceptions. Nothing here runs a rule.

pub mod baseline;
mod date;
mod error;
mod format;
mod load;
mod located;
mod names;
mod only;
mod selection;
mod settings;
pub mod suppression;

pub use date::{Date, DateError};
pub use error::PolicyError;
pub use load::{Policies, builtin, listed};
pub use names::{NameError, RuleNames};
pub use selection::Selection;
pub use settings::RuleSettings;
pub use suppression::SuppressionSettings;
