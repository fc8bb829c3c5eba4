use hullmark_sdk::prelude::*;

use crate::access::RBAC;

rule! {
    /// A binding gives rights to people without credentials.
    ///
    /// ## What it checks
    ///
    /// Subjects of RoleBindings and ClusterRoleBindings: the user `system:anonymous` and the group `system:unauthenticated`.
    /// The roles that every cluster gives them are passed over: `system:discovery`, `system:basic-user`,
    /// `system:public-info-viewer` and that by which nodes join.
    ///
    /// ## Why it matters
    ///
    /// Everybody who reaches the API server has the right then, from anywhere, without leaving a name.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata:
    ///   name: open
    /// roleRef:
    ///   apiGroup: rbac.authorization.k8s.io
    ///   kind: ClusterRole
    ///   name: view
    /// subjects:
    ///   - kind: Group
    ///     name: system:unauthenticated
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata:
    ///   name: staff
    /// roleRef:
    ///   apiGroup: rbac.authorization.k8s.io
    ///   kind: ClusterRole
    ///   name: view
    /// subjects:
    ///   - kind: Group
    ///     name: staff
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the users, groups or accounts that need the right.
    ///
    /// ## Options
    ///
    /// - `subjects` (default `[system:anonymous, system:unauthenticated]`): the users and groups that are reported. Where
    ///   everybody can get an account, as in GKE, `system:authenticated` belongs to them.
    ///
    /// ## Other tools
    ///
    /// Trivy does not see ClusterRoleBindings. It reports `system:authenticated` (KSV-01011) for
    /// GKE only.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests>
    level: Error,
    tags: &["security", "external/cwe/cwe-306"],
    security_severity: Some("9.0"),
    precision: High,
    aliases: &["KSV-0122", "KSV-01011"],
    references: &["https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests"],
    options: &[OptionSpec::texts("subjects", NOBODY, "the users and groups that are reported")],
    checks: &[Object(&["ClusterRoleBinding", "RoleBinding"], binding)],
}

const NOBODY: &[&str] = &["system:anonymous", "system:unauthenticated"];

/// Roles that every cluster gives to them.
const HARMLESS: [&str; 4] =
    ["kubeadm:bootstrap-signer-clusterinfo", "system:basic-user", "system:discovery", "system:public-info-viewer"];

fn binding(binding: &Object, report: &mut Report) {
    let role = binding.at(&["roleRef", "name"]).and_then(Node::text);
    if binding.group() != RBAC || role.is_some_and(|role| HARMLESS.contains(&role)) {
        return;
    }
    for subject in binding.at(&["subjects"]).into_iter().flat_map(Node::items) {
        let Some(node) = subject.get("name") else { continue };
        let Some(name) = node.text() else { continue };
        if !report.options().texts("subjects").any(|reported| reported == name) {
            continue;
        }
        let message = format!("{} gives rights to `{name}`", binding.title());
        // Trivy misses ClusterRoleBindings by a slip in its list of kinds.
        let is_seen = binding.kind() == Some("RoleBinding");
        report.finding(node, message).aliases_if(&[
            ("KSV-0122", is_seen && NOBODY.contains(&name)),
            ("KSV-01011", is_seen && name == "system:authenticated"),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn binding(role: &str, subject: &str) -> String {
        format!(
            "apiVersion: {RBAC}/v1\nkind: RoleBinding\nmetadata: {{name: a}}\nroleRef: {{kind: ClusterRole, name: '{role}'}}\nsubjects: [{{kind: Group, name: '{subject}'}}]\n"
        )
    }

    #[test]
    fn others_and_harmless_roles_are_accepted() {
        assert_eq!(manifest(&RULE, &binding("view", "staff")), [""; 0]);
        assert_eq!(manifest(&RULE, &binding("view", "system:authenticated")), [""; 0]);
        assert_eq!(manifest(&RULE, &binding("system:public-info-viewer", "system:unauthenticated")), [""; 0]);
        assert_eq!(manifest(&RULE, &binding("view", "system:anonymous").replace(RBAC, "a.example")), [""; 0]);
    }

    #[test]
    fn nobody_is_flagged() {
        assert_eq!(manifest(&RULE, &binding("view", "system:anonymous")), ["'system:anonymous'"]);
        assert_eq!(manifest(&RULE, &binding("view", "system:unauthenticated")), ["'system:unauthenticated'"]);
    }

    #[test]
    fn the_subjects_can_be_chosen() {
        let trial = Trial::with(&RULE, r#"{"subjects": ["system:authenticated"]}"#);
        assert_eq!(trial.manifest(&binding("view", "system:authenticated")), ["'system:authenticated'"]);
        assert_eq!(trial.manifest(&binding("view", "system:anonymous")), [""; 0]);
    }
}
