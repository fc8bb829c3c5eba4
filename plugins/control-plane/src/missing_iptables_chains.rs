use hullmark_sdk::prelude::*;

use crate::setup::{Component, IMPLICIT, SUBJECTS, Switch, report_switches};

rule! {
    /// The kubelet does not set up the chains of iptables that others rely on.
    ///
    /// ## What it checks
    ///
    /// `--make-iptables-util-chains` of the kubelet, and `makeIPTablesUtilChains` of a KubeletConfiguration: a written
    /// `false`.
    ///
    /// ## Why it matters
    ///
    /// Network plugins and tools take the chains of the kubelet for granted. Without them rules that drop bad packets are
    /// missing, and connections fail in ways that are hard to explain.
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
    ///         - --make-iptables-util-chains=false
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
    ///         - --make-iptables-util-chains=true
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the flag away: `true` is the default.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): report a component too that leaves the flag out. What a configuration file leaves out
    ///   is never reported.
    ///
    /// ## Other tools
    ///
    /// Checkov wants `true` written (`implicit`), though it is the default. Trivy judges kubelets on running nodes.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/>
    tags: &["security"],
    security_severity: Some("2.0"),
    aliases: &["KCV-0084", "CKV_K8S_145"],
    references: &["https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"],
    options: &[IMPLICIT],
    checks: &[Object(SUBJECTS, check)],
}

const SWITCHES: [Switch; 1] = [Switch {
    component: Component::Kubelet,
    flag: "make-iptables-util-chains",
    wanted: true,
    aliases: &["KCV-0084", "CKV_K8S_145"],
    missing: Some(&["CKV_K8S_145"]),
}];

fn check(object: &Object, report: &mut Report) {
    report_switches(object, report, &SWITCHES, "does not set up its chains of iptables");
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::{kubelet, pod};

    #[test]
    fn true_and_absence_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--make-iptables-util-chains=true"])), [""; 0]);
        assert_eq!(manifest(&RULE, &kubelet("makeIPTablesUtilChains: true")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kubelet", &[])), [""; 0]);
    }

    #[test]
    fn false_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--make-iptables-util-chains=false"])), ["false"]);
        assert_eq!(manifest(&RULE, &kubelet("makeIPTablesUtilChains: false")), ["false"]);
        assert_eq!(Trial::with(&RULE, r#"{"implicit": true}"#).manifest(&pod("kubelet", &[])), ["kubelet"]);
    }
}
