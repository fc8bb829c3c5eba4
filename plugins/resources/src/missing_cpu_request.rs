use hullmark_sdk::prelude::*;

use crate::requirements::{has_request, is_subject};

/// The names of the tools that look at init containers too.
const INIT_ALIASES: &[&str] = &["unset-cpu-requirements", "container-resources", "KSV-0015", "CKV_K8S_10"];

rule! {
    /// The container has no CPU request, so it is the last to get processor time when the node is busy.
    ///
    /// ## What it checks
    ///
    /// Main containers, init containers and sidecars of every pod, those of Jobs included. A container is accepted when
    /// `resources.requests.cpu` is written, even if it is zero: somebody then wrote that nothing is to be reserved. It
    /// is also accepted when `resources.limits.cpu` is written, because Kubernetes then sets the request to the limit,
    /// and when the pod has either of them (`spec.resources`, Kubernetes 1.34 and later).
    ///
    /// Defaults that a LimitRange of the cluster sets are not known to a manifest. Where every namespace has them,
    /// switch the rule off.
    ///
    /// ## Why it matters
    ///
    /// The scheduler places pods by their requests, and a busy node shares its processor time in proportion to them. A
    /// container without a request may land on a node that is full and then gets next to nothing. Autoscaling by CPU
    /// use is a share of the request and does not work without one.
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
    ///       resources: {}
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
    ///       resources:
    ///         requests:
    ///           cpu: 250m
    /// ```
    ///
    /// A limit is a request as well:
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
    ///       resources:
    ///         limits:
    ///           cpu: 250m
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `resources.requests.cpu` to what the container needs in ordinary use.
    ///
    /// ## Options
    ///
    /// `init-containers`: whether init containers that end before the others start are looked at.
    ///
    /// `limits-count`: whether a limit counts as the request that Kubernetes makes of it.
    ///
    /// ## Other tools
    ///
    /// The others also flag a container whose limit gives it a request (`limits-count`), and none of them reads the
    /// resources of the pod. kube-linter flags a request of zero. Polaris does not look at init containers.
    level: Warning,
    tags: &["reliability"],
    precision: High,
    aliases: &["unset-cpu-requirements", "container-resources", "cpuRequestsMissing", "KSV-0015", "CKV_K8S_10"],
    references: &[
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
        "https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/",
    ],
    options: &[
        OptionSpec::flag(
            "init-containers",
            true,
            "Whether init containers that end before the others start are looked at.",
        ),
        OptionSpec::flag("limits-count", true, "Whether a limit counts as the request that Kubernetes makes of it."),
    ],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    if !is_subject(container, report) || has_request(container, "cpu", report) {
        return;
    }
    let anchor = container.anchor(&["resources", "requests", "cpu"]);
    let finding = report.finding(anchor, format!("{} has no CPU request", container.title()));
    if container.role() != Role::Main {
        finding.aliases(INIT_ALIASES);
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
    fn a_limit_is_a_request_unless_it_is_zero() {
        let limit = |amount: &str| format!("  containers: [{{name: web, resources: {{limits: {{cpu: {amount}}}}}}}]\n");
        assert_eq!(manifest(&RULE, &pod(&limit("1"))), [""; 0]);
        assert_eq!(manifest(&RULE, &pod(&limit("0"))), ["resources"]);
    }

    #[test]
    fn a_request_of_zero_is_written_on_purpose() {
        let spec = "  containers: [{name: web, resources: {requests: {cpu: 0}}}]\n";
        assert_eq!(manifest(&RULE, &pod(spec)), [""; 0]);
    }

    #[test]
    fn resources_of_the_pod_hold_for_its_containers() {
        for amount in ["requests", "limits"] {
            let spec = format!("  resources: {{{amount}: {{cpu: 1}}}}\n  containers: [{{name: web}}]\n");
            assert_eq!(manifest(&RULE, &pod(&spec)), [""; 0], "{amount}");
        }
    }

    #[test]
    fn each_container_answers_for_itself() {
        let spec = "  containers: [{name: web, resources: {requests: {cpu: 1}}}, {name: proxy}]\n";
        assert_eq!(manifest(&RULE, &pod(spec)), ["proxy"]);
    }
}
