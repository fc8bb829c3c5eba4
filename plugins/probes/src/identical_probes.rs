use hullmark_sdk::prelude::*;

use crate::probe::{Handler, patience};

rule! {
    /// Liveness and readiness probe are the same, so a container that is busy is restarted instead of being spared.
    ///
    /// ## What it checks
    ///
    /// Containers whose two probes do the same: the same path, port, host, scheme and headers of `httpGet`, the same
    /// port and host of `tcpSocket`, the same command of `exec`, the same port and service of `grpc`. Named ports are
    /// compared by their numbers, and fields that are not written by their defaults.
    ///
    /// Two probes that do the same are accepted when the liveness probe is the more patient one: when its
    /// `failureThreshold` times `periodSeconds` is larger. Kubernetes recommends that, because the pod is then taken
    /// out of service some time before it is restarted.
    ///
    /// ## Why it matters
    ///
    /// A readiness probe takes a container that cannot answer out of service until it can; a liveness probe restarts
    /// it. If both fail at once, the first never comes to bear: a container under heavy load is restarted, its load
    /// goes to the others, and they are next.
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
    ///       readinessProbe:
    ///         httpGet:
    ///           path: /health
    ///           port: 8080
    ///       livenessProbe:
    ///         httpGet:
    ///           path: /health
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
    ///       readinessProbe:
    ///         httpGet:
    ///           path: /health
    ///           port: 8080
    ///       livenessProbe:
    ///         failureThreshold: 10
    ///         httpGet:
    ///           path: /health
    ///           port: 8080
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the liveness probe a higher `failureThreshold`, or let it ask for less than the readiness probe does.
    /// Readiness may depend on other services, liveness should not.
    ///
    /// ## Other tools
    ///
    /// kube-score does not look at thresholds, host, scheme, headers and gRPC, and takes any two named ports for the
    /// same.
    level: Warning,
    tags: &["reliability"],
    precision: High,
    aliases: &["pod-probes-identical"],
    references: &["https://kubernetes.io/docs/concepts/workloads/pods/probes/"],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    let (Some(liveness), Some(readiness)) = (container.get("livenessProbe"), container.get("readinessProbe")) else {
        return;
    };
    let (Some(one), Some(other)) = (Handler::of(liveness, container), Handler::of(readiness, container)) else {
        return;
    };
    let (Some(until_restart), Some(until_spared)) = (patience(liveness), patience(readiness)) else { return };
    if one != other || until_restart > until_spared {
        return;
    }
    let message = format!("{} is restarted by the very probe that decides whether it gets traffic", container.title());
    let finding = report.finding(liveness.key_place(), message);
    finding.related(readiness.key_place(), "the readiness probe, which does the same");
    if matches!(one, Handler::Grpc { .. }) || !are_written_alike(liveness, readiness) {
        finding.aliases(&[]);
    }
}

/// Whether kube-score, which knows neither defaults nor the numbers of named ports, sees that they do the same.
fn are_written_alike(one: Node, other: Node) -> bool {
    let paths: [&[&str]; 3] = [&["httpGet", "path"], &["httpGet", "port"], &["tcpSocket", "port"]];
    paths.into_iter().all(|path| one.at(path).and_then(Node::value) == other.at(path).and_then(Node::value))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn probes(liveness: &str, readiness: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      \
             ports: [{{name: http, containerPort: 80}}, {{name: admin, containerPort: 81}}]\n      \
             livenessProbe: {liveness}\n      readinessProbe: {readiness}\n"
        )
    }

    #[test]
    fn probes_that_differ_are_accepted() {
        for (liveness, readiness) in [
            ("{httpGet: {port: 80, path: /alive}}", "{httpGet: {port: 80, path: /ready}}"),
            ("{httpGet: {port: http}}", "{httpGet: {port: admin}}"),
            ("{httpGet: {port: 80}}", "{httpGet: {port: 80, scheme: HTTPS}}"),
            ("{httpGet: {port: 80}}", "{httpGet: {port: 80, host: localhost}}"),
            ("{httpGet: {port: 80}}", "{httpGet: {port: 80, httpHeaders: [{name: Host, value: web}]}}"),
            ("{httpGet: {port: 80}}", "{tcpSocket: {port: 80}}"),
            ("{tcpSocket: {port: 80}}", "{tcpSocket: {port: 81}}"),
            ("{exec: {command: [check]}}", "{exec: {command: [check, --deep]}}"),
            ("{grpc: {port: 80}}", "{grpc: {port: 80, service: ready}}"),
        ] {
            assert_eq!(manifest(&RULE, &probes(liveness, readiness)), [""; 0], "{liveness}");
        }
    }

    #[test]
    fn a_more_patient_liveness_probe_is_accepted() {
        for liveness in ["{tcpSocket: {port: 80}, failureThreshold: 4}", "{tcpSocket: {port: 80}, periodSeconds: 11}"] {
            assert_eq!(manifest(&RULE, &probes(liveness, "{tcpSocket: {port: 80}}")), [""; 0], "{liveness}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        for probe in ["{}", "{httpGet: {}}", "{exec: {}}", "{httpGet: {port: [80]}}", "{exec: {command: [1]}}", "later"]
        {
            assert_eq!(manifest(&RULE, &probes(probe, probe)), [""; 0], "{probe}");
        }
    }

    #[test]
    fn probes_that_do_the_same_are_flagged_at_the_liveness_probe() {
        for (liveness, readiness) in [
            ("{httpGet: {port: http}}", "{httpGet: {port: 80, path: /, scheme: HTTP}}"),
            ("{httpGet: {port: other}}", "{httpGet: {port: other}}"),
            ("{tcpSocket: {port: 80}, initialDelaySeconds: 60}", "{tcpSocket: {port: 80}}"),
            ("{exec: {command: [check]}}", "{exec: {command: [check]}, failureThreshold: 0}"),
            ("{grpc: {port: 80}}", "{grpc: {port: 80, service: ''}}"),
            ("{tcpSocket: {port: 80}}", "{tcpSocket: {port: 80}, failureThreshold: 5}"),
        ] {
            assert_eq!(manifest(&RULE, &probes(liveness, readiness)), ["livenessProbe"], "{liveness}");
        }
    }
}
