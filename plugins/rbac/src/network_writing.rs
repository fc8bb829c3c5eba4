use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders change where traffic goes.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `create`, `update`, `patch`, `delete` or `deletecollection` on Services,
    /// Endpoints, EndpointSlices, Ingresses or NetworkPolicies.
    ///
    /// The rule is off unless it is selected, since many programs need the right.
    ///
    /// ## Why it matters
    ///
    /// Who changes them can lead the traffic of others to pods of his own, or open what a policy has closed.
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
    ///     resources: [services]
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
    ///     resources: [services]
    ///     verbs: [get, list]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Allow reading only, or name the objects in `resourceNames`.
    ///
    /// ## Options
    ///
    /// - `wildcards` (default `false`): report `*` among the resources too, which `rbac/wildcard-rule` does.
    /// - `named` (default `false`): report rights that `resourceNames` limits to single objects too.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege>
    enabled: false,
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("5.0"),
    precision: Medium,
    aliases: &["KSV-0056"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access = Access {
    groups: &["", "discovery.k8s.io", "networking.k8s.io"],
    resources: &["services", "endpoints", "endpointslices", "ingresses", "networkpolicies"],
    verbs: &["create", "update", "patch", "delete", "deletecollection"],
};

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (_, resource) in role.uses(&ACCESS, report) {
            let message = format!(
                "{} lets its holders change the network by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report.finding(resource, message).aliases_if(&[("KSV-0056", resource.text() != Some("*"))]);
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
        assert_eq!(manifest(&RULE, &role("''", "services", "verbs: [get]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("a.example", "services", "verbs: [create]")), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(manifest(&RULE, &role("''", "services", "verbs: [create]")), ["services"]);
        assert_eq!(manifest(&RULE, &role("'*'", "pods, services", "verbs: ['*']")), ["services"]);
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role("''", "services", "resourceNames: [x], verbs: [create]");
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["services"]);
    }
}
