use hullmark_sdk::prelude::*;

use crate::repeated::repeated;

rule! {
    /// The stage has several `HEALTHCHECK` instructions, of which only the last one counts.
    ///
    /// ## What it checks
    ///
    /// Each `HEALTHCHECK` that another one follows in the same stage. A stage that is built from another one may replace its
    /// `HEALTHCHECK`, and a trigger of `ONBUILD` is not counted.
    ///
    /// ## Why it matters
    ///
    /// The earlier health check never runs, although it reads as if both had to succeed.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// HEALTHCHECK CMD ["/probe", "database"]
    /// HEALTHCHECK CMD ["/probe", "web"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1 AS base
    /// HEALTHCHECK CMD ["/probe", "database"]
    ///
    /// FROM base
    /// HEALTHCHECK CMD ["/probe", "web"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove all `HEALTHCHECK` instructions of the stage but the last one.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy report the later instruction. BuildKit reports the earlier one, as this rule does: it is the
    /// one without effect.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#healthcheck>
    /// - <https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/>
    tags: &["correctness"],
    aliases: &["DL3012", "MultipleInstructionsDisallowed", "DS-0023"],
    references: &[
        "https://docs.docker.com/reference/dockerfile/#healthcheck",
        "https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/",
    ],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    repeated(stage, "HEALTHCHECK", report);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn each_stage_may_have_one() {
        assert_eq!(
            dockerfile(
                &RULE,
                "FROM a AS b\nHEALTHCHECK CMD [\"/probe\", \"database\"]\nFROM b\nHEALTHCHECK CMD [\"/probe\", \"web\"]\n"
            ),
            [""; 0]
        );
    }

    #[test]
    fn a_trigger_belongs_to_another_build() {
        assert_eq!(
            dockerfile(
                &RULE,
                "FROM a\nONBUILD HEALTHCHECK CMD [\"/probe\", \"database\"]\nHEALTHCHECK CMD [\"/probe\", \"web\"]\n"
            ),
            [""; 0]
        );
    }

    #[test]
    fn all_but_the_last_one_are_flagged() {
        let text = "FROM a\nhealthcheck CMD [\"/probe\", \"database\"]\nHEALTHCHECK CMD [\"/probe\", \"database\"]\nHEALTHCHECK CMD [\"/probe\", \"web\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["healthcheck", "HEALTHCHECK"]);
    }
}
