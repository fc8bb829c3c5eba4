use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// The shell writes the file as the current user: `sudo` has no part in the redirection.
    ///
    /// ## What it checks
    ///
    /// `>` and `>>` of a command that `sudo` runs.
    ///
    /// ## Why it matters
    ///
    /// The shell opens the file before `sudo` starts. A user who needs `sudo` to write there is refused.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN sudo echo "deb https://example.com/apt stable main" > /etc/apt/sources.list.d/example.list
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN echo "deb https://example.com/apt stable main" | sudo tee /etc/apt/sources.list.d/example.list
    /// ```
    ///
    /// ## How to fix
    ///
    /// Let `sudo tee` write the file; in a build that runs as root leave `sudo` out.
    ///
    /// ## References
    ///
    /// - <https://www.sudo.ws/docs/man/sudo.man/>
    tags: &["correctness"],
    precision: High,
    aliases: &["SC2024"],
    references: &["https://www.sudo.ws/docs/man/sudo.man/"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    if command.name() != Some("sudo") {
        return;
    }
    for redirection in command.redirections() {
        let target = redirection.target();
        let writes =
            matches!(redirection.operator(), ">" | ">>" | ">|") && redirection.descriptor().is_none_or(|it| it == 1);
        // Everyone may write to these.
        if !writes || target.raw().starts_with("/dev/") || target.raw().starts_with("/tmp/") {
            continue;
        }
        let finding = report.finding(target, format!("the shell opens `{}`, not `sudo`", target.raw()));
        finding.aliases(shellcheck::ids(command.script(), &["SC2024"]));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn what_sudo_does_itself_is_accepted() {
        for run in [
            "a | sudo tee /b",
            "sudo a >/dev/null 2>&1",
            "sudo a 2>/b",
            "sudo sh -c 'a >/b'",
            "a >/b",
            "sudo a >/tmp/b",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn what_the_shell_opens_is_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN sudo -E a >/b && sudo c 1>> \"$D\"\n"), ["/b", "\"$D\""]);
    }
}
