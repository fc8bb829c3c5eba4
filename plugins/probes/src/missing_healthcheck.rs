use hullmark_sdk::prelude::*;

rule! {
    /// The image says nothing about how to find out whether it works.
    ///
    /// ## What it checks
    ///
    /// The final stage of a Dockerfile and the stages that it is built from: one of them must have a `HEALTHCHECK`.
    /// `HEALTHCHECK NONE` is accepted, because somebody decided. So is a final stage from `scratch` that starts
    /// nothing: it only carries files.
    ///
    /// The rule is off by default. Kubernetes does not look at `HEALTHCHECK`, and the base image may bring one.
    ///
    /// ## Why it matters
    ///
    /// Docker and Compose take a container for healthy as long as its process exists. With a `HEALTHCHECK` they notice
    /// one that hangs, and `depends_on` can wait until a service answers.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM nginx:1.27
    /// COPY site /usr/share/nginx/html
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM nginx:1.27
    /// COPY site /usr/share/nginx/html
    /// HEALTHCHECK CMD ["curl", "--fail", "http://localhost/"]
    /// ```
    ///
    /// ```dockerfile
    /// FROM registry.example/batch:2.0
    /// HEALTHCHECK NONE
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add a `HEALTHCHECK` to the final stage, or `HEALTHCHECK NONE` where the image runs only under Kubernetes.
    ///
    /// ## Options
    ///
    /// - `stages` (default: `final`): which stages are looked at: `all`, those that the final stage needs (`shipped`), or only the
    ///   last one (`final`). With the others than `final`, a stage is fine if one that it is built from, or that is built from it,
    ///   has a `HEALTHCHECK`; a trigger of `ONBUILD` does not count, and a stage from `scratch` needs one too.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov accept a `HEALTHCHECK` in any stage, even one that is not shipped. hadolint looks at all stages, as the
    /// option does, and takes two stages on the same image for one.
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["DL3057", "DS-0026", "CKV_DOCKER_2"],
    references: &["https://docs.docker.com/reference/dockerfile/#healthcheck"],
    options: &[OptionSpec::choice(
        "stages",
        "final",
        &["all", "shipped", "final"],
        "which stages are looked at: `all`, those that the final stage needs (`shipped`), or only the last one (`final`)",
    )],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let Some(file) = stage.from().node().document().dockerfile().filter(|_| !stage.is_implied()) else { return };
    let is_fine = if report.options().text("stages") == "final" {
        stage.lineage().any(|stage| has_healthcheck(&stage)) || only_carries_files(stage)
    } else {
        let root = |stage: Stage| stage.lineage().last().map(Stage::index);
        file.stages().any(|other| root(other) == root(*stage) && writes_healthcheck(&other))
    };
    if is_fine {
        return;
    }
    let finding = report.finding(stage.place(), "the image has no `HEALTHCHECK`");
    let is_for_file = stage.is_final() && !file.stages().any(|stage| writes_healthcheck(&stage));
    finding.aliases_if(&[("DL3057", true), ("DS-0026", is_for_file), ("CKV_DOCKER_2", is_for_file)]);
}

fn writes_healthcheck(stage: &Stage) -> bool {
    stage.all("HEALTHCHECK").next().is_some()
}

/// A trigger counts: whoever wrote it thought of it.
fn has_healthcheck(stage: &Stage) -> bool {
    let triggered =
        |instruction: Instruction| instruction.trigger().is_some_and(|trigger| trigger.name() == "HEALTHCHECK");
    writes_healthcheck(stage) || stage.instructions().any(triggered)
}

fn only_carries_files(stage: &Stage) -> bool {
    let starts =
        |stage: Stage| stage.instructions().any(|instruction| matches!(instruction.name(), "CMD" | "ENTRYPOINT"));
    let root = stage.lineage().last();
    root.and_then(Stage::base) == Some("scratch") && !stage.lineage().any(starts)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_healthcheck_of_the_image_is_enough() {
        for text in [
            "FROM nginx\nHEALTHCHECK CMD curl localhost\n",
            "FROM nginx\nHEALTHCHECK NONE\n",
            "FROM nginx AS base\nHEALTHCHECK CMD curl localhost\nFROM base\nRUN true\n",
            "FROM nginx\nONBUILD HEALTHCHECK CMD curl localhost\n",
            "FROM scratch\nCOPY out /\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_healthcheck_of_another_stage_is_not_shipped() {
        let text = "FROM nginx AS test\nHEALTHCHECK CMD curl localhost\nFROM debian:12\nCMD [\"web\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["debian:12"]);
    }

    #[test]
    fn every_stage_may_have_to_be_fine() {
        let trial = Trial::with(&RULE, r#"{"stages": "all"}"#);
        let text = "FROM a AS one\nFROM one AS two\nHEALTHCHECK NONE\nFROM one AS three\nFROM scratch\nONBUILD HEALTHCHECK NONE\n";
        assert_eq!(trial.dockerfile(text), ["scratch"]);
    }

    #[test]
    fn what_starts_something_is_flagged_even_from_scratch() {
        assert_eq!(dockerfile(&RULE, "FROM scratch\nCMD [\"/web\"]\n"), ["scratch"]);
    }
}
