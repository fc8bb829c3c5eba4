use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// The kubelet may send very many events.
    ///
    /// ## What it checks
    ///
    /// `--event-qps` of the kubelet, and `eventRecordQPS` of a KubeletConfiguration: more than the option `maximum`. `0` means
    /// without a limit, and is accepted.
    ///
    /// The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// A node in trouble sends an event for everything that goes wrong. Many such nodes at once can bring down the API server.
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
    ///         - --event-qps=500
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
    ///         - --event-qps=5
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the flag away, or set a lower value.
    ///
    /// ## Options
    ///
    /// - `maximum` (default `50`, which is the default of the kubelet): the most events in a second.
    ///
    /// ## Other tools
    ///
    /// Checkov reports more than 5 (`maximum`). Trivy judges kubelets on running nodes.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/>
    enabled: false,
    tags: &["security", "external/cwe/cwe-400"],
    security_severity: Some("2.0"),
    aliases: &["KCV-0087", "CKV_K8S_147"],
    references: &["https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"],
    options: &[OptionSpec::integer("maximum", 50, 1, "the most events in a second")],
    checks: &[Object(SUBJECTS, check)],
}

fn check(object: &Object, report: &mut Report) {
    let maximum = report.options().integer("maximum");
    for setup in setups(object).iter().filter(|setup| setup.component == Component::Kubelet) {
        let Some(setting) = setup.get("event-qps") else { continue };
        if setting.number().is_some_and(|rate| rate > maximum) {
            let message =
                format!("the kubelet may send more than {maximum} events in a second, by `{}`", setting.shown());
            setup.report(report, setting, message, &["KCV-0087", "CKV_K8S_147"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::{kubelet, pod};

    #[test]
    fn low_rates_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--event-qps=50"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--event-qps=0"])), [""; 0]);
        assert_eq!(manifest(&RULE, &kubelet("eventRecordQPS: 5")), [""; 0]);
    }

    #[test]
    fn high_rates_are_flagged() {
        assert_eq!(manifest(&RULE, &pod("kubelet", &["--event-qps", "51"])), ["51"]);
        assert_eq!(manifest(&RULE, &kubelet("eventRecordQPS: 100")), ["100"]);
        assert_eq!(Trial::with(&RULE, r#"{"maximum": 5}"#).manifest(&kubelet("eventRecordQPS: 6")), ["6"]);
    }
}
