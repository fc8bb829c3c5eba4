use hullmark_sdk::prelude::*;

use crate::setup::{Component, IMPLICIT, SUBJECTS, setups};

rule! {
    /// The controller manager or the scheduler can be reached from outside its node.
    ///
    /// ## What it checks
    ///
    /// `--bind-address` of both: an address that is not a loopback one.
    ///
    /// The rule is off unless it is selected: the port asks for a login, and monitoring may need it.
    ///
    /// ## Why it matters
    ///
    /// Only what runs on the node needs the port. Every port that is open is one more to attack.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-scheduler
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-scheduler
    ///       image: registry.k8s.io/kube-scheduler:v1.34.1
    ///       command:
    ///         - kube-scheduler
    ///         - --bind-address=0.0.0.0
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kube-scheduler
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kube-scheduler
    ///       image: registry.k8s.io/kube-scheduler:v1.34.1
    ///       command:
    ///         - kube-scheduler
    ///         - --bind-address=127.0.0.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `--bind-address=127.0.0.1`.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): report a component too that leaves the flag out. What a configuration file leaves out
    ///   is never reported. The default is every address.
    ///
    /// ## Other tools
    ///
    /// Checkov wants `127.0.0.1` and no other loopback address.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/>
    /// - <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/>
    enabled: false,
    tags: &["security", "external/cwe/cwe-668"],
    security_severity: Some("3.0"),
    aliases: &["KCV-0039", "KCV-0041", "CKV_K8S_113", "CKV_K8S_115"],
    references: &[
        "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/",
        "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/",
    ],
    options: &[IMPLICIT],
    checks: &[Object(SUBJECTS, check)],
}

const FLAG: &str = "bind-address";

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object) {
        let aliases = match setup.component {
            Component::ControllerManager => &["KCV-0039", "CKV_K8S_113"],
            Component::Scheduler => &["KCV-0041", "CKV_K8S_115"],
            _ => continue,
        };
        let title = setup.component.title();
        if let Some(setting) = setup.get(FLAG) {
            let is_outer = |address: &str| !address.starts_with("127.") && address != "::1";
            if setting.value().is_some_and(is_outer) {
                let message = format!("{title} can be reached from outside, by `{}`", setting.shown());
                setup.report(report, setting, message, aliases);
            }
        } else if setup.lacks(FLAG) && report.options().flag("implicit") {
            let message = format!("{title} can be reached from outside: it lacks `--{FLAG}=127.0.0.1`");
            setup.report_missing(report, message, aliases);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn loopback_addresses_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kube-scheduler", &["--bind-address=127.0.0.1"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-scheduler", &["--bind-address=::1"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-scheduler", &[])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--bind-address=0.0.0.0"])), [""; 0]);
    }

    #[test]
    fn others_are_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-controller-manager", &["--bind-address=0.0.0.0"])), ["0.0.0.0"]);
        let trial = Trial::with(&RULE, r#"{"implicit": true}"#);
        assert_eq!(trial.manifest(&pod("kube-scheduler", &[])), ["kube-scheduler"]);
    }
}
