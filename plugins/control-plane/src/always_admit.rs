use hullmark_sdk::prelude::*;

use crate::setup::{Component, SUBJECTS, setups};

rule! {
    /// The API server is told to admit every object.
    ///
    /// ## What it checks
    ///
    /// `AlwaysAdmit` in `--enable-admission-plugins` or in the old `--admission-control` of the API server.
    ///
    /// ## Why it matters
    ///
    /// The plugin does nothing, and has been deprecated for that. Who writes it wants no admission, as a cluster has it for a
    /// first try.
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
    ///         - --enable-admission-plugins=AlwaysAdmit
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
    ///         - --enable-admission-plugins=NodeRestriction
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take `AlwaysAdmit` away, and name the plugins that the cluster needs: `NodeRestriction` at least.
    ///
    /// ## Other tools
    ///
    /// Checkov reports it only where it is the one plugin of the list.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwaysadmit>
    tags: &["security", "external/cwe/cwe-693"],
    security_severity: Some("6.0"),
    aliases: &["KCV-0011", "CKV_K8S_79"],
    references: &["https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwaysadmit"],
    checks: &[Object(SUBJECTS, check)],
}

fn check(object: &Object, report: &mut Report) {
    for setup in setups(object).iter().filter(|setup| setup.component == Component::ApiServer) {
        for setting in setup.all("admission-control").chain(setup.all("enable-admission-plugins")) {
            for (plugin, place) in setting.entries().into_iter().filter(|(plugin, _)| plugin == "AlwaysAdmit") {
                let message = format!("the API server admits every object, by `{}`", setting.shown());
                // Checkov compares the whole list.
                let is_alone = setting.value() == Some(plugin.as_str());
                let aliases: &[&str] = if is_alone { &["KCV-0011", "CKV_K8S_79"] } else { &["KCV-0011"] };
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
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--enable-admission-plugins=AlwaysAdmitX"])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--disable-admission-plugins=AlwaysAdmit"])), [""; 0]);
    }

    #[test]
    fn the_plugin_is_flagged() {
        let flags = ["--enable-admission-plugins=NodeRestriction,AlwaysAdmit"];
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &flags)), ["AlwaysAdmit"]);
        assert_eq!(manifest(&RULE, &pod("kube-apiserver", &["--admission-control=AlwaysAdmit"])), ["AlwaysAdmit"]);
    }
}
