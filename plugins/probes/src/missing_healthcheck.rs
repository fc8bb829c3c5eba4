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
    /// ## Other tools
    ///
    /// Trivy and Checkov accept a `HEALTHCHECK` in any stage, even one that is not shipped. hadolint looks at every
    /// stage.
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["DL3057", "DS-0026", "CKV_DOCKER_2"],
    references: &["https://docs.docker.com/reference/dockerfile/#healthcheck"],
    checks: &[Dockerfile(image)],
}

fn image(file: &Dockerfile, report: &mut Report) {
    let Some(last) = file.final_stage() else { return };
    if last.lineage().any(|stage| has_healthcheck(&stage)) || only_carries_files(&last) {
        return;
    }
    let finding = report.finding(last.place(), "the image has no `HEALTHCHECK`");
    if file.stages().any(|stage| has_healthcheck(&stage)) {
        finding.aliases(&["DL3057"]);
    }
}

/// A trigger counts: whoever wrote it thought of it.
fn has_healthcheck(stage: &Stage) -> bool {
    stage.instructions().any(|instruction| {
        instruction.name() == "HEALTHCHECK"
            || instruction.trigger().is_some_and(|trigger| trigger.name() == "HEALTHCHECK")
    })
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
    fn what_starts_something_is_flagged_even_from_scratch() {
        assert_eq!(dockerfile(&RULE, "FROM scratch\nCMD [\"/web\"]\n"), ["scratch"]);
    }
}
