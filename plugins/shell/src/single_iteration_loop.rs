use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// A loop goes over one word, so it runs once.
    ///
    /// ## What it checks
    ///
    /// `for` over one word without a variable, a substitution or a pattern.
    ///
    /// ## Why it matters
    ///
    /// Often a `$` is missing, or quotes have made one word of several. A loop kept for a list that grows and shrinks
    /// is sound.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN for key in KEYS; do gpg --recv-keys "$key"; done
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ARG KEYS
    /// RUN for key in $KEYS; do gpg --recv-keys "$key"; done
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the list that was meant, or the command without the loop.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_09_04>
    level: Note,
    enabled: false,
    tags: &["correctness"],
    precision: Medium,
    aliases: &["SC2043"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_09_04"],
    checks: &[Dockerfile(file)],
}

fn file(file: &Dockerfile, report: &mut Report) {
    for compound in file.compounds().filter(|compound| compound.kind() == CompoundKind::For) {
        let mut words = compound.words();
        let (Some(word), None) = (words.next(), words.next()) else { continue };
        let is_open = word.is_pattern() || word.raw().contains('{');
        if word.text().is_none() || is_open {
            continue;
        }
        let finding = report.finding(word, format!("the loop runs once, for `{}`", word.raw()));
        // For a list in commas, and one in quotes, ShellCheck has other ids.
        let is_list = word.text().is_some_and(|text| text.contains(',') || text.contains(char::is_whitespace));
        finding.aliases(if is_list { &[] } else { shellcheck::ids(compound.script(), &["SC2043"]) });
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn lists_are_accepted() {
        for list in ["a b", "$a", "\"$a\"", "*.a", "{a,b}", "$(a)", "a$b"] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN for i in {list}; do c; done\n")), [""; 0], "{list}");
        }
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN for i in; do c; done; for i; do c; done\n"), [""; 0]);
    }

    #[test]
    fn one_word_is_flagged() {
        assert_eq!(
            dockerfile(&RULE, "FROM x\nRUN for i in a; do b; done; for i in 'c d'; do e; done\n"),
            ["a", "'c d'"]
        );
    }
}
