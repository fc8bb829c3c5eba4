use hullmark_sdk::prelude::*;

use crate::access::{Grant, RBAC, grants, is_of_kubernetes};

rule! {
    /// A role allows everything by `*` instead of naming what is needed.
    ///
    /// ## What it checks
    ///
    /// `*` among the `resources` and `verbs` of Roles and ClusterRoles. An operator that may do anything with custom resources
    /// is accepted: all of the `apiGroups` have a dot and are not of Kubernetes. So are the roles that every cluster has.
    ///
    /// ## Why it matters
    ///
    /// `*` also covers what is added later: Secrets, `escalate`, `impersonate`, and every kind that is installed next year. Whoever
    /// takes over a pod with such an account has all of it.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata:
    ///   name: deploy
    /// rules:
    ///   - apiGroups: [apps]
    ///     resources: ["*"]
    ///     verbs: ["*"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata:
    ///   name: deploy
    /// rules:
    ///   - apiGroups: [apps]
    ///     resources: [deployments]
    ///     verbs: [get, list, watch, patch]
    ///   - apiGroups: [shop.example]
    ///     resources: [orders]
    ///     verbs: ["*"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the resources and the verbs. The audit log of the API server tells which are used.
    ///
    /// ## Options
    ///
    /// - `every` (default `false`): report `*` in rules on custom resources and on addresses, and among `apiGroups`, too.
    ///
    /// ## Other tools
    ///
    /// Checkov looks at the first rule of a role only. kube-linter passes over `apiGroups`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege>
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("7.5"),
    precision: High,
    aliases: &["wildcard-in-rules", "KSV-0044", "KSV-0045", "KSV-0046", "KSV-0112", "CKV_K8S_49"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege"],
    options: &[
        OptionSpec::flag("every", false, "whether to report `*` in rules on custom resources and on addresses, and among `apiGroups`, too"),
    ],
    checks: &[Object(&["ClusterRole", "Role"], role)],
}

/// Resources by which Trivy judges `*` among the verbs.
const SENSITIVE: [&str; 11] = [
    "secrets",
    "pods",
    "deployments",
    "daemonsets",
    "statefulsets",
    "replicationcontrollers",
    "replicasets",
    "cronjobs",
    "jobs",
    "roles",
    "clusterroles",
];

/// Verbs by which Trivy judges `*` among the resources.
const STRONG: [&str; 7] = ["create", "update", "delete", "deletecollection", "impersonate", "list", "get"];

fn role(role: &Object, report: &mut Report) {
    if role.group() != RBAC || is_of_kubernetes(*role) {
        return;
    }
    let every = report.options().flag("every");
    let fields: &[&str] = if every { &["apiGroups", "resources", "verbs"] } else { &["resources", "verbs"] };
    for (position, grant) in grants(*role).enumerate() {
        if !every && is_custom(grant) {
            continue;
        }
        let mut is_first = position == 0;
        for field in fields {
            for (_, star) in grant.texts(field).filter(|(text, _)| *text == "*") {
                let what = if *field == "apiGroups" { "API groups" } else { field };
                let message = format!("{} takes all {what} by `*`", role.title());
                let is_resource = *field == "resources" && grant.has("verbs", &STRONG);
                let all = ["apiGroups", "resources", "verbs"].iter().all(|field| grant.has_star(field));
                report.finding(star, message).aliases_if(&[
                    ("wildcard-in-rules", *field != "apiGroups"),
                    ("KSV-0044", *field == "verbs" && all),
                    (
                        "KSV-0045",
                        *field == "verbs" && grant.texts("resources").any(|(text, _)| SENSITIVE.contains(&text)),
                    ),
                    ("KSV-0046", is_resource && role.kind() == Some("ClusterRole")),
                    ("KSV-0112", is_resource && role.kind() == Some("Role")),
                    ("CKV_K8S_49", is_first),
                ]);
                is_first = false;
            }
        }
    }
}

/// Whether it is about custom resources or addresses only.
fn is_custom(grant: Grant) -> bool {
    grant.texts("apiGroups").all(|(group, _)| group.contains('.') && !group.ends_with(".k8s.io"))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn role(rules: &str) -> String {
        format!("apiVersion: {RBAC}/v1\nkind: Role\nmetadata: {{name: a}}\nrules: [{rules}]\n")
    }

    fn flagged(rules: &str) -> Vec<String> {
        manifest(&RULE, &role(rules))
    }

    #[test]
    fn what_is_named_is_accepted() {
        assert_eq!(flagged("{apiGroups: ['*'], resources: [deployments], verbs: [get]}"), [""; 0]);
        assert_eq!(flagged("{apiGroups: [''], resources: [pods/*], verbs: [get]}"), [""; 0]);
    }

    #[test]
    fn custom_resources_and_addresses_are_accepted() {
        assert_eq!(flagged("{apiGroups: [a.example], resources: ['*'], verbs: ['*']}"), [""; 0]);
        assert_eq!(flagged("{nonResourceURLs: ['*'], verbs: ['*']}"), [""; 0]);
    }

    #[test]
    fn roles_of_the_cluster_and_other_kinds_are_passed_over() {
        let rules = "{apiGroups: [''], resources: ['*'], verbs: ['*']}";
        let own = role(rules).replace("kind: Role", "kind: ClusterRole").replace("name: a", "name: 'system:a'");
        assert_eq!(manifest(&RULE, &own), [""; 0]);
        assert_eq!(manifest(&RULE, &role(rules).replace(RBAC, "a.example")), [""; 0]);
    }

    #[test]
    fn stars_of_kubernetes_are_flagged() {
        assert_eq!(flagged("{apiGroups: [''], resources: [pods], verbs: ['*']}"), ["'*'"]);
        assert_eq!(flagged("{apiGroups: [networking.k8s.io], resources: [\"*\"], verbs: [get]}"), ["\"*\""]);
        assert_eq!(flagged("{apiGroups: [a.example, apps], resources: [a], verbs: ['*']}"), ["'*'"]);
    }

    #[test]
    fn every_star_can_be_asked_for() {
        let trial = Trial::with(&RULE, r#"{"every": true}"#);
        let found = trial.manifest(&role(
            "{apiGroups: ['*'], resources: [a], verbs: [get]}, {nonResourceURLs: [/], verbs: [\"*\"]}",
        ));
        assert_eq!(found, ["'*'", "\"*\""]);
    }
}
