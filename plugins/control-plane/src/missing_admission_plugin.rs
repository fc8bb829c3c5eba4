use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// An admission plugin that the cluster should have is not turned on.
    ///
    /// ## What it checks
    ///
    /// Whether `--enable-admission-plugins` of an API server names every plugin of the option `plugins`. `SecurityContextDeny`
    /// is not missed beside `PodSecurityPolicy`. An AdmissionConfiguration is held to `EventRateLimit`, which does nothing
    /// without a configuration.
    ///
    /// The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// `NodeRestriction` keeps a kubelet from changing other nodes, and the labels of its own by which pods are kept off it.
    /// It is not on by default.
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
    ///         - --enable-admission-plugins=AlwaysPullImages
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
    ///         - --enable-admission-plugins=AlwaysPullImages,NodeRestriction
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add the plugin to `--enable-admission-plugins`.
    ///
    /// ## Options
    ///
    /// - `plugins` (default `[NodeRestriction]`): the plugins that must be named, also those that are on by default.
    /// - `implicit` (default `false`): report an API server too that leaves the flag out.
    ///
    /// ## Other tools
    ///
    /// Checkov wants plugins too that are on by default or that Kubernetes has taken out, but says nothing where the flag is
    /// left out. Trivy reports `DenyServiceExternalIPs` (KCV-0003) where it is named; it protects against CVE-2020-8554, and
    /// the benchmark behind the check has since been turned round.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction>
    enabled: false,
    tags: &["security", "external/cwe/cwe-693"],
    security_severity: Some("5.0"),
    aliases: &[
        "KCV-0003", "KCV-0010", "KCV-0012", "KCV-0013", "KCV-0016", "CKV_K8S_78", "CKV_K8S_80", "CKV_K8S_81",
        "CKV_K8S_82", "CKV_K8S_83", "CKV_K8S_84", "CKV_K8S_85",
    ],
    references: &["https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction"],
    options: &[
        OptionSpec::texts("plugins", &["NodeRestriction"], "the plugins that must be named, also those that are on by default"),
        OptionSpec::flag("implicit", false, "whether to report an API server too that leaves the flag out"),
    ],
    checks: &[Object(SUBJECTS, check), Object(&["AdmissionConfiguration"], configuration)],
}

const FLAG: &str = "enable-admission-plugins";
const EVENTS: &str = "EventRateLimit";

/// Plugins with the aliases where the flag lacks them, and where there is no flag.
const ALIASES: [(&str, &[&str], &[&str]); 7] = [
    ("AlwaysPullImages", &["KCV-0012", "CKV_K8S_80"], &["KCV-0012"]),
    (EVENTS, &["KCV-0010"], &["KCV-0010"]),
    ("NamespaceLifecycle", &["CKV_K8S_83"], &[]),
    ("NodeRestriction", &["KCV-0016", "CKV_K8S_85"], &["KCV-0016"]),
    ("PodSecurityPolicy", &["CKV_K8S_84"], &[]),
    ("SecurityContextDeny", &["KCV-0013", "CKV_K8S_81"], &[]),
    ("ServiceAccount", &["CKV_K8S_82"], &[]),
];

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::ApiServer) {
        if !setup.knows(FLAG) {
            continue;
        }
        let named = setup.entries(FLAG);
        let names = |plugin: &str| named.iter().any(|(name, _)| name == plugin);
        let plugins: Vec<String> = report.options().texts("plugins").map(str::to_owned).collect();
        for plugin in plugins {
            if names(&plugin) || plugin == "SecurityContextDeny" && names("PodSecurityPolicy") {
                continue;
            }
            let known = ALIASES.iter().find(|(name, ..)| *name == plugin);
            let message = format!("the API server does not have the admission plugin `{plugin}` in `--{FLAG}`");
            if let Some(setting) = setup.get(FLAG) {
                setup.report(report, setting, message, known.map_or(&[], |(_, aliases, _)| *aliases));
            } else if report.options().flag("implicit") {
                setup.report_missing(report, message, known.map_or(&[], |(_, _, aliases)| *aliases));
            }
        }
    }
}

fn configuration(object: &Object, report: &mut Report) {
    let is_asked_for = report.options().texts("plugins").any(|plugin| plugin == EVENTS);
    let mut plugins = object.at(&["plugins"]).into_iter().flat_map(Node::items);
    let is_events = |plugin: Node| plugin.get("name").and_then(Node::text) == Some(EVENTS);
    if object.group() != "apiserver.config.k8s.io" || !is_asked_for || plugins.any(is_events) {
        return;
    }
    let message = format!("the admission plugin `{EVENTS}` is not configured");
    report.finding(object.anchor(&["plugins"]), message).aliases(&["CKV_K8S_78"]);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;
    use crate::samples::pod;

    const POLICY: &str =
        r#"{"plugins": ["EventRateLimit", "SecurityContextDeny", "NodeRestriction"], "implicit": true}"#;

    #[test]
    fn what_is_named_is_accepted() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &[])), [""; 0]);
        let split = ["--enable-admission-plugins=A", "--enable-admission-plugins=NodeRestriction"];
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &split)), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--enable-admission-plugins=$(PLUGINS)"])), [""; 0]);
        let all =
            pod("kube-apiserver", &["--enable-admission-plugins=EventRateLimit,PodSecurityPolicy,NodeRestriction"]);
        assert_eq!(Trial::with(&RULE, POLICY).manifest(&all), [""; 0]);
    }

    #[test]
    fn what_is_missing_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--enable-admission-plugins=A,B"])), ["A,B"]);
        assert_eq!(Trial::with(&RULE, POLICY).manifest(&pod("kube-apiserver", &[])), ["kube-apiserver"; 3]);
    }

    #[test]
    fn events_are_limited_by_a_configuration() {
        let text =
            "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins: [{name: PodSecurity}]\n";
        assert_eq!(manifest(&RULE, text), [""; 0]);
        assert_eq!(Trial::with(&RULE, POLICY).manifest(text), ["plugins"]);
        assert_eq!(Trial::with(&RULE, POLICY).manifest(&text.replace("PodSecurity", "EventRateLimit")), [""; 0]);
    }
}
