use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, Switch, report_switches};

rule! {
    /// The API server speaks to kubelets without TLS.
    ///
    /// ## What it checks
    ///
    /// `--kubelet-https` of an API server: a written `false`.
    ///
    /// ## Why it matters
    ///
    /// Logs, commands and port forwardings then cross the network in the clear, and everybody on the way can put in his own.
    /// Kubernetes has taken the flag out in version 1.23.
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
    ///         - --kubelet-https=false
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
    ///         - --kubelet-certificate-authority=/etc/kubernetes/pki/ca.crt
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the flag away: `true` is the default.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/#api-server-to-kubelet>
    tags: &["security", "external/cwe/cwe-319"],
    security_severity: Some("7.0"),
    aliases: &["KCV-0004", "CKV_K8S_71"],
    references: &[
        "https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/#api-server-to-kubelet",
    ],
    checks: &[Object(SUBJECTS, check)],
}

const SWITCHES: [Switch; 1] = [Switch {
    component: Component::ApiServer,
    flag: "kubelet-https",
    wanted: true,
    aliases: &["KCV-0004", "CKV_K8S_71"],
    missing: None,
}];

fn check(object: &Object, report: &mut Report) {
    report_switches(object, report, &SWITCHES, "speaks to kubelets without TLS");
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn the_default_is_accepted() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--kubelet-https"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &[])), [""; 0]);
    }

    #[test]
    fn false_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--kubelet-https=false"])), ["false"]);
    }
}
