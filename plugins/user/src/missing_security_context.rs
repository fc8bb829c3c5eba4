use hullmark_sdk::prelude::*;

rule! {
    /// Nothing is said about the rights of a container: neither it nor its pod has a security context.
    ///
    /// ## What it checks
    ///
    /// `securityContext` of pods and containers. A container is accepted where it or its pod has one that says something. The rule
    /// is off unless it is selected, since the other rules of this plugin say which setting is missing.
    ///
    /// ## Why it matters
    ///
    /// Without any setting a container runs as its image says, mostly as root, with the capabilities of the runtime and without a
    /// seccomp profile.
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
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   securityContext:
    ///     runAsNonRoot: true
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Say in the pod's `securityContext` as whom it runs, and in those of its containers what they may do.
    ///
    /// ## Options
    ///
    /// - `every` (default `false`): ask for one in every pod and in every container, whatever the other has.
    ///
    /// ## Other tools
    ///
    /// Checkov asks for one in every pod and in every container. Trivy asks for one in every pod, and in containers that take
    /// nothing from it.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>
    level: Note,
    enabled: false,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("3.0"),
    aliases: &["KSV-0118", "CKV_K8S_29", "CKV_K8S_30"],
    references: &["https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"],
    options: &[OptionSpec::flag("every", false, "ask for one in every pod and in every container")],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let every = report.options().flag("every");
    let pod_lacks_it = is_empty(pod.get("securityContext"));
    if every && pod_lacks_it {
        let message = format!("{} has no security context for its pods", pod.object().title());
        report.finding(pod.anchor(&["securityContext"]), message).aliases(&["KSV-0118", "CKV_K8S_29"]);
    }
    for container in pod.containers() {
        if !is_empty(container.get("securityContext")) || !every && !pod_lacks_it {
            continue;
        }
        let message = format!("{} has no security context", container.title());
        let is_ephemeral = container.role() == Role::Ephemeral;
        report
            .finding(container.anchor(&["securityContext"]), message)
            .aliases_if(&[("KSV-0118", pod_lacks_it && !is_ephemeral), ("CKV_K8S_30", !is_ephemeral)]);
    }
}

/// Whether a context says nothing. What is no mapping is a fault of another kind.
fn is_empty(context: Option<Node>) -> bool {
    context.is_none_or(|context| context.kind() == Kind::Mapping && context.children().next().is_none())
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(pod: &str, container: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  securityContext: {pod}\n  containers: [{{name: a, image: a, securityContext: {container}}}]\n"
        )
    }

    #[test]
    fn one_of_them_is_enough() {
        assert_eq!(manifest(&RULE, &pod("{runAsUser: 1}", "{}")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("", "{runAsUser: 1}")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("[a]", "")), [""; 0]);
    }

    #[test]
    fn silence_is_flagged_at_the_container() {
        assert_eq!(manifest(&RULE, &pod("{}", "{}")), ["securityContext"]);
        let bare = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a}]}\n";
        assert_eq!(manifest(&RULE, bare), ["a"]);
    }

    #[test]
    fn each_is_flagged_on_request() {
        let trial = Trial::with(&RULE, r#"{"every": true}"#);
        assert_eq!(trial.manifest(&pod("{runAsUser: 1}", "{}")), ["securityContext"]);
        assert_eq!(trial.manifest(&pod("{}", "{}")), ["securityContext", "securityContext"]);
        assert_eq!(trial.manifest(&pod("{runAsUser: 1}", "{runAsUser: 1}")), [""; 0]);
    }
}
