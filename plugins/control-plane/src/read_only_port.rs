use hullmark_sdk::prelude::*;

use crate::setup::{Component, IMPLICIT, SUBJECTS, setups};

rule! {
    /// The kubelet answers everybody on a second port.
    ///
    /// ## What it checks
    ///
    /// `--read-only-port` of the kubelet, and `readOnlyPort` of a KubeletConfiguration, with another value than `0`.
    ///
    /// ## Why it matters
    ///
    /// The port has no login. It tells everybody on the network which pods run on the node, with their commands and
    /// environments.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// readOnlyPort: 10255
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// readOnlyPort: 0
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `readOnlyPort: 0`, and let monitoring ask port 10250 with a token.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): report a component too that leaves the flag out. What a configuration file leaves out
    ///   is never reported. The flag is 10255 by default, the field 0.
    ///
    /// ## Other tools
    ///
    /// Checkov wants `--read-only-port=0` written (`implicit`). Trivy judges kubelets on running nodes.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/>
    tags: &["security", "external/cwe/cwe-306"],
    security_severity: Some("7.0"),
    aliases: &["KCV-0082", "CKV_K8S_141"],
    references: &["https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"],
    options: &[IMPLICIT],
    checks: &[Object(SUBJECTS, check)],
}

const FLAG: &str = "read-only-port";
const ALIASES: &[&str] = &["KCV-0082", "CKV_K8S_141"];

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::Kubelet) {
        if let Some(setting) = setup.get(FLAG) {
            if setting.number().is_some_and(|port| port != 0) {
                let message = format!("the kubelet answers without a login, by `{}`", setting.shown());
                setup.report(report, setting, message, ALIASES);
            }
        } else if setup.lacks(FLAG) && report.options().flag("implicit") {
            let message = format!("the kubelet answers without a login: it lacks `--{FLAG}=0`");
            setup.report_missing(report, message, ALIASES);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::{kubelet, pod};

    #[test]
    fn zero_and_absence_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--read-only-port=0"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kubelet", &[])), [""; 0]);
        assert_eq!(manifest(&RULE, &kubelet("readOnlyPort: 0")), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"implicit": true}"#).manifest(&kubelet("port: 1")), [""; 0]);
    }

    #[test]
    fn a_port_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--read-only-port=10255"])), ["10255"]);
        assert_eq!(manifest(&RULE, &kubelet("readOnlyPort: 10255")), ["10255"]);
        assert_eq!(Trial::with(&RULE, r#"{"implicit": true}"#).manifest(&pod("kubelet", &[])), ["kubelet"]);
    }
}
