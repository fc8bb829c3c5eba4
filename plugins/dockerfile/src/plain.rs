//! What tools see that read a RUN no further than the names of its own commands.

use hullmark_sdk::prelude::*;

/// Whether the instruction itself runs the program, by its bare name: not behind `sudo`, a folder or `sh -c`. The shell's own
/// `exec`, `command` and `time` may stand before it.
pub(crate) fn is_plain(command: &Command) -> bool {
    let inner = command.unwrapped();
    let is_bare = inner.name().is_some() && inner.word(0).and_then(Word::text) == inner.name();
    let is_direct = command.name() == inner.name() || matches!(command.name(), Some("exec" | "command" | "time"));
    is_bare && is_direct && command.script().runner().is_none_or(|runner| is_shell_of_heredoc(&runner))
}

/// Whether a command names the shell for the heredoc that the instruction begins with: `RUN <<EOF bash`.
fn is_shell_of_heredoc(runner: &Command) -> bool {
    let opener = runner.instruction().heredocs().next().and_then(Node::key_span);
    opener.is_some_and(|opener| opener.start < runner.place().span.start)
}
