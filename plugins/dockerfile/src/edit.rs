//! Edits of commands that fixes share.

use hullmark_sdk::prelude::*;

/// Adds an option behind a word, in exec form as a string of its own.
pub(crate) fn with_option(fix: Fix, command: &Command, word: Word, option: &str) -> Fix {
    let text = if command.is_exec_form() { format!(", \"{option}\"") } else { format!(" {option}") };
    fix.insert_after(word, text)
}
