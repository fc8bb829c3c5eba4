use hullmark_sdk::prelude::*;

rule! {
    /// The build runs a command through `sudo`.
    ///
    /// ## What it checks
    ///
    /// Commands of `RUN` whose program is `sudo`.
    ///
    /// ## Why it matters
    ///
    /// `USER` already decides who runs a build step. A user who may call `sudo` without a password in the build may do so in
    /// the container as well, and is root for whoever breaks in; `sudo` also treats the terminal and signals in its own way.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN sudo apt-get update
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// USER root
    /// RUN apt-get update
    /// USER 10001
    /// ```
    ///
    /// ## How to fix
    ///
    /// Drop `sudo`, and write `USER root` before the steps that need it and the service's own user after them.
    ///
    /// ## Options
    ///
    /// - `stages` (default: `all`): which stages are looked at: `all`, those that the final stage needs (`shipped`), or only the
    ///   last one (`final`).
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#user>
    level: Warning,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("5.0"),
    aliases: &["DL3004", "DS-0010", "CKV2_DOCKER_1"],
    references: &["https://docs.docker.com/build/building/best-practices/#user"],
    options: &[OptionSpec::STAGES],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    if command.instruction().name() == "RUN" && command.name() == Some("sudo") {
        report.finding(command.place(), "the build runs a command through `sudo`");
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn the_word_elsewhere_is_accepted() {
        for run in ["apt-get install -y sudo", "echo 'sudo x'", "rm /etc/sudoers", "visudo", "# sudo x\\\n\ntrue"] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn stages_can_be_left_out() {
        let text =
            "FROM a AS one\nRUN sudo a\nFROM b AS two\nRUN sudo b\nFROM c\nCOPY --from=two /x /\nONBUILD RUN sudo c\n";
        let number = |stages: &str| Trial::with(&RULE, &format!(r#"{{"stages": "{stages}"}}"#)).dockerfile(text).len();
        assert_eq!([number("all"), number("shipped"), number("final")], [3, 2, 1]);
    }

    #[test]
    fn it_is_found_wherever_a_command_stands() {
        let text = "FROM x\nRUN a && (sudo b); if c; then /usr/bin/sudo -E d; fi\nRUN [\"sudo\", \"e\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["sudo", "/usr/bin/sudo", "\"sudo\""]);
    }
}
