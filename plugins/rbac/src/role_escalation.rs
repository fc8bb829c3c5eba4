use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders give themselves more rights.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `escalate` or `bind` on roles or bindings without `resourceNames`.
    ///
    /// ## Why it matters
    ///
    /// The API server lets nobody give rights that he lacks. These two verbs lift that: who has one of them can have everything.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata:
    ///   name: app
    /// rules:
    ///   - apiGroups: [rbac.authorization.k8s.io]
    ///     resources: [clusterroles]
    ///     verbs: [escalate]
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
    ///   - apiGroups: [rbac.authorization.k8s.io]
    ///     resources: [clusterroles]
    ///     resourceNames: [view]
    ///     verbs: [bind]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the rights themselves, or name the roles that may be bound in `resourceNames`.
    ///
    /// ## Options
    ///
    /// - `wildcards` (default `false`): report `*` among the resources too, which `rbac/wildcard-rule` does.
    /// - `named` (default `false`): report rights that `resourceNames` limits to single objects too.
    ///
    /// ## Other tools
    ///
    /// Checkov looks for `bind` on bindings, where it has no meaning: the API server asks for it on roles. Trivy has checks of its
    /// own for `bind` with `resourceNames: ["*"]` (`named`) below a rule that allows to create bindings; Kubernetes takes that for a
    /// role called `*`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb>
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("8.0"),
    precision: High,
    aliases: &["KSV-0050", "KSV-0051", "KSV-0052", "CKV_K8S_157", "CKV_K8S_158", "CKV2_K8S_1"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access = Access {
    groups: &["rbac.authorization.k8s.io"],
    resources: &["roles", "clusterroles", "rolebindings", "clusterrolebindings"],
    verbs: &["escalate", "bind"],
};

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (grant, resource) in role.uses(&ACCESS, report) {
            let binds_all = grant.has("resources", &["roles", "clusterroles"])
                && grant.has("verbs", &["bind"])
                && grant.has_star("resourceNames");
            let message = format!(
                "{} lets its holders take any right by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report.finding(resource, message).aliases_if(&[
                ("KSV-0050", grant.has("resources", &["roles", "rolebindings"])),
                ("KSV-0051", binds_all && role.allows_before(grant, "rolebindings", "create")),
                ("KSV-0052", binds_all && role.allows_before(grant, "clusterrolebindings", "create")),
                (
                    "CKV_K8S_157",
                    grant.has("verbs", &["bind"]) && grant.has("resources", &["rolebindings", "clusterrolebindings"]),
                ),
                (
                    "CKV_K8S_158",
                    grant.has("verbs", &["escalate"]) && grant.has("resources", &["roles", "clusterroles"]),
                ),
                ("CKV2_K8S_1", role.is_bound_to_account()),
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
        assert_eq!(
            manifest(&RULE, &role("'rbac.authorization.k8s.io'", "networkpolicies", "verbs: [escalate]")),
            [""; 0]
        );
        assert_eq!(manifest(&RULE, &role("'rbac.authorization.k8s.io'", "clusterroles", "verbs: [get]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("a.example", "clusterroles", "verbs: [escalate]")), [""; 0]);
    }

    #[test]
    fn roles_of_the_cluster_are_passed_over() {
        let text =
            role("'rbac.authorization.k8s.io'", "clusterroles", "verbs: [escalate]").replace("name: a", "name: admin");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(
            manifest(&RULE, &role("'rbac.authorization.k8s.io'", "clusterroles", "verbs: [escalate]")),
            ["clusterroles"]
        );
        assert_eq!(manifest(&RULE, &role("'*'", "networkpolicies, clusterroles", "verbs: ['*']")), ["clusterroles"]);
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role("'rbac.authorization.k8s.io'", "clusterroles", "resourceNames: [x], verbs: [escalate]");
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["clusterroles"]);
    }
}
