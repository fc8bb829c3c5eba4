use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders act as somebody else.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `impersonate` on `users`, `groups` or `serviceaccounts` without `resourceNames`.
    ///
    /// ## Why it matters
    ///
    /// Who may impersonate any group may be `system:masters`, and so everything.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata:
    ///   name: app
    /// rules:
    ///   - apiGroups: [""]
    ///     resources: [users]
    ///     verbs: [impersonate]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata:
    ///   name: app
    /// rules:
    ///   - apiGroups: [""]
    ///     resources: [users]
    ///     resourceNames: [jane]
    ///     verbs: [impersonate]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name whom they may act as in `resourceNames`.
    ///
    /// ## Options
    ///
    /// - `wildcards` (default `false`): report `*` among the resources too, which `rbac/wildcard-rule` does.
    /// - `named` (default `false`): report rights that `resourceNames` limits to single objects too.
    ///
    /// ## Other tools
    ///
    /// Trivy wants `*` among the `apiGroups`. Checkov reports only what a binding of the project gives to an account.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#impersonate-verb>
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("8.0"),
    precision: High,
    aliases: &["KSV-0043", "CKV2_K8S_3"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#impersonate-verb"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access =
    Access { groups: &[""], resources: &["users", "groups", "serviceaccounts"], verbs: &["impersonate"] };

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (grant, resource) in role.uses(&ACCESS, report) {
            let message = format!(
                "{} lets its holders act as anybody by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report.finding(resource, message).aliases_if(&[
                ("KSV-0043", resource.text() == Some("groups") && grant.has_star("apiGroups")),
                ("CKV2_K8S_3", role.is_bound_to_account()),
            ]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn role(groups: &str, resources: &str, rest: &str) -> String {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: a}}\nrules: [{{apiGroups: [{groups}], resources: [{resources}], {rest}}}]\n"
        )
    }

    #[test]
    fn other_rights_are_accepted() {
        assert_eq!(manifest(&RULE, &role("''", "pods", "verbs: [impersonate]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("''", "users", "verbs: [get]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("a.example", "users", "verbs: [impersonate]")), [""; 0]);
    }

    #[test]
    fn roles_of_the_cluster_are_passed_over() {
        let text = role("''", "users", "verbs: [impersonate]").replace("name: a", "name: admin");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(manifest(&RULE, &role("''", "users", "verbs: [impersonate]")), ["users"]);
        assert_eq!(manifest(&RULE, &role("'*'", "pods, users", "verbs: ['*']")), ["users"]);
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role("''", "users", "resourceNames: [x], verbs: [impersonate]");
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["users"]);
    }
}
