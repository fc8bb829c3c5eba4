use hullmark_sdk::prelude::*;

use crate::context::{Once, Setting};
use crate::insertion::replacement;

rule! {
    /// The container is privileged: nothing stands between it and the node.
    ///
    /// ## What it checks
    ///
    /// `privileged: true` in the `securityContext` of every container, and `windowsOptions.hostProcess: true`, its like on
    /// Windows, of containers and pods.
    ///
    /// ## Why it matters
    ///
    /// A privileged container has every capability, every device of the node and no seccomp profile; root in it is root on the
    /// node. A host process on Windows is no container at all: it runs in the node's own file system and network.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: agent
    /// spec:
    ///   containers:
    ///     - name: agent
    ///       image: agent:1.2
    ///       securityContext:
    ///         privileged: true
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: agent
    /// spec:
    ///   containers:
    ///     - name: agent
    ///       image: agent:1.2
    ///       securityContext:
    ///         capabilities:
    ///           add: [NET_ADMIN]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the field and add the one capability or device that the container needs.
    ///
    /// ## Other tools
    ///
    /// Checkov takes any value that is not empty for true, even the text `false`, which the API server refuses.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/>
    level: Error,
    tags: &["security", "pod-security-baseline", "external/cwe/cwe-250"],
    security_severity: Some("8.8"),
    aliases: &[
        "privileged-container", "container-security-context-privileged", "runAsPrivileged", "KSV-0017", "CKV_K8S_16",
        "hostProcess", "KSV-0103",
    ],
    references: &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
    ],
    fragments: true,
    checks: &[Container(container), Pod(pod)],
}

fn container(container: &Container, report: &mut Report) {
    let Some(privileged) = container.at(&["securityContext", "privileged"]) else { return };
    if privileged.boolean() != Some(true) {
        return;
    }
    let finding = report.finding(privileged, format!("{} is privileged", container.title()));
    finding.aliases(match container.role() {
        Role::Ephemeral => &["privileged-container"],
        _ => &[
            "privileged-container",
            "container-security-context-privileged",
            "runAsPrivileged",
            "KSV-0017",
            "CKV_K8S_16",
        ],
    });
    if let Some(fix) = replacement("run the container without privileges", privileged, "false") {
        finding.fix(fix);
    }
}

fn pod(pod: &Pod, report: &mut Report) {
    let mut once = Once::default();
    for container in pod.containers() {
        let Some(host_process) = Setting::of(&container, &["windowsOptions", "hostProcess"]) else { continue };
        if host_process.node.boolean() == Some(true) && once.is_first(host_process) {
            let message = format!("{} runs as a process of the Windows host", host_process.title(&container));
            report.finding(host_process.node, message).aliases(&["hostProcess", "KSV-0103"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(pod: &str, container: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  securityContext: {{{pod}}}\n  initContainers:\n    - {{name: a, image: a, securityContext: {{{container}}}}}\n  containers:\n    - {{name: b, image: a}}\n"
        )
    }

    #[test]
    fn only_true_is_true() {
        for value in ["false", "'true'", "'false'", "1", "", "[true]"] {
            assert_eq!(manifest(&RULE, &pod("", &format!("privileged: {value}"))), [""; 0], "{value}");
        }
    }

    #[test]
    fn a_pod_has_no_such_field() {
        assert_eq!(manifest(&RULE, &pod("privileged: true", "")), [""; 0]);
    }

    #[test]
    fn init_containers_count() {
        assert_eq!(manifest(&RULE, &pod("", "privileged: true")), ["true"]);
    }

    #[test]
    fn host_processes_of_windows_are_reported_once_for_a_pod() {
        assert_eq!(manifest(&RULE, &pod("windowsOptions: {hostProcess: true}", "")), ["true"]);
        assert_eq!(manifest(&RULE, &pod("windowsOptions: {hostProcess: false}", "")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("", "windowsOptions: {hostProcess: true}")), ["true"]);
    }
}
