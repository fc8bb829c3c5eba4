use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// A component has no certificate to show, or none to hold others to.
    ///
    /// ## What it checks
    ///
    /// Whether the API server, etcd and the kubelet are given the files of certificates, keys and authorities: their own
    /// (`--tls-cert-file` or `--cert-file` with its key), those to speak to etcd and to kubelets, and the authorities that
    /// clients, etcd and kubelets must have their certificates from. A flag without a value counts as missing.
    ///
    /// The rule is off unless it is selected: some components make themselves a certificate where none is given.
    ///
    /// ## Why it matters
    ///
    /// A component without an authority takes the word of whoever answers. One that signs its own certificate cannot be told
    /// from an attacker in the middle.
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
    ///         - --cert-file=/etc/kubernetes/pki/etcd/server.crt
    ///         - --key-file=/etc/kubernetes/pki/etcd/server.key
    ///         - --peer-cert-file=/etc/kubernetes/pki/etcd/peer.crt
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
    ///         - --cert-file=/etc/kubernetes/pki/etcd/server.crt
    ///         - --key-file=/etc/kubernetes/pki/etcd/server.key
    ///         - --peer-cert-file=/etc/kubernetes/pki/etcd/peer.crt
    ///         - --peer-key-file=/etc/kubernetes/pki/etcd/peer.key
    /// ```
    ///
    /// ## How to fix
    ///
    /// Have the files made by the authority of the cluster, mount them, and name them in the flags.
    ///
    /// ## Other tools
    ///
    /// Trivy judges kubelets on running nodes.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/setup/best-practices/certificates/>
    /// - <https://etcd.io/docs/v3.6/op-guide/security/>
    enabled: false,
    tags: &["security", "external/cwe/cwe-295"],
    security_severity: Some("5.0"),
    precision: Medium,
    aliases: &[
        "KCV-0005", "KCV-0006", "KCV-0026", "KCV-0027", "KCV-0028", "KCV-0029", "KCV-0042", "KCV-0045", "KCV-0081",
        "KCV-0088", "KCV-0089", "CKV_K8S_72", "CKV_K8S_73", "CKV_K8S_99", "CKV_K8S_100", "CKV_K8S_102", "CKV_K8S_116",
        "CKV_K8S_119", "CKV_K8S_140", "CKV_K8S_148",
    ],
    references: &[
        "https://kubernetes.io/docs/setup/best-practices/certificates/",
        "https://etcd.io/docs/v3.6/op-guide/security/",
    ],
    checks: &[Object(SUBJECTS, check)],
}

/// Files that belong together.
struct Files {
    component: Component,
    flags: &'static [&'static str],
    /// What goes wrong without them.
    effect: &'static str,
    /// Aliases where one is missing; those of a single flag stand behind it.
    aliases: &'static [(&'static str, &'static str)],
}

const ANY: &str = "";

const FILES: [Files; 10] = [
    Files {
        component: Component::ApiServer,
        flags: &["client-ca-file"],
        effect: "cannot hold clients to an authority",
        aliases: &[("KCV-0028", ANY)],
    },
    Files {
        component: Component::ApiServer,
        flags: &["etcd-cafile"],
        effect: "does not know whether it speaks to its own etcd",
        aliases: &[("KCV-0029", ANY), ("CKV_K8S_102", ANY)],
    },
    Files {
        component: Component::ApiServer,
        flags: &["etcd-certfile", "etcd-keyfile"],
        effect: "has no certificate to show to etcd",
        aliases: &[("KCV-0026", ANY), ("CKV_K8S_99", ANY)],
    },
    Files {
        component: Component::ApiServer,
        flags: &["kubelet-certificate-authority"],
        effect: "does not know whether it speaks to a kubelet of the cluster",
        aliases: &[("KCV-0006", ANY), ("CKV_K8S_73", ANY)],
    },
    Files {
        component: Component::ApiServer,
        flags: &["kubelet-client-certificate", "kubelet-client-key"],
        effect: "has no certificate to show to kubelets",
        aliases: &[("KCV-0005", ANY), ("CKV_K8S_72", ANY)],
    },
    Files {
        component: Component::ApiServer,
        flags: &["tls-cert-file", "tls-private-key-file"],
        effect: "signs its own certificate",
        aliases: &[("KCV-0027", ANY), ("CKV_K8S_100", ANY)],
    },
    Files {
        component: Component::Etcd,
        flags: &["cert-file", "key-file"],
        effect: "has no certificate to show to clients",
        aliases: &[("KCV-0042", ANY), ("CKV_K8S_116", ANY)],
    },
    Files {
        component: Component::Etcd,
        flags: &["peer-cert-file", "peer-key-file"],
        effect: "has no certificate to show to its peers",
        aliases: &[("KCV-0045", ANY), ("CKV_K8S_119", ANY)],
    },
    Files {
        component: Component::Kubelet,
        flags: &["client-ca-file"],
        effect: "cannot hold clients to an authority",
        aliases: &[("KCV-0081", ANY), ("CKV_K8S_140", ANY)],
    },
    Files {
        component: Component::Kubelet,
        flags: &["tls-cert-file", "tls-private-key-file"],
        effect: "signs its own certificate",
        aliases: &[("KCV-0088", "tls-cert-file"), ("KCV-0089", "tls-private-key-file"), ("CKV_K8S_148", ANY)],
    },
];

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object) {
        let is_missing =
            |flag: &str| setup.lacks(flag) || setup.get(flag).is_some_and(|setting| setting.value() == Some(""));
        for files in FILES.iter().filter(|files| files.component == setup.component) {
            let missing: Vec<&str> = files.flags.iter().copied().filter(|flag| is_missing(flag)).collect();
            if missing.is_empty() {
                continue;
            }
            let named: Vec<String> = missing.iter().map(|flag| format!("`--{flag}`")).collect();
            let title = setup.component.title();
            let message = format!("{title} {}: it lacks {}", files.effect, named.join(" and "));
            let reported = files.aliases.iter().filter(|(_, flag)| *flag == ANY || missing.contains(flag));
            let aliases: Vec<&str> = reported.map(|(alias, _)| *alias).collect();
            setup.report_missing(report, message, &aliases);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::{container, pod};

    const COMPLETE: [&str; 4] = ["--cert-file=/c", "--key-file=/k", "--peer-cert-file=/pc", "--peer-key-file=/pk"];

    #[test]
    fn complete_and_unknown_flags_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("etcd", &COMPLETE)), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("etcd", &["$(FLAGS)"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("etcd", &["--config-file=/etcd.yaml"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-scheduler", &[])), [""; 0]);
        let environment = "{name: ETCD_CERT_FILE, value: a}, {name: ETCD_KEY_FILE, valueFrom: {}}";
        let fields = format!("command: [etcd, --peer-cert-file=a, --peer-key-file=b], env: [{environment}]");
        assert_eq!(manifest(&RULE, &container(&fields)), [""; 0]);
    }

    #[test]
    fn pairs_are_flagged_once() {
        assert_eq!(manifest(&RULE, &pod("etcd", &COMPLETE[..3])), ["etcd"]);
        assert_eq!(manifest(&RULE, &pod("etcd", &COMPLETE[..2])), ["etcd"]);
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--client-ca-file=", "--tls-cert-file=a"])), ["kubelet"; 2]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &[])), ["kube-apiserver"; 6]);
    }
}
