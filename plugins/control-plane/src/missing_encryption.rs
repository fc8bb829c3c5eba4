use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// The API server stores Secrets as they are.
    ///
    /// ## What it checks
    ///
    /// Whether an API server has `--encryption-provider-config`.
    ///
    /// The rule is off unless it is selected: a cloud may encrypt the store itself.
    ///
    /// ## Why it matters
    ///
    /// Without the flag Secrets lie in etcd in the clear. Who gets hold of a backup or of a disk has them all.
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
    ///         - --encryption-provider-config=/etc/kubernetes/encryption.yaml
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write an EncryptionConfiguration, mount it, and name it in `--encryption-provider-config`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/>
    enabled: false,
    tags: &["security", "external/cwe/cwe-311"],
    security_severity: Some("5.0"),
    precision: Medium,
    aliases: &["KCV-0030", "CKV_K8S_104"],
    references: &["https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/"],
    checks: &[Object(SUBJECTS, check)],
}

const FLAG: &str = "encryption-provider-config";

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::ApiServer) {
        if setup.lacks(FLAG) {
            let message = format!("the API server stores Secrets as they are: it lacks `--{FLAG}`");
            setup.report_missing(report, message, &["KCV-0030", "CKV_K8S_104"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn a_configuration_is_accepted() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--encryption-provider-config=/a.yaml"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["$(FLAGS)"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("etcd", &[])), [""; 0]);
    }

    #[test]
    fn absence_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &[])), ["kube-apiserver"]);
    }
}
