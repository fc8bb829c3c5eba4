use hullmark_sdk::prelude::*;

use crate::probe::is_subject;

rule! {
    /// The container has no liveness probe, so it is not restarted when it hangs.
    ///
    /// ## What it checks
    ///
    /// Main containers of pods that run until somebody stops them: those of Deployments, StatefulSets, DaemonSets,
    /// ReplicaSets, ReplicationControllers, Rollouts and DeploymentConfigs, and Pods that are always restarted. Jobs,
    /// CronJobs and Pods with another `restartPolicy` are tasks that end.
    ///
    /// ## Why it matters
    ///
    /// Kubernetes restarts a container whose process ends. One that hangs (a deadlock, a lost connection that is never
    /// made anew) stays as it is until somebody looks, unless a liveness probe finds out.
    ///
    /// This is a note, not a warning: a process that ends by itself when it cannot go on needs no liveness probe, and a
    /// careless one does harm, because it restarts containers that are merely busy or that wait for another service.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: web
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: web
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example/web:1.4
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: web
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: web
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: registry.example/web:1.4
    ///           livenessProbe:
    ///             httpGet:
    ///               path: /alive
    ///               port: 8080
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add a `livenessProbe` that fails only when a restart would help. It should ask the process itself, and nothing
    /// that the process depends on.
    ///
    /// ## Options
    ///
    /// `sidecars`: whether sidecars (init containers with `restartPolicy: Always`) are looked at too.
    ///
    /// ## Other tools
    ///
    /// kube-linter also flags containers of Jobs and CronJobs. kube-score asks for one probe in the whole pod, and only
    /// where a Service sends traffic to it. No other tool looks at sidecars.
    level: Note,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["no-liveness-probe", "pod-probes", "livenessProbeMissing", "CKV_K8S_8"],
    references: &["https://kubernetes.io/docs/concepts/workloads/pods/probes/"],
    options: &[OptionSpec::flag("sidecars", false, "Whether sidecars are looked at too.")],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    if !is_subject(container, report) || container.get("livenessProbe").is_some() {
        return;
    }
    let anchor = container.anchor(&["livenessProbe"]);
    let finding = report.finding(anchor, format!("{} has no liveness probe", container.title()));
    if container.role() == Role::Main {
        // kube-score lets a missing liveness probe pass, or speaks of the readiness probe only.
        finding.aliases(&["no-liveness-probe", "livenessProbeMissing", "CKV_K8S_8"]);
    } else {
        finding.aliases(&[]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n{spec}")
    }

    #[test]
    fn tasks_need_no_probe() {
        for policy in ["Never", "OnFailure"] {
            let spec = format!("  restartPolicy: {policy}\n  containers: [{{name: web}}]\n");
            assert_eq!(manifest(&RULE, &pod(&spec)), [""; 0], "{policy}");
        }
        let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate}\nspec:\n  template:\n    spec:\n      \
                   restartPolicy: Never\n      containers: [{name: migrate}]\n";
        assert_eq!(manifest(&RULE, job), [""; 0]);
    }

    #[test]
    fn init_containers_cannot_have_probes_and_sidecars_are_not_asked() {
        let spec = "  containers: []\n  initContainers: [{name: first}, {name: proxy, restartPolicy: Always}]\n";
        assert_eq!(manifest(&RULE, &pod(spec)), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"sidecars": true}"#).manifest(&pod(spec)), ["proxy"]);
    }

    #[test]
    fn a_key_without_a_value_is_no_probe() {
        let spec = "  restartPolicy: Always\n  containers: [{name: web, livenessProbe: }]\n";
        assert_eq!(manifest(&RULE, &pod(spec)), ["livenessProbe"]);
    }

    #[test]
    fn each_container_answers_for_itself() {
        let spec = "  containers: [{name: web, livenessProbe: {exec: {command: [alive]}}}, {name: log}]\n";
        assert_eq!(manifest(&RULE, &pod(spec)), ["log"]);
    }
}
