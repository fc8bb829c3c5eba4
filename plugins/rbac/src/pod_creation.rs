use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, WILDCARDS, roles};

rule! {
    /// A role lets its holders create pods.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `create` on pods or on what makes pods: Deployments, StatefulSets, DaemonSets,
    /// ReplicaSets, ReplicationControllers, Jobs and CronJobs.
    ///
    /// The rule is off unless it is selected, since many programs need the right.
    ///
    /// ## Why it matters
    ///
    /// Who creates a pod chooses its account, mounts any Secret of the namespace and, where Pod Security does not forbid it, takes
    /// over the node.
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
    ///     resources: [pods]
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
    ///     resources: [pods]
    ///     verbs: [get, list]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Leave creating workloads to those who deploy, and hold their namespaces to the restricted Pod Security Standard.
    ///
    /// ## Options
    ///
    /// - `wildcards` (default `false`): report `*` among the resources too, which `rbac/wildcard-rule` does.
    /// - `named` (default `false`): report rights that `resourceNames` limits to single objects too.
    ///
    /// ## Other tools
    ///
    /// kube-linter reports only what a binding of the project gives away. Trivy reports other verbs that write, too.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation>
    enabled: false,
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("5.5"),
    precision: Medium,
    aliases: &["access-to-create-pods", "KSV-0048"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const ACCESS: Access = Access {
    groups: &["", "apps", "batch"],
    resources: &[
        "pods",
        "deployments",
        "statefulsets",
        "daemonsets",
        "replicasets",
        "replicationcontrollers",
        "jobs",
        "cronjobs",
    ],
    verbs: &["create"],
};

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project) {
        for (_, resource) in role.uses(&ACCESS, report) {
            let message = format!(
                "{} lets its holders create pods by `{}`",
                role.object.title(),
                resource.text().unwrap_or_default()
            );
            report.finding(resource, message).aliases_if(&[
                ("access-to-create-pods", role.is_bound_in_scope()),
                ("KSV-0048", resource.text() != Some("*")),
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
        assert_eq!(manifest(&RULE, &role("''", "configmaps", "verbs: [create]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("''", "pods", "verbs: [get]")), [""; 0]);
        assert_eq!(manifest(&RULE, &role("a.example", "pods", "verbs: [create]")), [""; 0]);
    }

    #[test]
    fn roles_of_the_cluster_are_passed_over() {
        let text = role("''", "pods", "verbs: [create]").replace("name: a", "name: admin");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
    }

    #[test]
    fn the_right_is_flagged() {
        assert_eq!(manifest(&RULE, &role("''", "pods", "verbs: [create]")), ["pods"]);
        assert_eq!(manifest(&RULE, &role("'*'", "configmaps, pods", "verbs: ['*']")), ["pods"]);
    }

    #[test]
    fn wildcards_and_single_objects_can_be_asked_for() {
        let all = role("'*'", "'*'", "verbs: ['*']");
        assert_eq!(manifest(&RULE, &all), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"wildcards": true}"#).manifest(&all), ["'*'"]);
        let single = role("''", "pods", "resourceNames: [x], verbs: [create]");
        assert_eq!(manifest(&RULE, &single), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"named": true}"#).manifest(&single), ["pods"]);
    }
}
