use hullmark_sdk::prelude::*;

use crate::context::{Once, Setting, is_privileged, linux_containers};
use crate::insertion::{insertion, replacement};

rule! {
    /// No seccomp profile limits which system calls the container may make.
    ///
    /// ## What it checks
    ///
    /// `seccompProfile.type` of every container, taken from the pod where the container has no `seccompProfile` itself: it must be
    /// `RuntimeDefault` or `Localhost`. Pods of Windows are passed over, and so are privileged containers, to which no profile is
    /// applied whatever is set; the option `privileged` asks for it there too.
    ///
    /// ## Why it matters
    ///
    /// Without a profile every system call of the kernel is open to the container, among them those through which containers have
    /// been escaped from. The runtime's own profile closes some dozens that hardly any program uses.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   securityContext:
    ///     seccompProfile:
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
    ///     seccompProfile:
    ///       type: RuntimeDefault
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `seccompProfile.type: RuntimeDefault` in the pod's `securityContext`.
    ///
    /// ## Options
    ///
    /// - `explicit-only` (default `false`): report only profiles that are written, not what is missing.
    /// - `overridden` (default `false`): also report a pod's profile that all of its containers override, as Pod Security admission
    ///   does.
    /// - `privileged` (default `false`): also look at privileged containers.
    ///
    /// ## Other tools
    ///
    /// Checkov does not accept `Localhost`, and it, Trivy and kube-score still read the annotation
    /// `seccomp.security.alpha.kubernetes.io/pod`, which Kubernetes has ignored since 1.27; here a finding points at it. kube-score
    /// accepts any type, even `Unconfined`. All of them look at privileged containers too.
    ///
    /// Where the kubelet runs with `--seccomp-default`, a missing profile means `RuntimeDefault`. A manifest cannot know that.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tutorials/security/seccomp/>
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>
    level: Warning,
    tags: &["security", "pod-security-restricted", "external/cwe/cwe-693"],
    security_severity: Some("4.5"),
    precision: Medium,
    aliases: &["container-seccomp-profile", "linuxHardening", "KSV-0030", "KSV-0104", "CKV_K8S_31"],
    references: &[
        "https://kubernetes.io/docs/tutorials/security/seccomp/",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    ],
    fragments: true,
    options: &[
        OptionSpec::flag("explicit-only", false, "report only profiles that are written, not what is missing"),
        OptionSpec::flag("overridden", false, "also report a pod's profile that all of its containers override"),
        OptionSpec::flag("privileged", false, "also look at privileged containers"),
    ],
    checks: &[Pod(pod)],
}

const TITLE: &str = "use the runtime's default profile";
const ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
/// Beginning of the annotations for AppArmor, before a container's name.
const APPARMOR: &str = "container.apparmor.security.beta.kubernetes.io";

fn pod(pod: &Pod, report: &mut Report) {
    let mut once = Once::default();
    // A patch leaves the field to the object that it patches.
    let explicit_only = report.options().flag("explicit-only") || pod.document().is_fragment();
    let privileged = report.options().flag("privileged");
    for container in linux_containers(pod).filter(|container| privileged || !is_privileged(container)) {
        match Setting::of(&container, &["seccompProfile"]) {
            Some(profile) => judge(&container, profile, &mut once, report),
            None if explicit_only => {}
            None => missing(&container, report),
        }
    }
    if report.options().flag("overridden") && !pod.is_windows() {
        overridden(pod, &mut once, report);
    }
}

/// The kind of a profile that holds nothing back.
fn unsafe_name(kind: Node<'_>) -> Option<&str> {
    kind.text().filter(|name| !["RuntimeDefault", "Localhost"].contains(name))
}

fn overridden(pod: &Pod, once: &mut Once, report: &mut Report) {
    let Some(profile) = Setting::of_pod(pod, &["seccompProfile"]) else { return };
    let Some(kind) = profile.node.get("type") else { return };
    let Some(name) = unsafe_name(kind).filter(|_| once.is_first(profile)) else { return };
    let title = pod.object().title();
    report
        .finding(kind, format!("{title} has the seccomp profile `{name}`, which its containers override"))
        .aliases(&[]);
}

fn judge(container: &Container, profile: Setting, once: &mut Once, report: &mut Report) {
    let Some(kind) = profile.node.get("type") else { return };
    let Some(name) = unsafe_name(kind) else { return };
    if !once.is_first(profile) {
        return;
    }
    let finding = report.finding(kind, format!("{} has the seccomp profile `{name}`", profile.title(container)));
    // kube-score accepts any type.
    let role = profile.role(container);
    finding.aliases_if(&[
        ("linuxHardening", role != Role::Ephemeral && !is_hardened(container)),
        ("KSV-0030", role != Role::Ephemeral),
        ("KSV-0104", role != Role::Ephemeral),
        ("CKV_K8S_31", role == Role::Main),
    ]);
    if let Some(fix) = replacement(TITLE, kind, "RuntimeDefault") {
        finding.fix(fix);
    }
}

