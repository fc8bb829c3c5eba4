//! Which program a command runs, and whether others see the command. Not what the program does.

use hullmark_sdk::prelude::*;

/// Builtins and programs that run the command after them.
const CARRIERS: [&str; 5] = ["builtin", "busybox", "command", "exec", "time"];

/// The program as it is written, with its folder: that of `command NAME` and `exec NAME` is `NAME`. Nothing where it is
/// not literal.
pub(crate) fn written<'a>(command: &Command<'a>) -> Option<&'a str> {
    let mut words = command.words().map(Word::text);
    let first = words.next()??;
    if !CARRIERS.contains(&first) {
        return Some(first);
    }
    match words.next().flatten() {
        Some(next) if !next.starts_with('-') => Some(next),
        _ => Some(first),
    }
}

/// Whether it stands in the text of a RUN itself, and not in a script that another command of it runs.
pub(crate) fn is_in_run(command: &Command) -> bool {
    command.instruction().name() == "RUN" && command.script().runner().is_none()
}

/// Whether ONBUILD defers it to another build.
pub(crate) fn is_deferred(command: &Command) -> bool {
    command.instruction().node().parent().is_some_and(|parent| parent.kind() == Kind::Instruction)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::dockerfile;
    use hullmark_sdk::{Report, rule};

    use super::*;

    rule! {
        /// Names every program.
        checks: &[Command(command)],
    }

    fn command(command: &Command, report: &mut Report) {
        if written(command) == Some("ps") {
            report.finding(command.place(), "ps");
        }
    }

    #[test]
    fn what_carries_a_command_is_passed_over() {
        let text =
            "FROM a\nRUN ps; 'p's; exec ps; command ps\nRUN command -v ps; /bin/ps; sudo ps; $ps; \"ps -a\"; exec\n";
        assert_eq!(dockerfile(&RULE, text), ["ps", "'p's", "exec", "command"]);
    }
}
