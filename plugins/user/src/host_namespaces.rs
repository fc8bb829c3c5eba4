use hullmark_sdk::prelude::*;

use crate::insertion::replacement;

rule! {
    /// The pod shares the node's processes or its inter-process communication.
    ///
    /// ## What it checks
    ///
    /// `hostPID: true` and `hostIPC: true` of every pod.
    ///
    /// ## Why it matters
    ///
    /// With the node's process namespace a container sees every process of the node, with its arguments and environment, and may
    /// signal those of its own user; root may read their memory and files. With the IPC namespace it reaches the shared memory
    /// of the node's own programs.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: agent
    /// spec:
    ///   hostPID: true
    ///   containers:
    ///     - name: agent
    ///       image: agent:1.2
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
    ///   shareProcessNamespace: true
    ///   containers:
    ///     - name: agent
    ///       image: agent:1.2
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the field. Where containers of one pod must see each other, use `shareProcessNamespace: true`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>
    level: Error,
    tags: &["security", "pod-security-baseline", "external/cwe/cwe-668"],
    security_severity: Some("8.0"),
    aliases: &[
        "host-pid", "hostPIDSet", "KSV-0010", "CKV_K8S_17", "host-ipc", "hostIPCSet", "KSV-0008", "CKV_K8S_18",
    ],
    references: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline"],
    fragments: true,
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    judge(pod, "hostPID", "process", &["host-pid", "hostPIDSet", "KSV-0010", "CKV_K8S_17"], report);
    judge(pod, "hostIPC", "IPC", &["host-ipc", "hostIPCSet", "KSV-0008", "CKV_K8S_18"], report);
}

fn judge(pod: &Pod, field: &str, namespace: &str, aliases: &[&'static str], report: &mut Report) {
    let Some(shared) = pod.get(field).filter(|shared| shared.boolean() == Some(true)) else { return };
    let message = format!("{} shares the {namespace} namespace of the node (`{field}: true`)", pod.object().title());
    let finding = report.finding(shared, message);
    finding.aliases(aliases);
    if let Some(fix) = replacement("give the pod its own namespace", shared, "false") {
        finding.fix(fix);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(spec: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{{spec}, containers: [{{name: a, image: a}}]}}\n"
            ),
        )
    }

    #[test]
    fn only_true_is_true() {
        assert_eq!(flagged("hostPID: false, hostIPC: 'true', shareProcessNamespace: true"), [""; 0]);
        assert_eq!(flagged("hostNetwork: true"), [""; 0]);
    }

    #[test]
    fn each_field_is_flagged() {
        assert_eq!(flagged("hostPID: true, hostIPC: true"), ["true", "true"]);
    }
}
