use hullmark_sdk::prelude::*;

rule! {
    /// The default account of a namespace gives its token to every pod.
    ///
    /// ## What it checks
    ///
    /// ServiceAccounts called `default` that do not say `automountServiceAccountToken: false`.
    ///
    /// The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// Every pod that names no account gets the token of this one, whether it needs it or not, and with it every right that
    /// the account is ever given.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata:
    ///   name: default
    ///   namespace: shop
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata:
    ///   name: default
    ///   namespace: shop
    /// automountServiceAccountToken: false
    /// ```
    ///
    /// ## How to fix
    ///
    /// Say `automountServiceAccountToken: false`, and give an account of its own to each workload that speaks to the API
    /// server.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting>
    enabled: false,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("3.5"),
    aliases: &["CKV_K8S_41"],
    references: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
    ],
    checks: &[Object(&["ServiceAccount"], account)],
}

const FIELD: &str = "automountServiceAccountToken";

fn account(account: &Object, report: &mut Report) {
    let written = account.at(&[FIELD]);
    if !account.group().is_empty()
        || account.name() != Some("default")
        || written.is_some_and(|written| written.boolean() != Some(true))
    {
        return;
    }
    let place = written.map_or_else(|| account.anchor(&[FIELD]), Node::place);
    let finding = report.finding(place, "the account `default` gives its token to every pod without one of its own");
    if let Some(written) = written.filter(|written| written.alias().is_none()) {
        finding.fix(Fix::needs_review(format!("set `{FIELD}: false`")).replace(written, "false"));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(name: &str, rest: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}}}\n{rest}\n"))
    }

    #[test]
    fn other_accounts_and_false_are_accepted() {
        assert_eq!(flagged("web", ""), [""; 0]);
        assert_eq!(flagged("default", "automountServiceAccountToken: false"), [""; 0]);
        assert_eq!(flagged("default", "automountServiceAccountToken: 'true'"), [""; 0]);
    }

    #[test]
    fn the_default_account_is_flagged() {
        assert_eq!(flagged("default", ""), ["default"]);
        assert_eq!(flagged("default", "automountServiceAccountToken: true"), ["true"]);
    }
}
