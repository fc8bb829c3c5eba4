use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// The API server does not ask an authorizer that it should ask.
    ///
    /// ## What it checks
    ///
    /// Whether `--authorization-mode` of an API server names every mode of the option `modes`. An API server with
    /// `--authorization-config` is passed over: the modes stand in that file.
    ///
    /// The rule is off unless it is selected, since webhooks may stand in for both.
    ///
    /// ## Why it matters
    ///
    /// `Node` holds each kubelet to the objects of its own pods, and `RBAC` honours roles. Without any mode the API server
    /// allows everything.
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
    ///         - --authorization-mode=RBAC
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
    ///         - --authorization-mode=Node,RBAC
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `--authorization-mode=Node,RBAC`.
    ///
    /// ## Options
    ///
    /// - `modes` (default `[Node, RBAC]`): the modes that must be named.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov do not know `--authorization-config`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-flags-for-your-authorization-module>
    enabled: false,
    tags: &["security", "external/cwe/cwe-862"],
    security_severity: Some("6.0"),
    precision: Medium,
    aliases: &["KCV-0008", "KCV-0009", "CKV_K8S_75", "CKV_K8S_77"],
    references: &[
        "https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-flags-for-your-authorization-module",
    ],
    options: &[OptionSpec::texts("modes", &["Node", "RBAC"], "the modes that must be named")],
    checks: &[Object(SUBJECTS, check)],
}

const FLAG: &str = "authorization-mode";

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::ApiServer) {
        if !setup.knows(FLAG) || !setup.lacks("authorization-config") {
            continue;
        }
        let named = setup.entries(FLAG);
        let modes: Vec<String> = report.options().texts("modes").map(str::to_owned).collect();
        for mode in modes.iter().filter(|mode| named.iter().all(|(name, _)| name != *mode)) {
            let message = format!("the API server does not authorize by `{mode}`, since `--{FLAG}` lacks it");
            let aliases: &[&'static str] = match mode.as_str() {
                "Node" => &["KCV-0008", "CKV_K8S_75"],
                "RBAC" => &["KCV-0009", "CKV_K8S_77"],
                _ => &[],
            };
            match setup.get(FLAG) {
                Some(setting) => setup.report(report, setting, message, aliases),
                None => setup.report_missing(report, message, aliases),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn all_modes_and_files_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--authorization-mode=RBAC,Node"])), [""; 0]);
        let twice = ["--authorization-mode=RBAC", "--authorization-mode=Node"];
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &twice)), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--authorization-config=/a.yaml"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--authorization-mode=$(MODES)"])), [""; 0]);
    }

    #[test]
    fn every_missing_mode_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--authorization-mode=RBAC"])), ["RBAC"]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &[])), ["kube-apiserver", "kube-apiserver"]);
    }

    #[test]
    fn the_modes_can_be_chosen() {
        let trial = Trial::with(&RULE, r#"{"modes": ["Webhook"]}"#);
        assert_eq!(trial.manifest(&pod("kube-apiserver", &["--authorization-mode=RBAC"])), ["RBAC"]);
        assert_eq!(trial.manifest(&pod("kube-apiserver", &["--authorization-mode=Webhook"])), [""; 0]);
    }
}
