use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// `xargs` takes the names that `find` prints apart at blanks and quotes.
    ///
    /// ## What it checks
    ///
    /// `find` in a pipe to `xargs`, without `-print0` there and `-0` here. An `xargs` with `-d` or `-I` splits at line
    /// ends and is accepted.
    ///
    /// ## Why it matters
    ///
    /// A name with a blank arrives as two, one with a quote is an error. Packages of Python and Node.js hold such
    /// names.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM python:3.13.1
    /// RUN find /usr/local -name '*.pyc' | xargs rm -f
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM python:3.13.1
    /// RUN find /usr/local -name '*.pyc' -exec rm -f {} +
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `-exec … {} +`, or `-print0` and `xargs -0`.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/xargs.html>
    level: Note,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["SC2038"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/xargs.html"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    if command.unwrapped().name() != Some("find") || !command.is_piped_into() {
        return;
    }
    let own = ["-print0", "-printf", "-fprint0", "-exec", "-execdir"];
    let prints = command.words().any(|word| word.text().is_some_and(|text| own.contains(&text)));
    let Some(xargs) = command.pipeline().find(|reader| reader.place() > command.place()) else { return };
    let inner = xargs.unwrapped();
    let splits =
        !inner.has_flag(&["-0", "--null", "--delimiter", "--replace"]) && !inner.options().any(splits_at_line_ends);
    if prints || inner.name() != Some("xargs") || !splits || xargs.words().any(Word::may_split) {
        return;
    }
    let finding = report.finding(inner.place(), "`xargs` takes names apart at blanks and quotes");
    finding.related(command.place(), "they are printed here");
    let is_wrapped = command.name() != Some("find") || xargs.name() != Some("xargs");
    finding.aliases(if is_wrapped { &[] } else { shellcheck::ids(command.script(), &["SC2038"]) });
}

/// `-d`, `-I` and `-i`, with or without their value behind them.
fn splits_at_line_ends(option: Word) -> bool {
    option.text().is_some_and(|text| text.starts_with("-d") || text.starts_with("-I") || text.starts_with("-i"))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn names_that_arrive_whole_are_accepted() {
        for run in [
            "find . -print0 | xargs -0 rm",
            "find . -exec a {} +",
            "find . | xargs -d '\\n' a",
            "find . | xargs -I{} a {}",
            "find . | sort",
            "ls | xargs a",
            "find . | xargs $A b",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn names_that_are_split_are_flagged() {
        assert_eq!(
            dockerfile(&RULE, "FROM x\nRUN find . -name a | xargs -r rm && sudo find / | sudo xargs b\n"),
            ["xargs", "xargs"]
        );
    }
}
