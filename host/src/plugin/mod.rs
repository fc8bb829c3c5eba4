//! Plugins: loading them, calling them, and holding them to their limits. Nothing outside of this folder knows what a
//! plugin is made of; nothing inside knows files other than plugins, policies, levels or report formats.

mod accept;
mod bindings;
mod builtin;
mod cache;
mod component;
mod convert;
mod describe;
mod engine;
mod error;
mod host;
mod inspect;
mod instance;
mod interface;
mod limits;
mod registry;
mod text;
mod worker;

pub use accept::{Checked, RawFinding};
pub use cache::{Compilation, Watch};
pub use error::{OptionError, PluginError};
pub use inspect::{Inspected, Usage};
pub use limits::Limits;
pub use registry::{LoadedPlugin, Origin, Registry, component_bytes};
pub use worker::Worker;
