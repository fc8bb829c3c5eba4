use hullmark_sdk::prelude::*;

use crate::setup::{Component, IMPLICIT, SUBJECTS, Switch, report_switches};

rule! {
    /// etcd answers clients that show no certificate.
    ///
    /// ## What it checks
    ///
    /// `--client-cert-auth` and `--peer-client-cert-auth` of etcd, on the command line or as `ETCD_CLIENT_CERT_AUTH` and
    /// `ETCD_PEER_CLIENT_CERT_AUTH`: a written `false`.
    ///
    /// ## Why it matters
    ///
    /// etcd holds the whole cluster, Secrets included. Who can speak to it needs no API server, no login and no role.
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
    ///         - --client-cert-auth=false
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
    ///         - --client-cert-auth=true
    ///         - --peer-client-cert-auth=true
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `--client-cert-auth=true` and `--peer-client-cert-auth=true`, with the authority in `--trusted-ca-file` and
    /// `--peer-trusted-ca-file`.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): report a component too that leaves the flag out. What a configuration file leaves out
    ///   is never reported.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov want `true` written (`implicit`). Checkov looks for the flag between peers in `args` of a Pod called
    /// `etcd` only.
    ///
    /// ## References
    ///
    /// - <https://etcd.io/docs/v3.6/op-guide/security/>
    tags: &["security", "external/cwe/cwe-306"],
    security_severity: Some("8.0"),
    aliases: &["KCV-0043", "KCV-0046", "CKV_K8S_117", "CKV_K8S_121"],
    references: &["https://etcd.io/docs/v3.6/op-guide/security/"],
    options: &[IMPLICIT],
    checks: &[Object(SUBJECTS, check)],
}

const SWITCHES: [Switch; 2] = [
    Switch {
        component: Component::Etcd,
        flag: "client-cert-auth",
        wanted: true,
        aliases: &["KCV-0043", "CKV_K8S_117"],
        missing: Some(&["KCV-0043", "CKV_K8S_117"]),
    },
    Switch {
        component: Component::Etcd,
        flag: "peer-client-cert-auth",
        wanted: true,
        aliases: &["KCV-0046", "CKV_K8S_121"],
        missing: Some(&["KCV-0046", "CKV_K8S_121"]),
    },
];

fn check(object: &Object, report: &mut Report) {
    report_switches(object, report, &SWITCHES, "answers without asking for a certificate");
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::{container, pod};

    #[test]
    fn true_and_absence_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("etcd", &["--client-cert-auth", "--peer-client-cert-auth=true"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("etcd", &[])), [""; 0]);
        let fields = "command: [etcd, --client-cert-auth], env: [{name: ETCD_CLIENT_CERT_AUTH, value: 'false'}]";
        assert_eq!(manifest(&RULE, &container(fields)), [""; 0]);
    }

    #[test]
    fn false_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("etcd", &["--client-cert-auth=false"])), ["false"]);
        let fields =
            "args: [--name=a], image: 'quay.io/coreos/etcd:v3.6', env: [{name: ETCD_CLIENT_CERT_AUTH, value: 'false'}]";
        assert_eq!(manifest(&RULE, &container(fields)), ["false"]);
        assert_eq!(Trial::with(&RULE, r#"{"implicit": true}"#).manifest(&pod("etcd", &[])), ["etcd", "etcd"]);
    }

    #[test]
    fn the_id_of_one_check_is_carried_where_it_looks() {
        let carries = |fields: &str| {
            let found = Trial::with(&RULE, r#"{"implicit": true}"#).found(&[("a.yaml", &container(fields))]);
            found.iter().any(|found| format!("{:?}", found.finding).contains("CKV_K8S_121"))
        };
        assert!(!carries("command: [etcd]"));
        assert!(carries("args: [--name=a], image: etcd"));
    }
}
