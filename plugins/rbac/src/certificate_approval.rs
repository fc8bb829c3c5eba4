use hullmark_sdk::prelude::*;

use crate::access::{Access, NAMED, Role, WILDCARDS, roles};

rule! {
    /// A role lets its holders approve certificates.
    ///
    /// ## What it checks
    ///
    /// ClusterRoles that allow both `update` or `patch` on `certificatesigningrequests/approval` and `approve` on `signers`:
    /// the API server asks for the two together.
    ///
    /// ## Why it matters
    ///
    /// Who can approve requests makes himself a certificate for any name that the signer gives out, such as that of a node.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: ClusterRole
    /// metadata:
    ///   name: app
    /// rules:
    ///   - apiGroups: ["certificates.k8s.io"]
    ///     resources: [certificatesigningrequests/approval]
    ///     verbs: [update]
    ///   - apiGroups: ["certificates.k8s.io"]
    ///     resources: [signers]
    ///     verbs: [approve]
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
    ///   - apiGroups: ["certificates.k8s.io"]
    ///     resources: [certificatesigningrequests]
    ///     verbs: [create, get]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the signer in `resourceNames`, such as one of the project's own, or leave approval to the controllers of
    /// Kubernetes.
    ///
    /// ## Options
    ///
    /// - `wildcards` (default `false`): report `*` among the resources too, which `rbac/wildcard-rule` does.
    /// - `named` (default `false`): report rights that `resourceNames` limits to single objects too.
    ///
    /// ## Other tools
    ///
    /// Checkov counts `*` (`wildcards`) and single signers (`named`) too.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/rbac-good-practices/#csrs-and-certificate-issuing>
    tags: &["security", "external/cwe/cwe-269"],
    security_severity: Some("7.0"),
    precision: High,
    aliases: &["CKV_K8S_156"],
    references: &["https://kubernetes.io/docs/concepts/security/rbac-good-practices/#csrs-and-certificate-issuing"],
    options: &[WILDCARDS, NAMED],
    checks: &[Manifests(whole_project)],
}

const APPROVAL: Access = Access {
    groups: &["certificates.k8s.io"],
    resources: &["certificatesigningrequests/approval"],
    verbs: &["update", "patch"],
};
const SIGNERS: Access = Access { groups: &["certificates.k8s.io"], resources: &["signers"], verbs: &["approve"] };

fn whole_project(project: &Project, report: &mut Report) {
    for role in roles(project).into_iter().filter(Role::is_of_cluster) {
        let approvals = role.uses(&APPROVAL, report);
        let signers = role.uses(&SIGNERS, report);
        if let ([(_, approval), ..], [(_, signer), ..]) = (&approvals[..], &signers[..]) {
            let message = format!("{} lets its holders approve certificates", role.object.title());
            let finding = report.finding(*approval, message);
            if approval != signer {
                finding.related(*signer, "for these signers");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const APPROVAL: &str =
        "{apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests/approval], verbs: [patch]}";

    fn flagged(options: &str, kind: &str, rules: &str) -> Vec<String> {
        let text = format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: a}}\nrules: [{rules}]\n"
        );
        Trial::with(&RULE, options).manifest(&text)
    }

    #[test]
    fn one_right_alone_is_accepted() {
        let signers = "{apiGroups: [certificates.k8s.io], resources: [signers], verbs: [approve]}";
        assert_eq!(flagged("{}", "ClusterRole", APPROVAL), [""; 0]);
        assert_eq!(flagged("{}", "ClusterRole", signers), [""; 0]);
        assert_eq!(flagged("{}", "Role", &format!("{APPROVAL}, {signers}")), [""; 0]);
    }

    #[test]
    fn both_together_are_flagged() {
        let signers = "{apiGroups: ['*'], resources: [signers], verbs: ['*']}";
        let both = format!("{APPROVAL}, {signers}");
        assert_eq!(flagged("{}", "ClusterRole", &both), ["certificatesigningrequests/approval"]);
        let starred = both.replace("certificatesigningrequests/", "'*/").replace("approval]", "approval']");
        assert_eq!(flagged("{}", "ClusterRole", &starred), ["'*/approval'"]);
    }

    #[test]
    fn wildcards_and_single_signers_can_be_asked_for() {
        let all = "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}";
        assert_eq!(flagged("{}", "ClusterRole", all), [""; 0]);
        assert_eq!(flagged(r#"{"wildcards": true}"#, "ClusterRole", all), ["'*'"]);
        let named = format!("{APPROVAL}, {{apiGroups: ['*'], resources: [signers], resourceNames: [x], verbs: ['*']}}");
        assert_eq!(flagged("{}", "ClusterRole", &named), [""; 0]);
        assert_eq!(flagged(r#"{"named": true}"#, "ClusterRole", &named), ["certificatesigningrequests/approval"]);
    }
}
