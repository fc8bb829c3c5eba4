use hullmark_sdk::prelude::*;

use crate::program;

rule! {
    /// The command looks at a running system or steers it, and a build is none.
    ///
    /// ## What it checks
    ///
    /// Commands of `RUN`, those that `ONBUILD` defers included, whose program is among `commands`, wherever it lies.
    ///
    /// ## Why it matters
    ///
    /// A build step leaves files behind and nothing else. What such a command shows is about the machine that builds, and
    /// what it stops or starts is gone when the step ends.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN apt-get update && top -b -n 1
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN apt-get update
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the command.
    ///
    /// ## Options
    ///
    /// `commands` (default: `free`, `halt`, `poweroff`, `reboot`, `shutdown`, `top`): names of programs that have no place
    /// in a build.
    ///
    /// ## Other tools
    ///
    /// hadolint's list is `free`, `kill`, `mount`, `ps`, `service`, `shutdown`, `ssh`, `top` and `vim`, by name only: `/bin/ps`
    /// passes. A build may well stop a server that it started, mount with `--security=insecure`, or fetch over `ssh`, so
    /// these are not in the list here; a service that nothing uses is `dockerfile/service-started-in-build`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#run>
    level: Note,
    precision: High,
    tags: &["maintainability"],
    aliases: &["DL3001"],
    references: &["https://docs.docker.com/reference/dockerfile/#run"],
    options: &[OptionSpec::texts(
        "commands",
        &["free", "halt", "poweroff", "reboot", "shutdown", "top"],
        "Names of programs that have no place in a build.",
    )],
    checks: &[Command(command)],
}

/// What hadolint knows.
const KNOWN: [&str; 9] = ["free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim"];

fn command(command: &Command, report: &mut Report) {
    if command.instruction().name() != "RUN" {
        return;
    }
    let Some(program) = program::written(&command.unwrapped()) else { return };
    let name = program.rsplit('/').next().unwrap_or(program);
    if !report.options().texts("commands").any(|listed| listed == name) {
        return;
    }
    let is_known = program::is_in_run(command) && program::written(command).is_some_and(|name| KNOWN.contains(&name));
    let finding = report.finding(command.unwrapped().place(), format!("`{name}` does nothing for an image"));
    finding.aliases(if is_known { &["DL3001"] } else { &[] });
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn names_in_other_places_are_fine() {
        let text = "FROM x\nRUN apt-get install top; command -v top; echo top; ./topx; ps; kill 1\nCMD top\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn the_programs_of_the_list_are_flagged() {
        assert_eq!(
            dockerfile(&RULE, "FROM x\nRUN a && sudo top\nONBUILD RUN [\"/bin/free\"]\n"),
            ["top", "\"/bin/free\""]
        );
        assert_eq!(Trial::with(&RULE, r#"{"commands": ["ps"]}"#).dockerfile("FROM x\nRUN top; x=$(ps)\n"), ["ps"]);
    }
}
