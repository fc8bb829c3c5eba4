use hullmark_sdk::prelude::*;

use crate::probe::{is_of_job, is_subject, ports};

rule! {
    /// The container serves a port but has no liveness probe, so it is not restarted when it hangs.
    ///
    /// ## What it checks
    ///
    /// Main containers of pods that run until somebody stops them: those of Deployments, StatefulSets, DaemonSets,
    /// ReplicaSets, ReplicationControllers, Rollouts and DeploymentConfigs, and Pods that are always restarted. Jobs,
    /// CronJobs and Pods with another `restartPolicy` are tasks that end. Only containers that declare `ports` are looked at:
    /// of the others the manifest does not say what could be asked of them.
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
    ///           ports:
    ///             - containerPort: 8080
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
    ///           ports:
    ///             - containerPort: 8080
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
    /// `tasks`: whether containers of tasks that end, such as those of Jobs, are looked at too.
    ///
    /// `without-ports`: whether containers that declare no ports are looked at too.
    ///
    /// ## Other tools
    ///
    /// kube-linter, Polaris and Checkov also flag containers without ports and Pods that are not restarted, kube-linter
    /// containers of Jobs and CronJobs as well. kube-score asks for one probe in the whole pod, and only where a Service sends
    /// traffic to it. No other tool looks at sidecars.
    level: Note,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["no-liveness-probe", "pod-probes", "livenessProbeMissing", "CKV_K8S_8"],
    references: &["https://kubernetes.io/docs/concepts/workloads/pods/probes/"],
    options: &[
        OptionSpec::flag("sidecars", false, "Whether sidecars are looked at too."),
        OptionSpec::flag("tasks", false, "Whether containers of tasks that end are looked at too."),
        OptionSpec::flag("without-ports", false, "Whether containers that declare no ports are looked at too."),
    ],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    if !is_subject(container, report) || container.get("livenessProbe").is_some() {
        return;
    }
    if ports(container).next().is_none() && !report.options().flag("without-ports") {
        return;
    }
    let anchor = container.anchor(&["livenessProbe"]);
    let finding = report.finding(anchor, format!("{} has no liveness probe", container.title()));
    let is_main = container.role() == Role::Main;
    let is_of_job = is_of_job(container);
    // kube-score lets a missing liveness probe pass, or speaks of the readiness probe only.
    finding.aliases_if(&[
        ("no-liveness-probe", is_main),
        ("livenessProbeMissing", is_main && !is_of_job),
        ("CKV_K8S_8", is_main && !is_of_job),
    ]);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const PORTS: &str = "ports: [{containerPort: 80}]";

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n{spec}")
    }

    #[test]
    fn tasks_need_no_probe() {
        for policy in ["Never", "OnFailure"] {
            let spec = format!("  restartPolicy: {policy}\n  containers: [{{name: web, {PORTS}}}]\n");
            assert_eq!(manifest(&RULE, &pod(&spec)), [""; 0], "{policy}");
        }
        let job = format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: a}}\nspec:\n  template:\n    spec:\n      \
             restartPolicy: Never\n      containers: [{{name: migrate, {PORTS}}}]\n"
        );
        assert_eq!(manifest(&RULE, &job), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"tasks": true}"#).manifest(&job), ["migrate"]);
    }

    #[test]
    fn init_containers_cannot_have_probes_and_sidecars_are_not_asked() {
        let containers = format!("[{{name: first, {PORTS}}}, {{name: proxy, restartPolicy: Always, {PORTS}}}]");
        let spec = format!("  containers: []\n  initContainers: {containers}\n");
        assert_eq!(manifest(&RULE, &pod(&spec)), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"sidecars": true}"#).manifest(&pod(&spec)), ["proxy"]);
    }

    #[test]
    fn a_key_without_a_value_is_no_probe() {
        let spec = format!("  restartPolicy: Always\n  containers: [{{name: web, livenessProbe: , {PORTS}}}]\n");
        assert_eq!(manifest(&RULE, &pod(&spec)), ["livenessProbe"]);
    }

    #[test]
    fn each_container_answers_for_itself() {
        let probed = "{name: web, livenessProbe: {exec: {command: [alive]}}}";
        let spec = format!("  containers: [{probed}, {{name: log, {PORTS}}}, {{name: worker}}]\n");
        assert_eq!(manifest(&RULE, &pod(&spec)), ["log"]);
        assert_eq!(Trial::with(&RULE, r#"{"without-ports": true}"#).manifest(&pod(&spec)), ["log", "worker"]);
    }
}
