use hullmark_sdk::prelude::*;

rule! {
    /// The build runs a command through `sudo`.
    ///
    /// ## What it checks
    ///
    /// Commands of `RUN` whose program is `sudo`, also where `env`, `exec` and the like run it.
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
    /// ## Other tools
    ///
    /// hadolint sees no program with its folder (`/usr/bin/sudo`), Trivy only what begins the instruction or follows `&&`, and
    /// Checkov only the word between blanks. hadolint reads text of PowerShell and `cmd` as that of a POSIX shell.
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
    let layers: Vec<Command> = command.layers().collect();
    let Some(depth) = layers.iter().position(|layer| layer.name() == Some("sudo")) else { return };
    if command.instruction().name() != "RUN" {
        return;
    }
    let sudo = layers[depth].place();
    let is_bare = layers[depth].word(0).and_then(Word::text) == Some("sudo");
    let is_seen = layers[..depth].iter().all(|layer| matches!(layer.name(), Some("command" | "exec" | "time")));
    let is_own = command.script().runner().is_none();
    let is_shell_form = !command.instruction().is_exec_form();
    let node = command.instruction().node();
    let before = before(command, sudo);
    let rest = Span::new(sudo.span.start, node.span().end.max(sudo.span.end));
    let is_word =
        before.chars().last().is_none_or(char::is_whitespace) && node.document().text_at(rest).starts_with("sudo ");
    report.finding(sudo, "the build runs a command through `sudo`").aliases_if(&[
        ("DL3004", is_bare && is_seen && is_own),
        ("DS-0010", is_bare && is_shell_form && before.rsplit("&&").next().is_some_and(is_blank)),
        ("CKV2_DOCKER_1", is_word && is_shell_form && command.instruction().stage().is_some()),
    ]);
}

/// What stands in the instruction before a place, its flags left out.
fn before(command: &Command, place: Place) -> String {
    let Some(argument) = command.instruction().arguments().next() else { return String::new() };
    argument.document().text_at(Span::new(argument.span().start.min(place.span.start), place.span.start))
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|char| char.is_whitespace() || char == '\\')
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
        let text = "FROM x\nRUN a && (sudo b); if c; then /usr/bin/sudo -E d; fi\nRUN [\"sudo\", \"e\"]\nRUN exec env A=b sudo c\n";
        assert_eq!(dockerfile(&RULE, text), ["sudo", "/usr/bin/sudo", "\"sudo\"", "sudo"]);
    }
}
