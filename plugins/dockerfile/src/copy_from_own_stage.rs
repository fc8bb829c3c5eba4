use hullmark_sdk::prelude::*;

use crate::stage_sources::sources;

rule! {
    /// A stage takes files from itself, or from a stage that is built from it.
    ///
    /// ## What it checks
    ///
    /// `COPY --from` and `RUN --mount=from`, by name and by number.
    ///
    /// ## Why it matters
    ///
    /// The build fails: `circular dependency detected on stage`.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3 AS build
    /// COPY --from=build /go/bin/app /app
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3 AS build
    /// FROM alpine:3.22
    /// COPY --from=build /go/bin/app /app
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the stage that holds the files, or copy with `RUN cp` inside the stage.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy look at names after `COPY --from` only, and hadolint at those in the case of the stage's.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/multi-stage/>
    level: Error,
    tags: &["correctness"],
    aliases: &["DL3023", "DS-0006"],
    references: &["https://docs.docker.com/build/building/multi-stage/"],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let Some(file) = stage.from().node().document().dockerfile().filter(|_| !stage.is_implied()) else { return };
    for instruction in stage.instructions() {
        for source in sources(&instruction) {
            let Some(other) = source.stage(file) else { continue };
            let is_own = other.index() == stage.index();
            if !is_own && !other.lineage().any(|ancestor| ancestor.index() == stage.index()) {
                continue;
            }
            let name = source.name;
            let message = match is_own {
                true => format!("`{name}` is the stage that it is used in"),
                false => format!("stage `{name}` is built from the stage that it is used in"),
            };
            let finding = report.finding(source.place, message);
            finding.related(other.place(), "the stage");
            let is_named = is_own && source.is_copy && source.number().is_none();
            finding.aliases_if(&[("DL3023", is_named && source.is_name_of(other)), ("DS-0006", is_named)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_stages_and_images_are_fine() {
        let text = "FROM a AS one\nFROM b AS two\nCOPY --from=one /x /\nCOPY --from=0 /x /\nCOPY --from=two:1 /x /\n\
            RUN --mount=from=one,target=/x ls\nCOPY two /\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn of_two_stages_with_one_name_the_last_is_meant() {
        assert_eq!(dockerfile(&RULE, "FROM a AS one\nCOPY --from=one /x /\nFROM b AS one\n"), [""; 0]);
    }

    #[test]
    fn names_numbers_and_mounts_are_seen() {
        let text = "FROM a AS One\nCOPY --chown=1 --from=one /x /\nCOPY --from=0 /x /\nRUN --mount=type=bind,from=ONE,target=/x ls\n";
        assert_eq!(dockerfile(&RULE, text), ["one", "0", "ONE"]);
    }

    #[test]
    fn a_circle_of_two_is_seen() {
        assert_eq!(dockerfile(&RULE, "FROM a AS one\nCOPY --from=two /x /\nFROM one AS two\n"), ["two"]);
    }
}
