use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// A component accepts a weak cipher suite.
    ///
    /// ## What it checks
    ///
    /// `--tls-cipher-suites` of every component, `--cipher-suites` of etcd, and `tlsCipherSuites` of a KubeletConfiguration:
    /// suites that are not among those of the option `suites`.
    ///
    /// ## Why it matters
    ///
    /// Suites without a key exchange of their own for each connection lay open old traffic once the key of the certificate is
    /// known. RC4, 3DES and CBC with SHA-256 have known attacks.
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
    ///         - --tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_3DES_EDE_CBC_SHA
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
    ///         - --tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the suite out of the list, or take the whole flag away: the defaults are sound.
    ///
    /// ## Options
    ///
    /// - `suites` (default: those that Kubernetes documents as preferred): the suites that are accepted.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov accept `TLS_RSA_WITH_AES_128_GCM_SHA256` and its sister with 256 bits, which Go has since called
    /// insecure, and refuse those with CBC that Kubernetes still prefers. Their policies set `suites`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/>
    /// - <https://pkg.go.dev/crypto/tls#InsecureCipherSuites>
    tags: &["security", "external/cwe/cwe-327"],
    security_severity: Some("5.0"),
    aliases: &["KCV-0092", "CKV_K8S_105", "CKV_K8S_151"],
    references: &[
        "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/",
        "https://pkg.go.dev/crypto/tls#InsecureCipherSuites",
    ],
    options: &[OptionSpec::texts("suites", PREFERRED, "the suites that are accepted")],
    checks: &[Object(SUBJECTS, check)],
}

/// What Kubernetes documents as preferred.
const PREFERRED: &[&str] = &[
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

/// What the benchmark behind Trivy's and Checkov's checks accepts.
const OF_BENCHMARK: [&str; 8] = [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
];

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object) {
        let aliases: &[&str] = match setup.component {
            Component::ApiServer => &["CKV_K8S_105"],
            Component::Kubelet => &["KCV-0092", "CKV_K8S_151"],
            _ => &[],
        };
        for setting in setup.all("tls-cipher-suites").chain(setup.all("cipher-suites")) {
            for (suite, place) in setting.entries() {
                if report.options().texts("suites").any(|accepted| accepted == suite) {
                    continue;
                }
                let message = format!("{} accepts the cipher suite `{suite}`", setup.component.title());
                let is_of_benchmark = OF_BENCHMARK.contains(&suite.as_str());
                setup.report_at(report, setting, place, message, if is_of_benchmark { &[] } else { aliases });
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
    fn preferred_suites_are_accepted() {
        let flags = ["--tls-cipher-suites=TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305"];
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &flags)), [""; 0]);
        assert_eq!(manifest(&RULE, &kubelet("tlsCipherSuites: []")), [""; 0]);
    }

    #[test]
    fn others_are_flagged() {
        let flags = ["--cipher-suites", "TLS_AES_128_GCM_SHA256,TLS_RSA_WITH_RC4_128_SHA"];
        assert_eq!(manifest(&RULE, &pod("etcd", &flags)), ["TLS_RSA_WITH_RC4_128_SHA"]);
        assert_eq!(
            manifest(&RULE, &kubelet("tlsCipherSuites: [TLS_RSA_WITH_AES_128_CBC_SHA]")),
            ["TLS_RSA_WITH_AES_128_CBC_SHA"]
        );
    }

    #[test]
    fn the_suites_can_be_chosen() {
        let trial = Trial::with(&RULE, r#"{"suites": ["TLS_AES_256_GCM_SHA384"]}"#);
        let flags = ["--tls-cipher-suites=TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384"];
        assert_eq!(trial.manifest(&pod("kubelet", &flags)), ["TLS_AES_128_GCM_SHA256"]);
    }
}
