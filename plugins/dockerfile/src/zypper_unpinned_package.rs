use hullmark_sdk::prelude::*;

use crate::packages::{Call, ZYPPER};

rule! {
    /// The package is named without a version, so each build may install another one.
    ///
    /// ## What it checks
    ///
    /// Packages that `zypper install` or `zypper in` in `RUN` names without a version or a bound for it (`curl=8.14.1`,
    /// `'curl>=8'`). Files are accepted: a word with a slash or with the ending `.rpm`. So are packages that are removed (`-curl`,
    /// `!curl`), and all that is no package (`-t pattern`).
    ///
    /// ## Why it matters
    ///
    /// The same Dockerfile gives another image when the distribution publishes an update: a build of last month cannot be
    /// repeated, and a fault that came with a package cannot be told from one of your own. On the other hand, most
    /// distributions drop old versions soon, and a build that asks for one then fails; therefore the rule is off by default.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper install -y curl && zypper clean
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper install -y curl=8.14.1 && zypper clean
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the version after `=`; `zypper info` tells it.
    ///
    /// ## Options
    ///
    /// - `variables` (default: `false`): whether a word with a variable whose value the file does not tell is judged as it is
    ///   written (`$PACKAGES` has no version, `curl=$VERSION` has one); otherwise nothing is said of it.
    ///
    /// ## Other tools
    ///
    /// hadolint takes the value of `--repo` and some other options for a package, and flags patterns and files without an
    /// ending.
    ///
    /// ## References
    ///
    /// - <https://manpages.opensuse.org/Tumbleweed/zypper/zypper.8.en.html>
    level: Note,
    enabled: false,
    precision: High,
    tags: &["reproducibility"],
    aliases: &["DL3037"],
    references: &["https://manpages.opensuse.org/Tumbleweed/zypper/zypper.8.en.html"],
    options: &[OptionSpec::flag(
        "variables",
        false,
        "whether a word with a variable whose value the file does not tell is judged as it is written",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &ZYPPER)
        .filter(|call| call.command.flag_value(&["-t", "--type"]).is_none_or(|kind| kind == "package"))
    else {
        return;
    };
    for package in call.unpinned(report.options().flag("variables"), is_pinned) {
        let finding = report.finding(package, format!("`{}` is installed without a version", package.raw()));
        if !call.is_plain() {
            finding.aliases(&[]);
        }
    }
}

fn is_pinned(package: &str) -> bool {
    package.contains(['=', '>', '<', '/']) || package.ends_with(".rpm") || package.starts_with(['-', '!'])
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn versions_and_files_are_accepted() {
        for run in [
            "zypper in x=1",
            "zypper in 'x>1' 'x = 1' 'x<=2'",
            "zypper in x.rpm ./x",
            "zypper -n in --from repo x=1",
            "zypper -R /r in -r repo x=1",
            "zypper in -t pattern devel_basis",
            "zypper in -- -x !y",
            "zypper in $PACKAGES",
            "zypper rm x",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_package_is_flagged_on_its_own() {
        let text = "FROM x\nENV WITH=a=1\nRUN zypper -n in x=1 y \\\n z && zypper install -t package v $WITH\n";
        assert_eq!(dockerfile(&RULE, text), ["y", "z", "v"]);
    }

    #[test]
    fn unknown_words_are_judged_on_request() {
        let found = Trial::with(&RULE, r#"{"variables": true}"#).dockerfile("FROM x\nRUN zypper in x=$V $X\n");
        assert_eq!(found, ["$X"]);
    }
}
