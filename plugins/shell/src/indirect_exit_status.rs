use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// A condition compares `$?` instead of running the command itself.
    ///
    /// ## What it checks
    ///
    /// `[` and `test` that compare `$?` with 0.
    ///
    /// ## Why it matters
    ///
    /// `$?` belongs to whatever ran last, so an `echo` that somebody adds before the condition changes what it tests.
    /// With `set -e` the script ends before it gets there.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN make; if [ $? -ne 0 ]; then cat config.log; exit 1; fi
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN if ! make; then cat config.log; exit 1; fi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Put the command itself into the condition.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_05_02>
    level: Note,
    enabled: false,
    tags: &["style"],
    precision: High,
    aliases: &["SC2181"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_05_02"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(name @ ("[" | "test")) = command.name() else { return };
    let words: Vec<Word> = command.words().skip(1).filter(|word| word.raw() != "]").collect();
    let [status, operator, number] = words[..] else { return };
    let is_status = matches!(status.raw(), "$?" | "\"$?\"" | "${?}" | "\"${?}\"");
    let compares = matches!(operator.text(), Some("-eq" | "-ne" | "-gt" | "=" | "==" | "!="));
    if !is_status || !compares || number.text() != Some("0") {
        return;
    }
    let finding = report.finding(status, "`$?` is compared instead of running the command in the condition");
    finding.aliases(if name == "[" { shellcheck::ids(command.script(), &["SC2181"]) } else { &[] });
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_comparisons_are_accepted() {
        for run in
            ["a; [ $? -eq 2 ]", "a; b=$?; [ $b = 0 ]", "[ $# -eq 0 ]", "a; exit $?", "if a; then b; fi", "[ $? ]"]
        {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn comparisons_of_the_status_are_flagged() {
        let text = "FROM x\nRUN a; if [ $? -ne 0 ]; then b; fi; c; test \"$?\" = 0 || d\n";
        assert_eq!(dockerfile(&RULE, text), ["$?", "\"$?\""]);
    }
}
