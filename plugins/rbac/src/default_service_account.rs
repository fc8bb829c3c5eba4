use hullmark_sdk::prelude::*;

use crate::accounts::{account, mounts_token};

rule! {
    /// The pod runs as the default account of its namespace.
    ///
    /// ## What it checks
    ///
    /// Pods whose `serviceAccountName` (or `serviceAccount`, its old name) is missing, empty or `default`. A pod that gets no
    /// token is accepted: `automountServiceAccountToken: false` in the pod, or in the `default` ServiceAccount of the project.
    ///
    /// The rule is off unless it is selected: the account has no rights until somebody gives it some, and that is what
    /// `rbac/default-account-binding` reports.
    ///
    /// ## Why it matters
    ///
    /// All pods that name no account share one. Rights that one of them needs are given to all of them, and the audit log cannot
    /// tell them apart.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   serviceAccountName: web
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    /// ```
    ///
    /// ## How to fix
    ///
    /// Make a ServiceAccount for the workload and name it in `serviceAccountName`, or say `automountServiceAccountToken: false` if the
    /// pod does not speak to the API server.
    ///
    /// ## Other tools
    ///
    /// kube-linter does not look at what the ServiceAccount says.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts>
    enabled: false,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("3.5"),
    aliases: &["default-service-account"],
    references: &["https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts"],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    for pod in project.pods().iter().filter_map(|entry| project.load(entry)) {
        let account = account(pod);
        let is_default = account.is_none_or(|account| matches!(account.text(), Some("" | "default")));
        if !is_default || !mounts_token(project, pod) {
            continue;
        }
        let place = account.map_or_else(|| pod.anchor(&["serviceAccountName"]), Node::place);
        report.finding(place, format!("{} runs as the account `default`", pod.object().title()));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(spec: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{{spec}}}\n"))
    }

    #[test]
    fn an_account_of_its_own_is_accepted() {
        assert_eq!(flagged("serviceAccountName: web"), [""; 0]);
        assert_eq!(flagged("serviceAccount: web"), [""; 0]);
    }

    #[test]
    fn without_a_token_the_account_does_not_matter() {
        assert_eq!(flagged("automountServiceAccountToken: false"), [""; 0]);
    }

    #[test]
    fn the_default_account_is_flagged() {
        assert_eq!(flagged("containers: []"), ["web"]);
        assert_eq!(flagged("serviceAccountName: default"), ["default"]);
        assert_eq!(flagged("serviceAccountName: ''"), ["''"]);
    }
}
