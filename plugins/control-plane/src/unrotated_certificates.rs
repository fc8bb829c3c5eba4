use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, Switch, report_switches, setups};

rule! {
    /// Certificates of kubelets are not renewed.
    ///
    /// ## What it checks
    ///
    /// `--rotate-certificates` of the kubelet and `rotateCertificates` of a KubeletConfiguration: a written `false`; the
    /// feature gate `RotateKubeletServerCertificate` of the kubelet and of the controller manager: `false`.
    ///
    /// ## Why it matters
    ///
    /// The certificate of a kubelet is good for a year. When it ends the node falls out of the cluster, mostly at night; until
    /// then a stolen key stays good.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kubelet
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kubelet
    ///       image: registry.example.com/kubelet:v1.34.1
    ///       command:
    ///         - kubelet
    ///         - --rotate-certificates=false
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: kubelet
    ///   namespace: kube-system
    /// spec:
    ///   containers:
    ///     - name: kubelet
    ///       image: registry.example.com/kubelet:v1.34.1
    ///       command:
    ///         - kubelet
    ///         - --rotate-certificates=true
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `rotateCertificates: true`, and take the feature gate away: it is on by default.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): report a component too that leaves the feature gate out.
    ///
    /// ## Other tools
    ///
    /// Trivy wants the feature gate written (`implicit`), and judges kubelets on running nodes.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/tls/certificate-rotation/>
    tags: &["security", "external/cwe/cwe-324"],
    security_severity: Some("4.0"),
    aliases: &["KCV-0038", "KCV-0090", "KCV-0091", "CKV_K8S_112", "CKV_K8S_149"],
    references: &["https://kubernetes.io/docs/tasks/tls/certificate-rotation/"],
    options: &[
        OptionSpec::flag("implicit", false, "whether to report a component too that leaves the feature gate out"),
    ],
    checks: &[Object(SUBJECTS, check)],
}

const SWITCHES: [Switch; 1] = [Switch {
    component: Component::Kubelet,
    flag: "rotate-certificates",
    wanted: true,
    aliases: &["KCV-0090", "CKV_K8S_149"],
    missing: None,
}];

const GATES: &str = "feature-gates";
const GATE: &str = "RotateKubeletServerCertificate";

fn check(object: &Object, report: &mut Report) {
    report_switches(object, report, &SWITCHES, "does not renew its certificate");
    for setup in setups(object) {
        let trivy = match setup.component {
            Component::ControllerManager => "KCV-0038",
            Component::Kubelet => "KCV-0091",
            _ => continue,
        };
        let is_gate = |entry: &str| entry.split('=').next() == Some(GATE);
        for setting in setup.all(GATES) {
            for (entry, place) in setting.entries().into_iter().filter(|(entry, _)| is_gate(entry)) {
                if entry.ends_with("=false") {
                    let message = format!("certificates of kubelets are not renewed, by `{entry}`");
                    setup.report_at(report, setting, place, message, &[trivy, "CKV_K8S_112"]);
                }
            }
        }
        let is_named = setup.entries(GATES).iter().any(|(entry, _)| is_gate(entry));
        if report.options().flag("implicit") && setup.knows(GATES) && !is_named {
            let message = format!("{} lacks the feature gate `{GATE}=true`", setup.component.title());
            setup.report_missing(report, message, &[trivy]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::{kubelet, pod};

    #[test]
    fn true_and_absence_are_accepted() {
        let flags = ["--rotate-certificates", "--feature-gates=A=false,RotateKubeletServerCertificate=true"];
        assert_eq!(manifest(&RULE, &pod("kubelet", &flags)), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kubelet", &[])), [""; 0]);
        assert_eq!(manifest(&RULE, &kubelet("featureGates: {A: false}")), [""; 0]);
    }

    #[test]
    fn false_is_flagged() {
        let flags = ["--rotate-certificates=false", "--feature-gates=A=true,RotateKubeletServerCertificate=false"];
        assert_eq!(manifest(&RULE, &pod("kubelet", &flags)), ["false", "RotateKubeletServerCertificate=false"]);
        let lines = "rotateCertificates: false\nfeatureGates: {RotateKubeletServerCertificate: false}";
        assert_eq!(manifest(&RULE, &kubelet(lines)), ["false", "false"]);
    }

    #[test]
    fn the_gate_can_be_asked_for() {
        let trial = Trial::with(&RULE, r#"{"implicit": true}"#);
        assert_eq!(
            trial.manifest(&pod("kube-controller-manager", &["--feature-gates=A=true"])),
            ["kube-controller-manager"]
        );
        let flags = ["--feature-gates=RotateKubeletServerCertificate=true"];
        assert_eq!(trial.manifest(&pod("kube-controller-manager", &flags)), [""; 0]);
    }
}
