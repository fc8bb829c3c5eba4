use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders say under which addresses a Service is reached.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `update` or `patch` on `services/status`.
    ///
    /// The rule is off unless it is selected: whatever gives addresses to Services needs the right.
    ///
    /// ## Why it matters
    ///
    /// Every node sends traffic for the addresses in the status to the pods of the Service. Who writes them can take the
    /// traffic of the whole cluster for any address, as CVE-2020-8554 tells.
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
    ///     resources: [services/status]
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
    ///   - apiGroups: [""]
    ///     resources: [services/status]
    ///     verbs: [get]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Leave the right to the program that gives addresses to Services.
    ///
    /// ## Options
    ///
    /// - `wildcards` (default `false`): report `*` among the resources too, which `rbac/wildcard-rule` does.
    /// - `named` (default `false`): report rights that `resourceNames` limits to single objects too.
    ///
    /// ## Other tools
    ///
    /// Checkov reports it where a binding of the project gives it to an account.
    ///
    /// ## References
    ///
    /// - <https://github.com/kubernetes/kubernetes/issues/97076>
    enabled: false,
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("5.5"),
    precision: Medium,
    aliases: &["CKV2_K8S_4"],
    references: &["https://github.com/kubernetes/kubernetes/issues/97076"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access = Access { groups: &[""], resources: &["services/status"], verbs: &["update", "patch"] };

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (_, resource) in role.uses(&ACCESS, report) {
            let message = format!(
                "{} lets its holders take traffic for any address by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report.finding(resource, message).aliases_if(&[("CKV2_K8S_4", role.is_bound_to_account())]);
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
        assert_eq!(manifest(&RULE, &role("''", "services", "verbs: [patch]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("''", "services/status", "verbs: [get]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("a.example", "services/status", "verbs: [patch]")), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(manifest(&RULE, &role("''", "services/status", "verbs: [patch]")), ["services/status"]);
        assert_eq!(manifest(&RULE, &role("'*'", "services, services/status", "verbs: ['*']")), ["services/status"]);
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role("''", "services/status", "resourceNames: [x], verbs: [patch]");
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["services/status"]);
    }
}
