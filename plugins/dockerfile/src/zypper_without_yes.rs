use hullmark_sdk::prelude::*;

use crate::packages::{Call, ZYPPER};

rule! {
    /// The command asks for a confirmation that nobody can give during a build.
    ///
    /// ## What it checks
    ///
    /// Commands of `RUN` that are `zypper` with an action that asks (`install`, `remove`, `patch`, `update` …) and without `-n`,
    /// `--non-interactive`, `-y`, `--no-confirm`, or an answer from a pipe. Where a variable may hold the option, nothing is
    /// said.
    ///
    /// ## Why it matters
    ///
    /// zypper shows what it is about to do and asks whether that is right. A build has no terminal, so the answer is no, and the build
    /// fails.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper install httpd && zypper clean
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper install -y httpd && zypper clean
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
    /// hadolint does not look at `update`, `dist-upgrade` and `verify`, which ask as well.
    ///
    /// ## References
    ///
    /// - <https://manpages.opensuse.org/Tumbleweed/zypper/zypper.8.en.html>
    level: Warning,
    precision: High,
    tags: &["reliability"],
    aliases: &["DL3034"],
    references: &["https://manpages.opensuse.org/Tumbleweed/zypper/zypper.8.en.html"],
    options: &[OptionSpec::flag(
        "explicit",
        false,
        "whether the command itself must hold the option; variables, pipes and settings elsewhere are then no answer",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &ZYPPER) else { return };
    if !call.waits(report.options().flag("explicit")) {
        return;
    }
    let finding = report.finding(call.word, format!("`{}` waits for a confirmation", call.title()));
    if !(call.is_plain() && call.does(&["install", "in", "remove", "rm", "source-install", "si", "patch"])) {
        finding.aliases(&[]);
    }
    finding.fix(Fix::safe("add `-y`").insert_after(call.word, call.added("-y")));
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn whatever_means_yes_is_accepted() {
        for run in [
            "zypper -n install x",
            "zypper --non-interactive in x",
            "zypper in -y x",
            "zypper rm --no-confirm x",
            "zypper -nq in x",
            "zypper --dry-run install x",
            "zypper $OPTIONS in x",
            "yes | zypper in x",
            "zypper refresh",
            "zypper addrepo x",
            "zypper -R /r clean",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn an_answer_may_have_to_be_explicit() {
        let found = Trial::with(&RULE, r#"{"explicit": true}"#).dockerfile("FROM x\nRUN yes | zypper install x\n");
        assert_eq!(found, ["install"]);
    }

    #[test]
    fn every_action_that_asks_is_flagged() {
        let text = "FROM x\nRUN zypper -q in x && zypper -R /r rm y; sudo zypper patch\n";
        assert_eq!(dockerfile(&RULE, text), ["in", "rm", "patch"]);
    }

    #[test]
    fn the_fix_adds_the_option() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN zypper in x\n");
        assert_eq!(fixed, "FROM x\nRUN zypper in -y x\n");
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
