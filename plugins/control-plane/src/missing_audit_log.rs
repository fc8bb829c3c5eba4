use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// The API server keeps no record of what it is asked.
    ///
    /// ## What it checks
    ///
    /// Whether an API server has `--audit-log-path` or `--audit-webhook-config-file`.
    ///
    /// The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// Without an audit log nobody can say afterwards who read a Secret, changed a role or ran a command in a pod.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.1
    ///       command:
    ///         - kube-apiserver
    ///         - --v=2
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-apiserver
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-apiserver
    ///       image: registry.k8s.io/kube-apiserver:v1.34.1
    ///       command:
    ///         - kube-apiserver
    ///         - --audit-log-path=/var/log/kubernetes/audit.log
    ///         - --audit-policy-file=/etc/kubernetes/audit.yaml
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write an audit policy, and name it and the log in `--audit-policy-file` and `--audit-log-path`.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov do not count a webhook.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/>
    enabled: false,
    tags: &["security", "external/cwe/cwe-778"],
    security_severity: Some("4.0"),
    aliases: &["KCV-0019", "CKV_K8S_91"],
    references: &["https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/"],
    checks: &[Object(SUBJECTS, check)],
}

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::ApiServer) {
        if setup.lacks("audit-log-path") && setup.lacks("audit-webhook-config-file") {
            let message = "the API server keeps no audit log: it lacks `--audit-log-path`".to_owned();
            setup.report_missing(report, message, &["KCV-0019", "CKV_K8S_91"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn logs_and_webhooks_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--audit-log-path=-"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--audit-webhook-config-file=/a"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kubelet", &[])), [""; 0]);
    }

    #[test]
    fn absence_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--audit-policy-file=/a"])), ["kube-apiserver"]);
    }
}
