//! What rules on versions of packages share.

use hullmark_sdk::prelude::*;
use hullmark_sdk::{OptionSpec, OptionValues};

/// Whether words with a variable without a value are judged too.
pub(crate) const VARIABLES: OptionSpec = OptionSpec::flag(
    "variables",
    false,
    "whether a word with a variable whose value the file does not tell is judged as it is written",
);

/// Whether a word names a package, and no version of it.
pub(crate) fn is_unpinned(word: Word, options: &OptionValues, is_pinned: impl Fn(&str) -> bool) -> bool {
    match word.resolved() {
        Some(text) => !is_pinned(text),
        None => options.flag("variables") && !is_pinned(word.raw().trim_matches(['"', '\''])),
    }
}
