use hullmark_sdk::prelude::*;

rule! {
    /// The container gets an SELinux label that frees it from the rules for containers.
    ///
    /// ## What it checks
    ///
    /// `seLinuxOptions` of pods and containers: a `type` that is not one of the option `types`, and any `user` or `role`. The
    /// `level` is free.
    ///
    /// ## Why it matters
    ///
    /// On nodes with SELinux the type decides what a process may touch. Types such as `spc_t` and `unconfined_t` may touch
    /// everything, so nothing holds a process that gets out of its container.
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
    ///     seLinuxOptions:
    ///       type: spc_t
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
    ///     seLinuxOptions:
    ///       level: s0:c123,c456
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the field, or use one of the types for containers.
    ///
    /// ## Options
    ///
    /// - `types` (default: `container_engine_t`, `container_init_t`, `container_kvm_t`, `container_t`): types that containers may
    ///   have.
    ///
    /// ## Other tools
    ///
    /// The default is that of the Pod Security Standard "baseline" since 1.31. Trivy does not know `container_engine_t` yet.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>
    level: Warning,
    tags: &["security", "pod-security-baseline", "external/cwe/cwe-693"],
    security_severity: Some("6.0"),
    aliases: &["KSV-0025"],
    references: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline"],
    fragments: true,
    options: &[OptionSpec::texts(
        "types",
        &["container_engine_t", "container_init_t", "container_kvm_t", "container_t"],
        "types that containers may have",
    )],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    if let Some(options) = pod.at(&["securityContext", "seLinuxOptions"]) {
        judge(options, &pod.object().title(), true, report);
    }
    for container in pod.containers() {
        if let Some(options) = container.at(&["securityContext", "seLinuxOptions"]) {
            judge(options, &container.title(), container.role() != Role::Ephemeral, report);
        }
    }
}

fn judge(options: Node, title: &str, seen_by_trivy: bool, report: &mut Report) {
    for field in ["type", "user", "role"] {
        let Some(value) = options.get(field) else { continue };
        let Some(text) = value.text().filter(|text| !text.is_empty()) else { continue };
        if field == "type" && report.options().texts("types").any(|allowed| allowed == text) {
            continue;
        }
        let message = format!("{title} has the SELinux {field} `{text}`");
        report.finding(value, message).aliases_if(&[("KSV-0025", seen_by_trivy)]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(pod: &str, container: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  securityContext: {{seLinuxOptions: {{{pod}}}}}\n  containers: [{{name: a, image: a, securityContext: {{seLinuxOptions: {{{container}}}}}}}]\n"
        )
    }

    #[test]
    fn types_for_containers_and_levels_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("type: container_t, level: 's0:c1'", "type: container_engine_t")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("type: '', user: '', role: ", "type: 5")), [""; 0]);
    }

    #[test]
    fn other_types_and_any_user_or_role_are_flagged() {
        assert_eq!(manifest(&RULE, &pod("type: spc_t", "type: spc_t")), ["spc_t", "spc_t"]);
        assert_eq!(manifest(&RULE, &pod("user: system_u, role: system_r", "")), ["system_u", "system_r"]);
    }

    #[test]
    fn the_types_can_be_set() {
        let trial = Trial::with(&RULE, r#"{"types": ["my_t"]}"#);
        assert_eq!(trial.manifest(&pod("type: my_t", "type: container_t")), ["container_t"]);
    }
}
