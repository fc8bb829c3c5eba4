use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// A loop goes over the output of `ls`, `find` or `cat`, which is split at blanks.
    ///
    /// ## What it checks
    ///
    /// `for` over an unquoted substitution that runs nothing but `ls`, `find` or `cat`.
    ///
    /// ## Why it matters
    ///
    /// The shell splits the output at every blank, not at the end of each name or line, and takes `*` in it for a
    /// pattern: a name with a blank becomes two.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN for file in $(ls /opt/*.deb); do dpkg -i "$file"; done
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN for file in /opt/*.deb; do dpkg -i "$file"; done
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write a pattern instead of `ls`, `find … -exec`, and `while read -r line` instead of `cat`.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_09_04>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["SC2013", "SC2044", "SC2045"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_09_04"],
    checks: &[Dockerfile(file)],
}

fn file(file: &Dockerfile, report: &mut Report) {
    for compound in file.compounds().filter(|compound| compound.kind() == CompoundKind::For) {
        for word in compound.words().filter(|word| word.has_substitution()) {
            for part in word.parts().filter(|part| part.is_substitution() && part.parent().is_none()) {
                let mut commands = part.commands();
                let (Some(command), None) = (commands.next(), commands.next()) else { continue };
                let (name, id): (_, &[&str]) = match command.name() {
                    Some("cat") => ("cat", &["SC2013"]),
                    Some("find") => ("find", &["SC2044"]),
                    Some("ls") => ("ls", &["SC2045"]),
                    _ => continue,
                };
                let finding = report.finding(part, format!("the output of `{name}` is split at blanks"));
                finding.aliases(shellcheck::ids(compound.script(), id));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_loops_are_accepted() {
        for list in ["*.a", "$(seq 3)", "$(cat a | b)", "\"$(cat a)\"", "ls", "$(cat a; b)", "'$(ls)'"] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN for i in {list}; do a; done\n")), [""; 0], "{list}");
        }
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN for i; do a $(ls); done\n"), [""; 0]);
    }

    #[test]
    fn output_is_flagged() {
        let text = "FROM x\nRUN for i in a $(ls) `find .` b$(cat c); do d; done\n";
        assert_eq!(dockerfile(&RULE, text), ["$(ls)", "`find .`", "$(cat c)"]);
    }
}
