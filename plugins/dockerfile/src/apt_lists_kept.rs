use hullmark_sdk::prelude::*;

use crate::package_cache::seems_to_remove;
use crate::packages::{APT, Call};

rule! {
    /// The lists of packages that apt has fetched stay in the image.
    ///
    /// ## What it checks
    ///
    /// `apt-get update`, `apt update` and `aptitude update` in a `RUN` where no later command removes `/var/lib/apt/lists`. Lists
    /// in a mount and stages whose files are only copied to others are accepted; so is a step that removes what a variable names,
    /// or that is not understood to its end.
    ///
    /// ## Why it matters
    ///
    /// The lists are of no use in the image: they make it larger, by tens of megabytes, and are out of date soon. Only the step
    /// that made them can remove them, for a later one leaves them in the layer below. `apt-get clean` does not touch them.
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
    /// RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
    /// RUN --mount=type=cache,target=/var/lib/apt/lists apt-get update && apt-get install -y curl
    /// ```
    ///
    /// ## How to fix
    ///
    /// End the step with `rm -rf /var/lib/apt/lists/*`, or give it a cache mount.
    ///
    /// ## Other tools
    ///
    /// For hadolint any `rm -rf` in the step is enough, before the update too, while `rm -r /var/lib/apt/lists` and `find` are not;
    /// nor is a mount at `/var/lib/apt` unless `/var/cache/apt` is mounted as well.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#apt-get>
    level: Note,
    precision: High,
    tags: &["size"],
    aliases: &["DL3009"],
    references: &["https://docs.docker.com/build/building/best-practices/#apt-get"],
    checks: &[Command(command)],
}

const REMOVAL: &str = "rm -rf /var/lib/apt/lists/*";

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &APT) else { return };
    if !call.keeps_cache(false) {
        return;
    }
    let finding = report.finding(call.word, format!("`{}` leaves its lists of packages in the image", call.title()));
    let seems_removed = command.instruction().commands().any(|other| seems_to_remove(&other, "/var/lib/apt/lists/*"));
    if !call.is_plain() || seems_removed {
        finding.aliases(&[]);
    }
    if let Some(end) = call.end_of_step() {
        finding.fix(Fix::needs_review("remove the lists").insert_after(end, format!(" && {REMOVAL}")));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn removed_and_mounted_lists_are_accepted() {
        for run in [
            "apt-get update && apt-get install x && rm -rf /var/lib/apt/lists/*",
            "apt update; rm -r /var/lib/apt/lists",
            "apt-get update && sudo rm -rf '/var/lib/apt/lists/'*",
            "apt-get update && rm -rf /var/lib/{apt,dpkg,cache,log}/",
            "apt-get update && rm -rf /tmp/* /var/lib/apt/*",
            "apt-get update && cd /var/lib && rm -rf apt dpkg",
            "apt-get update && find /var/lib/apt/lists -type f -delete",
            "apt-get update && apt-get distclean",
            "apt-get update && rm -rf $TRASH",
            "apt-get update && bash -c 'rm -rf /var/lib/apt/lists/*'",
            "apt-get update && (apt-get update && a) && rm -rf /var/lib/apt/lists/*",
            "--mount=type=cache,target=/var/lib/apt apt-get update",
            "--mount=type=tmpfs,dst=/var/lib/apt/lists/ apt-get update",
            "--mount=type=cache,target=$LISTS apt-get update",
            "apt-get install update",
            "apt-get update && 'unclosed",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn lists_that_stay_are_flagged() {
        for run in [
            "apt-get update && apt-get install x && apt-get clean",
            "apt-get -qq update && rm -rf /tmp/*",
            "rm -rf /var/lib/apt/lists/* && apt-get update",
            "apt update && find / -name x -delete && rm -f *.deb",
            "--mount=type=cache,target=/var/cache/apt apt-get update",
            "sudo apt-get update",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), ["update"], "{run}");
        }
    }

    #[test]
    fn the_last_update_of_a_step_is_the_place() {
        let text = "FROM x\nRUN apt-get update && a && apt update\nONBUILD RUN aptitude update\n";
        assert_eq!(Trial::of(&RULE).found(&[("Dockerfile", text)]).len(), 2);
    }

    #[test]
    fn stages_that_end_in_no_image_are_passed_over() {
        let text = "FROM x AS a\nRUN apt-get update\nFROM y\nCOPY --from=a /x /y\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
        assert_eq!(dockerfile(&RULE, &text.replace("FROM y", "FROM a")), ["update"]);
    }

    #[test]
    fn the_fix_removes_them_at_the_end() {
        let fixed = |run: &str| Trial::of(&RULE).fixed("Dockerfile", &format!("FROM x\nRUN {run}\n"));
        assert_eq!(
            fixed("apt-get update \\\n && a \"$(b)\""),
            format!("FROM x\nRUN apt-get update \\\n && a \"$(b)\" && {REMOVAL}\n")
        );
        for run in ["apt-get update; if a; then b; fi", r#"["apt-get", "update"]"#, "<<E\napt-get update\nE"] {
            assert_eq!(fixed(run), format!("FROM x\nRUN {run}\n"));
        }
    }
}
