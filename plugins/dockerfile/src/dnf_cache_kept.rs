use hullmark_sdk::prelude::*;

use crate::packages::{Call, DNF};

rule! {
    /// The cache of dnf stays in the image.
    ///
    /// ## What it checks
    ///
    /// `dnf`, `dnf5`, `microdnf` or `tdnf` with an action that fetches lists or packages (`install`, `upgrade`, `makecache` …) in a
    /// `RUN` where no later `clean` of the same program and no `rm` empties its cache.
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
    /// FROM fedora:43
    /// RUN dnf install -y httpd
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM fedora:43
    /// RUN dnf install -y httpd && dnf clean all
    /// RUN --mount=type=cache,target=/var/cache/libdnf5 dnf install -y httpd
    /// ```
    ///
    /// ## How to fix
    ///
    /// End the step with `dnf clean all`, or give it a cache mount.
    ///
    /// ## Options
    ///
    /// - `builders` (default: `false`): whether stages that end in no image are looked at too, those that others only copy from.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy look at `dnf` and `microdnf` only, in every stage. Of mounts, hadolint knows those of dnf 5. Any
    /// `rm -rf` is enough for it, and so is a `dnf clean` that another `dnf install` follows.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#run>
    /// - <https://dnf.readthedocs.io/en/latest/command_ref.html#clean-command-label>
    level: Note,
    precision: High,
    tags: &["size"],
    aliases: &["DL3040", "DS-0019", "DS-0027"],
    references: &["https://docs.docker.com/build/building/best-practices/#run", "https://dnf.readthedocs.io/en/latest/command_ref.html#clean-command-label"],
    options: &[OptionSpec::flag(
        "builders",
        false,
        "whether stages that end in no image are looked at too, those that others only copy from",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &DNF) else { return };
    if !call.keeps_cache(report.options().flag("builders")) {
        return;
    }
    let finding = report.finding(call.word, format!("`{}` leaves its cache in the image", call.title()));
    finding.aliases(aliases(&call));
    if let Some(end) = call.end_of_step() {
        finding.fix(Fix::needs_review("empty the cache").insert_after(end, format!(" && {} clean all", call.program)));
    }
}

fn aliases(call: &Call) -> &'static [&'static str] {
    const ACTIONS: [&str; 8] = ["install", "in", "reinstall", "rei", "upgrade", "up", "upgrade-minimal", "up-min"];
    let (installs, _) = ACTIONS.split_at(4);
    let is_seen = call.is_beside(&ACTIONS, true) && !call.seems_emptied(&ACTIONS, "/var/cache/libdnf5*");
    match (call.program, call.is_beside(installs, false)) {
        ("dnf", true) if is_seen => &["DL3040", "DS-0019"],
        ("dnf", true) => &["DS-0019"],
        ("microdnf", true) if is_seen => &["DL3040", "DS-0027"],
        ("microdnf", true) => &["DS-0027"],
        ("dnf" | "microdnf", false) if is_seen => &["DL3040"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn an_emptied_or_mounted_cache_is_accepted() {
        for run in [
            "dnf install -y x && dnf clean all",
            "dnf -y upgrade; dnf -q clean metadata",
            "dnf install -y x && yum clean all",
            "microdnf install -y x && microdnf clean all",
            "dnf install -y x && rm -rf /var/cache/libdnf5/*",
            "dnf install -y x; rm -fr /var/cache/libdnf5",
            "dnf install -y x && rm -r /var/cache/*",
            "dnf install -y x && cd /var/cache && rm -rf *",
            "dnf install -y x && rm -rf $TRASH",
            "--mount=type=cache,target=/var/cache/libdnf5 dnf install -y x",
            "--mount=type=cache,target=/var/cache/dnf dnf install -y x",
            "--mount=type=cache,target=/root/.cache/libdnf5 dnf install -y x",
            "dnf remove -y x",
            "dnf module enable -y x",
            "dnf install -y x && 'unclosed",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn a_cache_that_stays_is_flagged() {
        for run in [
            "dnf install -y x",
            "dnf clean all && microdnf install -y x",
            "dnf install -y x && dnf clean all && dnf install -y y",
            "dnf install -y x && rm -rf /tmp/* ./y",
            "tdnf install -y x",
            "dnf group install x",
            "microdnf install -y x && dnf clean all",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), ["install"], "{run}");
        }
    }

    #[test]
    fn builders_are_looked_at_on_request() {
        let text = "FROM x AS a\nRUN dnf install -y x\nFROM y\nCOPY --from=a /x /y\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"builders": true}"#).dockerfile(text), ["install"]);
        assert_eq!(dockerfile(&RULE, &text.replace("FROM y", "FROM a")), ["install"]);
    }

    #[test]
    fn the_fix_empties_the_cache() {
        let fixed = |run: &str| Trial::of(&RULE).fixed("Dockerfile", &format!("FROM x\nRUN {run}\n"));
        assert_eq!(fixed("microdnf install -y x"), "FROM x\nRUN microdnf install -y x && microdnf clean all\n");
        assert_eq!(fixed("if a; then dnf install -y x; fi"), "FROM x\nRUN if a; then dnf install -y x; fi\n");
    }
}
