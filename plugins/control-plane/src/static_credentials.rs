use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// The API server takes passwords or tokens from a file.
    ///
    /// ## What it checks
    ///
    /// `--token-auth-file` and `--basic-auth-file` of the API server.
    ///
    /// ## Why it matters
    ///
    /// The file holds every password or token in the clear. None of them expires, and a change counts only after a restart.
    /// Kubernetes has taken `--basic-auth-file` out in version 1.19.
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
    ///         - --token-auth-file=/etc/kubernetes/tokens.csv
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
    ///         - --client-ca-file=/etc/kubernetes/pki/ca.crt
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the flag away, and let users in by certificates, by OpenID Connect or by tokens of ServiceAccounts.
    ///
    /// ## Other tools
    ///
    /// Trivy knows `--token-auth-file` only.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file>
    tags: &["security", "external/cwe/cwe-522"],
    security_severity: Some("7.0"),
    aliases: &["KCV-0002", "CKV_K8S_69", "CKV_K8S_70"],
    references: &["https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file"],
    checks: &[Object(SUBJECTS, check)],
}

const FLAGS: [(&str, &[&str]); 2] =
    [("basic-auth-file", &["CKV_K8S_69"]), ("token-auth-file", &["KCV-0002", "CKV_K8S_70"])];

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::ApiServer) {
        for (flag, aliases) in FLAGS {
            let Some(setting) = setup.get(flag) else { continue };
            let message = format!("the API server takes credentials from a file, by `{}`", setting.shown());
            setup.report(report, setting, message, aliases);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn other_flags_and_components_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--token-auth-file-x=a"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--token-auth-file=a"])), [""; 0]);
    }

    #[test]
    fn files_are_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--token-auth-file=/a.csv"])), ["/a.csv"]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--basic_auth_file", "/b.csv"])), ["/b.csv"]);
    }
}
