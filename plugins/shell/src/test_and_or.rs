use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// `-a` or `-o` joins two tests, which POSIX has withdrawn because what they mean is not certain.
    ///
    /// ## What it checks
    ///
    /// `-a` and `-o` between operands of `[` and `test`.
    ///
    /// ## Why it matters
    ///
    /// With more than four words the result depends on the shell and on what the words hold: an operand `(` or `!` is
    /// taken for an operator. POSIX has removed both.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ARG MODE
    /// RUN if [ -f Makefile -a "$MODE" = dev ]; then make; fi
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ARG MODE
    /// RUN if [ -f Makefile ] && [ "$MODE" = dev ]; then make; fi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write two tests, joined by `&&` or `||`.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, flags `[` and not `test`.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/test.html>
    level: Note,
    tags: &["portability"],
    precision: High,
    aliases: &["SC2166"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/test.html"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(name @ ("[" | "test")) = command.name() else { return };
    let words: Vec<Word> = command.words().skip(1).filter(|word| word.raw() != "]").collect();
    let joints: Vec<Word> = words
        .iter()
        .enumerate()
        // Between two operands: the first word, and one behind `!`, is no joint but asks about a file or an option.
        .filter(|(index, word)| {
            matches!(word.raw(), "-a" | "-o") && *index > 0 && words[index - 1].raw() != "!" && index + 1 < words.len()
        })
        .map(|(_, word)| *word)
        .collect();
    for joint in &joints {
        let operator = if joint.raw() == "-a" { "&&" } else { "||" };
        let finding =
            report.finding(*joint, format!("`{}` in a test instead of `{operator}` between two", joint.raw()));
        finding.aliases(if name == "[" { shellcheck::ids(command.script(), &["SC2166"]) } else { &[] });
        let is_simple = joints.len() == 1 && name == "[" && !words.iter().any(|word| word.text() == Some("("));
        if is_simple && shellcheck::is_verbatim(*command) {
            finding.fix(Fix::needs_review("write two tests").replace(*joint, format!("] {operator} [")));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_uses_of_the_words_are_accepted() {
        for run in [
            "[ -a b ]",
            "[ ! -o c ]",
            "[ a = b ] && [ c ]",
            "[ \"-a\" = b ]",
            "[[ a -a b ]]",
            "ls -a -o b",
            "[ b = -a ]",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn joined_tests_are_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN [ -f a -a \"$b\" = c -o d ] || test e -o f\n"), ["-a", "-o", "-o"]);
    }

    #[test]
    fn the_fix_writes_two_tests() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN if [ -f a -o -d b ]; then c; fi\n");
        assert_eq!(fixed, "FROM x\nRUN if [ -f a ] || [ -d b ]; then c; fi\n");
    }
}
