use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// Connections into containers are never closed for being idle.
    ///
    /// ## What it checks
    ///
    /// `--streaming-connection-idle-timeout` of the kubelet, and `streamingConnectionIdleTimeout` of a KubeletConfiguration:
    /// no time at all, as `0` or `0s`.
    ///
    /// ## Why it matters
    ///
    /// A forgotten `kubectl exec` then holds its connection for ever, with the rights of whoever opened it. Enough of them use
    /// up what the node has.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// streamingConnectionIdleTimeout: 0s
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// streamingConnectionIdleTimeout: 30m
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the field away, which closes a connection after four hours, or set a shorter time.
    ///
    /// ## Other tools
    ///
    /// Checkov knows `0` on the command line only. Trivy judges kubelets on running nodes.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/>
    tags: &["security", "external/cwe/cwe-400"],
    security_severity: Some("3.0"),
    aliases: &["KCV-0085", "CKV_K8S_143"],
    references: &["https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"],
    checks: &[Object(SUBJECTS, check)],
}

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::Kubelet) {
        let Some(setting) = setup.get("streaming-connection-idle-timeout") else { continue };
        let value = setting.value().unwrap_or_default();
        let mut digits = value.bytes().filter(u8::is_ascii_digit).peekable();
        if digits.peek().is_some() && digits.all(|digit| digit == b'0') {
            let message = format!("idle connections into containers are never closed, by `{}`", setting.shown());
            let aliases: &[&str] = if value == "0" { &["KCV-0085", "CKV_K8S_143"] } else { &["KCV-0085"] };
            setup.report(report, setting, message, aliases);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::{kubelet, pod};

    #[test]
    fn times_and_absence_are_accepted() {
        for time in ["1", "30m", "0h10m", "x", "$(TIME)"] {
            let flag = format!("--streaming-connection-idle-timeout={time}");
            assert_eq!(manifest(&RULE, &pod("kubelet", &[&flag])), [""; 0], "{time}");
        }
        assert_eq!(manifest(&RULE, &pod("kubelet", &[])), [""; 0]);
    }

    #[test]
    fn no_time_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--streaming-connection-idle-timeout=0"])), ["0"]);
        assert_eq!(manifest(&RULE, &kubelet("streamingConnectionIdleTimeout: 0h0m0s")), ["0h0m0s"]);
    }
}
