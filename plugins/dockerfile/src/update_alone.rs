use hullmark_sdk::prelude::*;

use crate::packages::{Call, MANAGERS};

rule! {
    /// The lists of packages are fetched in a step that installs nothing.
    ///
    /// ## What it checks
    ///
    /// `apt-get update`, `apk update`, `zypper refresh` and `dnf makecache` in a `RUN` where nothing that stands behind may install
    /// a package: there is no other command, or only further cleaning and the shell's own. Lists in a mount are accepted.
    ///
    /// ## Why it matters
    ///
    /// Docker keeps the result of each step. When a package is added to a later `RUN`, the lists of weeks ago are taken from the
    /// cache, and the build installs old versions or fails because they are gone.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN apt-get update
    /// RUN apt-get install -y curl
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN apt-get update && apt-get install -y curl
    /// ```
    ///
    /// ## How to fix
    ///
    /// Fetch the lists in the step that installs the packages.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov flag `yum update` and `dnf update` too, which install; Trivy flags a step in which another program may
    /// install something. Checkov counts over the whole file, so that a step with `install` makes up for one with `update`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#apt-get>
    level: Warning,
    precision: High,
    tags: &["reproducibility"],
    aliases: &["DS-0017", "CKV_DOCKER_5"],
    references: &["https://docs.docker.com/build/building/best-practices/#apt-get"],
    checks: &[Command(command)],
}

/// Programs that install nothing, whatever they are told.
const HARMLESS: [&str; 12] =
    ["rm", "find", "echo", "printf", "true", ":", "set", "cd", "mkdir", "cat", "sed", "export"];

fn command(command: &Command, report: &mut Report) {
    let Some(call) = of_any(command).filter(Call::is_refresh) else { return };
    if call.has_cache_mount() || !command.script().is_understood() || command.after().any(|later| may_install(&later)) {
        return;
    }
    let finding = report.finding(call.word, format!("`{}` stands in a step that installs nothing", call.title()));
    if call.action != "update" || call.program == "aptitude" {
        finding.aliases(&[]);
    }
}

fn of_any<'a>(command: &Command<'a>) -> Option<Call<'a>> {
    MANAGERS.iter().find_map(|manager| Call::of(command, manager))
}

fn may_install(later: &Command) -> bool {
    if let Some(call) = of_any(later) {
        return !(call.is_refresh() || call.is_cleaning() || call.does(&["clean", "autoclean"]));
    }
    match later.unwrapped().name() {
        Some(name) => !HARMLESS.contains(&name),
        None => later.word(0).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn what_may_install_afterwards_is_accepted() {
        for run in [
            "apt-get update && apt-get install x",
            "apt-get update; apt-get upgrade -y",
            "apk update --no-cache && apk upgrade",
            "apt-get update && xargs apt-get install -y <list",
            "apt-get update && ./install.sh",
            "apt-get update && $INSTALL x",
            "if a; then apt-get update; fi; apt-get install x",
            "--mount=type=cache,target=/var/lib/apt apt-get update",
            "yum update -y",
            "dnf check-update",
            "zypper -n update",
            "apk --update add x",
            "update-locale",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn an_update_without_an_installation_is_flagged() {
        for (run, word) in [
            ("apt-get update", "update"),
            ("apt-get update && apt-get clean && rm -rf /var/lib/apt/lists/*", "update"),
            ("apt install x && sudo apt -qq update", "update"),
            ("set -e; A=b; apk update", "update"),
            ("zypper ref", "ref"),
            ("dnf makecache && dnf clean all", "makecache"),
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [word], "{run}");
        }
    }
}
