use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// Every request is allowed.
    ///
    /// ## What it checks
    ///
    /// `AlwaysAllow` in `--authorization-mode` of the API server or of the kubelet, or in `authorization.mode` of a
    /// KubeletConfiguration.
    ///
    /// ## Why it matters
    ///
    /// Who gets past the login may do everything: read every Secret of the cluster, or run commands in every pod of the node.
    /// Other modes in the same list do not help, since one that allows is enough.
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
    ///         - --authorization-mode=RBAC,AlwaysAllow
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
    ///         - --authorization-mode=Node,RBAC
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the API server `Node,RBAC`, and the kubelet `Webhook`.
    ///
    /// ## Other tools
    ///
    /// Trivy judges kubelets on running nodes, so its id of them stands on every finding of one.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#authorization-modules>
    level: Error,
    tags: &["security", "external/cwe/cwe-862"],
    security_severity: Some("9.0"),
    aliases: &["KCV-0007", "KCV-0080", "CKV_K8S_74", "CKV_K8S_139"],
    references: &["https://kubernetes.io/docs/reference/access-authn-authz/authorization/#authorization-modules"],
    checks: &[Object(SUBJECTS, check)],
}

const FLAG: &str = "authorization-mode";

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object) {
        let aliases = match setup.component {
            Component::ApiServer => &["KCV-0007", "CKV_K8S_74"],
            Component::Kubelet => &["KCV-0080", "CKV_K8S_139"],
            _ => continue,
        };
        for setting in setup.all(FLAG) {
            for (_, place) in setting.entries().into_iter().filter(|(mode, _)| mode == "AlwaysAllow") {
                let title = setup.component.title();
                let message = format!("{title} allows every request, by `{}`", setting.shown());
                setup.report_at(report, setting, place, message, aliases);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::{kubelet, pod};

    #[test]
    fn other_modes_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--authorization-mode=Node,RBAC"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &[])), [""; 0]);
        assert_eq!(manifest(&RULE, &kubelet("authorization: {mode: Webhook}")), [""; 0]);
    }

    #[test]
    fn the_mode_is_flagged() {
        assert_eq!(
            manifest(&RULE, &pod("kube-apiserver", &["--authorization-mode=RBAC,AlwaysAllow"])),
            ["AlwaysAllow"]
        );
        assert_eq!(manifest(&RULE, &kubelet("authorization: {mode: AlwaysAllow}")), ["AlwaysAllow"]);
    }
}
