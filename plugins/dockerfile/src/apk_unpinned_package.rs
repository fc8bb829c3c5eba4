use hullmark_sdk::prelude::*;

use crate::packages::{APK, Call};

rule! {
    /// The package is named without a version, so each build may install another one.
    ///
    /// ## What it checks
    ///
    /// Packages that `apk add` in `RUN` names without a version or a bound for it (`curl=8.14.1-r2`, `curl~8.14`, `curl<9`).
    /// Files are accepted: a word with a slash or with the ending `.apk`. So is a package that must not be there (`!curl`).
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
    /// FROM alpine:3.22
    /// RUN apk add --no-cache curl
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// RUN apk add --no-cache curl~8.14
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the version after `=`, or after `~` to let security updates in; `apk policy` tells it.
    ///
    /// ## Options
    ///
    /// - `variables` (default: `false`): whether a word with a variable whose value the file does not tell is judged as it is
    ///   written (`$PACKAGES` has no version, `curl=$VERSION` has one); otherwise nothing is said of it.
    ///
    /// ## Other tools
    ///
    /// hadolint takes the value of `--root`, `--arch` and some other options for a package.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#version-pinning>
    level: Note,
    enabled: false,
    precision: High,
    tags: &["reproducibility"],
    aliases: &["DL3018"],
    references: &["https://docs.docker.com/build/building/best-practices/#version-pinning"],
    options: &[OptionSpec::flag(
        "variables",
        false,
        "whether a word with a variable whose value the file does not tell is judged as it is written",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &APK) else { return };
    for package in call.unpinned(report.options().flag("variables"), is_pinned) {
        let finding = report.finding(package, format!("`{}` is installed without a version", package.raw()));
        if !call.is_plain() {
            finding.aliases(&[]);
        }
    }
}

fn is_pinned(package: &str) -> bool {
    package.contains(['=', '~', '>', '<', '/']) || package.ends_with(".apk") || package.starts_with('!')
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn versions_and_files_are_accepted() {
        for run in [
            "apk add x=1",
            "apk add 'x>1' x~1 x~=1 'x<2'",
            "apk add -t .d x=1",
            "apk add --virtual=.d x=1",
            "apk --root /r add --arch x86 x@edge=1",
            "apk add x.apk ./x !y",
            "apk add $PACKAGES",
            "apk add",
            "apk del x",
            "apk add -t .d",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_package_is_flagged_on_its_own() {
        let text = "FROM x\nENV WITH=a=1\nRUN apk add --no-cache -t .d x=1 y \\\n z@edge $WITH\n";
        assert_eq!(dockerfile(&RULE, text), ["y", "z@edge"]);
    }

    #[test]
    fn unknown_words_are_judged_on_request() {
        let found = Trial::with(&RULE, r#"{"variables": true}"#).dockerfile("FROM x\nRUN apk add x=$V $X\n");
        assert_eq!(found, ["$X"]);
    }
}
