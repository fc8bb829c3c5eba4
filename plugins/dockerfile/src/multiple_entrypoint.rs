use hullmark_sdk::prelude::*;

use crate::repeated::repeated;

rule! {
    /// The stage has several `ENTRYPOINT` instructions, of which only the last one counts.
    ///
    /// ## What it checks
    ///
    /// Each `ENTRYPOINT` that another one follows in the same stage. A stage that is built from another one may replace its
    /// `ENTRYPOINT`, and a trigger of `ONBUILD` is not counted.
    ///
    /// ## Why it matters
    ///
    /// The earlier entry point never runs, although it reads as if it did: a second program does not start.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// ENTRYPOINT ["/setup"]
    /// ENTRYPOINT ["/start"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1 AS base
    /// ENTRYPOINT ["/setup"]
    ///
    /// FROM base
    /// ENTRYPOINT ["/start"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove all `ENTRYPOINT` instructions of the stage but the last one.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy report the later instruction. BuildKit reports the earlier one, as this rule does: it is the
    /// one without effect.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#entrypoint>
    /// - <https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/>
    tags: &["correctness"],
    aliases: &["DL4004", "MultipleInstructionsDisallowed", "DS-0007"],
    references: &[
        "https://docs.docker.com/reference/dockerfile/#entrypoint",
        "https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/",
    ],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    repeated(stage, "ENTRYPOINT", report);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn each_stage_may_have_one() {
        assert_eq!(
            dockerfile(&RULE, "FROM a AS b\nENTRYPOINT [\"/setup\"]\nFROM b\nENTRYPOINT [\"/start\"]\n"),
            [""; 0]
        );
    }

    #[test]
    fn a_trigger_belongs_to_another_build() {
        assert_eq!(dockerfile(&RULE, "FROM a\nONBUILD ENTRYPOINT [\"/setup\"]\nENTRYPOINT [\"/start\"]\n"), [""; 0]);
    }

    #[test]
    fn all_but_the_last_one_are_flagged() {
        let text = "FROM a\nentrypoint [\"/setup\"]\nENTRYPOINT [\"/setup\"]\nENTRYPOINT [\"/start\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["entrypoint", "ENTRYPOINT"]);
    }
}
