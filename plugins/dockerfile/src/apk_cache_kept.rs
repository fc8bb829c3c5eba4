use hullmark_sdk::prelude::*;

use crate::packages::{APK, Call};

rule! {
    /// The index that apk fetches stays in the image.
    ///
    /// ## What it checks
    ///
    /// `apk add`, `apk update` and `apk upgrade` in `RUN` without `--no-cache`, where no later command of the step removes
    /// `/var/cache/apk`. A cache in a mount and stages whose files are only copied to others are accepted; so is a step that
    /// removes what a variable names, or that is not understood to its end.
    ///
    /// ## Why it matters
    ///
    /// The index is of no use in the image: it makes it larger and is out of date soon. Only the step that made it can remove it.
    /// With `--no-cache` apk fetches a fresh index and keeps nothing.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// RUN apk update && apk add curl
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// RUN apk add --no-cache curl
    /// RUN --mount=type=cache,target=/var/cache/apk apk add --update-cache curl
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `--no-cache` after the action, and drop `apk update`.
    ///
    /// ## Options
    ///
    /// - `builders` (default: `false`): whether stages that end in no image are looked at too, those that others only copy from.
    /// - `explicit` (default: `false`): whether the command itself must hold `--no-cache`; a variable that may hold it and a later
    ///   command that removes the cache are then not enough.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy look at `apk add` only, in every stage, and do not accept that the cache is removed. Of mounts, hadolint
    /// knows `/var/cache/apk` only, Trivy none.
    ///
    /// ## References
    ///
    /// - <https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper>
    level: Note,
    precision: High,
    tags: &["size"],
    aliases: &["DL3019", "DS-0025"],
    references: &["https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper"],
    options: &[
        OptionSpec::flag(
            "builders",
            false,
            "whether stages that end in no image are looked at too, those that others only copy from",
        ),
        OptionSpec::flag(
            "explicit",
            false,
            "whether the command itself must hold `--no-cache`; a variable and a later removal are then not enough",
        ),
    ],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let Some(call) = Call::of(command, &APK).filter(|call| !call.command.has_flag(&["--no-cache"])) else { return };
    let explicit = report.options().flag("explicit");
    if !call.fills_cache(report.options().flag("builders")) || !explicit && (call.is_hidden() || call.is_emptied()) {
        return;
    }
    let finding = report.finding(call.word, format!("`{}` leaves its index in the image", call.title()));
    finding.aliases(match call.is_install() {
        true if call.is_plain() => &["DL3019", "DS-0025"],
        true => &["DS-0025"],
        false => &[],
    });
    finding.fix(Fix::safe("add `--no-cache`").insert_after(call.word, call.added("--no-cache")));
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_cache_that_is_not_made_or_not_kept_is_accepted() {
        for run in [
            "apk add --no-cache x",
            "apk --no-cache add x && apk del x",
            "apk update && apk add x && rm -rf /var/cache/apk/*",
            "--mount=type=cache,target=/var/cache/apk apk add x",
            "--mount=type=cache,target=/etc/apk/cache apk add x",
            "apk $OPTIONS add x",
            "apk info x",
            "apk add x && 'unclosed",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_command_that_keeps_it_is_flagged() {
        let text = "FROM x\nRUN apk -U upgrade && sudo apk add -t .d \\\n x; apk update\nRUN rm -rf /var/cache/apk\n";
        assert_eq!(dockerfile(&RULE, text), ["upgrade", "add", "update"]);
    }

    #[test]
    fn the_option_may_have_to_be_explicit() {
        let text = "FROM x\nRUN apk add $X && rm -rf /var/cache/apk/*\n";
        assert_eq!(Trial::with(&RULE, r#"{"explicit": true}"#).dockerfile(text), ["add"]);
    }

    #[test]
    fn builders_are_looked_at_on_request() {
        let text = "FROM x AS a\nRUN apk add x\nFROM y\nCOPY --from=a /x /y\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"builders": true}"#).dockerfile(text), ["add"]);
    }

    #[test]
    fn the_fix_adds_the_option() {
        let fixed = |run: &str| Trial::of(&RULE).fixed("Dockerfile", &format!("FROM x\nRUN {run}\n"));
        assert_eq!(fixed("apk add \\\n x"), "FROM x\nRUN apk add --no-cache \\\n x\n");
        assert_eq!(fixed(r#"["apk", "add", "x"]"#), "FROM x\nRUN [\"apk\", \"add\", \"--no-cache\", \"x\"]\n");
    }
}
