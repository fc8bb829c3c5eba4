use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// Errors are sent where the output went before it was redirected, not to the file.
    ///
    /// ## What it checks
    ///
    /// `2>&1` before a redirection of the output to a file, where the output goes neither into a pipe nor into a
    /// variable.
    ///
    /// ## Why it matters
    ///
    /// The shell takes redirections from left to right: `2>&1 >file` sends errors to the terminal and only the output
    /// to the file. What was meant to be silent, or to be kept, is not.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN ./install.sh 2>&1 >/tmp/install.log
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN ./install.sh >/tmp/install.log 2>&1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `2>&1` behind the redirection to the file.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_07>
    tags: &["correctness"],
    precision: High,
    aliases: &["SC2069"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_07"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    if command.is_piped_into() || command.is_in_substitution() {
        return;
    }
    let mut redirections = command.redirections();
    let Some(errors) = redirections.find(is_errors_to_output) else { return };
    let Some(output) = redirections.find(is_output) else { return };
    let message = "errors go where the output went before, not where it goes now";
    let finding = report.finding(errors.place(), message);
    finding.related(output.place(), "the output is redirected here");
    finding.aliases(shellcheck::ids(command.script(), &["SC2069"]));
    // The blank behind it goes with it.
    let document = command.instruction().node().document();
    let upto = Span::new(errors.place().span.start, output.place().span.start);
    let is_alone = document.text_at(upto).trim_end_matches(' ') == document.text_at(errors.place().span);
    let removed = if is_alone { document.place(upto) } else { errors.place() };
    let fix = Fix::needs_review("redirect the output first").replace(removed, "");
    finding.fix(fix.insert_after(output.place(), " 2>&1"));
}

fn is_errors_to_output(redirection: &Redirection) -> bool {
    redirection.descriptor() == Some(2) && redirection.operator() == ">&" && redirection.target().text() == Some("1")
}

fn is_output(redirection: &Redirection) -> bool {
    matches!(redirection.descriptor(), None | Some(1)) && matches!(redirection.operator(), ">" | ">>" | ">|")
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn orders_that_mean_something_are_accepted() {
        for run in
            ["a >b 2>&1", "a 2>&1", "a 2>&1 >b | c", "d=$(a 2>&1 >b)", "a 2>&1 2>b", "a 2>&1 >&3", "a 2>&1; b >c"]
        {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn errors_before_the_output_are_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN a 2>&1 >/dev/null && b 2>&1 1>>c\n"), ["2>&1", "2>&1"]);
    }

    #[test]
    fn the_fix_moves_it() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN a 2>&1 >b\n");
        assert_eq!(fixed, "FROM x\nRUN a >b 2>&1\n");
    }
}
