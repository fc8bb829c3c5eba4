use hullmark_sdk::prelude::*;

use crate::{shellcheck, words};

rule! {
    /// Backticks stand where `$(…)` says the same more plainly.
    ///
    /// ## What it checks
    ///
    /// Command substitutions in backticks, outside single quotes.
    ///
    /// ## Why it matters
    ///
    /// Between backticks, backslashes and quotes mean something else than everywhere else, and one cannot stand in
    /// another without escapes. `$(…)` has been in POSIX from the beginning.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN make -j `nproc`
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN make -j "$(nproc)"
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `$(…)`.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/xrat/V4_xcu_chap01.html>
    level: Note,
    tags: &["style"],
    aliases: &["SC2006"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/xrat/V4_xcu_chap01.html"],
    checks: &[Command(command), Dockerfile(compounds)],
}

fn command(command: &Command, report: &mut Report) {
    for word in words::all(*command) {
        check(word, command.script(), shellcheck::is_verbatim(*command), report);
    }
}

fn compounds(file: &Dockerfile, report: &mut Report) {
    for compound in file.compounds() {
        for word in compound.words() {
            // Which commands the words of a loop stand in is not known, so nothing is mended there.
            check(word, compound.script(), false, report);
        }
    }
}

fn check(word: Word, script: Script, verbatim: bool, report: &mut Report) {
    for part in word.parts().filter(|part| part.kind() == PartKind::Backticks) {
        let text = part.text();
        let finding = report.finding(part, "backticks instead of `$(…)`");
        finding.aliases(shellcheck::ids(script, &["SC2006"]));
        let inner = text.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
        // An escape means something else in `$(…)`; so does a quote inside quotes; `$((` begins arithmetic.
        let odd = |inner: &str| {
            inner.contains(['\\', '#']) || inner.starts_with('(') || part.is_quoted() && inner.contains('"')
        };
        if let Some(inner) = inner.filter(|inner| verbatim && !odd(inner)) {
            finding.fix(Fix::safe("write `$(…)`").replace(part, format!("$({inner})")));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_substitutions_and_quoted_backticks_are_accepted() {
        assert_eq!(
            dockerfile(&RULE, "FROM x\nRUN a $(b) 'c `d`' \\`e\\` \"\\`f\\`\"\nCMD [\"a\", \"`b`\"]\n"),
            [""; 0]
        );
    }

    #[test]
    fn backticks_are_flagged_wherever_they_stand() {
        let text = "FROM x\nRUN a `b` \"`c`\" && D=`e` f >`g`; for h in `i`; do j; done; k \"$(l `m`)\"\n";
        let mut found = dockerfile(&RULE, text);
        found.sort();
        assert_eq!(found, ["`b`", "`c`", "`e`", "`g`", "`i`", "`m`"]);
    }

    #[test]
    fn the_fix_keeps_what_escapes_mean() {
        let fixed = |run: &str| Trial::of(&RULE).fixed("Dockerfile", &format!("FROM x\nRUN {run}\n"));
        assert_eq!(fixed("a `b \"c\"` \"`d`\""), "FROM x\nRUN a $(b \"c\") \"$(d)\"\n");
        for run in ["a `b \\`c\\``", "a \"`b \"c\"`\"", "sh -c \"a \\`b\\`\"", "a `(b)`"] {
            assert_eq!(fixed(run), format!("FROM x\nRUN {run}\n"));
        }
    }
}
