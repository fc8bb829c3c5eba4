use hullmark_sdk::prelude::*;

use crate::access::RBAC;

rule! {
    /// A binding gives rights to the default account of a namespace.
    ///
    /// ## What it checks
    ///
    /// Subjects of RoleBindings and ClusterRoleBindings that are the ServiceAccount `default`.
    ///
    /// ## Why it matters
    ///
    /// Every pod of the namespace that names no account runs as `default`, those of the future included: all of them get the
    /// rights that one of them needs.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata:
    ///   name: config
    /// roleRef:
    ///   apiGroup: rbac.authorization.k8s.io
    ///   kind: Role
    ///   name: config
    /// subjects:
    ///   - kind: ServiceAccount
    ///     name: default
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata:
    ///   name: config
    /// roleRef:
    ///   apiGroup: rbac.authorization.k8s.io
    ///   kind: Role
    ///   name: config
    /// subjects:
    ///   - kind: ServiceAccount
    ///     name: web
    /// ```
    ///
    /// ## How to fix
    ///
    /// Make a ServiceAccount for the workload, name it in `serviceAccountName`, and bind that.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege>
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("5.5"),
    aliases: &["CKV_K8S_42"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege"],
    checks: &[Object(&["ClusterRoleBinding", "RoleBinding"], binding)],
}

fn binding(binding: &Object, report: &mut Report) {
    if binding.group() != RBAC {
        return;
    }
    for subject in binding.at(&["subjects"]).into_iter().flat_map(Node::items) {
        let Some(name) = subject.get("name").filter(|name| name.text() == Some("default")) else { continue };
        if subject.get("kind").and_then(Node::text) == Some("ServiceAccount") {
            report.finding(name, format!("{} gives rights to the account `default`", binding.title()));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(subject: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!("apiVersion: {RBAC}/v1\nkind: RoleBinding\nmetadata: {{name: a}}\nsubjects: [{subject}]\n"),
        )
    }

    #[test]
    fn other_subjects_are_accepted() {
        assert_eq!(flagged("{kind: ServiceAccount, name: web, namespace: default}"), [""; 0]);
        assert_eq!(flagged("{kind: User, name: default}"), [""; 0]);
        assert_eq!(flagged("default"), [""; 0]);
    }

    #[test]
    fn the_default_account_is_flagged() {
        assert_eq!(
            flagged("{kind: Group, name: a}, {kind: ServiceAccount, name: default, namespace: web}"),
            ["default"]
        );
    }
}
