use hullmark_sdk::prelude::*;

use crate::packages::{Call, YUM};

rule! {
    /// The cache of yum stays in the image.
    ///
    /// ## What it checks
    ///
    /// `yum` with an action that fetches lists or packages (`install`, `update`, `makecache` …) in a `RUN` where no later
    /// `yum clean` or `rm` empties its cache.
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
    /// FROM rockylinux:9.3
    /// RUN yum install -y httpd
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM rockylinux:9.3
    /// RUN yum install -y httpd && yum clean all
    /// RUN --mount=type=cache,target=/var/cache/yum yum install -y httpd
    /// ```
    ///
    /// ## How to fix
    ///
    /// End the step with `yum clean all`, or give it a cache mount.
    ///
    /// ## Options
    ///
    /// - `builders` (default: `false`): whether stages that end in no image are looked at too, those that others only copy from.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy look at `yum install` only, in every stage and whatever is mounted. Any `rm -rf` is enough for
    /// hadolint, and so is a `yum clean` that another `yum install` follows.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#run>
    /// - <https://man7.org/linux/man-pages/man8/yum.8.html>
    level: Note,
    precision: High,
    tags: &["size"],
    aliases: &["DL3032", "DS-0015"],
    references: &["https://docs.docker.com/build/building/best-practices/#run", "https://man7.org/linux/man-pages/man8/yum.8.html"],
    options: &[OptionSpec::flag(
        "builders",
        false,
        "whether stages that end in no image are looked at too, those that others only copy from",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &YUM) else { return };
    if !call.keeps_cache(report.options().flag("builders")) {
        return;
    }
    let finding = report.finding(call.word, format!("`{}` leaves its cache in the image", call.title()));
    finding.aliases(match call.is_beside(&["install"], true) {
        true if !call.seems_emptied(&["install"], "/var/cache/yum/*") => &["DL3032", "DS-0015"],
        _ if call.is_beside(&["install"], false) => &["DS-0015"],
        _ => &[],
    });
    if let Some(end) = call.end_of_step() {
        finding.fix(Fix::needs_review("empty the cache").insert_after(end, " && yum clean all"));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn an_emptied_or_mounted_cache_is_accepted() {
        for run in [
            "yum install -y x && yum clean all",
            "yum -y update; yum -q clean metadata",
            "yum install -y x && dnf clean all",
            "yum install -y x && rm -rf /var/cache/yum/*",
            "yum install -y x; rm -fr /var/cache/yum",
            "yum install -y x && rm -r /var/cache/*",
            "yum install -y x && cd /var/cache && rm -rf *",
            "yum install -y x && rm -rf $TRASH",
            "--mount=type=cache,target=/var/cache/yum yum install -y x",
            "--mount=type=tmpfs,dst=/var/cache/ yum install -y x",
            "yum remove -y x",
            "yum repolist",
            "yum install -y x && 'unclosed",
            "if a; then yum install -y x; else yum install -y y; fi; yum clean all",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn a_cache_that_stays_is_flagged() {
        for run in [
            "yum install -y x",
            "yum clean all && yum install -y x",
            "yum install -y x && yum clean all && yum install -y y",
            "yum install -y x && rm -rf /tmp/* ./y",
            "--mount=type=bind,target=/var/cache/yum yum install -y x",
            "sudo yum install x",
            "yum install -y x && microdnf clean all",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), ["install"], "{run}");
        }
    }

    #[test]
    fn builders_are_looked_at_on_request() {
        let text = "FROM x AS a\nRUN yum install -y x\nFROM y\nCOPY --from=a /x /y\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"builders": true}"#).dockerfile(text), ["install"]);
        assert_eq!(dockerfile(&RULE, &text.replace("FROM y", "FROM a")), ["install"]);
    }

    #[test]
    fn the_fix_empties_the_cache() {
        let fixed = |run: &str| Trial::of(&RULE).fixed("Dockerfile", &format!("FROM x\nRUN {run}\n"));
        assert_eq!(fixed("yum install -y x \\\n && y"), "FROM x\nRUN yum install -y x \\\n && y && yum clean all\n");
        assert_eq!(fixed("if a; then yum install -y x; fi"), "FROM x\nRUN if a; then yum install -y x; fi\n");
    }
}
