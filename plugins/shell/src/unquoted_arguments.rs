use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// All arguments are handed on without quotes, so one with a blank becomes two.
    ///
    /// ## What it checks
    ///
    /// `$@`, `$*`, `${name[@]}` and `${name[*]}` outside double quotes, in the words of a command and in those that
    /// `for` goes over.
    ///
    /// ## Why it matters
    ///
    /// Without quotes each argument is split at blanks and taken for a pattern: the program gets others than were
    /// given. Only `"$@"` hands on what came in.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ENTRYPOINT ["sh", "-c", "exec server $@", "--"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ENTRYPOINT ["sh", "-c", "exec server \"$@\"", "--"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `"$@"`, or `"${name[@]}"` for an array.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_05_02>
    tags: &["reliability"],
    precision: VeryHigh,
    aliases: &["SC2068", "SC2048"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_05_02"],
    checks: &[Command(command), Dockerfile(loops)],
}

fn command(command: &Command, report: &mut Report) {
    if matches!(command.name(), Some("[[")) || command.is_exec_form() {
        return;
    }
    let verbatim = shellcheck::is_verbatim(*command);
    for word in command.words() {
        check(word, command.script(), verbatim, report);
    }
}

fn loops(file: &Dockerfile, report: &mut Report) {
    for compound in file.compounds().filter(|compound| compound.kind() == CompoundKind::For) {
        for word in compound.words() {
            check(word, compound.script(), false, report);
        }
    }
}

fn check(word: Word, script: Script, verbatim: bool, report: &mut Report) {
    for part in word.parts().filter(|part| part.kind() == PartKind::Variable && part.parent().is_none()) {
        let sign = match part.name() {
            Some(sign @ ("@" | "*")) => sign,
            _ => part.subscript().unwrap_or_default(),
        };
        let id: &[&str] = match sign {
            _ if matches!(part.operator(), Some("length" | "+" | ":+")) => continue,
            "@" => &["SC2068"],
            "*" => &["SC2048"],
            _ => continue,
        };
        let finding = report.finding(part, format!("`{}` splits each argument at blanks", part.text()));
        finding.aliases(shellcheck::ids(script, id));
        if verbatim && sign == "@" && part.operator().is_none() {
            finding.fix(Fix::safe("quote it").insert_before(part, "\"").insert_after(part, "\""));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn quoted_ones_and_other_parameters_are_accepted() {
        let text = "FROM x\nRUN a \"$@\" \"$*\" $1 $# ${#a[@]} ${a[0]} ${@:+b}; b=$*; [[ $@ ]]; echo '$@'\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM x\nENTRYPOINT [\"a\", \"$@\"]\n"), [""; 0]);
    }

    #[test]
    fn unquoted_ones_are_flagged() {
        let text = "FROM x\nRUN a $@ b$* ${c[@]}; for i in $@; do d; done\n";
        assert_eq!(dockerfile(&RULE, text), ["$@", "$*", "${c[@]}", "$@"]);
        assert_eq!(dockerfile(&RULE, "FROM x\nENTRYPOINT [\"sh\", \"-c\", \"exec a $@\"]\n"), ["$@"]);
    }

    #[test]
    fn the_fix_quotes() {
        assert_eq!(Trial::of(&RULE).fixed("Dockerfile", "FROM x\nCMD exec a $@\n"), "FROM x\nCMD exec a \"$@\"\n");
    }
}
