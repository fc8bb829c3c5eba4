use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders change ConfigMaps.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `create`, `update`, `patch`, `delete` or `deletecollection` on `configmaps`.
    ///
    /// The rule is off unless it is selected, since many programs need the right.
    ///
    /// ## Why it matters
    ///
    /// Programs take their configuration from ConfigMaps. Who changes them decides what the programs do, from where they load
    /// code and whom they trust.
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
    ///     resources: [configmaps]
    ///     verbs: [update]
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
    ///     resources: [configmaps]
    ///     verbs: [get, list]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Allow reading only, or name the ConfigMaps in `resourceNames`.
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
    security_severity: Some("4.0"),
    precision: Medium,
    aliases: &["KSV-0049"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access = Access {
    groups: &[""],
    resources: &["configmaps"],
    verbs: &["create", "update", "patch", "delete", "deletecollection"],
};

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (_, resource) in role.uses(&ACCESS, report) {
            let message = format!(
                "{} lets its holders change ConfigMaps by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report.finding(resource, message).aliases_if(&[("KSV-0049", resource.text() == Some("configmaps"))]);
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
        assert_eq!(manifest(&RULE, &role("''", "secrets", "verbs: [update]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("''", "configmaps", "verbs: [get]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("a.example", "configmaps", "verbs: [update]")), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(manifest(&RULE, &role("''", "configmaps", "verbs: [update]")), ["configmaps"]);
        assert_eq!(manifest(&RULE, &role("'*'", "secrets, configmaps", "verbs: ['*']")), ["configmaps"]);
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role("''", "configmaps", "resourceNames: [x], verbs: [update]");
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["configmaps"]);
    }
}
