use hullmark_sdk::prelude::*;

rule! {
    /// SecurityContextConstraints of OpenShift let pods be privileged.
    ///
    /// ## What it checks
    ///
    /// `allowPrivilegedContainer: true`. The rule is off unless it is selected, since clusters need such constraints for a few
    /// agents.
    ///
    /// ## Why it matters
    ///
    /// A privileged container is root on its node. Constraints apply to every account that may use them, not only to the one agent
    /// that they were written for.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: security.openshift.io/v1
    /// kind: SecurityContextConstraints
    /// metadata:
    ///   name: agents
    /// allowPrivilegedContainer: true
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: security.openshift.io/v1
    /// kind: SecurityContextConstraints
    /// metadata:
    ///   name: agents
    /// allowPrivilegedContainer: false
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set the field to `false` and allow the capabilities that are needed.
    ///
    /// ## References
    ///
    /// - <https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/authentication_and_authorization/managing-pod-security-policies>
    level: Warning,
    enabled: false,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("7.0"),
    aliases: &["scc-deny-privileged-container"],
    references: &[
        "https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/authentication_and_authorization/managing-pod-security-policies",
    ],
    fragments: true,
    checks: &[Object(&["SecurityContextConstraints"], constraints)],
}

fn constraints(object: &Object, report: &mut Report) {
    let allowed = object.at(&["allowPrivilegedContainer"]).filter(|allowed| allowed.boolean() == Some(true));
    if let Some(allowed) = allowed {
        report.finding(allowed, format!("{} lets pods be privileged", object.title()));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(field: &str) -> Vec<String> {
        let head = "apiVersion: security.openshift.io/v1\nkind: SecurityContextConstraints\nmetadata: {name: a}\n";
        manifest(&RULE, &format!("{head}{field}\n"))
    }

    #[test]
    fn only_true_allows_it() {
        for field in ["allowPrivilegedContainer: false", "allowPrivilegedContainer: 'true'", "privileged: true"] {
            assert_eq!(flagged(field), [""; 0], "{field}");
        }
        assert_eq!(flagged("allowPrivilegedContainer: true"), ["true"]);
    }
}
