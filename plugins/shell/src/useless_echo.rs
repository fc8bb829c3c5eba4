use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// `echo` prints what a substitution has just taken, or a substitution takes what `echo` has just printed.
    ///
    /// ## What it checks
    ///
    /// `echo` with one substitution and nothing else, and a substitution that runs nothing but `echo`.
    ///
    /// ## Why it matters
    ///
    /// The detour splits and joins the text at blanks, hides the exit status, and costs a process.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN echo "$(uname -m)" > /etc/arch
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN uname -m > /etc/arch
    /// ```
    ///
    /// ## How to fix
    ///
    /// Run the command itself, or write the text itself.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_03>
    level: Note,
    enabled: false,
    tags: &["style"],
    precision: High,
    aliases: &["SC2005", "SC2116"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_03"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    if command.name() != Some("echo") || command.is_exec_form() {
        return;
    }
    let mut words = command.words().skip(1);
    if let (Some(word), None) = (words.next(), words.next()) {
        let is_all = |part: &Part| part.is_substitution() && word.raw().trim_matches('"') == part.text();
        if let Some(part) = word.parts().find(is_all) {
            let finding = report.finding(part, "`echo` prints what the command would print by itself");
            finding.aliases(shellcheck::ids(command.script(), &["SC2005"]));
        }
    }
    let Some(part) = command.substitutions().next().filter(|part| part.is_substitution()) else { return };
    let is_option = command.words().nth(1).is_some_and(Word::is_option);
    if part.commands().next() != Some(*command)
        || command.is_piped_into()
        || command.redirections().next().is_some()
        || is_option
    {
        return;
    }
    // A pattern becomes names, and an escape what some `echo` makes of it.
    if command.words().any(|word| word.is_pattern() || word.has_brace_expansion() || word.raw().contains('\\')) {
        return;
    }
    let beside =
        part.commands().filter(|other| other.substitutions().next().map(|it| it.place()) == Some(part.place()));
    if beside.count() == 1 && command.words().count() > 1 {
        let finding = report.finding(part, "a substitution takes what `echo` prints, which could stand here itself");
        finding.aliases(shellcheck::ids(command.script(), &["SC2116"]));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn an_echo_that_does_something_is_accepted() {
        for run in [
            "echo a $(b)",
            "echo \"c: $(b)\"",
            "echo -n \"$(b)\"",
            "a=$(echo b | c)",
            "a=$(echo b; c)",
            "a $(d; echo b)",
            "echo a",
            "a=$(echo -e 'b\\n')",
            "cat <(echo a)",
            "a=$(echo *.b)",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn detours_are_flagged() {
        let text = "FROM x\nRUN echo $(a); echo \"`b`\"; c=$(echo d) e \"$(echo \"$f\")\"\n";
        assert_eq!(dockerfile(&RULE, text), ["$(a)", "`b`", "$(echo d)", "$(echo \"$f\")"]);
    }
}
