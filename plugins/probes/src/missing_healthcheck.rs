use std::collections::HashMap;

use hullmark_sdk::prelude::*;

use crate::probe::PROBES;

rule! {
    /// The image says nothing about how to find out whether it works.
    ///
    /// ## What it checks
    ///
    /// The final stage of a Dockerfile and the stages that it is built from: one of them must have a `HEALTHCHECK`.
    /// `HEALTHCHECK NONE` is accepted, because somebody decided. So is a final stage from `scratch` that starts
    /// nothing: it only carries files. An image that only containers with a probe run is accepted too, where the
    /// repository holds the manifest: Kubernetes asks the probe. Image and Dockerfile belong together where the last part
    /// of the image's repository is the Dockerfile's folder or suffix.
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
    /// - `heed-probes` (default: `true`): whether probes of the containers that run the image are enough.
    /// - `images` (default: none): repositories of images with the paths of the Dockerfiles that build them, where names do not
    ///   tell: `{ghcr.io/acme/web: docker/Dockerfile}`.
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
    options: &[
        OptionSpec::choice(
            "stages",
            "final",
            &["all", "shipped", "final"],
            "which stages are looked at: `all`, those that the final stage needs (`shipped`), or only the last one (`final`)",
        ),
        OptionSpec::flag("heed-probes", true, "whether probes of the containers that run the image are enough"),
        OptionSpec::IMAGES,
    ],
    checks: &[Dockerfiles(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let probed = if report.options().flag("heed-probes") { probed(project, report) } else { HashMap::new() };
    for file in project.dockerfiles() {
        if probed.get(&file.document().id()) == Some(&true) {
            continue;
        }
        for stage in file.chosen_stages(report.options()) {
            check(file, &stage, report);
        }
    }
}

/// Dockerfiles whose image some container of the project runs, and whether all that go on running have a probe.
fn probed(project: &Project, report: &Report) -> HashMap<u32, bool> {
    let mut probed = HashMap::new();
    for build in project.builds(report.options()).filter(|build| build.container.is_long_running()) {
        let has_probe = PROBES.iter().any(|probe| build.container.get(probe).is_some());
        *probed.entry(build.dockerfile.document().id()).or_insert(true) &= has_probe;
    }
    probed
}

fn check(file: Dockerfile, stage: &Stage, report: &mut Report) {
    if stage.is_implied() {
        return;
    }
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
    fn probes_of_the_containers_that_run_the_image_are_enough() {
        let pod = |container: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec: {{containers: [{{image: acme/web, {container}}}]}}\n"
            )
        };
        let probe = pod("livenessProbe: {tcpSocket: {port: 80}}");
        let files = [("web/Dockerfile", "FROM nginx\n"), ("pod.yaml", &probe)];
        assert_eq!(project(&RULE, &files), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"heed-probes": false}"#).project(&files), ["nginx"]);
        assert_eq!(project(&RULE, &[files[0], files[1], ("other.yaml", &pod("name: b"))]), ["nginx"]);
    }

    #[test]
    fn what_starts_something_is_flagged_even_from_scratch() {
        assert_eq!(dockerfile(&RULE, "FROM scratch\nCMD [\"/web\"]\n"), ["scratch"]);
    }
}
