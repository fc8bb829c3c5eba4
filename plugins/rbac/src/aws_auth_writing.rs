use hullmark_sdk::prelude::*;

use crate::access::{RBAC, grants, is_of_kubernetes};

rule! {
    /// A role lets its holders decide who is who in a cluster of EKS.
    ///
    /// ## What it checks
    ///
    /// Rules of Roles and ClusterRoles that allow `create`, `update`, `patch`, `delete` or `deletecollection` on `configmaps`,
    /// with `aws-auth` among the `resourceNames`.
    ///
    /// ## Why it matters
    ///
    /// EKS reads from the ConfigMap `aws-auth` which user of AWS is which user of the cluster. Who can write it makes himself
    /// an administrator.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata:
    ///   name: nodes
    /// rules:
    ///   - apiGroups: [""]
    ///     resources: [configmaps]
    ///     resourceNames: [aws-auth]
    ///     verbs: [update]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata:
    ///   name: nodes
    /// rules:
    ///   - apiGroups: [""]
    ///     resources: [configmaps]
    ///     resourceNames: [aws-auth]
    ///     verbs: [get]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give out access by access entries of EKS, and take the right away.
    ///
    /// ## References
    ///
    /// - <https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html>
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("8.0"),
    precision: High,
    aliases: &["KSV-0115"],
    references: &["https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html"],
    checks: &[Object(&["ClusterRole", "Role"], role)],
}

const NAME: &str = "aws-auth";
const WRITING: [&str; 5] = ["create", "update", "patch", "delete", "deletecollection"];

fn role(role: &Object, report: &mut Report) {
    if role.group() != RBAC || is_of_kubernetes(*role) {
        return;
    }
    for grant in grants(*role).filter(|grant| grant.has("resources", &["configmaps"]) && grant.has("verbs", &WRITING)) {
        for (_, name) in grant.texts("resourceNames").filter(|(name, _)| *name == NAME) {
            report.finding(name, format!("{} lets its holders write the ConfigMap `{NAME}`", role.title()));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(rule: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: {RBAC}/v1\nkind: Role\nmetadata: {{name: a}}\nrules: [{{{rule}}}]\n"))
    }

    #[test]
    fn reading_and_other_objects_are_accepted() {
        assert_eq!(
            flagged("apiGroups: [''], resources: [configmaps], resourceNames: [aws-auth], verbs: [get]"),
            [""; 0]
        );
        assert_eq!(flagged("apiGroups: [''], resources: [configmaps], resourceNames: [web], verbs: [update]"), [""; 0]);
        assert_eq!(
            flagged("apiGroups: [''], resources: [secrets], resourceNames: [aws-auth], verbs: [update]"),
            [""; 0]
        );
        assert_eq!(flagged("apiGroups: [''], resources: [configmaps], verbs: [update]"), [""; 0]);
    }

    #[test]
    fn writing_is_flagged() {
        assert_eq!(
            flagged("apiGroups: [''], resources: [configmaps], resourceNames: [a, aws-auth], verbs: [patch]"),
            ["aws-auth"]
        );
        assert_eq!(flagged("apiGroups: [''], resources: ['*'], resourceNames: [aws-auth], verbs: ['*']"), ["aws-auth"]);
    }
}
