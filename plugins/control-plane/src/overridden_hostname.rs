use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// The kubelet gives its node another name than that of the machine.
    ///
    /// ## What it checks
    ///
    /// `--hostname-override` of the kubelet.
    ///
    /// The rule is off unless it is selected: some clouds need the flag.
    ///
    /// ## Why it matters
    ///
    /// Certificates are made for the name of the machine, and logs are searched by it. Under another name the one does not fit
    /// and the other finds nothing.
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
    ///         - --hostname-override=node-1
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
    ///         - --v=2
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the flag away, and give the machine the name that the node shall have.
    ///
    /// ## Other tools
    ///
    /// Trivy judges kubelets on running nodes.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/>
    enabled: false,
    tags: &["security", "external/cwe/cwe-295"],
    security_severity: Some("2.0"),
    precision: Medium,
    aliases: &["KCV-0086", "CKV_K8S_146"],
    references: &["https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/"],
    checks: &[Object(SUBJECTS, check)],
}

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::Kubelet) {
        let Some(setting) = setup.get("hostname-override") else { continue };
        let message = format!("the kubelet does not go by the name of its machine, by `{}`", setting.shown());
        setup.report(report, setting, message, &["KCV-0086", "CKV_K8S_146"]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn other_flags_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--read-only-port=80"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--hostname-override=a"])), [""; 0]);
    }

    #[test]
    fn another_name_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--hostname-override=a"])), ["a"]);
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--hostname-override=$(NAME)"])), ["--hostname-override=$(NAME)"]);
    }
}
