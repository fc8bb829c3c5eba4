use hullmark_sdk::prelude::*;

use crate::{shellcheck, words};

rule! {
    /// The output of a command is compared outside quotes, so a blank in it, or nothing, is an error.
    ///
    /// ## What it checks
    ///
    /// `$(…)` and backticks outside double quotes among the operands of `[` and `test`. Commands that always print one
    /// word, as `uname`, `id` and `nproc` do, are accepted.
    ///
    /// ## Why it matters
    ///
    /// The shell splits the output at blanks and drops it where it is empty. `[ $(cat version) = 1.2 ]` becomes `[ =
    /// 1.2 ]`, which is no comparison but an error; in a condition it counts as false, and nobody notices.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN if [ $(cat /opt/version) = 1.2 ]; then make install; fi
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN if [ "$(cat /opt/version)" = 1.2 ]; then make install; fi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Put the substitution into double quotes.
    ///
    /// ## Options
    ///
    /// `everywhere` (default `false`): whether substitutions in the arguments of all commands are flagged, whatever
    /// they run.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, looks everywhere, and takes no command for harmless.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_05>
    tags: &["reliability"],
    precision: High,
    aliases: &["SC2046"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_05"],
    options: &[OptionSpec::flag(
        "everywhere",
        false,
        "Whether substitutions in the arguments of all commands are flagged, whatever they run.",
    )],
    checks: &[Command(command)],
}

/// Commands that print one word and do not fail.
const ONE_WORD: [&str; 11] =
    ["arch", "basename", "dirname", "expr", "getconf", "hostname", "id", "nproc", "uname", "wc", "whoami"];

fn command(command: &Command, report: &mut Report) {
    let is_test = matches!(command.name(), Some("[" | "test"));
    let everywhere = report.options().flag("everywhere");
    if command.is_exec_form() || !(is_test || everywhere) {
        return;
    }
    for word in words::split(*command).filter(|word| word.may_split()) {
        for part in word.parts().filter(|part| part.is_substitution() && part.parent().is_none()) {
            if !everywhere && prints_one_word(part) {
                continue;
            }
            let finding = report.finding(part, "the output is split at blanks: it stands outside quotes");
            finding.aliases(shellcheck::ids(command.script(), &["SC2046"]));
            if shellcheck::is_verbatim(*command) {
                let title = "quote the substitution";
                let fix = if is_test { Fix::safe(title) } else { Fix::needs_review(title) };
                finding.fix(fix.insert_before(part, "\"").insert_after(part, "\""));
            }
        }
    }
}

/// Whether the last command of the substitution prints one word.
fn prints_one_word(part: Part) -> bool {
    let last =
        part.commands().filter(|command| command.substitutions().next().map(|it| it.place()) == Some(part.place()));
    last.last().and_then(Command::name).is_some_and(|name| ONE_WORD.contains(&name))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn quoted_ones_and_single_words_are_accepted() {
        for run in [
            "[ \"$(a)\" = b ]",
            "[ $(id -u) = 0 ]",
            "test $(ls | wc -l) -gt 3",
            "[[ $(a) = b ]]",
            "make -j$(a)",
            "[ '$(a)' = b ]",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn output_in_a_test_is_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN [ $(id | a) = b ] || test `c` && [ -n x$(d \"$(e)\") ]\n").len(), 3);
    }

    #[test]
    fn all_commands_are_looked_at_on_request() {
        let trial = Trial::with(&RULE, r#"{"everywhere": true}"#);
        let text = "FROM x\nRUN a -j$(nproc) \"$(b)\" >$(c); d=$(e); f $((1)); export g=$(h)\n";
        assert_eq!(trial.dockerfile(text), ["$(nproc)", "$(c)", "$(h)"]);
    }

    #[test]
    fn the_fix_quotes() {
        assert_eq!(
            Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN [ $(a) = b ]\n"),
            "FROM x\nRUN [ \"$(a)\" = b ]\n"
        );
    }
}
