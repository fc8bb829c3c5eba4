use hullmark_sdk::prelude::*;

use crate::packages::{Call, ZYPPER};

rule! {
    /// The cache of zypper stays in the image.
    ///
    /// ## What it checks
    ///
    /// `zypper` with an action that fetches lists or packages (`install`, `update`, `refresh` …) in a `RUN` where no later
    /// `zypper clean` or `rm` empties its cache.
    /// Caches in a mount and stages whose files are only copied to others are accepted; so is a step that removes what a
    /// variable names, or that is not understood to its end.
    ///
    /// ## Why it matters
    ///
    /// Lists and packages in the cache are of no use in the image: they make it larger, by tens of megabytes, and the lists are
    /// out of date soon. Only the step that made them can remove them, for a later one leaves them in the layer below.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper install -y httpd
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM opensuse/leap:15.6
    /// RUN zypper install -y httpd && zypper clean --all
    /// RUN --mount=type=cache,target=/var/cache/zypp zypper install -y httpd
    /// ```
    ///
    /// ## How to fix
    ///
    /// End the step with `zypper clean --all`, or give it a cache mount.
    ///
    /// ## Options
    ///
    /// - `builders` (default: `false`): whether stages that end in no image are looked at too, those that others only copy from.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy look at `zypper install` only, in every stage, and do not know that `rm` empties the cache as well.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#run>
    /// - <https://manpages.opensuse.org/Tumbleweed/zypper/zypper.8.en.html>
    level: Note,
    precision: High,
    tags: &["size"],
    aliases: &["DL3036", "DS-0020"],
    references: &["https://docs.docker.com/build/building/best-practices/#run", "https://manpages.opensuse.org/Tumbleweed/zypper/zypper.8.en.html"],
    options: &[OptionSpec::flag(
        "builders",
        false,
        "whether stages that end in no image are looked at too, those that others only copy from",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &ZYPPER) else { return };
    if !call.keeps_cache(report.options().flag("builders")) {
        return;
    }
    let finding = report.finding(call.word, format!("`{}` leaves its cache in the image", call.title()));
    finding.aliases(match call.is_beside(&["install", "in"], false) {
        true if call.is_beside(&["install", "in"], true) => &["DL3036", "DS-0020"],
        true => &["DS-0020"],
        false => &[],
    });
    if let Some(end) = call.end_of_step() {
        finding.fix(Fix::needs_review("empty the cache").insert_after(end, " && zypper clean --all"));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn an_emptied_or_mounted_cache_is_accepted() {
        for run in [
            "zypper in -y x && zypper clean",
            "zypper -n up; zypper -n cc -a",
            "zypper install -y x && rm -rf /var/cache/zypp/*",
            "zypper install -y x; rm -fr /var/cache/zypp",
            "zypper install -y x && rm -r /var/cache/*",
            "zypper install -y x && cd /var/cache && rm -rf *",
            "zypper install -y x && rm -rf $TRASH",
            "--mount=type=cache,target=/var/cache/zypp zypper in -y x",
            "zypper rm -y x",
            "zypper addrepo x",
            "zypper in -y x && 'unclosed",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn a_cache_that_stays_is_flagged() {
        for run in [
            "zypper -n install x",
            "zypper clean && zypper -n install x",
            "zypper -n install x && zypper clean && zypper install y",
            "zypper install -y x && rm -rf /tmp/* ./y",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), ["install"], "{run}");
        }
    }

    #[test]
    fn builders_are_looked_at_on_request() {
        let text = "FROM x AS a\nRUN zypper install -y x\nFROM y\nCOPY --from=a /x /y\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"builders": true}"#).dockerfile(text), ["install"]);
        assert_eq!(dockerfile(&RULE, &text.replace("FROM y", "FROM a")), ["install"]);
    }

    #[test]
    fn the_fix_empties_the_cache() {
        let fixed = |run: &str| Trial::of(&RULE).fixed("Dockerfile", &format!("FROM x\nRUN {run}\n"));
        assert_eq!(fixed("zypper install -y x"), "FROM x\nRUN zypper install -y x && zypper clean --all\n");
        assert_eq!(fixed("if a; then zypper install -y x; fi"), "FROM x\nRUN if a; then zypper install -y x; fi\n");
    }
}
