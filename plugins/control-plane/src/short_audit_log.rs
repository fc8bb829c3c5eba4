use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// The audit log of the API server is thrown away early.
    ///
    /// ## What it checks
    ///
    /// `--audit-log-maxage`, `--audit-log-maxbackup` and `--audit-log-maxsize` of an API server: less than the options ask
    /// for. `0` throws nothing away.
    ///
    /// The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// An attack is often found weeks later. What was thrown away by then cannot be looked up.
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
    ///         - --audit-log-maxage=7
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
    ///         - --audit-log-maxage=30
    ///         - --audit-log-maxbackup=10
    ///         - --audit-log-maxsize=100
    /// ```
    ///
    /// ## How to fix
    ///
    /// Raise the value, or send the log to another place that keeps it.
    ///
    /// ## Options
    ///
    /// - `age` (default `30`): the fewest days.
    /// - `backups` (default `10`): the fewest old files.
    /// - `size` (default `100`): the fewest megabytes of a file.
    /// - `implicit` (default `false`): report an API server too that leaves a flag out or sets `0`, though it then throws
    ///   nothing away.
    ///
    /// ## Other tools
    ///
    /// Trivy asks only whether the flags are there. Checkov wants the default values at least, and takes `0` for too few
    /// (`implicit`).
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#log-backend>
    enabled: false,
    tags: &["security", "external/cwe/cwe-778"],
    security_severity: Some("3.0"),
    aliases: &["KCV-0020", "KCV-0021", "KCV-0022", "CKV_K8S_92", "CKV_K8S_93", "CKV_K8S_94"],
    references: &["https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#log-backend"],
    options: &[
        OptionSpec::integer("age", 30, 1, "the fewest days"),
        OptionSpec::integer("backups", 10, 1, "the fewest old files"),
        OptionSpec::integer("size", 100, 1, "the fewest megabytes of a file"),
        OptionSpec::flag(
            "implicit",
            false,
            "whether to report an API server too that leaves a flag out or sets `0`",
        ),
    ],
    checks: &[Object(SUBJECTS, check)],
}

/// Flags with their options, what they count, and their aliases.
const FLAGS: [(&str, &str, &str, &str, &str); 3] = [
    ("audit-log-maxage", "age", "days", "KCV-0020", "CKV_K8S_92"),
    ("audit-log-maxbackup", "backups", "old files", "KCV-0021", "CKV_K8S_93"),
    ("audit-log-maxsize", "size", "megabytes", "KCV-0022", "CKV_K8S_94"),
];

fn check(object: &Object, report: &mut Report) {
    let implicit = report.options().flag("implicit");
    for setup in setups(object).iter().filter(|setup| setup.component == Component::ApiServer) {
        for (flag, option, unit, trivy, checkov) in FLAGS {
            let fewest = report.options().integer(option);
            if let Some(setting) = setup.get(flag) {
                let is_low = |number: i64| number < fewest && (number > 0 || implicit);
                if setting.number().is_some_and(is_low) {
                    let message = format!("`{}` keeps less of the audit log than {fewest} {unit}", setting.shown());
                    setup.report(report, setting, message, &[checkov]);
                }
            } else if implicit && setup.lacks(flag) {
                let message = format!("the API server lacks `--{flag}`");
                setup.report_missing(report, message, &[trivy, checkov]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    #[test]
    fn enough_and_everything_are_accepted() {
        let flags = ["--audit-log-maxage=30", "--audit-log-maxbackup=0", "--audit-log-maxsize=$(SIZE)"];
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &flags)), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &[])), [""; 0]);
    }

    #[test]
    fn less_is_flagged() {
        let flags = ["--audit-log-maxage=29", "--audit-log-maxbackup=9", "--audit-log-maxsize=99"];
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &flags)), ["29", "9", "99"]);
        let trial = Trial::with(&RULE, r#"{"age": 7, "backups": 1, "size": 1}"#);
        assert_eq!(trial.manifest(&pod("kube-apiserver", &flags)), [""; 0]);
    }

    #[test]
    fn what_is_left_out_can_be_asked_for() {
        let trial = Trial::with(&RULE, r#"{"implicit": true}"#);
        assert_eq!(
            trial.manifest(&pod("kube-apiserver", &["--audit-log-maxage=0"])),
            ["0", "kube-apiserver", "kube-apiserver"]
        );
    }
}
