use hullmark_sdk::prelude::*;

use crate::packages::{Call, DNF};
use crate::rpm;

rule! {
    /// The package is named without a version, so each build may install another one.
    ///
    /// ## What it checks
    ///
    /// Packages that `install` of `dnf`, `dnf5`, `microdnf` or `tdnf` in `RUN` names without a version (`httpd-2.4.62`), and modules without a stream
    /// (`nodejs:22`). Files are accepted: a word with a slash or with the ending `.rpm`. Groups are passed over, for they have no
    /// version. A package whose name itself has a number behind a dash counts as pinned.
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
    /// FROM fedora:43
    /// RUN dnf install -y httpd && dnf clean all
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM fedora:43
    /// RUN dnf install -y httpd-2.4.62 && dnf clean all
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the version after a dash; `dnf list --showduplicates` tells it.
    ///
    /// ## Options
    ///
    /// - `variables` (default: `false`): whether a word with a variable whose value the file does not tell is judged as it is
    ///   written: `$PACKAGES` has no version, `httpd-$VERSION` has one where an `ARG` or `ENV` of the file declares the variable.
    ///   Otherwise nothing is said of it.
    ///
    /// ## Other tools
    ///
    /// hadolint takes the value of `--enablerepo` and some other options for a package, and wants a dash in the name of a
    /// file.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#version-pinning>
    level: Note,
    enabled: false,
    precision: High,
    tags: &["reproducibility"],
    aliases: &["DL3041"],
    references: &["https://docs.docker.com/build/building/best-practices/#version-pinning"],
    options: &[OptionSpec::flag(
        "variables",
        false,
        "whether a word with a variable whose value the file does not tell is judged as it is written",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &DNF) else { return };
    for package in rpm::unpinned(&call, report.options().flag("variables")) {
        let finding = report.finding(package, format!("`{}` is installed without a version", package.raw()));
        if !(call.is_plain() && call.action == "install" && matches!(call.program, "dnf" | "microdnf")) {
            finding.aliases(&[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn versions_and_files_are_accepted() {
        for run in [
            "dnf install x-1",
            "dnf install x-1.2-3.el9 y-1:2-3 z-1~rc1^2",
            "dnf install x-1.x86_64",
            "dnf install gcc-c++-4",
            "dnf install ./x.rpm https://example.com/x.rpm",
            "dnf install -y --enablerepo y x-1",
            "dnf install --nodocs --setopt=a=b x-1",
            "dnf install @tools",
            "dnf install $PACKAGES x-$V",
            "dnf module install x:1",
            "dnf group install x",
            "dnf remove x",
            "dnf module enable x",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_package_is_flagged_on_its_own() {
        let text = "FROM x\nRUN dnf install -y x-1 y \\\n z-devel x.x86_64 && dnf module install v\n";
        assert_eq!(dockerfile(&RULE, text), ["y", "z-devel", "x.x86_64", "v"]);
    }

    #[test]
    fn unknown_words_are_judged_on_request() {
        let found = Trial::with(&RULE, r#"{"variables": true}"#)
            .dockerfile("FROM x\nRUN dnf install x-$V $X\nARG V\nRUN dnf install x-$V x-${V}.el9 $V x-$VV\n");
        assert_eq!(found, ["x-$V", "$X", "$V", "x-$VV"]);
    }
}