fn missing(container: &Container, report: &mut Report) {
    let message = format!("{} has no seccomp profile", container.title());
    let finding = report.finding(container.anchor(&["securityContext", "seccompProfile"]), message);
    let annotation = container.pod().template().at(&["metadata", "annotations", ANNOTATION]);
    let satisfies_checkov = annotation
        .and_then(Node::text)
        .is_some_and(|profile| profile.contains("docker/default") || profile.contains("runtime/default"));
    let role = container.role();
    finding.aliases_if(&[
        ("container-seccomp-profile", role == Role::Main),
        ("linuxHardening", role != Role::Ephemeral && !is_hardened(container)),
        ("KSV-0030", role != Role::Ephemeral),
        ("KSV-0104", role != Role::Ephemeral),
        ("CKV_K8S_31", role == Role::Main && !satisfies_checkov),
    ]);
    if let Some(annotation) = annotation {
        finding.related(annotation.key_place(), "this annotation has had no effect since Kubernetes 1.27");
    }
    let context = container.get("securityContext");
    let lines = ["seccompProfile:", "  type: RuntimeDefault"];
    if let Some(fix) = context.and_then(|context| insertion(TITLE, context, &lines)) {
        finding.fix(fix);
    }
}

/// Whether something else holds the container, so that polaris is content: AppArmor, SELinux or dropped capabilities.
fn is_hardened(container: &Container) -> bool {
    let annotation = container.name().map(|name| format!("{APPARMOR}/{name}"));
    let annotations = container.pod().template().at(&["metadata", "annotations"]);
    let has_apparmor = annotation.zip(annotations).is_some_and(|(key, all)| all.get(&key).is_some());
    let has_selinux =
        Setting::of(container, &["seLinuxOptions"]).is_some_and(|options| options.node.children().next().is_some());
    let capabilities =
        |list| container.at(&["securityContext", "capabilities", list]).into_iter().flat_map(Node::items);
    let adds_all = capabilities("add").filter_map(Node::text).any(|name| name.eq_ignore_ascii_case("ALL"));
    has_apparmor || has_selinux || capabilities("drop").next().is_some() && !adds_all
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(pod: &str, contexts: &[&str]) -> Vec<String> {
        let mut text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  securityContext: {{{pod}}}\n  containers:\n"
        );
        for (number, context) in contexts.iter().enumerate() {
            text.push_str(&format!("    - {{name: c{number}, image: a, securityContext: {{{context}}}}}\n"));
        }
        manifest(&RULE, &text)
    }

    #[test]
    fn both_kinds_of_profile_do_at_either_level() {
        assert_eq!(flagged("seccompProfile: {type: RuntimeDefault}", &["", ""]), [""; 0]);
        assert_eq!(flagged("", &["seccompProfile: {type: Localhost, localhostProfile: a.json}"]), [""; 0]);
        assert_eq!(flagged("seccompProfile: {type: Unconfined}", &["seccompProfile: {type: RuntimeDefault}"]), [""; 0]);
    }

    #[test]
    fn privileged_containers_have_no_profile_anyway() {
        assert_eq!(flagged("", &["privileged: true"]), [""; 0]);
    }

    #[test]
    fn other_types_are_passed_over() {
        assert_eq!(flagged("seccompProfile: RuntimeDefault", &[""]), [""; 0]);
        assert_eq!(flagged("seccompProfile: {type: [a]}", &[""]), [""; 0]);
    }

    #[test]
    fn unconfined_is_reported_once_for_a_pod() {
        assert_eq!(flagged("seccompProfile: {type: Unconfined}", &["", ""]), ["Unconfined"]);
        assert_eq!(
            flagged("seccompProfile: {type: RuntimeDefault}", &["seccompProfile: {type: Unconfined}"]),
            ["Unconfined"]
        );
    }

    #[test]
    fn a_missing_profile_is_reported_for_each_container() {
        assert_eq!(flagged("", &["runAsUser: 1", "runAsUser: 1"]), ["securityContext", "securityContext"]);
    }

    #[test]
    fn the_fix_takes_the_profile_of_the_runtime() {
        let start = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: a\n      securityContext:\n";
        let trial = Trial::of(&RULE);
        for context in ["        runAsUser: 1\n", "        seccompProfile:\n          type: Unconfined\n"] {
            assert_eq!(trial.manifest(&trial.fixed("p.yaml", &format!("{start}{context}"))), [""; 0], "{context}");
        }
    }

    #[test]
    fn one_may_ask_for_less_and_for_more() {
        let pod = |context: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    - {{name: a, securityContext: {{{context}}}}}\n"
            )
        };
        let explicit = Trial::with(&RULE, r#"{"explicit-only": true}"#);
        assert_eq!(explicit.manifest(&pod("runAsUser: 1")), [""; 0]);
        assert_eq!(explicit.manifest(&pod("seccompProfile: {type: Unconfined}")), ["Unconfined"]);
        let overridden = Trial::with(&RULE, r#"{"overridden": true}"#);
        let both = pod("seccompProfile: {type: RuntimeDefault}")
            .replace("spec:", "spec:\n  securityContext: {seccompProfile: {type: Unconfined}}");
        assert_eq!(manifest(&RULE, &both), [""; 0]);
        assert_eq!(overridden.manifest(&both), ["Unconfined"]);
        let privileged = Trial::with(&RULE, r#"{"privileged": true}"#);
        assert_eq!(privileged.manifest(&pod("privileged: true")), ["securityContext"]);
    }
}
