//! Which rules apply, and where not: policies, the configuration, names and their resolution, and exceptions. Nothing here
//! runs a rule.

pub mod baseline;
mod books;
mod date;
mod edit;
mod error;
mod format;
mod json_schema;
mod load;
mod located;
mod lock;
mod migrate;
mod names;
mod only;
mod pattern;
mod rulebook;
mod schema;
mod scope;
mod selection;
mod settings;
mod show;
pub mod suppression;
mod version;

pub use books::{Books, PluginFile, configuration, configurations_above};
pub use date::{Date, DateError};
pub use edit::{PolicyText, option_value};
pub use error::PolicyError;
pub use json_schema::json_schema;
pub use load::{CONFIGURATION, ConfigurationFile, Policies, builtin, listed};
pub use lock::{Lock, PinError};
pub use migrate::{Migration, migrate};
pub use names::{NameError, RuleNames};
pub use rulebook::{Choice, Rulebook, ViewKey};
pub use scope::{Scope, ScopeKey};
pub use selection::Selection;
pub use settings::RuleSettings;
pub use suppression::SuppressionSettings;
pub use version::minor as minor_version;
