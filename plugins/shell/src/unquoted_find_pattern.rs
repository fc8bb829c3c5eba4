use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// A pattern for `find` stands outside quotes, so the shell may replace it before `find` sees it.
    ///
    /// ## What it checks
    ///
    /// The words after `-name`, `-iname`, `-path`, `-ipath`, `-wholename`, `-lname`, `-ilname`, `-regex` and `-iregex`
    /// of `find` that have `*`, `?` or `[` outside quotes.
    ///
    /// ## Why it matters
    ///
    /// Where the current folder holds files that match, the shell puts their names in the place of the pattern: `find`
    /// then looks for one name only, or fails. The same line finds everything today and almost nothing tomorrow.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM python:3.13.1
    /// RUN find /usr/local -name *.pyc -delete
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM python:3.13.1
    /// RUN find /usr/local -name '*.pyc' -delete
    /// ```
    ///
    /// ## How to fix
    ///
    /// Put the pattern into quotes.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/find.html>
    tags: &["reliability"],
    aliases: &["SC2061"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/find.html"],
    checks: &[Command(command)],
}

const BEFORE_PATTERN: [&str; 9] =
    ["-name", "-iname", "-path", "-ipath", "-wholename", "-lname", "-ilname", "-regex", "-iregex"];

fn command(command: &Command, report: &mut Report) {
    let find = command.unwrapped();
    if find.name() != Some("find") {
        return;
    }
    for (option, word) in find.words().zip(find.words().skip(1)) {
        if !option.text().is_some_and(|text| BEFORE_PATTERN.contains(&text)) || !word.is_pattern() {
            continue;
        }
        let raw = word.raw();
        let finding = report.finding(word, format!("the shell may replace `{raw}` before `find` sees it"));
        let is_wrapped = command.name() != Some("find");
        finding.aliases(if is_wrapped { &[] } else { shellcheck::ids(command.script(), &["SC2061"]) });
        if word.text() == Some(raw) && shellcheck::is_verbatim(*command) {
            finding.fix(Fix::safe("quote the pattern").insert_before(word, "'").insert_after(word, "'"));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn quoted_patterns_and_plain_names_are_accepted() {
        for run in [
            "find . -name '*.a' -o -iname \"b?\" -path \\*/c",
            "find *.d -name a",
            "find . -name $A -exec rm *.b {} +",
            "grep -name *.a",
            "find . -name",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
        assert_eq!(dockerfile(&RULE, "FROM x\nCMD [\"find\", \"-name\", \"*.a\"]\n"), [""; 0]);
    }

    #[test]
    fn open_patterns_are_flagged() {
        let text = "FROM x\nRUN sudo find / \\( -name *.a -o -iregex .*b \\) && find . -path \"$c\"/*\n";
        assert_eq!(dockerfile(&RULE, text), ["*.a", ".*b", "\"$c\"/*"]);
    }

    #[test]
    fn the_fix_quotes() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN find . -name a*\n");
        assert_eq!(fixed, "FROM x\nRUN find . -name 'a*'\n");
    }
}
