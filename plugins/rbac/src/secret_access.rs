use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders read every Secret.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `get`, `list` or `watch` on `secrets` without `resourceNames`. The roles that every
    /// cluster has are passed over.
    ///
    /// ## Why it matters
    ///
    /// Among the Secrets of a namespace are the tokens of its other accounts: who reads them has the rights of all. `list` and
    /// `watch` show the contents as `get` does.
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
    ///     resources: [secrets]
    ///     verbs: [get, list]
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
    ///     resources: [secrets]
    ///     resourceNames: [app-password]
    ///     verbs: [get]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the Secrets in `resourceNames` with the verb `get`, or mount them into the pod: that needs no right at all.
    ///
    /// ## Options
    ///
    /// - `wildcards` (default `false`): report `*` among the resources too, which `rbac/wildcard-rule` does.
    /// - `named` (default `false`): report rights that `resourceNames` limits to single objects too.
    ///
    /// ## Other tools
    ///
    /// kube-linter and Checkov report only what a binding of the project gives away; kube-linter and Trivy pass over `resourceNames`,
    /// and Trivy reports rights to write too.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#secrets>
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("6.5"),
    precision: High,
    aliases: &["access-to-secrets", "KSV-0041", "KSV-0113", "CKV2_K8S_5"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#secrets"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access = Access { groups: &[""], resources: &["secrets"], verbs: &["get", "list", "watch"] };

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (grant, resource) in role.uses(&ACCESS, report) {
            let message = format!(
                "{} lets its holders read every Secret by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report.finding(resource, message).aliases_if(&[
                ("access-to-secrets", role.is_bound_in_scope()),
                ("KSV-0041", role.is_of_cluster() && resource.text() == Some("secrets")),
                ("KSV-0113", !role.is_of_cluster() && resource.text() == Some("secrets")),
                ("CKV2_K8S_5", role.is_bound_to_account() && !grant.is_named()),
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
        assert_eq!(manifest(&RULE, &role("''", "configmaps", "verbs: [get]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("''", "secrets", "verbs: [create]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("a.example", "secrets", "verbs: [get]")), [""; 0]);
    }

    #[test]
    fn roles_of_the_cluster_are_passed_over() {
        let text = role("''", "secrets", "verbs: [get]").replace("name: a", "name: admin");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(manifest(&RULE, &role("''", "secrets", "verbs: [get]")), ["secrets"]);
        assert_eq!(manifest(&RULE, &role("'*'", "configmaps, secrets", "verbs: ['*']")), ["secrets"]);
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role("''", "secrets", "resourceNames: [x], verbs: [get]");
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["secrets"]);
    }
}
