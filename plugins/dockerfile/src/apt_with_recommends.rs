use hullmark_sdk::prelude::*;

use crate::packages::{APT, Call, writes};

rule! {
    /// apt also installs what the packages merely recommend.
    ///
    /// ## What it checks
    ///
    /// `apt-get install` and `apt install` in `RUN` without `--no-install-recommends` and without
    /// `-o APT::Install-Recommends=false`. Where a variable may hold the option, or the Dockerfile writes `Install-Recommends`
    /// anywhere, nothing is said.
    ///
    /// ## Why it matters
    ///
    /// Debian's packages recommend whatever most people want beside them: documentation, fonts, a mail server. In an image that is
    /// weight, and more programs to keep free of holes.
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
    /// RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `--no-install-recommends` after `install`, and name those recommended packages that the image does need, such as
    /// `ca-certificates` beside `curl`.
    ///
    /// ## Options
    ///
    /// - `explicit` (default: `false`): whether the command itself must hold the option; a variable that may hold it and settings
    ///   elsewhere in the file are then not enough.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy look at `apt-get` only, and do not know the other ways to set `APT::Install-Recommends`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#apt-get>
    /// - <https://manpages.debian.org/stable/apt/apt-get.8.en.html>
    level: Note,
    precision: High,
    tags: &["size", "security"],
    security_severity: Some("2.0"),
    aliases: &["DL3015", "DS-0029"],
    references: &["https://docs.docker.com/build/building/best-practices/#apt-get", "https://manpages.debian.org/stable/apt/apt-get.8.en.html"],
    options: &[OptionSpec::flag(
        "explicit",
        false,
        "whether the command itself must hold the option; a variable and settings elsewhere are then not enough",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &APT).filter(Call::is_install) else { return };
    let is_set = |text: &str| text.contains("Install-Recommends");
    if call.command.has_flag(&["--no-install-recommends"]) || call.command.words().any(turns_off) {
        return;
    }
    if !report.options().flag("explicit") && (call.is_hidden() || writes(command, is_set)) {
        return;
    }
    let message = format!("`{}` installs recommended packages as well", call.title());
    let finding = report.finding(call.word, message);
    finding.aliases(match call.program {
        "apt-get" if call.is_plain() => &["DL3015", "DS-0029"],
        "apt-get" => &["DS-0029"],
        _ => &[],
    });
    let option = call.added("--no-install-recommends");
    finding.fix(Fix::needs_review("leave out recommended packages").insert_after(call.word, option));
}

/// Whether a word is, or ends in, a setting that leaves out recommended packages.
fn turns_off(word: Word) -> bool {
    let setting = word.resolved().and_then(|text| text.rsplit_once("APT::Install-Recommends="));
    setting.is_some_and(|(_, value)| {
        matches!(value.to_ascii_lowercase().as_str(), "false" | "no" | "off" | "0" | "without")
    })
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn whatever_leaves_them_out_is_accepted() {
        for run in [
            "apt-get install -y --no-install-recommends x",
            "apt-get --no-install-recommends install x",
            "apt-get -o APT::Install-Recommends=false install x",
            "apt-get -oAPT::Install-Recommends=0 install x",
            "apt-get install --option 'APT::Install-Recommends=\"false\"' x && apt-get install $OPTIONS y",
            "echo 'APT::Install-Recommends \"0\";' >/etc/apt/apt.conf && apt-get install x",
            "apt-get update",
            "apt-cache install",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_command_is_asked() {
        let text = "FROM x\nRUN apt-get install -y a && sudo apt install --no-install-suggests \\\n b\n";
        assert_eq!(dockerfile(&RULE, text), ["install", "install"]);
    }

    #[test]
    fn the_option_may_have_to_be_explicit() {
        let text = "FROM x\nRUN apt-get $OPTIONS install x\nRUN echo Install-Recommends; apt-get install y\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"explicit": true}"#).dockerfile(text), ["install", "install"]);
    }

    #[test]
    fn the_fix_adds_the_option() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN apt-get -y install \\\n  y\n");
        assert_eq!(fixed, "FROM x\nRUN apt-get -y install --no-install-recommends \\\n  y\n");
    }
}
