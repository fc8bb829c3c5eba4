use hullmark_sdk::prelude::*;

use crate::requirements::{has_request, is_subject};

/// The names of the tools that look at init containers too.
const INIT_ALIASES: &[&str] = &["container-resources", "KSV-0016", "CKV_K8S_12"];

rule! {
    /// The container has no memory request, so the scheduler counts it as needing none.
    ///
    /// ## What it checks
    ///
    /// Main containers, init containers and sidecars of every pod, those of Jobs included. A container is accepted when
    /// `resources.requests.memory` is written, even if it is zero: somebody then wrote that nothing is to be reserved.
    /// It is also accepted when `resources.limits.memory` is written, because Kubernetes then sets the request to the
    /// limit, and when the pod has either of them (`spec.resources`, Kubernetes 1.34 and later).
    ///
    /// Defaults that a LimitRange of the cluster sets are not known to a manifest. Where every namespace has them,
    /// switch the rule off.
    ///
    /// ## Why it matters
    ///
    /// The scheduler places pods by their requests. Without one it may fill a node beyond its memory, and when memory
    /// runs short, the pods that use more than they requested are the first to be evicted and killed: a pod without a
    /// request always does.
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
    ///           memory: 128Mi
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
    ///           memory: 128Mi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `resources.requests.memory` to what the container needs in ordinary use.
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
    /// resources of the pod. Polaris does not look at init containers.
    level: Warning,
    tags: &["reliability"],
    precision: High,
    aliases: &["container-resources", "memoryRequestsMissing", "KSV-0016", "CKV_K8S_12"],
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
    if !is_subject(container, report) || has_request(container, "memory", report) {
        return;
    }
    let anchor = container.anchor(&["resources", "requests", "memory"]);
    let finding = report.finding(anchor, format!("{} has no memory request", container.title()));
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
        let limit =
            |amount: &str| format!("  containers: [{{name: web, resources: {{limits: {{memory: {amount}}}}}}}]\n");
        assert_eq!(manifest(&RULE, &pod(&limit("1"))), [""; 0]);
        assert_eq!(manifest(&RULE, &pod(&limit("0"))), ["resources"]);
    }

    #[test]
    fn a_request_of_zero_is_written_on_purpose() {
        let spec = "  containers: [{name: web, resources: {requests: {memory: 0}}}]\n";
        assert_eq!(manifest(&RULE, &pod(spec)), [""; 0]);
    }

    #[test]
    fn resources_of_the_pod_hold_for_its_containers() {
        for amount in ["requests", "limits"] {
            let spec = format!("  resources: {{{amount}: {{memory: 1}}}}\n  containers: [{{name: web}}]\n");
            assert_eq!(manifest(&RULE, &pod(&spec)), [""; 0], "{amount}");
        }
    }

    #[test]
    fn each_container_answers_for_itself() {
        let spec = "  containers: [{name: web, resources: {requests: {memory: 1}}}, {name: proxy}]\n";
        assert_eq!(manifest(&RULE, &pod(spec)), ["proxy"]);
    }
}
