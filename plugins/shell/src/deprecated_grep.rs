use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// `egrep` and `fgrep` are deprecated, and GNU grep says so each time.
    ///
    /// ## What it checks
    ///
    /// The commands `egrep` and `fgrep`.
    ///
    /// ## Why it matters
    ///
    /// They were never in POSIX as it is now, GNU grep prints a warning since version 3.8, and distributions begin to
    /// leave them out.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN egrep -q 'debian|ubuntu' /etc/os-release
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN grep -E -q 'debian|ubuntu' /etc/os-release
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `grep -E` for `egrep` and `grep -F` for `fgrep`.
    ///
    /// ## References
    ///
    /// - <https://www.gnu.org/software/grep/manual/grep.html#Usage>
    level: Note,
    tags: &["style"],
    aliases: &["SC2196", "SC2197"],
    references: &["https://www.gnu.org/software/grep/manual/grep.html#Usage"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let inner = command.unwrapped();
    let Some(program) = inner.word(0) else { return };
    let (name, instead, id): (_, _, &[&str]) = match inner.name() {
        Some("egrep") => ("egrep", "grep -E", &["SC2196"]),
        Some("fgrep") => ("fgrep", "grep -F", &["SC2197"]),
        _ => return,
    };
    let finding = report.finding(program, format!("`{name}` is deprecated in favour of `{instead}`"));
    let is_wrapped = command.name() != Some(name);
    finding.aliases(if is_wrapped { &[] } else { shellcheck::ids(command.script(), id) });
    if program.raw() == name && !command.is_exec_form() {
        finding.fix(Fix::safe(format!("write `{instead}`")).replace(program, instead));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn near_names_are_accepted() {
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN grep -E a; zegrep a; echo egrep; ./my-egrep a\n"), [""; 0]);
    }

    #[test]
    fn old_names_are_flagged_and_replaced() {
        let text = "FROM x\nRUN a | egrep b && sudo /bin/fgrep c\nCMD [\"egrep\", \"a\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["egrep", "/bin/fgrep", "\"egrep\""]);
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN egrep -q a b; fgrep c\n");
        assert_eq!(fixed, "FROM x\nRUN grep -E -q a b; grep -F c\n");
    }
}
