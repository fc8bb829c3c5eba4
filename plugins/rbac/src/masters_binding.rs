use hullmark_sdk::prelude::*;

use crate::access::RBAC;

rule! {
    /// A binding names the group that is above all rights.
    ///
    /// ## What it checks
    ///
    /// Subjects of RoleBindings and ClusterRoleBindings: the group `system:masters`. The binding to `cluster-admin` that every
    /// cluster has is passed over.
    ///
    /// ## Why it matters
    ///
    /// The API server asks no authorizer about members of the group, so the binding gives them nothing. Who writes it lets
    /// people into the group, and nobody can take their rights away again but by a new authority for certificates.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata:
    ///   name: staff
    /// roleRef:
    ///   apiGroup: rbac.authorization.k8s.io
    ///   kind: ClusterRole
    ///   name: view
    /// subjects:
    ///   - kind: Group
    ///     name: system:masters
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
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
    /// Make a group of its own for the people, and bind that.
    ///
    /// ## Other tools
    ///
    /// Trivy does not see ClusterRoleBindings.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege>
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("6.0"),
    precision: High,
    aliases: &["KSV-0123"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege"],
    checks: &[Object(&["ClusterRoleBinding", "RoleBinding"], binding)],
}

const GROUP: &str = "system:masters";

fn binding(binding: &Object, report: &mut Report) {
    let is_own = binding.kind() == Some("ClusterRoleBinding") && binding.name() == Some("cluster-admin");
    if binding.group() != RBAC || is_own {
        return;
    }
    for subject in binding.at(&["subjects"]).into_iter().flat_map(Node::items) {
        if let Some(name) = subject.get("name").filter(|name| name.text() == Some(GROUP)) {
            // Trivy misses ClusterRoleBindings by a slip in its list of kinds.
            let is_seen = binding.kind() == Some("RoleBinding");
            let message = format!("{} names the group `{GROUP}`, which is above all rights", binding.title());
            report.finding(name, message).aliases_if(&[("KSV-0123", is_seen)]);
        }
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
    fn others_and_the_cluster_s_own_are_accepted() {
        assert_eq!(manifest(&RULE, &binding("view", "staff")), [""; 0]);
        let own = binding("cluster-admin", "system:masters").replace("RoleBinding", "ClusterRoleBinding");
        assert_eq!(manifest(&RULE, &own.replace("name: a", "name: cluster-admin")), [""; 0]);
    }

    #[test]
    fn the_group_is_flagged() {
        assert_eq!(manifest(&RULE, &binding("view", "system:masters")), ["'system:masters'"]);
    }
}
