use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// An admission plugin that protects the cluster is turned off.
    ///
    /// ## What it checks
    ///
    /// `--disable-admission-plugins` of an API server: `NamespaceLifecycle`, `PodSecurity` and `ServiceAccount`, which are on
    /// by default.
    ///
    /// ## Why it matters
    ///
    /// Without `NamespaceLifecycle` objects come into namespaces that are being deleted, and `kube-system` can be deleted.
    /// Without `PodSecurity` the labels of namespaces keep no pod out. Without `ServiceAccount` a pod may name an account that
    /// does not exist, and mount Secrets of others.
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
    ///         - --disable-admission-plugins=PodSecurity,ServiceAccount
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
    ///         - --disable-admission-plugins=DefaultStorageClass
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the plugin out of `--disable-admission-plugins`.
    ///
    /// ## Other tools
    ///
    /// Checkov looks for these plugins in `--enable-admission-plugins`, where they need not stand; see
    /// `control-plane/missing-admission-plugin`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#which-plugins-are-enabled-by-default>
    tags: &["security", "external/cwe/cwe-693"],
    security_severity: Some("7.0"),
    aliases: &["KCV-0014", "KCV-0015"],
    references: &[
        "https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#which-plugins-are-enabled-by-default",
    ],
    checks: &[Object(SUBJECTS, check)],
}

/// Plugins with their aliases.
const PLUGINS: [(&str, &[&str]); 3] =
    [("NamespaceLifecycle", &["KCV-0015"]), ("PodSecurity", &[]), ("ServiceAccount", &["KCV-0014"])];

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::ApiServer) {
        for setting in setup.all("disable-admission-plugins") {
            for (name, place) in setting.entries() {
                let Some((_, aliases)) = PLUGINS.iter().find(|(plugin, _)| *plugin == name) else { continue };
                let message = format!("the API server does without the admission plugin `{name}`");
                setup.report_at(report, setting, place, message, aliases);
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
    fn other_plugins_are_accepted() {
        let flags = ["--disable-admission-plugins=Priority", "--enable-admission-plugins=PodSecurity"];
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &flags)), [""; 0]);
    }

    #[test]
    fn each_plugin_is_flagged() {
        let flags =
            ["--disable-admission-plugins=PodSecurity,Priority", "--disable-admission-plugins", "ServiceAccount"];
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &flags)), ["PodSecurity", "ServiceAccount"]);
    }
}
