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
    /// applied whatever is set.
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
    /// ## Other tools
    ///
    /// Checkov does not accept `Localhost`, and it, Trivy and kube-score still read the annotation
    /// `seccomp.security.alpha.kubernetes.io/pod`, which Kubernetes has ignored since 1.27; here a finding points at it. kube-score
    /// accepts any type, even `Unconfined`.
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
    checks: &[Pod(pod)],
}

const TITLE: &str = "use the runtime's default profile";
const ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";

fn pod(pod: &Pod, report: &mut Report) {
    let mut once = Once::default();
    for container in linux_containers(pod).filter(|container| !is_privileged(container)) {
        match Setting::of(&container, &["seccompProfile"]) {
            Some(profile) => judge(&container, profile, &mut once, report),
            None => missing(&container, report),
        }
    }
}

fn judge(container: &Container, profile: Setting, once: &mut Once, report: &mut Report) {
    let Some(kind) = profile.node.get("type") else { return };
    let Some(name) = kind.text().filter(|name| !["RuntimeDefault", "Localhost"].contains(name)) else { return };
    if !once.is_first(profile) {
        return;
    }
    let finding = report.finding(kind, format!("{} has the seccomp profile `{name}`", profile.title(container)));
    if container.role() == Role::Ephemeral {
        finding.aliases(&[]);
    } else {
        // kube-score accepts any type.
        finding.aliases(&["linuxHardening", "KSV-0030", "KSV-0104", "CKV_K8S_31"]);
    }
    if let Some(fix) = replacement(TITLE, kind, "RuntimeDefault") {
        finding.fix(fix);
    }
}

fn missing(container: &Container, report: &mut Report) {
    // A patch leaves the field to the object that it patches.
    if container.document().is_fragment() {
        return;
    }
    let message = format!("{} has no seccomp profile", container.title());
    let finding = report.finding(container.anchor(&["securityContext", "seccompProfile"]), message);
    let annotation = container.pod().template().at(&["metadata", "annotations", ANNOTATION]);
    let satisfies_checkov = annotation
        .and_then(Node::text)
        .is_some_and(|profile| profile.contains("docker/default") || profile.contains("runtime/default"));
    finding.aliases(match container.role() {
        Role::Main if satisfies_checkov => &["container-seccomp-profile", "linuxHardening", "KSV-0030", "KSV-0104"],
        Role::Main => &["container-seccomp-profile", "linuxHardening", "KSV-0030", "KSV-0104", "CKV_K8S_31"],
        Role::Init | Role::Sidecar => &["linuxHardening", "KSV-0030", "KSV-0104"],
        Role::Ephemeral => &[],
    });
    if let Some(annotation) = annotation {
        finding.related(annotation.key_place(), "this annotation has had no effect since Kubernetes 1.27");
    }
    let context = container.get("securityContext");
    let lines = ["seccompProfile:", "  type: RuntimeDefault"];
    if let Some(fix) = context.and_then(|context| insertion(TITLE, context, &lines)) {
        finding.fix(fix);
    }
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
}
