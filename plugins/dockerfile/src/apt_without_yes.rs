use hullmark_sdk::prelude::*;

use crate::apt;

rule! {
    /// The command asks for a confirmation that nobody can give during a build.
    ///
    /// ## What it checks
    ///
    /// `apt-get install` and `apt install` in `RUN` without `-y`, without another option that means it (`--yes`,
    /// `--assume-yes`, `-qq`, `-q=2`), and without an answer from a pipe. Where a variable may hold the option, or the
    /// Dockerfile writes `Assume-Yes` anywhere, nothing is said.
    ///
    /// ## Why it matters
    ///
    /// apt asks as soon as it has to install more than what was named. A build has no terminal, so the answer is no and the
    /// build fails, perhaps only on the day when a package gets a new dependency.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN apt-get update && apt-get install curl
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
    /// Write `-y` after `install`.
    ///
    /// ## References
    ///
    /// - <https://manpages.debian.org/stable/apt/apt-get.8.en.html>
    level: Warning,
    precision: High,
    tags: &["reliability"],
    aliases: &["DL3014", "DS-0021"],
    references: &["https://manpages.debian.org/stable/apt/apt-get.8.en.html"],
    checks: &[Command(command)],
}

const YES: [&str; 4] = ["-y", "--yes", "--assume-yes", "--force-yes"];
const NOTHING_DONE: [&str; 9] =
    ["-s", "--simulate", "--just-print", "--dry-run", "--recon", "--no-act", "--print-uris", "-h", "--help"];

fn command(command: &Command, report: &mut Report) {
    let Some(action) = apt::action(command).filter(|action| action.text() == Some("install")) else { return };
    if command.instruction().name() != "RUN" || command.is_piped_from() {
        return;
    }
    let apt = command.unwrapped();
    let hidden = apt.words().any(|word| word.may_split() && word.resolved().is_none());
    if hidden || apt.has_flag(&YES) || apt.has_flag(&NOTHING_DONE) || is_very_quiet(apt) || is_configured(command) {
        return;
    }
    let name = apt.name().unwrap_or_default();
    let finding = report.finding(action, format!("`{name} install` waits for a confirmation"));
    finding.fix(Fix::safe("add `-y`").insert_after(action, " -y"));
}

/// apt takes a second `-q` as `-y`.
fn is_very_quiet(apt: Command) -> bool {
    let quiet = |word: Word| match word.resolved() {
        Some("--quiet") => 1,
        Some("-q=2" | "--quiet=2") => 2,
        Some(text) if !text.starts_with("--") && !text.contains('=') => text.matches('q').count(),
        _ => 0,
    };
    apt.options().map(quiet).sum::<usize>() > 1
}

/// Whether the file sets `APT::Get::Assume-Yes` somewhere, by an option or in a file that it writes.
fn is_configured(command: &Command) -> bool {
    let document = command.instruction().node().document();
    document.root().descendants().any(|node| node.value().is_some_and(|text| text.contains("Assume-Yes")))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn whatever_means_yes_is_accepted() {
        for run in [
            "apt-get install -y x",
            "apt-get -yq install x",
            "apt-get install --assume-yes x",
            "apt-get -qq install x",
            "apt-get -q -q install x",
            "apt-get -q=2 install x",
            "apt-get -o APT::Get::Assume-Yes=true install x",
            "yes | apt-get install x",
            "apt-get $OPTIONS install x",
            "apt-get install $PACKAGES",
            "apt-get install --dry-run x",
            "apt-get update",
            "apt-cache install",
            "echo apt-get install x",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn a_variable_of_the_file_is_read() {
        assert_eq!(dockerfile(&RULE, "FROM x\nENV A=-y\nRUN apt-get install $A x\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM x\nENV A=x\nRUN apt-get install $A\n"), ["install"]);
    }

    #[test]
    fn each_command_is_asked() {
        let text = "FROM x\nRUN apt-get install -y a && apt-get -q install b; sudo apt -t stable install \"y\"\n";
        assert_eq!(dockerfile(&RULE, text), ["install", "install"]);
    }

    #[test]
    fn the_fix_adds_the_option() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN apt-get install \\\n  y\n");
        assert_eq!(fixed, "FROM x\nRUN apt-get install -y \\\n  y\n");
    }
}
