use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// A component is not told by which key tokens of accounts are signed.
    ///
    /// ## What it checks
    ///
    /// `--service-account-key-file` of the API server, and `--service-account-private-key-file` and `--root-ca-file` of the
    /// controller manager: whether they are given, and, by option, how the names of the files end.
    ///
    /// The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// An API server without the flag checks tokens by the key of its own certificate, which changes with it. A controller
    /// manager without the files makes tokens that nobody can check, or without the authority to check the API server by.
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
    ///         - --root-ca-file=/etc/kubernetes/pki/ca.crt
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
    ///         - --root-ca-file=/etc/kubernetes/pki/ca.crt
    ///         - --service-account-private-key-file=/etc/kubernetes/pki/sa.key
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the files in the flags: the public key for the API server, the private one for the controller manager.
    ///
    /// ## Options
    ///
    /// - `endings` (default `[]`): how the name of a file must end; all endings are accepted where the list is empty.
    ///
    /// ## Other tools
    ///
    /// Checkov says nothing where a flag is left out, and wants the name of a file to end in `.pem` (`endings`), which nothing
    /// in Kubernetes asks for.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/>
    /// - <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/>
    enabled: false,
    tags: &["security", "external/cwe/cwe-347"],
    security_severity: Some("4.0"),
    precision: Medium,
    aliases: &["KCV-0025", "KCV-0036", "KCV-0037", "CKV_K8S_97", "CKV_K8S_110", "CKV_K8S_111"],
    references: &[
        "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/",
        "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/",
    ],
    options: &[OptionSpec::texts("endings", &[], "how the name of a file must end; empty accepts all")],
    checks: &[Object(SUBJECTS, check)],
}

/// Flags with their aliases where they are left out, and where a file's name ends otherwise.
const FLAGS: [(Component, &str, &[&str], &[&str]); 3] = [
    (Component::ApiServer, "service-account-key-file", &["KCV-0025"], &["CKV_K8S_97"]),
    (Component::ControllerManager, "root-ca-file", &["KCV-0037"], &["CKV_K8S_111"]),
    (Component::ControllerManager, "service-account-private-key-file", &["KCV-0036"], &["CKV_K8S_110"]),
];

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object) {
        for (_, flag, missing, other) in FLAGS.iter().filter(|(component, ..)| *component == setup.component) {
            let title = setup.component.title();
            if setup.lacks(flag) {
                setup.report_missing(report, format!("{title} lacks `--{flag}`"), missing);
            }
            let endings: Vec<String> = report.options().texts("endings").map(str::to_owned).collect();
            for setting in setup.all(flag) {
                let Some(value) = setting.value() else { continue };
                if !endings.is_empty() && !endings.iter().any(|ending| value.ends_with(ending.as_str())) {
                    let wanted: Vec<String> = endings.iter().map(|ending| format!("`{ending}`")).collect();
                    let message = format!("`{}` does not end in {}", setting.shown(), wanted.join(" or "));
                    setup.report(report, setting, message, other);
                }
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
    fn given_files_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--service-account-key-file=/sa.pub"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-scheduler", &[])), [""; 0]);
    }

    #[test]
    fn missing_files_are_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &[])), ["kube-apiserver"]);
        assert_eq!(
            manifest(&RULE, &pod("kube-controller-manager", &["--root-ca-file=a"])),
            ["kube-controller-manager"]
        );
    }

    #[test]
    fn endings_can_be_asked_for() {
        let trial = Trial::with(&RULE, r#"{"endings": [".pem", ".pub"]}"#);
        assert_eq!(trial.manifest(&pod("kube-apiserver", &["--service-account-key-file=/sa.pub"])), [""; 0]);
        assert_eq!(trial.manifest(&pod("kube-apiserver", &["--service-account-key-file=/sa.key"])), ["/sa.key"]);
    }
}
