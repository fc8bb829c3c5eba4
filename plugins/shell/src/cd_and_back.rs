use hullmark_sdk::prelude::*;

use crate::{list, shellcheck};

rule! {
    /// `cd ..` leads back only if the `cd` before it succeeded.
    ///
    /// ## What it checks
    ///
    /// `cd ..` that nothing joins to its neighbours by `&&` or `||`, after another `cd` in the same shell.
    ///
    /// ## Why it matters
    ///
    /// When the first `cd` fails, `cd ..` leads to a folder above the one where the script began. A subshell comes back
    /// by itself.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN cd lib; make install; cd ..; make
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN (cd lib && make install) && make
    /// ```
    ///
    /// ## How to fix
    ///
    /// Put what runs in the other folder into parentheses.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_09_04>
    level: Note,
    enabled: false,
    tags: &["style"],
    precision: Medium,
    aliases: &["SC2103"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_09_04"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let is_checked = |join: Join| matches!(join, Join::And | Join::Or);
    if !is_cd(*command)
        || command.word(1).and_then(Word::text) != Some("..")
        || is_checked(command.join())
        || list::ends_on_failure(*command)
    {
        return;
    }
    let beside =
        |other: &Command| other.script().place() == command.script().place() && other.parent() == command.parent();
    let next = command.after().find(beside);
    let earlier = command.before().filter(beside).find(|earlier| is_cd(*earlier));
    let in_one_shell = |earlier: Command| earlier.compounds().all(|compound| compound.holds(*command));
    if next.is_some_and(|next| is_checked(next.join())) || !earlier.is_some_and(in_one_shell) {
        return;
    }
    let finding = report.finding(command.whole_place(), "`cd ..` leads back only if the `cd` before it succeeded");
    finding.aliases(shellcheck::ids(command.script(), &["SC2103"]));
}

fn is_cd(command: Command) -> bool {
    command.name() == Some("cd")
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_way_back_that_is_sure_is_accepted() {
        for run in ["cd a && b && cd ..", "(cd a; b); c", "cd ..; a", "cd a || exit; b; cd .. || exit", "(cd a); cd .."]
        {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn a_way_back_that_is_not_is_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN cd a; b; cd ..; c\n"), ["cd .."]);
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN for i in a b; do cd $i; c; cd ..; done\n"), ["cd .."]);
    }
}
