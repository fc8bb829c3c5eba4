use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, Switch, report_switches};

rule! {
    /// etcd signs its own certificate.
    ///
    /// ## What it checks
    ///
    /// `--auto-tls` and `--peer-auto-tls` of etcd, on the command line or as `ETCD_AUTO_TLS` and `ETCD_PEER_AUTO_TLS`: a
    /// written `true`.
    ///
    /// ## Why it matters
    ///
    /// A certificate that etcd makes for itself tells nobody who answers: whoever stands in the middle makes one too. It also
    /// keeps clients from being asked for theirs.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: etcd
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: etcd
    ///       image: registry.k8s.io/etcd:3.6.4-0
    ///       command:
    ///         - etcd
    ///         - --auto-tls=true
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: etcd
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: etcd
    ///       image: registry.k8s.io/etcd:3.6.4-0
    ///       command:
    ///         - etcd
    ///         - --auto-tls=false
    ///         - --cert-file=/etc/kubernetes/pki/etcd/server.crt
    ///         - --key-file=/etc/kubernetes/pki/etcd/server.key
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the flag away, and give etcd a certificate of the cluster by `--cert-file` and `--key-file`.
    ///
    /// ## References
    ///
    /// - <https://etcd.io/docs/v3.6/op-guide/security/>
    tags: &["security", "external/cwe/cwe-295"],
    security_severity: Some("6.0"),
    aliases: &["KCV-0044", "KCV-0047", "CKV_K8S_118"],
    references: &["https://etcd.io/docs/v3.6/op-guide/security/"],
    checks: &[Object(SUBJECTS, check)],
}

const SWITCHES: [Switch; 2] = [
    Switch {
        component: Component::Etcd,
        flag: "auto-tls",
        wanted: false,
        aliases: &["KCV-0044", "CKV_K8S_118"],
        missing: None,
    },
    Switch { component: Component::Etcd, flag: "peer-auto-tls", wanted: false, aliases: &["KCV-0047"], missing: None },
];

fn check(object: &Object, report: &mut Report) {
    report_switches(object, report, &SWITCHES, "signs its own certificate");
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn false_and_absence_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("etcd", &["--auto-tls=false"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("etcd", &[])), [""; 0]);
    }

    #[test]
    fn true_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("etcd", &["--auto-tls=true", "--peer-auto-tls"])), ["true", "--peer-auto-tls"]);
        assert_eq!(manifest(&RULE, &pod("etcd", &["-auto-tls=true"])), ["true"]);
    }
}
