use hullmark_sdk::prelude::*;

use crate::{list, shellcheck};

rule! {
    /// What follows runs in the wrong folder when `cd` fails.
    ///
    /// ## What it checks
    ///
    /// `cd`, `pushd` and `popd` whose failure nothing looks at, while a command follows in the same shell after `;` or
    /// on the next line. `&&`, `||`, a condition and `set -e` look at it. `cd /`, `cd .` and `cd ..` do not fail.
    ///
    /// ## Why it matters
    ///
    /// The shell goes on where it stands. A build that meant to delete or to install in one folder does it in another,
    /// and the instruction succeeds.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN cd /usr/src/app; rm -rf *
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN cd /usr/src/app && rm -rf *
    /// ```
    ///
    /// ## How to fix
    ///
    /// Join what follows with `&&`, write `cd … || exit`, or begin the script with `set -e`.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, also flags a `cd` that nothing follows. Its failure is that of the instruction.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/cd.html>
    tags: &["reliability"],
    aliases: &["SC2164"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/cd.html"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(name @ ("cd" | "pushd" | "popd")) = command.name() else { return };
    let target = command.arguments().next();
    let is_sure = target.is_some_and(|word| matches!(word.text(), Some("/" | "." | ".."))) && name == "cd";
    if is_sure || command.is_in_condition() || command.is_exec_form() || list::ends_on_failure(*command) {
        return;
    }
    let Some(next) = list::next(*command) else { return };
    let leaves = list::subshell(*command).is_some_and(|subshell| !subshell.holds(next));
    if leaves || command.is_piped_into() || !matches!(next.join(), Join::Semicolon | Join::Newline) {
        return;
    }
    let finding = report.finding(command.place(), format!("what follows also runs when `{name}` fails"));
    finding.aliases(shellcheck::ids(command.script(), &["SC2164"]));
    // Behind `&&`, a failure of what stands before would end the script too.
    if !matches!(command.join(), Join::And | Join::Or) {
        finding
            .fix(Fix::needs_review("end the script when it fails").insert_after(command.whole_place(), " || exit 1"));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_cd_whose_failure_counts_is_accepted() {
        for run in [
            "cd a && b",
            "cd a && b; c",
            "cd a || exit; b",
            "cd a",
            "b; cd a",
            "(cd a)",
            "(cd a && b); c",
            "(cd a); b",
            "x=$(cd a); b",
            "set -e; cd a; b",
            "if cd a; then b; fi",
            "cd ..; b",
            "cd / ; b",
            "sudo cd a; b",
            "{ cd a; } || exit; b",
            "cd a | b; c",
            "echo cd a; b",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
        assert_eq!(dockerfile(&RULE, "FROM x\nSHELL [\"bash\", \"-ec\"]\nRUN cd a; b\n"), [""; 0]);
    }

    #[test]
    fn a_cd_that_nothing_looks_at_is_flagged() {
        assert_eq!(
            dockerfile(&RULE, "FROM x\nRUN a && cd b; c; (cd \"$d\"; e); pushd f; popd; if g; then cd h; fi; i\n")
                .len(),
            5
        );
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN <<EOF\ncd a\n\nb\nEOF\n"), ["cd"]);
        assert_eq!(dockerfile(&RULE, "FROM x\nCMD [\"sh\", \"-c\", \"cd a; b\"]\n"), ["cd"]);
    }

    #[test]
    fn the_fix_ends_the_script() {
        let fixed = |run: &str| Trial::of(&RULE).fixed("Dockerfile", &format!("FROM x\nRUN {run}\n"));
        assert_eq!(fixed("cd a >b; c"), "FROM x\nRUN cd a >b || exit 1; c\n");
        assert_eq!(fixed("a && cd b; c"), "FROM x\nRUN a && cd b; c\n");
    }
}
