use hullmark_sdk::prelude::*;

use crate::packages::{APT, Call};

rule! {
    /// The package is named without a version, so each build may install another one.
    ///
    /// ## What it checks
    ///
    /// Packages that `apt-get install` or `apt install` in `RUN` names without a version (`curl=8.14.1-2`) and without a release
    /// (`curl/trixie`). Files are accepted: a word with a slash or with the ending `.deb`. So is a package that is removed
    /// (`curl-`).
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
    /// FROM debian:13.1
    /// RUN apt-get update && apt-get install -y curl
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN apt-get update && apt-get install -y curl=8.14.1-2
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the version after `=`; `apt-cache policy` tells it. A pattern such as `curl=8.14.*` lets security updates in. Where
    /// whole systems must be repeatable, take packages from a snapshot of the archive instead.
    ///
    /// ## Options
    ///
    /// - `variables` (default: `false`): whether a word with a variable whose value the file does not tell is judged as it is
    ///   written (`$PACKAGES` has no version, `curl=$VERSION` has one); otherwise nothing is said of it.
    ///
    /// ## Other tools
    ///
    /// hadolint looks at `apt-get` only, and takes the value of `-c` and of `--default-release` for a package.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#version-pinning>
    level: Note,
    enabled: false,
    precision: High,
    tags: &["reproducibility"],
    aliases: &["DL3008"],
    references: &["https://docs.docker.com/build/building/best-practices/#version-pinning"],
    options: &[OptionSpec::flag(
        "variables",
        false,
        "whether a word with a variable whose value the file does not tell is judged as it is written",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &APT) else { return };
    for package in call.unpinned(report.options().flag("variables"), is_pinned) {
        let finding = report.finding(package, format!("`{}` is installed without a version", package.raw()));
        if !(call.is_plain() && call.program == "apt-get") {
            finding.aliases(&[]);
        }
    }
}

fn is_pinned(package: &str) -> bool {
    package.contains(['=', '/']) || package.ends_with(".deb") || package.ends_with('-')
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn versions_and_files_are_accepted() {
        for run in [
            "apt-get install x=1",
            "apt-get install -t stable x=1",
            "apt-get -o a=b install 'x=1'",
            "apt-get install ./x.deb x/stable /tmp/y",
            "apt-get install x.deb",
            "apt-get install x=$V $PACKAGES \"$Y\" $(cat list)",
            "apt-get install -y",
            "apt-get install x- y=*",
            "apt-get remove x",
            "apt-get update x",
            "echo apt-get install x",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_package_is_flagged_on_its_own() {
        let text = "FROM x\nENV WITH=a=1\nRUN apt-get install -y x=1 y \\\n z && apt install -c f v $WITH w:amd64\n";
        assert_eq!(dockerfile(&RULE, text), ["y", "z", "v", "w:amd64"]);
    }

    #[test]
    fn unknown_words_are_judged_on_request() {
        let found = Trial::with(&RULE, r#"{"variables": true}"#)
            .dockerfile("FROM x\nRUN apt-get install x=$V $X \"$Y\" $(cat z)\n");
        assert_eq!(found, ["$X", "\"$Y\"", "$(cat z)"]);
    }
}
