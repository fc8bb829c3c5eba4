//! The host's own rules: they have the same metadata record as those of plugins.

use crate::finding::Plugin;
use crate::policy::suppression;
use crate::{shellcheck, syntax};

/// All of them, by plugin, as they stand before those of components.
#[must_use]
pub fn plugins() -> Vec<Plugin> {
    vec![shellcheck::plugin(), suppression::plugin(), syntax::plugin()]
}
