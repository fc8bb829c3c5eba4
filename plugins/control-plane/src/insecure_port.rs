use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, Setting, Setup, setups};

rule! {
    /// The API server answers without TLS and without a login.
    ///
    /// ## What it checks
    ///
    /// `--insecure-port` of an API server with another value than `0`, `--insecure-bind-address`, and `--secure-port=0`, which
    /// leaves no other port.
    ///
    /// ## Why it matters
    ///
    /// On the insecure port there is neither a login nor an authorization: who reaches it owns the cluster. Kubernetes has
    /// taken it out in version 1.24; clusters that still set the flags are older.
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
    ///         - --insecure-port=8080
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
    ///         - --secure-port=6443
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take `--insecure-port` and `--insecure-bind-address` away; before version 1.20, set `--insecure-port=0`.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): report an API server too that leaves `--insecure-port` out, which was on port 8080
    ///   before version 1.20.
    ///
    /// ## Other tools
    ///
    /// Checkov wants `--insecure-port=0` written (`implicit`), which newer API servers refuse.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/controlling-access/>
    level: Error,
    tags: &["security", "external/cwe/cwe-319"],
    security_severity: Some("9.0"),
    aliases: &["KCV-0017", "CKV_K8S_86", "CKV_K8S_88", "CKV_K8S_89"],
    references: &["https://kubernetes.io/docs/concepts/security/controlling-access/"],
    options: &[
        OptionSpec::flag(
        "implicit",
        false,
        "whether to report an API server too that leaves `--insecure-port` out",
    ),
    ],
    checks: &[Object(SUBJECTS, check)],
}

const PORT: &str = "insecure-port";

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::ApiServer) {
        if let Some(setting) = setup.get(PORT).filter(|setting| setting.number().is_some_and(|port| port != 0)) {
            insecure(setup, setting, report, &["CKV_K8S_88"]);
        } else if setup.lacks(PORT) && report.options().flag("implicit") {
            let message = format!("the API server may answer without TLS and login: it lacks `--{PORT}=0`");
            setup.report_missing(report, message, &["CKV_K8S_88"]);
        }
        if let Some(setting) = setup.get("insecure-bind-address") {
            insecure(setup, setting, report, &["CKV_K8S_86"]);
        }
        if let Some(setting) = setup.get("secure-port").filter(|setting| setting.number() == Some(0)) {
            insecure(setup, setting, report, &["KCV-0017", "CKV_K8S_89"]);
        }
    }
}

fn insecure(setup: &Setup, setting: &Setting, report: &mut Report, aliases: &[&'static str]) {
    let message = format!("the API server answers without TLS and login, by `{}`", setting.shown());
    setup.report(report, setting, message, aliases);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn the_secure_port_is_accepted() {
        let flags = ["--insecure-port=0", "--secure-port=6443", "--bind-address=0.0.0.0"];
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &flags)), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &[])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--insecure-port=$(PORT)"])), [""; 0]);
    }

    #[test]
    fn each_flag_is_flagged() {
        let flags = ["--insecure-port=8080", "--insecure-bind-address=0.0.0.0", "--secure-port=0"];
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &flags)), ["8080", "0.0.0.0", "0"]);
    }

    #[test]
    fn old_defaults_can_be_asked_for() {
        let trial = Trial::with(&RULE, r#"{"implicit": true}"#);
        assert_eq!(trial.manifest(&pod("kube-apiserver", &[])), ["kube-apiserver"]);
    }
}
