use hullmark_sdk::prelude::*;

use crate::probe::{PROBES, is_subject};

rule! {
    /// The image has a health check, which Kubernetes does not use, and the container has no probe.
    ///
    /// ## What it checks
    ///
    /// Containers without any probe, of pods that run until somebody stops them, of which a Dockerfile of the repository builds the
    /// image and has a `HEALTHCHECK`. Image and Dockerfile belong together where the last part of the image's repository is the
    /// Dockerfile's folder (`web/Dockerfile`) or suffix (`Dockerfile.web`), or where the option says so.
    ///
    /// ## Why it matters
    ///
    /// Kubernetes leaves `HEALTHCHECK` alone. Whoever wrote it knows how to ask the program whether it works, and may believe that
    /// somebody asks.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile web/Dockerfile
    /// FROM debian:12
    /// HEALTHCHECK CMD ["/web", "ping"]
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/acme/web:1.4
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile web/Dockerfile
    /// FROM debian:12
    /// HEALTHCHECK CMD ["/web", "ping"]
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/acme/web:1.4
    ///       readinessProbe:
    ///         exec:
    ///           command: [/web, ping]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the command of the `HEALTHCHECK` as an `exec` probe, or ask the program over the network.
    ///
    /// ## Options
    ///
    /// - `images` (default: none): repositories of images with the paths of the Dockerfiles that build them, where names do not
    ///   tell: `{ghcr.io/acme/web: docker/Dockerfile}`.
    /// - `sidecars` (default: `false`): whether sidecars are looked at too.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/pods/probes/>
    level: Note,
    tags: &["reliability"],
    precision: High,
    references: &["https://kubernetes.io/docs/concepts/workloads/pods/probes/"],
    options: &[OptionSpec::IMAGES, OptionSpec::flag("sidecars", false, "whether sidecars are looked at too")],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    for Build { container, dockerfile } in project.builds(report.options()) {
        let has_probe = PROBES.iter().any(|probe| container.get(probe).is_some());
        if has_probe || !is_subject(&container, report) {
            continue;
        }
        let Some(healthcheck) = healthcheck(dockerfile) else { continue };
        let message =
            format!("{} has no probe, and Kubernetes does not use the `HEALTHCHECK` of its image", container.title());
        report.finding(container.anchor(&["readinessProbe"]), message).related(healthcheck, "the check of the image");
    }
}

/// The one that holds in the end, unless it is NONE.
fn healthcheck(file: Dockerfile<'_>) -> Option<Place> {
    let last = file.final_stage()?.lineage().find_map(|stage| stage.all("HEALTHCHECK").next_back())?;
    // NONE has no command.
    last.arguments().next().map(|_| last.place())
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(dockerfile: &str, container: &str) -> Vec<String> {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec: {{containers: [{{name: web, {container}}}]}}\n"
        );
        project(&RULE, &[("web/Dockerfile", dockerfile), ("pod.yaml", &pod)])
    }

    const CHECKED: &str = "FROM a:1\nHEALTHCHECK CMD true\n";

    #[test]
    fn no_check_or_a_probe_is_fine() {
        assert_eq!(flagged("FROM a:1\n", "image: web"), [""; 0]);
        assert_eq!(flagged("FROM a:1\nHEALTHCHECK CMD true\nHEALTHCHECK none\n", "image: web"), [""; 0]);
        assert_eq!(flagged("FROM a:1 AS b\nHEALTHCHECK CMD true\nFROM c\n", "image: web"), [""; 0]);
        assert_eq!(flagged(CHECKED, "image: web, livenessProbe: {exec: {command: [a]}}"), [""; 0]);
        assert_eq!(flagged(CHECKED, "image: api"), [""; 0]);
    }

    #[test]
    fn the_container_is_flagged() {
        assert_eq!(flagged(CHECKED, "image: web"), ["web"]);
        assert_eq!(flagged("FROM a:1 AS b\nHEALTHCHECK CMD true\nFROM b\n", "image: acme/web:2"), ["web"]);
    }
}
