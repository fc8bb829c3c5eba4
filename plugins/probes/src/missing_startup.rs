use hullmark_sdk::prelude::*;

use crate::probe::is_subject;

rule! {
    /// The container has a liveness probe but no startup probe, so a slow start may end in a restart.
    ///
    /// ## What it checks
    ///
    /// Main containers with a `livenessProbe` in pods that run until somebody stops them: those of Deployments,
    /// StatefulSets, DaemonSets, ReplicaSets, ReplicationControllers, Rollouts and DeploymentConfigs, and Pods that are
    /// always restarted. A container without a liveness probe has nothing that a startup probe could hold back.
    ///
    /// The rule is off by default: a container that starts quickly needs no startup probe.
    ///
    /// ## Why it matters
    ///
    /// Until a startup probe succeeds, Kubernetes runs no other probe. Without one the liveness probe must be lenient
    /// enough for the slowest start, by a long `initialDelaySeconds` or a high `failureThreshold`, and is then late to
    /// find a container that hangs.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    ///       livenessProbe:
    ///         initialDelaySeconds: 120
    ///         httpGet:
    ///           path: /alive
    ///           port: 8080
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    ///       startupProbe:
    ///         failureThreshold: 60
    ///         periodSeconds: 2
    ///         httpGet:
    ///           path: /alive
    ///           port: 8080
    ///       livenessProbe:
    ///         httpGet:
    ///           path: /alive
    ///           port: 8080
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add a `startupProbe` whose `failureThreshold` times `periodSeconds` covers the slowest start, and drop the
    /// liveness probe's `initialDelaySeconds`.
    ///
    /// ## Options
    ///
    /// `sidecars`: whether sidecars (init containers with `restartPolicy: Always`) are looked at too.
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    references: &["https://kubernetes.io/docs/concepts/workloads/pods/probes/"],
    options: &[OptionSpec::flag("sidecars", false, "Whether sidecars are looked at too.")],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    let Some(liveness) = container.get("livenessProbe") else { return };
    if !is_subject(container, report) || container.get("startupProbe").is_some() {
        return;
    }
    let message = format!("{} has a liveness probe but no startup probe", container.title());
    report.finding(liveness.key_place(), message);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(container: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers: [{container}]\n")
    }

    #[test]
    fn without_a_liveness_probe_there_is_nothing_to_hold_back() {
        for container in ["{name: web}", "{name: web, readinessProbe: {grpc: {port: 1}}}"] {
            assert_eq!(manifest(&RULE, &pod(container)), [""; 0], "{container}");
        }
    }

    #[test]
    fn the_liveness_probe_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("{name: web, livenessProbe: {grpc: {port: 1}}}")), ["livenessProbe"]);
    }
}
