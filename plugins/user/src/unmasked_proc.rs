use hullmark_sdk::prelude::*;

use crate::insertion::replacement;

rule! {
    /// The container sees and may change the parts of `/proc` that the runtime hides.
    ///
    /// ## What it checks
    ///
    /// `procMount` of every container: any value but `Default`. Pods with their own user namespace (`hostUsers: false`), in which
    /// containers may be run inside of containers, are passed over unless the option `user-namespaces` is set.
    ///
    /// ## Why it matters
    ///
    /// The hidden paths steer the kernel of the node. Root in a container with an unmasked `/proc` can restart the node through
    /// `/proc/sysrq-trigger` or read its memory layout.
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
    ///       securityContext:
    ///         procMount: Unmasked
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: builder
    /// spec:
    ///   hostUsers: false
    ///   containers:
    ///     - name: builder
    ///       image: builder:1.2
    ///       securityContext:
    ///         procMount: Unmasked
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the field, or give the pod its own user namespace where it runs containers itself.
    ///
    /// ## Options
    ///
    /// - `user-namespaces` (default `false`): also report pods with their own user namespace, as the Pod Security Standard
    ///   "restricted" does.
    ///
    /// ## Other tools
    ///
    /// Trivy reports any `procMount`, even `Default`. None of the tools knows user namespaces. Polaris looks at main containers
    /// only.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#proc-access>
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>
    level: Warning,
    tags: &["security", "pod-security-baseline", "external/cwe/cwe-668"],
    security_severity: Some("6.5"),
    aliases: &["unsafe-proc-mount", "procMount", "KSV-0027"],
    references: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#proc-access",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
    ],
    fragments: true,
    options: &[OptionSpec::flag("user-namespaces", false, "also report pods with their own user namespace")],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    let Some(mount) = container.at(&["securityContext", "procMount"]) else { return };
    let Some(kind) = mount.text().filter(|&kind| kind != "Default") else { return };
    let has_user_namespace = container.pod().get("hostUsers").and_then(Node::boolean) == Some(false);
    if has_user_namespace && !report.options().flag("user-namespaces") {
        return;
    }
    let message = format!("{} mounts `/proc` without its masks (`procMount: {kind}`)", container.title());
    let finding = report.finding(mount, message);
    finding.aliases_if(&[
        ("unsafe-proc-mount", kind.eq_ignore_ascii_case("Unmasked")),
        ("procMount", container.role() == Role::Main),
        ("KSV-0027", container.role() != Role::Ephemeral),
    ]);
    if let Some(fix) = replacement("mask `/proc`", mount, "Default") {
        finding.fix(fix);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(spec: &str, context: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  {spec}\n  containers: [{{name: a, image: a, securityContext: {{{context}}}}}]\n"
        )
    }

    #[test]
    fn the_default_is_accepted() {
        for context in ["procMount: Default", "procMount: ", "procMount: [Unmasked]"] {
            assert_eq!(manifest(&RULE, &pod("hostUsers: true", context)), [""; 0], "{context}");
        }
    }

    #[test]
    fn a_user_namespace_makes_it_harmless() {
        let text = pod("hostUsers: false", "procMount: Unmasked");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"user-namespaces": true}"#).manifest(&text), ["Unmasked"]);
    }

    #[test]
    fn other_values_are_flagged() {
        assert_eq!(manifest(&RULE, &pod("hostUsers: true", "procMount: Unmasked")), ["Unmasked"]);
        assert_eq!(manifest(&RULE, &pod("hostPID: false", "procMount: unmasked")), ["unmasked"]);
    }

    #[test]
    fn the_fix_masks_it() {
        let fixed = Trial::of(&RULE).fixed("p.yaml", &pod("hostUsers: true", "procMount: Unmasked"));
        assert_eq!(fixed, pod("hostUsers: true", "procMount: Default"));
    }
}
