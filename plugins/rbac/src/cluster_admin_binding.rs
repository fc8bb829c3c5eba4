use hullmark_sdk::prelude::*;

use crate::access::{RBAC, grants, roles};

rule! {
    /// A binding makes its subjects administrators of the cluster.
    ///
    /// ## What it checks
    ///
    /// RoleBindings and ClusterRoleBindings to the ClusterRole `cluster-admin`. The binding that every cluster has, to the group
    /// `system:masters`, is passed over, and so is one without subjects. A RoleBinding to a Role of the project that allows all
    /// verbs on all resources of all API groups counts as one.
    ///
    /// ## Why it matters
    ///
    /// The role allows everything: with a ClusterRoleBinding in all of the cluster, with a RoleBinding in the namespace. An
    /// account of pods that has it makes an administrator of whoever breaks into one of them.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRoleBinding
    /// metadata:
    ///   name: deploy
    /// roleRef:
    ///   apiGroup: rbac.authorization.k8s.io
    ///   kind: ClusterRole
    ///   name: cluster-admin
    /// subjects:
    ///   - kind: ServiceAccount
    ///     name: deploy
    ///     namespace: ci
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata:
    ///   name: deploy
    ///   namespace: shop
    /// roleRef:
    ///   apiGroup: rbac.authorization.k8s.io
    ///   kind: ClusterRole
    ///   name: edit
    /// subjects:
    ///   - kind: ServiceAccount
    ///     name: deploy
    ///     namespace: ci
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write a role with the rights that are needed, and bind it in the namespaces where they are needed.
    ///
    /// ## Options
    ///
    /// - `roles` (default `[cluster-admin]`): the ClusterRoles that are reported.
    ///
    /// ## Other tools
    ///
    /// kube-linter looks at ClusterRoleBindings only. Trivy reports `admin` and `edit` too. Polaris also reports every binding to a
    /// role that it does not see.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles>
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("8.0"),
    precision: High,
    aliases: &[
        "cluster-admin-role-binding",
        "clusterrolebindingClusterAdmin",
        "rolebindingClusterAdminClusterRole",
        "rolebindingClusterAdminRole",
        "KSV-0111",
    ],
    references: &["https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles"],
    options: &[OptionSpec::texts("roles", &["cluster-admin"], "the ClusterRoles that are reported")],
    checks: &[Object(&["ClusterRoleBinding", "RoleBinding"], binding), Manifests(whole_project)],
}

/// A Role that allows everything makes administrators too, of its namespace.
fn whole_project(project: &Project, report: &mut Report) {
    let allows_all = |role: Object| {
        grants(role).any(|grant| ["apiGroups", "resources", "verbs"].iter().all(|field| grant.has_star(field)))
    };
    for role in roles(project).iter().filter(|role| !role.is_of_cluster() && allows_all(role.object)) {
        for binding in role.bindings() {
            let Some(name) = binding.at(&["roleRef", "name"]) else { continue };
            let message =
                format!("{} gives away the {}, which allows everything", binding.title(), role.object.title());
            let finding = report.finding(name, message);
            finding.related(role.object.name_place(), "the role").aliases(&["rolebindingClusterAdminRole"]);
        }
    }
}

fn binding(binding: &Object, report: &mut Report) {
    let target = |field| binding.at(&["roleRef", field]);
    let Some(role) = target("name") else { return };
    let Some(name) = role.text() else { return };
    if binding.group() != RBAC
        || target("kind").and_then(Node::text) != Some("ClusterRole")
        || !report.options().texts("roles").any(|reported| reported == name)
    {
        return;
    }
    let mut subjects = binding.at(&["subjects"]).into_iter().flat_map(Node::items);
    if subjects.all(|subject| subject.get("name").and_then(Node::text) == Some("system:masters")) {
        return;
    }
    let of_cluster = binding.kind() == Some("ClusterRoleBinding");
    let is_admin = name == "cluster-admin";
    let message = format!("{} gives away the role `{name}`", binding.title());
    report.finding(role, message).aliases_if(&[
        ("cluster-admin-role-binding", of_cluster && is_admin),
        ("clusterrolebindingClusterAdmin", of_cluster && is_admin),
        ("rolebindingClusterAdminClusterRole", !of_cluster && is_admin),
        ("KSV-0111", matches!(name, "admin" | "cluster-admin" | "edit")),
    ]);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn binding(kind: &str, role: &str, subjects: &str) -> String {
        format!(
            "apiVersion: {RBAC}/v1\nkind: {kind}\nmetadata: {{name: a}}\nroleRef: {{{role}}}\nsubjects: [{subjects}]\n"
        )
    }

    const ADMIN: &str = "kind: ClusterRole, name: cluster-admin";

    #[test]
    fn other_roles_are_accepted() {
        assert_eq!(manifest(&RULE, &binding("RoleBinding", "kind: ClusterRole, name: edit", "{name: b}")), [""; 0]);
        assert_eq!(manifest(&RULE, &binding("RoleBinding", "kind: Role, name: cluster-admin", "{name: b}")), [""; 0]);
    }

    #[test]
    fn the_cluster_s_own_administrators_are_accepted() {
        assert_eq!(manifest(&RULE, &binding("ClusterRoleBinding", ADMIN, "{name: 'system:masters'}")), [""; 0]);
        assert_eq!(manifest(&RULE, &binding("ClusterRoleBinding", ADMIN, "")), [""; 0]);
    }

    #[test]
    fn administrators_are_flagged() {
        assert_eq!(manifest(&RULE, &binding("ClusterRoleBinding", ADMIN, "{name: b}")), ["cluster-admin"]);
        assert_eq!(
            manifest(&RULE, &binding("RoleBinding", ADMIN, "{name: 'system:masters'}, {name: b}")),
            ["cluster-admin"]
        );
    }

    #[test]
    fn a_role_that_allows_everything_is_taken_for_it() {
        let role = |verbs: &str| {
            format!(
                "apiVersion: {RBAC}/v1\nkind: Role\nmetadata: {{name: b}}\nrules: [{{apiGroups: ['*'], resources: ['*'], verbs: [{verbs}]}}]\n---\n"
            )
        };
        let binding = binding("RoleBinding", "kind: Role, name: b", "{name: c}");
        assert_eq!(manifest(&RULE, &(role("get") + &binding)), [""; 0]);
        assert_eq!(manifest(&RULE, &(role("'*'") + &binding)), ["b"]);
    }

    #[test]
    fn other_roles_can_be_asked_for() {
        let trial = Trial::with(&RULE, r#"{"roles": ["edit"]}"#);
        assert_eq!(trial.manifest(&binding("RoleBinding", "kind: ClusterRole, name: edit", "{name: b}")), ["edit"]);
    }
}
