use hullmark_sdk::prelude::*;

use crate::packages::{APT, Call};

rule! {
    /// The command asks for a confirmation that nobody can give during a build.
    ///
    /// ## What it checks
    ///
    /// Commands of `RUN` that are `apt-get` or `apt` with an action that asks (`install`, `upgrade`, `remove` …) and without
    /// `-y`, another option that means it (`--yes`, `--assume-yes`, `-qq`, `-q=2`), or an answer from a pipe. Where a variable
    /// may hold the option, or the Dockerfile writes `Assume-Yes` anywhere, nothing is said.
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
    /// Write `-y` after the action.
    ///
    /// ## Options
    ///
    /// - `explicit` (default: `false`): whether the command itself must hold the option; variables, pipes and settings elsewhere
    ///   in the file are then not taken for an answer.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy look at `apt-get install` only. hadolint flags `--quiet=2`, `-qqq`, `--force-yes`,
    /// `-o APT::Get::Assume-Yes=true` and `--dry-run`, none of which asks.
    ///
    /// ## References
    ///
    /// - <https://manpages.debian.org/stable/apt/apt-get.8.en.html>
    level: Warning,
    precision: High,
    tags: &["reliability"],
    aliases: &["DL3014", "DS-0021"],
    references: &["https://manpages.debian.org/stable/apt/apt-get.8.en.html"],
    options: &[OptionSpec::flag(
        "explicit",
        false,
        "whether the command itself must hold the option; variables, pipes and settings elsewhere are then no answer",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &APT) else { return };
    if !call.waits(report.options().flag("explicit")) || is_very_quiet(call.command) {
        return;
    }
    let finding = report.finding(call.word, format!("`{}` waits for a confirmation", call.title()));
    finding.aliases(match (call.program, call.action) {
        ("apt-get", "install") if call.is_plain() => &["DL3014", "DS-0021"],
        ("apt-get", "install") => &["DS-0021"],
        _ => &[],
    });
    finding.fix(Fix::safe("add `-y`").insert_after(call.word, call.added("-y")));
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
            "apt-get autoclean",
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
    fn an_answer_may_have_to_be_explicit() {
        for (run, count) in [
            ("yes | apt-get install x", 1),
            ("apt-get $OPTIONS install x", 1),
            ("echo 'APT::Get::Assume-Yes \"true\";' >/etc/apt/apt.conf && apt-get install x", 1),
            ("apt-get -o APT::Get::Assume-Yes=true install x", 0),
        ] {
            let found = Trial::with(&RULE, r#"{"explicit": true}"#).dockerfile(&format!("FROM x\nRUN {run}\n"));
            assert_eq!(found.len(), count, "{run}");
        }
    }

    #[test]
    fn each_command_is_asked() {
        let text = "FROM x\nRUN apt-get install -y a && apt-get -q install b; sudo apt -t stable upgrade \"y\"\n";
        assert_eq!(dockerfile(&RULE, text), ["install", "upgrade"]);
    }

    #[test]
    fn the_fix_adds_the_option() {
        let fixed = |run: &str| Trial::of(&RULE).fixed("Dockerfile", &format!("FROM x\nRUN {run}\n"));
        assert_eq!(fixed("apt-get install \\\n  y"), "FROM x\nRUN apt-get install -y \\\n  y\n");
        assert_eq!(fixed(r#"["apt-get", "install", "y"]"#), "FROM x\nRUN [\"apt-get\", \"install\", \"-y\", \"y\"]\n");
    }
}
