use hullmark_sdk::prelude::*;

use crate::requirements::{Limit, is_subject, limit};

/// The names of the tools that look at init containers too.
const INIT_ALIASES: &[&str] = &["unset-memory-requirements", "container-resources", "KSV-0018", "CKV_K8S_13"];

rule! {
    /// The container has no memory limit, so a leak in it takes the memory of its neighbours.
    ///
    /// ## What it checks
    ///
    /// Main containers, init containers and sidecars of every pod, those of Jobs included. A container is accepted when
    /// it has `resources.limits.memory` itself, or when its pod has (`spec.resources`, Kubernetes 1.34 and later). A
    /// limit of zero is no limit: Kubernetes passes zero on to the runtime as "not specified".
    ///
    /// Defaults that a LimitRange of the cluster sets are not known to a manifest. Where every namespace has them,
    /// switch the rule off.
    ///
    /// ## Why it matters
    ///
    /// Without a limit a container may take all memory of its node. When the node runs out, the kernel kills processes
    /// of any pod on it, and the kubelet evicts pods that did nothing wrong. With a limit only the container at fault
    /// is killed.
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
    ///       resources:
    ///         requests:
    ///           memory: 128Mi
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
    ///         limits:
    ///           memory: 256Mi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `resources.limits.memory` to what the container needs under load, with some room. For memory, a request
    /// equal to the limit is the safest choice: the node then never promises more than it has.
    ///
    /// ## Options
    ///
    /// `init-containers`: whether init containers that end before the others start are looked at.
    ///
    /// ## Other tools
    ///
    /// No other tool reads the resources of the pod. Trivy, Checkov and Polaris accept a limit of `"0"`; the container
    /// then runs without a limit, so this rule does not. Polaris does not look at init containers.
    level: Warning,
    tags: &["reliability", "security", "external/cwe/cwe-770"],
    security_severity: Some("3.5"),
    precision: High,
    aliases: &["unset-memory-requirements", "container-resources", "memoryLimitsMissing", "KSV-0018", "CKV_K8S_13"],
    references: &[
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
        "https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/",
    ],
    options: &[OptionSpec::flag(
        "init-containers",
        true,
        "Whether init containers that end before the others start are looked at.",
    )],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    if !is_subject(container, report) {
        return;
    }
    let title = container.title();
    match limit(container, "memory") {
        Limit::Set => {}
        Limit::Missing => {
            let anchor = container.anchor(&["resources", "limits", "memory"]);
            let finding = report.finding(anchor, format!("{title} has no memory limit"));
            if container.role() != Role::Main {
                finding.aliases(INIT_ALIASES);
            }
        }
        Limit::Zero(zero) => {
            let written = zero.value().unwrap_or_default();
            let message = format!("{title} has the memory limit `{written}`, which means no limit");
            // The others ask only whether something is written.
            report.finding(zero, message).aliases(&["unset-memory-requirements", "container-resources"]);
        }
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
    fn a_limit_of_the_container_or_of_its_pod_is_enough() {
        for spec in [
            "  containers: [{name: web, resources: {limits: {memory: 128Mi}}}]\n",
            "  resources: {limits: {memory: 1Gi}}\n  containers: [{name: web}]\n",
            "  resources: {limits: {memory: 1Gi}}\n  containers: [{name: web, resources: {limits: {memory: 0}}}]\n",
        ] {
            assert_eq!(manifest(&RULE, &pod(spec)), [""; 0], "{spec}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        for spec in [
            "  containers: [{name: web, resources: '${RESOURCES}'}]\n",
            "  containers: [{name: web, resources: {limits: [memory]}}]\n",
            "  containers: [{name: web, resources: {limits: {memory: '${MEMORY}'}}}]\n",
        ] {
            assert_eq!(manifest(&RULE, &pod(spec)), [""; 0], "{spec}");
        }
    }

    #[test]
    fn ephemeral_containers_cannot_have_limits() {
        let spec = "  containers: []\n  ephemeralContainers: [{name: debug}]\n";
        assert_eq!(manifest(&RULE, &pod(spec)), [""; 0]);
    }

    #[test]
    fn the_deepest_key_that_exists_is_flagged() {
        for (container, token) in [
            ("{name: web}", "web"),
            ("{name: web, resources: {}}", "resources"),
            ("{name: web, resources: {limits: {cpu: 1}}}", "limits"),
            ("{name: web, resources: {limits: {memory: }}}", "memory"),
            ("{name: web, resources: {limits: {memory: 0Mi}}}", "0Mi"),
        ] {
            assert_eq!(manifest(&RULE, &pod(&format!("  containers: [{container}]\n"))), [token], "{container}");
        }
    }
}
