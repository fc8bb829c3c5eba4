use hullmark_sdk::prelude::*;

use crate::policies::is_network_policy;

rule! {
    /// The NetworkPolicy has no `podSelector`, so it holds for every pod of its namespace without saying so.
    ///
    /// ## What it checks
    ///
    /// NetworkPolicies whose `spec` has no `podSelector`.
    ///
    /// ## Why it matters
    ///
    /// Kubernetes reads a missing selector as an empty one, which selects every pod. A reader may take the policy for one
    /// that selects nothing; and where the field was lost by a wrong indentation, it closes what it was not meant for.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata:
    ///   name: deny
    /// spec:
    ///   policyTypes: [Ingress]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata:
    ///   name: deny
    /// spec:
    ///   podSelector: {}
    ///   policyTypes: [Ingress]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `podSelector: {}` if every pod is meant, else the labels of the pods.
    ///
    /// ## Other tools
    ///
    /// Trivy accepts a policy that has a selector somewhere, also one of a peer only.
    ///
    /// ## References
    ///
    /// - [Network Policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/)
    // `api/missing-field` speaks where the version of Kubernetes asks for the field.
    enabled: false,
    tags: &["correctness"],
    aliases: &["KSV-0038"],
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    checks: &[Object(&["NetworkPolicy"], policy)],
}

fn policy(policy: &Object, report: &mut Report) {
    let Some(spec) = policy.at(&["spec"]).filter(|_| is_network_policy(*policy)) else { return };
    if spec.kind() != Kind::Mapping || spec.get("podSelector").is_some() {
        return;
    }
    let is_selector = |node: Node<'_>| matches!(node.key(), Some("podSelector" | "namespaceSelector"));
    let selects_peers = spec.descendants().any(is_selector);
    report
        .finding(policy.anchor(&["spec", "podSelector"]), format!("{} has no `podSelector`", policy.title()))
        .aliases_if(&[("KSV-0038", !selects_peers)]);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(spec: &str) -> Vec<String> {
        let head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\n";
        manifest(&RULE, &format!("{head}spec: {spec}\n"))
    }

    #[test]
    fn a_written_selector_is_accepted() {
        assert_eq!(flagged("{podSelector: {}}"), [""; 0]);
        assert_eq!(flagged("{podSelector: {matchLabels: {app: web}}}"), [""; 0]);
        assert_eq!(flagged("[]"), [""; 0]);
    }

    #[test]
    fn a_policy_of_another_engine_is_passed_over() {
        let calico = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nspec: {selector: all()}\n";
        assert_eq!(manifest(&RULE, calico), [""; 0]);
    }

    #[test]
    fn a_missing_selector_is_flagged() {
        assert_eq!(flagged("{policyTypes: [Ingress]}"), ["spec"]);
        assert_eq!(flagged("{podSelector: , policyTypes: [Ingress]}"), ["podSelector"]);
        assert_eq!(flagged("{ingress: [{from: [{podSelector: {}}]}]}"), ["spec"]);
    }
}
