use hullmark_sdk::prelude::*;

use crate::setup::{Component, IMPLICIT, SUBJECTS, Switch, report_switches};

rule! {
    /// A component offers profiles of itself.
    ///
    /// ## What it checks
    ///
    /// `--profiling` of the API server, the controller manager and the scheduler, and `enableProfiling` of a
    /// KubeSchedulerConfiguration: a written `true`.
    ///
    /// ## Why it matters
    ///
    /// Profiles show what goes on inside, and taking one costs time that requests need. Nobody looks at them but who hunts a
    /// fault.
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
    ///         - --profiling=true
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
    ///         - --profiling=false
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `--profiling=false`.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): report a component too that leaves the flag out. What a configuration file leaves out
    ///   is never reported.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov want `false` written (`implicit`), since the default is `true`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/>
    /// - <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/>
    /// - <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/>
    level: Note,
    tags: &["security", "external/cwe/cwe-200"],
    security_severity: Some("2.0"),
    aliases: &["KCV-0018", "KCV-0034", "KCV-0040", "CKV_K8S_90", "CKV_K8S_107", "CKV_K8S_114"],
    references: &[
        "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/",
        "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/",
        "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/",
    ],
    options: &[IMPLICIT],
    checks: &[Object(SUBJECTS, check)],
}

const SWITCHES: [Switch; 3] = [
    Switch {
        component: Component::ApiServer,
        flag: "profiling",
        wanted: false,
        aliases: &["KCV-0018", "CKV_K8S_90"],
        missing: Some(&["KCV-0018", "CKV_K8S_90"]),
    },
    Switch {
        component: Component::ControllerManager,
        flag: "profiling",
        wanted: false,
        aliases: &["KCV-0034", "CKV_K8S_107"],
        missing: Some(&["KCV-0034", "CKV_K8S_107"]),
    },
    Switch {
        component: Component::Scheduler,
        flag: "profiling",
        wanted: false,
        aliases: &["KCV-0040", "CKV_K8S_114"],
        missing: Some(&["KCV-0040", "CKV_K8S_114"]),
    },
];

fn check(object: &Object, report: &mut Report) {
    report_switches(object, report, &SWITCHES, "offers profiles of itself");
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn false_and_absence_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kube-scheduler", &["--profiling=false"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-scheduler", &[])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--profiling=true"])), [""; 0]);
    }

    #[test]
    fn true_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-controller-manager", &["--profiling=true"])), ["true"]);
        let trial = Trial::with(&RULE, r#"{"implicit": true}"#);
        assert_eq!(trial.manifest(&pod("kube-scheduler", &[])), ["kube-scheduler"]);
    }

    #[test]
    fn the_fix_turns_it_off() {
        let fixed = Trial::of(&RULE).fixed("a.yaml", &pod("kube-scheduler", &["--v=2", "--profiling=true"]));
        assert_eq!(fixed, pod("kube-scheduler", &["--v=2", "--profiling=false"]));
    }
}
