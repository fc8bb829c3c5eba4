use hullmark_sdk::prelude::*;

use crate::setup::{Component, IMPLICIT, SUBJECTS, Switch, report_switches};

rule! {
    /// Tokens of deleted accounts are still taken.
    ///
    /// ## What it checks
    ///
    /// `--service-account-lookup` of an API server: a written `false`.
    ///
    /// ## Why it matters
    ///
    /// The API server then checks the signature of a token and nothing else. Deleting a ServiceAccount or its Secret, which is
    /// how a stolen token is made worthless, has no effect.
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
    ///         - --service-account-lookup=false
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
    ///         - --service-account-lookup=true
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
    /// Checkov wants `true` written (`implicit`), though it is the default.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/>
    tags: &["security", "external/cwe/cwe-613"],
    security_severity: Some("6.0"),
    aliases: &["KCV-0024", "CKV_K8S_96"],
    references: &["https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/"],
    options: &[IMPLICIT],
    checks: &[Object(SUBJECTS, check)],
}

const SWITCHES: [Switch; 1] = [Switch {
    component: Component::ApiServer,
    flag: "service-account-lookup",
    wanted: true,
    aliases: &["KCV-0024", "CKV_K8S_96"],
    missing: Some(&["CKV_K8S_96"]),
}];

fn check(object: &Object, report: &mut Report) {
    report_switches(object, report, &SWITCHES, "takes tokens of deleted accounts");
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn true_and_absence_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--service-account-lookup"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &[])), [""; 0]);
    }

    #[test]
    fn false_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--service-account-lookup=false"])), ["false"]);
        let trial = Trial::with(&RULE, r#"{"implicit": true}"#);
        assert_eq!(trial.manifest(&pod("kube-apiserver", &[])), ["kube-apiserver"]);
    }
}
