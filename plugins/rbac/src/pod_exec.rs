use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders run commands in pods.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `get` or `create` on `pods/exec` or `pods/attach`: either is enough, the one for
    /// WebSockets, the other for SPDY.
    ///
    /// The rule is off unless it is selected, since many programs need the right.
    ///
    /// ## Why it matters
    ///
    /// A shell in a container sees its Secrets and acts with its account, and no image, policy or review knows what was done
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
    ///   - apiGroups: [""]
    ///     resources: [pods/exec]
    ///     verbs: [create]
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
    ///     resources: [pods, pods/log]
    ///     verbs: [get]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the right from accounts of programs, and give it to people for a time only.
    ///
    /// ## Options
    ///
    /// - `wildcards` (default `false`): report `*` among the resources too, which `rbac/wildcard-rule` does.
    /// - `named` (default `false`): report rights that `resourceNames` limits to single objects too.
    ///
    /// ## Other tools
    ///
    /// Polaris reports a role and each kind of binding to it; here they are one finding, at the role. Trivy wants a certain order of
    /// two rules for `pods/attach`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources>
    enabled: false,
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("6.5"),
    precision: Medium,
    aliases: &["clusterrolePodExecAttach", "rolePodExecAttach", "clusterrolebindingPodExecAttach", "rolebindingClusterRolePodExecAttach", "rolebindingRolePodExecAttach", "KSV-0053", "KSV-0054", "CKV2_K8S_2"],
    references: &["https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access = Access { groups: &[""], resources: &["pods/exec", "pods/attach"], verbs: &["create", "get"] };

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (grant, resource) in role.uses(&ACCESS, report) {
            let message = format!(
                "{} lets its holders run commands in pods by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report.finding(resource, message).aliases_if(&[
                ("clusterrolePodExecAttach", role.is_of_cluster()),
                ("rolePodExecAttach", !role.is_of_cluster()),
                ("clusterrolebindingPodExecAttach", role.is_bound_by("ClusterRoleBinding")),
                ("rolebindingClusterRolePodExecAttach", role.is_of_cluster() && role.is_bound_by("RoleBinding")),
                ("rolebindingRolePodExecAttach", !role.is_of_cluster() && role.is_bound_by("RoleBinding")),
                ("KSV-0053", resource.text() == Some("pods/exec") && grant.has("verbs", &["create"])),
                ("KSV-0054", resource.text() == Some("pods/attach") && grant.has("verbs", &["create"])),
                (
                    "CKV2_K8S_2",
                    role.is_bound_to_account()
                        && resource.text() != Some("pods/attach")
                        && grant.has("verbs", &["create"]),
                ),
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
        assert_eq!(manifest(&RULE, &role("''", "pods", "verbs: [create]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("''", "pods/exec", "verbs: [delete]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("a.example", "pods/exec", "verbs: [create]")), [""; 0]);
    }

    #[test]
    fn roles_of_the_cluster_are_passed_over() {
        let text = role("''", "pods/exec", "verbs: [create]").replace("name: a", "name: admin");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(manifest(&RULE, &role("''", "pods/exec", "verbs: [create]")), ["pods/exec"]);
        assert_eq!(manifest(&RULE, &role("'*'", "pods, pods/exec", "verbs: ['*']")), ["pods/exec"]);
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role("''", "pods/exec", "resourceNames: [x], verbs: [create]");
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["pods/exec"]);
    }
}
