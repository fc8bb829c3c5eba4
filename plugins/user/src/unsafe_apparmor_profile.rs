use hullmark_sdk::prelude::*;

use crate::context::{Once, Setting, linux_containers};

rule! {
    /// The container runs without an AppArmor profile, or under one that is not wanted.
    ///
    /// ## What it checks
    ///
    /// `appArmorProfile.type` of every container, taken from the pod where the container has none itself, and the annotations
    /// `container.apparmor.security.beta.kubernetes.io/<container>` that did the same before Kubernetes 1.30, against the option
    /// `allowed`. Nothing said means the runtime's own profile, and is accepted.
    ///
    /// ## Why it matters
    ///
    /// On nodes with AppArmor the runtime's profile keeps containers from mounting, from tracing other processes and from writing
    /// to sensitive files below `/proc` and `/sys`. `Unconfined` takes that away.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   securityContext:
    ///     appArmorProfile:
    ///       type: Unconfined
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   securityContext:
    ///     appArmorProfile:
    ///       type: RuntimeDefault
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the setting, or write a profile that allows what the container needs and load it on the nodes as `Localhost`.
    ///
    /// ## Options
    ///
    /// - `allowed` (default: `Localhost`, `RuntimeDefault`): types of profiles that containers may have.
    /// - `overridden` (default `false`): also report a pod's profile that all of its containers override, as Pod Security admission
    ///   does.
    ///
    /// ## Other tools
    ///
    /// The default is that of the Pod Security Standard "baseline". Trivy reads the annotations only, and reports profiles of the
    /// node too.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tutorials/security/apparmor/>
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>
    level: Warning,
    tags: &["security", "pod-security-baseline", "external/cwe/cwe-693"],
    security_severity: Some("5.0"),
    aliases: &["KSV-0002"],
    references: &[
        "https://kubernetes.io/docs/tutorials/security/apparmor/",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
    ],
    fragments: true,
    options: &[
        OptionSpec::words(
            "allowed",
            &["Localhost", "RuntimeDefault"],
            &["Localhost", "RuntimeDefault", "Unconfined"],
            "types of profiles that containers may have",
        ),
        OptionSpec::flag("overridden", false, "also report a pod's profile that all of its containers override"),
    ],
    checks: &[Pod(pod)],
}

const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

fn pod(pod: &Pod, report: &mut Report) {
    let mut once = Once::default();
    for container in linux_containers(pod) {
        if let Some(profile) = Setting::of(&container, &["appArmorProfile"]) {
            judge(profile, &profile.title(&container), &mut once, report);
        }
    }
    if report.options().flag("overridden")
        && let Some(profile) = Setting::of_pod(pod, &["appArmorProfile"])
    {
        judge(profile, &pod.object().title(), &mut once, report);
    }
    let annotations = pod.template().at(&["metadata", "annotations"]).into_iter().flat_map(Node::entries);
    for (key, value) in annotations {
        let Some(container) = key.strip_prefix(ANNOTATION) else { continue };
        let Some(profile) = value.text().filter(|profile| !profile.is_empty()) else { continue };
        let kind = match profile {
            "runtime/default" => "RuntimeDefault",
            _ if profile.starts_with("localhost/") => "Localhost",
            _ => "Unconfined",
        };
        if !is_allowed(kind, report) {
            let message = format!("container `{container}` has the AppArmor profile `{profile}`");
            report.finding(value, message).aliases_if(&[("KSV-0002", kind != "RuntimeDefault")]);
        }
    }
}

fn judge(profile: Setting, title: &str, once: &mut Once, report: &mut Report) {
    let Some(kind) = profile.node.get("type") else { return };
    let Some(name) = kind.text().filter(|name| !is_allowed(name, report)) else { return };
    if once.is_first(profile) {
        report.finding(kind, format!("{title} has the AppArmor profile `{name}`")).aliases(&[]);
    }
}

fn is_allowed(kind: &str, report: &Report) -> bool {
    report.options().texts("allowed").any(|allowed| allowed == kind)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(annotation: &str, pod: &str, container: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, annotations: {{{annotation}}}}}\nspec:\n  securityContext: {{{pod}}}\n  containers: [{{name: a, image: a, securityContext: {{{container}}}}}]\n"
        )
    }

    fn flagged(annotation: &str, of_pod: &str, of_container: &str) -> Vec<String> {
        manifest(&RULE, &pod(annotation, of_pod, of_container))
    }

    const KEY: &str = "container.apparmor.security.beta.kubernetes.io/a";

    #[test]
    fn profiles_are_accepted_and_so_is_silence() {
        assert_eq!(flagged("", "", ""), [""; 0]);
        assert_eq!(flagged("", "appArmorProfile: {type: RuntimeDefault}", ""), [""; 0]);
        assert_eq!(flagged("", "", "appArmorProfile: {type: Localhost, localhostProfile: web}"), [""; 0]);
        for profile in ["runtime/default", "localhost/web", "''"] {
            assert_eq!(flagged(&format!("{KEY}: {profile}"), "", ""), [""; 0], "{profile}");
        }
        let overridden = flagged("", "appArmorProfile: {type: Unconfined}", "appArmorProfile: {type: RuntimeDefault}");
        assert_eq!(overridden, [""; 0]);
    }

    #[test]
    fn none_is_flagged() {
        assert_eq!(flagged("", "appArmorProfile: {type: Unconfined}", ""), ["Unconfined"]);
        assert_eq!(flagged("", "", "appArmorProfile: {type: Unconfined}"), ["Unconfined"]);
        assert_eq!(flagged(&format!("{KEY}: unconfined"), "", ""), ["unconfined"]);
    }

    #[test]
    fn what_is_overridden_is_flagged_on_request() {
        let text = pod("", "appArmorProfile: {type: Unconfined}", "appArmorProfile: {type: RuntimeDefault}");
        assert_eq!(Trial::with(&RULE, r#"{"overridden": true}"#).manifest(&text), ["Unconfined"]);
    }

    #[test]
    fn the_profiles_can_be_set() {
        let trial = Trial::with(&RULE, r#"{"allowed": ["RuntimeDefault"]}"#);
        assert_eq!(trial.manifest(&pod(&format!("{KEY}: localhost/web"), "", "")), ["localhost/web"]);
        assert_eq!(trial.manifest(&pod(&format!("{KEY}: runtime/default"), "", "")), [""; 0]);
    }
}
