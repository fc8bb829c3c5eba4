use hullmark_sdk::prelude::*;

use crate::packages::{APT, Call, ZYPPER};

rule! {
    /// The build upgrades the whole distribution of its base image.
    ///
    /// ## What it checks
    ///
    /// `apt-get dist-upgrade`, its other name `full-upgrade`, `zypper dist-upgrade` and `zypper dup` in `RUN`. On openSUSE Tumbleweed
    /// and Debian's `sid`, which are upgraded in no other way, nothing is said of a base image that is named so.
    ///
    /// ## Why it matters
    ///
    /// Such an upgrade may remove packages and take the image to another release than its tag says. Each build then gives another
    /// image, and every replaced file is in it twice: in the base image's layer and in the new one.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper --non-interactive dist-upgrade && zypper clean
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper --non-interactive patch && zypper clean
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take a newer base image. Where an upgrade between its releases is needed, use `apt-get upgrade` or `zypper patch`.
    ///
    /// ## Other tools
    ///
    /// hadolint knows `zypper` only, and flags it on Tumbleweed too. Trivy knows `apt-get` only, with an option before the action.
    ///
    /// ## References
    ///
    /// - <https://manpages.debian.org/stable/apt/apt-get.8.en.html>
    /// - <https://en.opensuse.org/SDB:System_upgrade>
    level: Note,
    precision: High,
    tags: &["reproducibility"],
    aliases: &["DL3035", "DS-0024"],
    references: &["https://manpages.debian.org/stable/apt/apt-get.8.en.html", "https://en.opensuse.org/SDB:System_upgrade"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &APT).or_else(|| Call::of(command, &ZYPPER)) else { return };
    if !call.does(&["dist-upgrade", "full-upgrade", "dup"]) || is_rolling(command) {
        return;
    }
    let finding = report.finding(call.word, format!("`{}` upgrades the whole distribution", call.title()));
    finding.aliases(match call.program {
        "zypper" if call.is_plain() => &["DL3035"],
        "apt-get" if call.action == "dist-upgrade" && call.command.word(1).is_some_and(Word::is_option) => &["DS-0024"],
        _ => &[],
    });
}

fn is_rolling(command: &Command) -> bool {
    let bases = command.stage().into_iter().flat_map(Stage::lineage).filter_map(Stage::base);
    bases.into_iter().any(|base| ["tumbleweed", "microos", ":sid", ":unstable"].iter().any(|name| base.contains(name)))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_upgrades_and_rolling_distributions_are_accepted() {
        for run in
            ["zypper -n update", "zypper in dup", "apt-get upgrade", "apt-get install dist-upgrade", "echo zypper dup"]
        {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
        let text =
            "FROM opensuse/tumbleweed AS a\nFROM a\nRUN zypper -n dup\nFROM debian:sid\nRUN apt-get dist-upgrade\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn every_name_is_known() {
        let text =
            "FROM x\nRUN zypper -n dup; zypper dist-upgrade && apt-get -y dist-upgrade && sudo apt full-upgrade\n";
        assert_eq!(dockerfile(&RULE, text), ["dup", "dist-upgrade", "dist-upgrade", "full-upgrade"]);
    }
}
