//! Registries for tests that run one rule alone, through the real components.

use std::path::PathBuf;

use hullmark::fixture::{FileBytes, Options, options};
use hullmark::plugin::{Limits, Registry};

/// The built-in plugins, or those of files.
pub(crate) fn registry(files: &[PathBuf]) -> Registry {
    let (registry, notifications) = Registry::load(files.is_empty(), files, Limits::default());
    assert_eq!(notifications, []);
    registry
}

/// The options that a case gives.
pub(crate) fn given(files: &[FileBytes]) -> Option<Options> {
    files.iter().find_map(|(_, bytes)| options(&String::from_utf8_lossy(bytes)).unwrap())
}
