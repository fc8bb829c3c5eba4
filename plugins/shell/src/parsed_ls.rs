use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// The output of `ls` goes into a pipe, though it is made for people.
    ///
    /// ## What it checks
    ///
    /// `ls` whose output goes into a pipe.
    ///
    /// ## Why it matters
    ///
    /// What `ls` prints depends on the system and the language, and names with blanks, line ends or other signs cannot
    /// be told apart in it.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN ls /opt | grep jdk
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN printf '%s\n' /opt/*jdk*
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write a pattern, or use `find`.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ls.html>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["SC2010", "SC2011", "SC2012"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ls.html"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    if command.name() != Some("ls") || !command.is_piped_into() {
        return;
    }
    let reader = command.pipeline().find(|reader| reader.place() > command.place());
    let id: &[&str] = match reader.and_then(Command::name) {
        Some("grep" | "egrep" | "fgrep") => &["SC2010"],
        Some("xargs") => &["SC2011"],
        _ => &["SC2012"],
    };
    let finding = report.finding(command.place(), "the output of `ls` is made for people, not for a pipe");
    finding.aliases(shellcheck::ids(command.script(), id));
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_uses_are_accepted() {
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN ls; ls > a; a | ls; find . | b; echo ls | c; x=$(ls)\n"), [""; 0]);
    }

    #[test]
    fn a_pipe_is_flagged() {
        let trial = Trial::of(&RULE);
        assert_eq!(trial.dockerfile("FROM x\nRUN ls -1 | head; ls | grep a; (ls) | xargs b\n"), ["ls", "ls", "ls"]);
    }
}
