use hullmark_sdk::prelude::*;

use crate::repeated::repeated;

rule! {
    /// The stage has several `CMD` instructions, of which only the last one counts.
    ///
    /// ## What it checks
    ///
    /// Each `CMD` that another one follows in the same stage. A stage that is built from another one may replace its
    /// `CMD`, and a trigger of `ONBUILD` is not counted.
    ///
    /// ## Why it matters
    ///
    /// The earlier command never runs, although it reads as if it did: a second program does not start.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// CMD ["nginx", "-t"]
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1 AS base
    /// CMD ["nginx", "-t"]
    ///
    /// FROM base
    /// CMD ["nginx", "-g", "daemon off;"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove all `CMD` instructions of the stage but the last one.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy report the later instruction. BuildKit reports the earlier one, as this rule does: it is the
    /// one without effect.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#cmd>
    /// - <https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/>
    tags: &["correctness"],
    aliases: &["DL4003", "MultipleInstructionsDisallowed", "DS-0016"],
    references: &[
        "https://docs.docker.com/reference/dockerfile/#cmd",
        "https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/",
    ],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    repeated(stage, "CMD", report);
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
                "FROM a AS b\nCMD [\"nginx\", \"-t\"]\nFROM b\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n"
            ),
            [""; 0]
        );
    }

    #[test]
    fn a_trigger_belongs_to_another_build() {
        assert_eq!(
            dockerfile(&RULE, "FROM a\nONBUILD CMD [\"nginx\", \"-t\"]\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n"),
            [""; 0]
        );
    }

    #[test]
    fn all_but_the_last_one_are_flagged() {
        let text =
            "FROM a\ncmd [\"nginx\", \"-t\"]\nCMD [\"nginx\", \"-t\"]\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["cmd", "CMD"]);
    }
}
