use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders change admission webhooks.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `create`, `update` or `patch` on `mutatingwebhookconfigurations` or
    /// `validatingwebhookconfigurations`.
    ///
    /// The rule is off unless it is selected, since many programs need the right.
    ///
    /// ## Why it matters
    ///
    /// A webhook sees every object that is written, Secrets included, and may change it. Who sets one up reads and rules the
    /// cluster.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata:
    ///   name: app
    /// rules:
    ///   - apiGroups: ["admissionregistration.k8s.io"]
    ///     resources: [validatingwebhookconfigurations]
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
    ///   - apiGroups: ["admissionregistration.k8s.io"]
    ///     resources: [validatingwebhookconfigurations]
    ///     verbs: [get]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the one configuration that is meant in `resourceNames`.
    ///
    /// ## Options
    ///
    /// - `wildcards` (default `false`): report `*` among the resources too, which `rbac/wildcard-rule` does.
    /// - `named` (default `false`): report rights that `resourceNames` limits to single objects too.
    ///
    /// ## Other tools
    ///
    /// Checkov looks at ClusterRoles only.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#control-admission-webhooks>
    enabled: false,
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("6.5"),
    precision: Medium,
    aliases: &["KSV-0114", "CKV_K8S_155"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#control-admission-webhooks"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access = Access {
    groups: &["admissionregistration.k8s.io"],
    resources: &["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
    verbs: &["create", "update", "patch"],
};

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (_, resource) in role.uses(&ACCESS, report) {
            let message = format!(
                "{} lets its holders change admission by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report
                .finding(resource, message)
                .aliases_if(&[("KSV-0114", resource.text() != Some("*")), ("CKV_K8S_155", role.is_of_cluster())]);
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
            manifest(&RULE, &role("'admissionregistration.k8s.io'", "validatingadmissionpolicies", "verbs: [update]")),
            [""; 0]
        );
        assert_eq!(
            manifest(&RULE, &role("'admissionregistration.k8s.io'", "validatingwebhookconfigurations", "verbs: [get]")),
            [""; 0]
        );
        assert_eq!(manifest(&RULE, &role("a.example", "validatingwebhookconfigurations", "verbs: [update]")), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(
            manifest(
                &RULE,
                &role("'admissionregistration.k8s.io'", "validatingwebhookconfigurations", "verbs: [update]")
            ),
            ["validatingwebhookconfigurations"]
        );
        assert_eq!(
            manifest(
                &RULE,
                &role("'*'", "validatingadmissionpolicies, validatingwebhookconfigurations", "verbs: ['*']")
            ),
            ["validatingwebhookconfigurations"]
        );
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role(
            "'admissionregistration.k8s.io'",
            "validatingwebhookconfigurations",
            "resourceNames: [x], verbs: [update]",
        );
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["validatingwebhookconfigurations"]);
    }
}
