use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders delete logs of pods.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `delete` or `deletecollection` on `pods/log`.
    ///
    /// The rule is off unless it is selected: Kubernetes has no such request today, so the right has no effect.
    ///
    /// ## Why it matters
    ///
    /// An attacker removes what shows that he was there. A right that means nothing today may mean something in a later
    /// version.
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
    ///     resources: [pods/log]
    ///     verbs: [delete]
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
    ///     resources: [pods/log]
    ///     verbs: [get]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Allow `get`, which is all that logs need.
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
    security_severity: Some("2.0"),
    precision: Medium,
    aliases: &["KSV-0042"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access = Access { groups: &[""], resources: &["pods/log"], verbs: &["delete", "deletecollection"] };

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (_, resource) in role.uses(&ACCESS, report) {
            let message = format!(
                "{} lets its holders delete logs by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report.finding(resource, message).aliases_if(&[("KSV-0042", resource.text() == Some("pods/log"))]);
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
        assert_eq!(manifest(&RULE, &role("''", "pods", "verbs: [delete]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("''", "pods/log", "verbs: [get]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("a.example", "pods/log", "verbs: [delete]")), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(manifest(&RULE, &role("''", "pods/log", "verbs: [delete]")), ["pods/log"]);
        assert_eq!(manifest(&RULE, &role("'*'", "pods, pods/log", "verbs: ['*']")), ["pods/log"]);
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role("''", "pods/log", "resourceNames: [x], verbs: [delete]");
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["pods/log"]);
    }
}
