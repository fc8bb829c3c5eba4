use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders speak to the kubelet of a node.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `get` or `create` on `nodes/proxy`.
    ///
    /// ## Why it matters
    ///
    /// The right reaches the API of the kubelet, which runs commands in every pod of the node. Neither admission nor the audit log
    /// sees it.
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
    ///     resources: [nodes/proxy]
    ///     verbs: [get]
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
    ///     resources: [nodes/metrics]
    ///     verbs: [get]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Ask for `nodes/metrics`, `nodes/stats`, `nodes/log` or `nodes/healthz`, whichever is needed.
    ///
    /// ## Options
    ///
    /// - `wildcards` (default `false`): report `*` among the resources too, which `rbac/wildcard-rule` does.
    /// - `named` (default `false`): report rights that `resourceNames` limits to single objects too.
    ///
    /// ## Other tools
    ///
    /// Checkov reports `create` only, where a binding of the project gives it to an account.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes>
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("8.0"),
    precision: High,
    aliases: &["KSV-0047", "CKV2_K8S_2"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access = Access { groups: &[""], resources: &["nodes/proxy"], verbs: &["get", "create"] };

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (grant, resource) in role.uses(&ACCESS, report) {
            let message = format!(
                "{} lets its holders run commands on nodes by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report.finding(resource, message).aliases_if(&[
                ("KSV-0047", resource.text() == Some("nodes/proxy")),
                ("CKV2_K8S_2", role.is_bound_to_account() && grant.has("verbs", &["create"])),
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
        assert_eq!(manifest(&RULE, &role("''", "nodes/metrics", "verbs: [get]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("''", "nodes/proxy", "verbs: [watch]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("a.example", "nodes/proxy", "verbs: [get]")), [""; 0]);
    }

    #[test]
    fn roles_of_the_cluster_are_passed_over() {
        let text = role("''", "nodes/proxy", "verbs: [get]").replace("name: a", "name: admin");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(manifest(&RULE, &role("''", "nodes/proxy", "verbs: [get]")), ["nodes/proxy"]);
        assert_eq!(manifest(&RULE, &role("'*'", "nodes/metrics, nodes/proxy", "verbs: ['*']")), ["nodes/proxy"]);
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role("''", "nodes/proxy", "resourceNames: [x], verbs: [get]");
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["nodes/proxy"]);
    }
}
