use hullmark_sdk::prelude::*;

use crate::packages::{APT, Call};
use crate::plain::is_plain;

rule! {
    /// The command is `apt`, which is made for people at a terminal.
    ///
    /// ## What it checks
    ///
    /// Commands of `RUN` that are `apt`, whatever it is told to do.
    ///
    /// ## Why it matters
    ///
    /// The command line and the output of `apt` may change between versions, as its manual says: scripts are to use `apt-get`,
    /// which stays compatible.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN apt install -y curl
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN apt-get install -y curl
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `apt-get` for `apt`, or `apt-cache` where packages are only looked up.
    ///
    /// ## References
    ///
    /// - <https://manpages.debian.org/stable/apt/apt.8.en.html>
    level: Note,
    tags: &["reproducibility"],
    aliases: &["DL3027", "CKV_DOCKER_9"],
    references: &["https://manpages.debian.org/stable/apt/apt.8.en.html"],
    checks: &[Command(command)],
}

/// What both can do in the same way.
const SHARED: [&str; 8] = ["update", "upgrade", "install", "remove", "purge", "autoremove", "clean", "autoclean"];

fn command(command: &Command, report: &mut Report) {
    let inner = command.unwrapped();
    let Some(program) = inner.word(0).filter(|_| inner.name() == Some("apt")) else { return };
    if command.instruction().name() != "RUN" {
        return;
    }
    let action = Call::of(command, &APT).map(|call| call.action);
    let title = action.map_or_else(|| "apt".to_owned(), |action| format!("apt {action}"));
    let finding = report.finding(program, format!("`{title}` is meant for people, not for scripts"));
    finding.aliases(match program.text() {
        _ if is_plain(command) => &["DL3027", "CKV_DOCKER_9"],
        Some("apt") => &["CKV_DOCKER_9"],
        _ => &[],
    });
    if program.raw() == "apt" && action.is_some_and(|action| SHARED.contains(&action)) {
        finding.fix(Fix::safe("use `apt-get`").replace(program, "apt-get"));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_programs_and_texts_are_accepted() {
        for run in ["apt-get install x", "echo apt install", "apt-cache show x", "rm /usr/bin/apt"] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
        assert_eq!(dockerfile(&RULE, "FROM x\nCMD apt update\n"), [""; 0]);
    }

    #[test]
    fn it_is_found_behind_options_and_wrappers() {
        let text = "FROM x\nRUN true && sudo apt -o A=b \\\n  install y\nONBUILD RUN /usr/bin/apt update\n";
        assert_eq!(dockerfile(&RULE, text), ["apt", "/usr/bin/apt"]);
    }

    #[test]
    fn the_fix_writes_the_other_name() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN apt update && apt -y install y\n");
        assert_eq!(fixed, "FROM x\nRUN apt-get update && apt-get -y install y\n");
        assert_eq!(Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN apt list\n"), "FROM x\nRUN apt list\n");
    }
}
