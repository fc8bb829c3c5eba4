use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// A pattern at the start of a word may match a file whose name begins with a hyphen, which is then an option.
    ///
    /// ## What it checks
    ///
    /// Arguments that begin with `*` or `?`, unless `--` stands before them. `echo`, `printf` and tests take no file
    /// for an option, and the expressions of `find` name no files.
    ///
    /// ## Why it matters
    ///
    /// `rm *` in a folder with a file `-rf` is `rm -rf …`. In a build context that is rare, but nobody looks.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN chmod +x *.sh
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN chmod +x ./*.sh
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `./*`, or `--` before the pattern.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap12.html#tag_12_02>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Low,
    aliases: &["SC2035"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap12.html#tag_12_02"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let inner = command.unwrapped();
    if matches!(inner.name(), None | Some("echo" | "printf" | "[" | "[[" | "test" | "find")) {
        return;
    }
    for word in inner.words().skip(1).take_while(|word| word.text() != Some("--")) {
        if !word.is_pattern() || !word.raw().starts_with(['*', '?']) {
            continue;
        }
        let finding = report.finding(word, format!("`{}` may match a name that is taken for an option", word.raw()));
        finding.aliases(shellcheck::ids(command.script(), &["SC2035"]));
        finding.fix(Fix::needs_review("name the folder").insert_before(word, "./"));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn patterns_that_name_a_folder_are_accepted() {
        for run in [
            "rm ./*",
            "rm -- *",
            "rm /a/*",
            "rm a*",
            "echo *",
            "rm '*' \\*",
            "find . -name *.a",
            "for a in *; do b; done",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn open_patterns_are_flagged_and_mended() {
        let text = "FROM x\nRUN rm -f *.a && sudo mv ?b c\n";
        assert_eq!(dockerfile(&RULE, text), ["*.a", "?b"]);
        assert_eq!(Trial::of(&RULE).fixed("Dockerfile", text), "FROM x\nRUN rm -f ./*.a && sudo mv ./?b c\n");
    }
}
