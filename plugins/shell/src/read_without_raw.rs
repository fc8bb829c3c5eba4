use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// `read` without `-r` takes backslashes out of what it reads.
    ///
    /// ## What it checks
    ///
    /// `read` without the option `-r`.
    ///
    /// ## Why it matters
    ///
    /// Without `-r` a backslash in the input is an escape: it vanishes, and at the end of a line it joins the next one.
    /// Paths, passwords and regular expressions arrive changed.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN while read line; do echo "$line"; done < packages.txt
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN while read -r line; do echo "$line"; done < packages.txt
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `read -r`.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/read.html>
    level: Note,
    tags: &["correctness"],
    aliases: &["SC2162"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/read.html"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let hidden = command.words().any(|word| word.may_split());
    if command.name() != Some("read") || hidden || command.is_exec_form() || command.has_flag(&["-r"]) {
        return;
    }
    let finding = report.finding(command.place(), "`read` without `-r` takes backslashes out of its input");
    finding.aliases(shellcheck::ids(command.script(), &["SC2162"]));
    finding.fix(Fix::safe("add `-r`").insert_after(command.place(), " -r"));
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn raw_input_is_accepted() {
        for run in ["read -r a", "IFS= read -er a", "read $A b", "echo read a", "a | while read -r b; do c; done"] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn the_rest_is_flagged_and_mended() {
        let text = "FROM x\nRUN while IFS= read -t 5 a; do b; done\n";
        assert_eq!(dockerfile(&RULE, text), ["read"]);
        assert_eq!(Trial::of(&RULE).fixed("Dockerfile", text), "FROM x\nRUN while IFS= read -r -t 5 a; do b; done\n");
    }
}
