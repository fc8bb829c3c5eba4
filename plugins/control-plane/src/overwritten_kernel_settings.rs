use hullmark_sdk::prelude::*;

use crate::setup::{Component, IMPLICIT, SUBJECTS, Switch, report_switches};

rule! {
    /// The kubelet changes settings of the kernel instead of refusing to start.
    ///
    /// ## What it checks
    ///
    /// `--protect-kernel-defaults` of the kubelet, and `protectKernelDefaults` of a KubeletConfiguration: a written `false`.
    ///
    /// The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// The kubelet sets what it needs by itself, whatever the administrator of the node has chosen. With the flag it tells of
    /// the difference and stops.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kubelet
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kubelet
    ///       image: registry.example.com/kubelet:v1.34.1
    ///       command:
    ///         - kubelet
    ///         - --protect-kernel-defaults=false
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kubelet
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kubelet
    ///       image: registry.example.com/kubelet:v1.34.1
    ///       command:
    ///         - kubelet
    ///         - --protect-kernel-defaults=true
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set the kernel as the kubelet wants it, and `protectKernelDefaults: true`.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): report a component too that leaves the flag out. What a configuration file leaves out
    ///   is never reported.
    ///
    /// ## Other tools
    ///
    /// Trivy judges kubelets on running nodes.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/>
    enabled: false,
    tags: &["security"],
    security_severity: Some("2.0"),
    aliases: &["KCV-0083", "CKV_K8S_144"],
    references: &["https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"],
    options: &[IMPLICIT],
    checks: &[Object(SUBJECTS, check)],
}

const SWITCHES: [Switch; 1] = [Switch {
    component: Component::Kubelet,
    flag: "protect-kernel-defaults",
    wanted: true,
    aliases: &["KCV-0083", "CKV_K8S_144"],
    missing: Some(&["KCV-0083", "CKV_K8S_144"]),
}];

fn check(object: &Object, report: &mut Report) {
    report_switches(object, report, &SWITCHES, "changes settings of the kernel");
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::{kubelet, pod};

    #[test]
    fn true_and_absence_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--protect-kernel-defaults"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kubelet", &[])), [""; 0]);
    }

    #[test]
    fn false_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--protect-kernel-defaults=false"])), ["false"]);
        assert_eq!(manifest(&RULE, &kubelet("protectKernelDefaults: false")), ["false"]);
        assert_eq!(Trial::with(&RULE, r#"{"implicit": true}"#).manifest(&pod("kubelet", &[])), ["kubelet"]);
    }
}
