use hullmark_sdk::prelude::*;

use crate::words::with_blank;

rule! {
    /// `FROM --platform=$TARGETPLATFORM` says what holds without it.
    ///
    /// ## What it checks
    ///
    /// `--platform` with the variable `TARGETPLATFORM` alone, in whatever form, unless an `ARG` of the file sets it.
    ///
    /// ## Why it matters
    ///
    /// A stage is built for the target platform by default. The flag makes the reader look for a reason that is not there.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM --platform=$TARGETPLATFORM alpine:3.22
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM golang:1.25.3 AS build
    /// FROM alpine:3.22
    /// ```
    ///
    /// ## How to fix
    ///
    /// Drop the flag.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/redundant-target-platform/>
    level: Note,
    tags: &["style"],
    aliases: &["RedundantTargetPlatform", "DL3065"],
    references: &["https://docs.docker.com/reference/build-checks/redundant-target-platform/"],
    checks: &[Instruction("FROM", from)],
}

fn from(from: &Instruction, report: &mut Report) {
    let Some(flag) = from.flag("platform") else { return };
    let Some(value) = flag.value() else { return };
    let references: Vec<Reference> = from.references().filter(|reference| reference.node == flag).collect();
    let [reference] = &references[..] else { return };
    let span = reference.place.span;
    let is_whole = (span.end - span.start) as usize == value.len();
    // `${TARGETPLATFORM%/v7}` and the like make another platform of it.
    let changes = value.strip_prefix("${TARGETPLATFORM").is_some_and(|rest| rest.starts_with(['#', '%', '/']));
    // An ARG of that name would make it known, and then it is no longer the target.
    if reference.name != "TARGETPLATFORM" || reference.standing != Standing::Unknown || !is_whole || changes {
        return;
    }
    let finding = report.finding(flag, format!("`--platform={value}` is what holds without it"));
    if !matches!(value, "$TARGETPLATFORM" | "${TARGETPLATFORM}") {
        finding.aliases(&["RedundantTargetPlatform"]);
    }
    if let Some(place) = with_blank(flag) {
        finding.fix(Fix::safe("drop the flag").replace(place, ""));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn another_platform_is_not_redundant() {
        for text in [
            "FROM --platform=$BUILDPLATFORM a\n",
            "FROM --platform=linux/$TARGETARCH a\n",
            "FROM --platform=${TARGETPLATFORM}x a\n",
            "FROM --platform=${TARGETPLATFORM%/v7} a\n",
            "ARG TARGETPLATFORM=linux/amd64\nFROM --platform=$TARGETPLATFORM a\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn every_form_is_known_and_mended() {
        let text =
            "ARG TARGETPLATFORM\nFROM --platform=$TARGETPLATFORM a\nFROM --platform=${TARGETPLATFORM:-linux/amd64} b\n";
        let fixed = Trial::of(&RULE).fixed("Dockerfile", text);
        assert_eq!(fixed, "ARG TARGETPLATFORM\nFROM a\nFROM b\n");
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
