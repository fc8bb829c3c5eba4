use hullmark_sdk::prelude::*;

use crate::setup::{Component, IMPLICIT, SUBJECTS, setups};

rule! {
    /// Pods that have ended are kept for ever.
    ///
    /// ## What it checks
    ///
    /// `--terminated-pod-gc-threshold` of the controller manager: `0` or less.
    ///
    /// ## Why it matters
    ///
    /// Ended pods then stay in etcd until somebody deletes them. A CronJob that fails every minute fills the store, and the
    /// whole cluster slows down.
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
    ///         - --terminated-pod-gc-threshold=0
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
    ///         - --terminated-pod-gc-threshold=1000
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the flag away, or set the number of ended pods that may stay.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): report a component too that leaves the flag out. What a configuration file leaves out
    ///   is never reported. The default is 12500.
    ///
    /// ## Other tools
    ///
    /// Trivy asks only whether the flag is there (`implicit`).
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection>
    tags: &["security", "external/cwe/cwe-400"],
    security_severity: Some("3.0"),
    aliases: &["KCV-0033", "CKV_K8S_106"],
    references: &["https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection"],
    options: &[IMPLICIT],
    checks: &[Object(SUBJECTS, check)],
}

const FLAG: &str = "terminated-pod-gc-threshold";

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::ControllerManager) {
        if let Some(setting) = setup.get(FLAG) {
            if setting.number().is_some_and(|count| count <= 0) {
                let message = format!("ended pods are kept for ever, by `{}`", setting.shown());
                setup.report(report, setting, message, &["CKV_K8S_106"]);
            }
        } else if setup.lacks(FLAG) && report.options().flag("implicit") {
            let message = format!("the controller manager lacks `--{FLAG}`");
            setup.report_missing(report, message, &["KCV-0033", "CKV_K8S_106"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn numbers_and_absence_are_accepted() {
        let flags = ["--terminated-pod-gc-threshold=10"];
        assert_eq!(manifest(&RULE, &pod("kube-controller-manager", &flags)), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-controller-manager", &["--terminated-pod-gc-threshold"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-controller-manager", &[])), [""; 0]);
    }

    #[test]
    fn zero_is_flagged() {
        let flags = ["--terminated-pod-gc-threshold=0"];
        assert_eq!(manifest(&RULE, &pod("kube-controller-manager", &flags)), ["0"]);
        let trial = Trial::with(&RULE, r#"{"implicit": true}"#);
        assert_eq!(trial.manifest(&pod("kube-controller-manager", &[])), ["kube-controller-manager"]);
    }
}
