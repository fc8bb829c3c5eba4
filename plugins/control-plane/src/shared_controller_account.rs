use hullmark_sdk::prelude::*;

use crate::setup::{Component, IMPLICIT, SUBJECTS, Switch, report_switches};

rule! {
    /// All controllers act with one account that may do everything.
    ///
    /// ## What it checks
    ///
    /// `--use-service-account-credentials` of the controller manager: a written `false`.
    ///
    /// ## Why it matters
    ///
    /// With `true` each controller has an account of its own with the rights it needs. Without, a fault in any of them has the
    /// rights of all.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-controller-manager
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-controller-manager
    ///       image: registry.k8s.io/kube-controller-manager:v1.34.1
    ///       command:
    ///         - kube-controller-manager
    ///         - --use-service-account-credentials=false
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-controller-manager
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-controller-manager
    ///       image: registry.k8s.io/kube-controller-manager:v1.34.1
    ///       command:
    ///         - kube-controller-manager
    ///         - --use-service-account-credentials=true
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `--use-service-account-credentials=true`; the API server makes the roles by itself.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): report a component too that leaves the flag out. What a configuration file leaves out
    ///   is never reported.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov want `true` written (`implicit`), since the default is `false`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles>
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("5.0"),
    aliases: &["KCV-0035", "CKV_K8S_108"],
    references: &["https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles"],
    options: &[IMPLICIT],
    checks: &[Object(SUBJECTS, check)],
}

const SWITCHES: [Switch; 1] = [Switch {
    component: Component::ControllerManager,
    flag: "use-service-account-credentials",
    wanted: true,
    aliases: &["KCV-0035", "CKV_K8S_108"],
    missing: Some(&["KCV-0035", "CKV_K8S_108"]),
}];

fn check(object: &Object, report: &mut Report) {
    report_switches(object, report, &SWITCHES, "acts with one account for all controllers");
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn true_and_absence_are_accepted() {
        let flags = ["--use-service-account-credentials=true"];
        assert_eq!(manifest(&RULE, &pod("kube-controller-manager", &flags)), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-controller-manager", &[])), [""; 0]);
    }

    #[test]
    fn false_is_flagged() {
        let flags = ["--use-service-account-credentials=false"];
        assert_eq!(manifest(&RULE, &pod("kube-controller-manager", &flags)), ["false"]);
        let trial = Trial::with(&RULE, r#"{"implicit": true}"#);
        assert_eq!(trial.manifest(&pod("kube-controller-manager", &[])), ["kube-controller-manager"]);
    }
}
