use hullmark_sdk::prelude::*;

use crate::packages::{Call, DNF};

rule! {
    /// The command asks for a confirmation that nobody can give during a build.
    ///
    /// ## What it checks
    ///
    /// Commands of `RUN` that are `dnf`, `dnf5`, `microdnf` or `tdnf` with an action that asks (`install`, `upgrade`, `remove` …)
    /// and without `-y`, `--assumeyes`, or an answer from a pipe. Where a variable may hold the option, or the Dockerfile
    /// writes `assumeyes` anywhere, nothing is said.
    ///
    /// ## Why it matters
    ///
    /// dnf shows what it is about to do and asks whether that is right. A build has no terminal, so the answer is no, and the build
    /// fails.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM fedora:43
    /// RUN dnf install httpd && dnf clean all
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM fedora:43
    /// RUN dnf install -y httpd && dnf clean all
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
    /// hadolint looks at `install`, `groupinstall` and `localinstall` of `dnf` and `microdnf` only.
    ///
    /// ## References
    ///
    /// - <https://dnf.readthedocs.io/en/latest/command_ref.html>
    level: Warning,
    precision: High,
    tags: &["reliability"],
    aliases: &["DL3038"],
    references: &["https://dnf.readthedocs.io/en/latest/command_ref.html"],
    options: &[OptionSpec::flag(
        "explicit",
        false,
        "whether the command itself must hold the option; variables, pipes and settings elsewhere are then no answer",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &DNF) else { return };
    if !call.waits(report.options().flag("explicit")) {
        return;
    }
    let finding = report.finding(call.word, format!("`{}` waits for a confirmation", call.title()));
    if !(is_known_elsewhere(&call)) {
        finding.aliases(&[]);
    }
    finding.fix(Fix::safe("add `-y`").insert_after(call.word, call.added("-y")));
}

fn is_known_elsewhere(call: &Call) -> bool {
    call.is_plain()
        && matches!(call.program, "dnf" | "microdnf")
        && call.does(&["install", "groupinstall", "localinstall"])
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn whatever_means_yes_is_accepted() {
        for run in [
            "dnf install -y x",
            "dnf -yq install x",
            "microdnf --assumeyes install x",
            "dnf install x -y",
            "dnf --assumeno upgrade",
            "dnf $OPTIONS install x",
            "dnf --setopt=assumeyes=1 install x",
            "yes | dnf install x",
            "echo assumeyes=1 >>/etc/dnf/dnf.conf && dnf install x",
            "dnf makecache",
            "dnf config-manager --set-enabled crb",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn an_answer_may_have_to_be_explicit() {
        let found = Trial::with(&RULE, r#"{"explicit": true}"#).dockerfile("FROM x\nRUN yes | dnf install x\n");
        assert_eq!(found, ["install"]);
    }

    #[test]
    fn every_action_that_asks_is_flagged() {
        let text = "FROM x\nRUN dnf -q install x && microdnf module enable y; sudo tdnf upgrade\n";
        assert_eq!(dockerfile(&RULE, text), ["install", "enable", "upgrade"]);
    }

    #[test]
    fn the_fix_adds_the_option() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN microdnf install x\n");
        assert_eq!(fixed, "FROM x\nRUN microdnf install -y x\n");
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
