//! hullmark as a library. In reading order: texts become documents ([`document`]), plugins turn documents into
//! findings, a run gathers them, reports write them.
//!
//! Without the feature `cli` only [`document`] exists: that is what the SDK uses to run rules natively.

#[cfg(feature = "cli")]
pub mod changed;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod discover;
pub mod document;
#[cfg(feature = "cli")]
pub mod documentation;
#[cfg(feature = "cli")]
pub mod finding;
#[cfg(feature = "cli")]
pub mod fingerprint;
#[cfg(feature = "cli")]
pub mod fix;
#[cfg(feature = "cli")]
pub mod fixture;
#[cfg(feature = "cli")]
pub mod gather;
#[cfg(feature = "cli")]
pub mod own;
#[cfg(feature = "cli")]
pub mod plugin;
#[cfg(feature = "cli")]
pub mod policy;
#[cfg(feature = "cli")]
pub mod report;
#[cfg(feature = "cli")]
pub mod run;
#[cfg(feature = "cli")]
pub mod shard;
#[cfg(feature = "cli")]
pub mod shellcheck;
#[cfg(feature = "cli")]
pub mod syntax;
