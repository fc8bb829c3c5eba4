//! Which rules apply: names and their resolution. Nothing here runs a rule.

mod names;
mod selection;

pub use names::{NameError, RuleNames};
pub use selection::Selection;
