use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders change bindings.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `create`, `update` or `patch` on `rolebindings` or `clusterrolebindings`.
    ///
    /// The rule is off unless it is selected, since many programs need the right.
    ///
    /// ## Why it matters
    ///
    /// Who can write bindings can pass on each right that he has himself, to accounts that nobody looks after, and keep it
    /// there.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata:
    ///   name: app
    /// rules:
    ///   - apiGroups: ["rbac.authorization.k8s.io"]
    ///     resources: [rolebindings]
    ///     verbs: [patch]
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
    ///   - apiGroups: ["rbac.authorization.k8s.io"]
    ///     resources: [rolebindings]
    ///     verbs: [get]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Leave bindings to those who look after the cluster.
    ///
    /// ## Options
    ///
    /// - `wildcards` (default `false`): report `*` among the resources too, which `rbac/wildcard-rule` does.
    /// - `named` (default `false`): report rights that `resourceNames` limits to single objects too.
    ///
    /// ## Other tools
    ///
    /// Trivy wants `get` and `patch` together, in all API groups.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks>
    enabled: false,
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("6.0"),
    precision: Medium,
    aliases: &["KSV-0055"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access = Access {
    groups: &["rbac.authorization.k8s.io"],
    resources: &["rolebindings", "clusterrolebindings"],
    verbs: &["create", "update", "patch"],
};

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (grant, resource) in role.uses(&ACCESS, report) {
            let message = format!(
                "{} lets its holders change bindings by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report.finding(resource, message).aliases_if(&[(
                "KSV-0055",
                resource.text() == Some("rolebindings")
                    && grant.has_star("apiGroups")
                    && grant.has("verbs", &["get"])
                    && grant.has("verbs", &["patch"]),
            )]);
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
        assert_eq!(manifest(&RULE, &role("'rbac.authorization.k8s.io'", "roles", "verbs: [patch]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("'rbac.authorization.k8s.io'", "rolebindings", "verbs: [get]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("a.example", "rolebindings", "verbs: [patch]")), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(
            manifest(&RULE, &role("'rbac.authorization.k8s.io'", "rolebindings", "verbs: [patch]")),
            ["rolebindings"]
        );
        assert_eq!(manifest(&RULE, &role("'*'", "roles, rolebindings", "verbs: ['*']")), ["rolebindings"]);
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role("'rbac.authorization.k8s.io'", "rolebindings", "resourceNames: [x], verbs: [patch]");
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["rolebindings"]);
    }
}
