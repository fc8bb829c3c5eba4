use std::collections::BTreeSet;

use hullmark_sdk::prelude::*;

use crate::probe::{is_of_job, is_subject, ports};

rule! {
    /// The container serves a port but has no readiness probe, so it gets traffic before it can answer.
    ///
    /// ## What it checks
    ///
    /// Main containers of pods that run until somebody stops them: those of Deployments, StatefulSets, DaemonSets,
    /// ReplicaSets, ReplicationControllers, Rollouts and DeploymentConfigs, and Pods that are always restarted. Only
    /// containers that declare `ports` are looked at: the others serve nobody as far as the manifest says.
    ///
    /// ## Why it matters
    ///
    /// Without a readiness probe a container counts as ready the moment its process starts. A Service sends requests to
    /// it that it cannot answer yet, and a rollout goes on to stop old pods although the new ones may never work.
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
    ///           readinessProbe:
    ///             httpGet:
    ///               path: /ready
    ///               port: 8080
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add a `readinessProbe` that succeeds only while the container can answer requests.
    ///
    /// ## Options
    ///
    /// `pods`: `all`, or only those that are `selected` by a Service of the project in their namespace. By default `all`:
    /// the Service may stand elsewhere.
    ///
    /// `sidecars`: whether sidecars (init containers with `restartPolicy: Always`) are looked at too.
    ///
    /// `tasks`: whether containers of tasks that end, such as those of Jobs, are looked at too.
    ///
    /// `without-ports`: whether containers that declare no ports are looked at too. Declaring a port is not needed to
    /// serve it.
    ///
    /// ## Other tools
    ///
    /// kube-linter, Polaris and Checkov also flag containers without ports and Pods that are not restarted, kube-linter
    /// containers of Jobs and CronJobs as well. kube-score asks for one probe in the whole pod, init containers included,
    /// and only where a Service selects it. No other tool looks at sidecars.
    level: Warning,
    tags: &["reliability"],
    precision: High,
    aliases: &["no-readiness-probe", "pod-probes", "readinessProbeMissing", "CKV_K8S_9"],
    references: &[
        "https://kubernetes.io/docs/concepts/workloads/pods/probes/",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
    ],
    options: &[
        OptionSpec::choice("pods", "all", &["all", "selected"], "Which pods are looked at."),
        OptionSpec::flag("sidecars", false, "Whether sidecars are looked at too."),
        OptionSpec::flag("tasks", false, "Whether containers of tasks that end are looked at too."),
        OptionSpec::flag("without-ports", false, "Whether containers that declare no ports are looked at too."),
    ],
    checks: &[Pod(pod), Manifests(whole_project)],
}

fn pod(pod: &Pod, report: &mut Report) {
    if report.options().text("pods") == "all" {
        check_all(pod, report);
    }
}

fn whole_project(project: &Project, report: &mut Report) {
    if report.options().text("pods") == "selected" {
        for pod in selected(project).into_iter().filter_map(|index| project.load(project.pods().get(index as usize)?)) {
            check_all(&pod, report);
        }
    }
}

/// Pods that a Service of the project selects, as indexes into [`Project::pods`].
fn selected(project: &Project) -> BTreeSet<u32> {
    let services = project.objects(&["Service"]).into_iter();
    // Knative has a kind Service too.
    let selectors = services.filter(|service| service.group().is_empty());
    let selecting = selectors.filter_map(|service| Some((service.at(&["spec", "selector"])?, service.namespace())));
    selecting.flat_map(|(selector, namespace)| project.select_labels(selector, namespace)).collect()
}

fn check_all(pod: &Pod, report: &mut Report) {
    let has_one = pod.containers().any(|container| container.get("readinessProbe").is_some());
    for container in pod.containers() {
        check(&container, has_one, report);
    }
}

/// Looks at a container of a pod in which some container has a readiness probe, or none.
fn check(container: &Container, has_one: bool, report: &mut Report) {
    if !is_subject(container, report) || container.get("readinessProbe").is_some() {
        return;
    }
    if ports(container).next().is_none() && !report.options().flag("without-ports") {
        return;
    }
    let anchor = container.anchor(&["readinessProbe"]);
    let finding = report.finding(anchor, format!("{} has no readiness probe", container.title()));
    let is_main = container.role() == Role::Main;
    let is_of_job = is_of_job(container);
    finding.aliases_if(&[
        ("no-readiness-probe", is_main),
        // One probe in the pod is enough for kube-score.
        ("pod-probes", is_main && !is_of_job && !has_one),
        ("readinessProbeMissing", is_main && !is_of_job),
        ("CKV_K8S_9", is_main && !is_of_job),
    ]);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n{spec}")
    }

    #[test]
    fn who_declares_no_port_serves_nobody() {
        for container in ["{name: worker}", "{name: worker, ports: []}", "{name: worker, ports: }"] {
            let text = pod(&format!("  containers: [{container}]\n"));
            assert_eq!(manifest(&RULE, &text), [""; 0], "{container}");
            let trial = Trial::with(&RULE, r#"{"without-ports": true}"#);
            assert_eq!(trial.manifest(&text), ["worker"], "{container}");
        }
    }

    #[test]
    fn tasks_need_no_probe() {
        let spec = "  restartPolicy: OnFailure\n  containers: [{name: web, ports: [{containerPort: 80}]}]\n";
        assert_eq!(manifest(&RULE, &pod(spec)), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"tasks": true}"#).manifest(&pod(spec)), ["web"]);
    }

    #[test]
    fn pods_without_a_service_are_passed_over_if_asked_for() {
        let web = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\n\
                   spec: {containers: [{name: web, ports: [{containerPort: 80}]}]}\n";
        let service = |name: &str| {
            format!(
                "---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: {name}}}}}\n"
            )
        };
        let trial = Trial::with(&RULE, r#"{"pods": "selected"}"#);
        assert_eq!(trial.manifest(&(web.to_owned() + &service("api"))), [""; 0]);
        assert_eq!(trial.manifest(web), [""; 0]);
        assert_eq!(trial.manifest(&(web.to_owned() + &service("web"))), ["web"]);
        assert_eq!(manifest(&RULE, &(web.to_owned() + &service("web"))), ["web"]);
    }

    #[test]
    fn the_container_that_serves_is_flagged() {
        let spec = "  containers: [{name: log}, {name: web, ports: [{containerPort: 80}]}]\n";
        assert_eq!(manifest(&RULE, &pod(spec)), ["web"]);
    }
}
