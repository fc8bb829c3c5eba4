use hullmark_sdk::prelude::*;

use crate::setup::{Component, IMPLICIT, SUBJECTS, Switch, report_switches};

rule! {
    /// Requests without credentials are let in.
    ///
    /// ## What it checks
    ///
    /// `--anonymous-auth` of the API server and of the kubelet, and `authentication.anonymous.enabled` of a
    /// KubeletConfiguration: a written `true`.
    ///
    /// ## Why it matters
    ///
    /// A request without credentials is then taken for one of the user `system:anonymous`. One careless binding, or a kubelet
    /// without authorization, and everybody on the network acts in the cluster.
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
    ///         - --anonymous-auth=true
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
    ///         - --anonymous-auth=false
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `--anonymous-auth=false`, or let the file of `--authentication-config` say which paths, such as `/healthz`,
    /// strangers may ask.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): report a component too that leaves the flag out. What a configuration file leaves out
    ///   is never reported.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov want `false` written (`implicit`), also for the API server, whose default is `true`. Trivy judges
    /// kubelets on running nodes, so its id of them stands on every finding of one.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests>
    tags: &["security", "external/cwe/cwe-306"],
    security_severity: Some("7.0"),
    precision: High,
    aliases: &["KCV-0001", "KCV-0079", "CKV_K8S_68", "CKV_K8S_138"],
    references: &["https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests"],
    options: &[IMPLICIT],
    checks: &[Object(SUBJECTS, check)],
}

const SWITCHES: [Switch; 2] = [
    Switch {
        component: Component::ApiServer,
        flag: "anonymous-auth",
        wanted: false,
        aliases: &["KCV-0001", "CKV_K8S_68"],
        missing: Some(&["KCV-0001", "CKV_K8S_68"]),
    },
    Switch {
        component: Component::Kubelet,
        flag: "anonymous-auth",
        wanted: false,
        aliases: &["KCV-0079", "CKV_K8S_138"],
        missing: Some(&["KCV-0079", "CKV_K8S_138"]),
    },
];

fn check(object: &Object, report: &mut Report) {
    report_switches(object, report, &SWITCHES, "answers requests without credentials");
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::{kubelet, pod};

    #[test]
    fn what_is_left_out_is_accepted_unless_asked_for() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--anonymous-auth=false"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kubelet", &[])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("etcd", &["--anonymous-auth=true"])), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"implicit": true}"#).manifest(&pod("kubelet", &[])), ["kubelet"]);
    }

    #[test]
    fn what_is_written_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--anonymous-auth=true"])), ["true"]);
        assert_eq!(manifest(&RULE, &kubelet("authentication: {anonymous: {enabled: true}}")), ["true"]);
    }
}
