//! What ShellCheck sees when hadolint runs it, and where shell text may be edited as it stands.

use hullmark_sdk::prelude::*;

/// Shells whose language ShellCheck knows.
const KNOWN: [&str; 5] = ["sh", "bash", "dash", "ash", "ksh"];

/// `ids`, where hadolint gives the script to ShellCheck, which it does with shell forms of RUN; none elsewhere.
pub(crate) fn ids(script: Script, ids: &'static [&'static str]) -> &'static [&'static str] {
    let seen = script.instruction().name() == "RUN"
        && script.runner().is_none()
        && script.shell().is_some_and(|shell| KNOWN.contains(&shell));
    if seen { ids } else { &[] }
}

/// Whether quotes and backslashes mean in the file what they mean to the command's shell.
pub(crate) fn is_verbatim(command: Command) -> bool {
    command.script().runner().is_none()
        && !command.is_exec_form()
        && command.substitutions().all(|part| part.kind() != PartKind::Backticks)
}
