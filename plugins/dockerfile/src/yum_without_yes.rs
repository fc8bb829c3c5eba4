use hullmark_sdk::prelude::*;

use crate::packages::{Call, YUM};

rule! {
    /// The command asks for a confirmation that nobody can give during a build.
    ///
    /// ## What it checks
    ///
    /// Commands of `RUN` that are `yum` with an action that asks (`install`, `groupinstall`, `update`, `remove` …) and without
    /// `-y`, `--assumeyes`, or an answer from a pipe. Where a variable may hold the option, or the Dockerfile writes
    /// `assumeyes` anywhere, nothing is said.
    ///
    /// ## Why it matters
    ///
    /// yum shows what it is about to do and asks whether that is right. A build has no terminal, so the answer is no, and the build
    /// fails.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM rockylinux:9.3
    /// RUN yum install httpd && yum clean all
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM rockylinux:9.3
    /// RUN yum install -y httpd && yum clean all
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
    /// hadolint looks at `install`, `groupinstall` and `localinstall` only.
    ///
    /// ## References
    ///
    /// - <https://man7.org/linux/man-pages/man8/yum.8.html>
    level: Warning,
    precision: High,
    tags: &["reliability"],
    aliases: &["DL3030"],
    references: &["https://man7.org/linux/man-pages/man8/yum.8.html"],
    options: &[OptionSpec::flag(
        "explicit",
        false,
        "whether the command itself must hold the option; variables, pipes and settings elsewhere are then no answer",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &YUM) else { return };
    if !call.waits(report.options().flag("explicit")) {
        return;
    }
    let finding = report.finding(call.word, format!("`{}` waits for a confirmation", call.title()));
    if !(call.is_plain() && call.does(&["install", "groupinstall", "localinstall"])) {
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
            "yum install -y x",
            "yum -yq install x",
            "yum --assumeyes install x",
            "yum install x -y",
            "yum --assumeno update",
            "yum $OPTIONS install x",
            "yum install $PACKAGES",
            "yum --setopt=assumeyes=1 install x",
            "yes | yum install x",
            "echo assumeyes=1 >>/etc/yum.conf && yum install x",
            "yum makecache",
            "yum clean all",
            "yum list installed",
            "yum-config-manager install",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn an_answer_may_have_to_be_explicit() {
        let found = Trial::with(&RULE, r#"{"explicit": true}"#).dockerfile("FROM x\nRUN yes | yum install x\n");
        assert_eq!(found, ["install"]);
    }

    #[test]
    fn every_action_that_asks_is_flagged() {
        let text = "FROM x\nRUN yum -q install x && yum group install y; sudo yum update\n";
        assert_eq!(dockerfile(&RULE, text), ["install", "install", "update"]);
    }

    #[test]
    fn the_fix_adds_the_option() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN yum groupinstall x\n");
        assert_eq!(fixed, "FROM x\nRUN yum groupinstall -y x\n");
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
