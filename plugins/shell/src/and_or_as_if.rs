use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// `a && b || c` is read as "if a then b else c", but `c` also runs when `b` fails.
    ///
    /// ## What it checks
    ///
    /// A command behind `||` after one behind `&&`. Commands that only print, assign, end the script or do nothing are
    /// accepted in the place of `b` and of `c`: there it is a plain way to write what it says.
    ///
    /// ## Why it matters
    ///
    /// The shell runs `c` whenever what stands before failed, be it `a` or `b`. In `test -f x && make install || make
    /// all` a failed installation is answered by building everything.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN [ -f Makefile ] && make install || ./build.sh
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN if [ -f Makefile ]; then make install; else ./build.sh; fi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `if`, `then` and `else`.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_09_03>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["SC2015"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_09_03"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    // In a condition nothing but the result is meant.
    if command.join() != Join::Or
        || command.is_in_condition()
        || is_plain(*command, &["exit", "return", "break", "continue", "false"])
    {
        return;
    }
    let sibling =
        |other: &Command| other.parent() == command.parent() && other.script().place() == command.script().place();
    let Some(before) = command.before().filter(sibling).last().filter(|it| is_beside(*it, *command)) else { return };
    // A list that goes on is no `if`.
    if command.after().find(sibling).is_some_and(|next| matches!(next.join(), Join::And | Join::Or)) {
        return;
    }
    let (Some(and), Some(or)) = (before.join_place(), command.join_place()) else { return };
    // What joins the first command in parentheses joins all that is in them.
    let opens = before.compounds().next().is_some_and(|compound| compound.commands().next() == Some(before));
    if before.join() != Join::And || opens || is_plain(before, &[]) {
        return;
    }
    let finding = report.finding(or, "what stands behind `||` also runs when what stands behind `&&` fails");
    finding.related(and, "the other operator");
    finding.aliases(shellcheck::ids(command.script(), &["SC2015"]));
}

/// Whether all that holds the first command holds the other too.
fn is_beside(one: Command, other: Command) -> bool {
    one.compounds().all(|compound| compound.holds(other))
}

/// Whether a command only prints, assigns, or is one of `names`.
fn is_plain(command: Command, names: &[&str]) -> bool {
    let Some(name) = command.name() else { return command.word(0).is_none() };
    matches!(name, "echo" | "printf" | "true" | ":" | "test" | "[") || names.contains(&name)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn lists_that_say_what_they_mean_are_accepted() {
        for run in [
            "a && b || true",
            "a && b || exit 1",
            "a && b || echo c",
            "a && echo b || c",
            "a && x=1 || x=2",
            "a || b && c",
            "a && b; c || d",
            "a && (b || c)",
            "a || b || c",
            "a && b $(c) && d",
            "a && b || c && d",
            "a && { b && c; } || { d; }",
            "a && test b || c",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn a_hidden_else_is_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN [ -f a ] && b || c; d && e || { f; g; }\n"), ["||", "||"]);
    }
}
