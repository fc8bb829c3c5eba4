use hullmark_sdk::prelude::*;

rule! {
    /// The pod uses the network of its node: it sees the node's traffic, and no NetworkPolicy applies to it.
    ///
    /// ## What it checks
    ///
    /// Pods of any workload with `hostNetwork: true`, and PodSecurityPolicies, which Kubernetes had until 1.25, that
    /// allow it.
    ///
    /// ## Why it matters
    ///
    /// Such a pod reaches what listens on the node's loopback address only, can read the node's traffic if it may open
    /// raw sockets, takes its ports from all other pods of the node, and is not held by any NetworkPolicy. The Pod
    /// Security Standards forbid it from the level Baseline on. Network plugins and some node agents need it; suppress
    /// the rule at these.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.27.2
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
    ///   hostNetwork: false
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.27.2
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove `hostNetwork`. Let other pods reach this one through a Service, and clients outside of the cluster
    /// through a Service of type LoadBalancer or an Ingress.
    ///
    /// ## References
    ///
    /// - [Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    /// - [NetworkPolicy and hostNetwork pods](https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods)
    tags: &["security", "external/cwe/cwe-653"],
    security_severity: Some("6.5"),
    aliases: &["CKV_K8S_19", "CKV_K8S_4", "KSV-0009", "host-network", "hostNetworkSet"],
    references: &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods",
    ],
    fragments: true,
    checks: &[Pod(pod), Object(&["PodSecurityPolicy"], security_policy)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let Some(value) = pod.get("hostNetwork").filter(|value| value.boolean() == Some(true)) else { return };
    let message = format!("{} uses the network of its node", pod.object().title());
    let finding = report.finding(value, message);
    finding.aliases(&["CKV_K8S_19", "KSV-0009", "host-network", "hostNetworkSet"]);
    // An anchor's value may serve other fields too.
    if value.alias().is_none() {
        finding.fix(Fix::needs_review("give the pod a network of its own").replace(value, "false"));
    }
}

fn security_policy(policy: &Object, report: &mut Report) {
    if let Some(value) = policy.at(&["spec", "hostNetwork"]).filter(|value| value.boolean() == Some(true)) {
        let message = format!("{} lets pods use the network of their node", policy.title());
        report.finding(value, message).aliases(&["CKV_K8S_4"]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(field: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  {field}\n  containers: []\n"),
        )
    }

    #[test]
    fn what_is_not_true_is_accepted() {
        for field in
            ["hostNetwork: false", "hostNetwork:", "hostNetwork: \"true\"", "hostNetwork: [true]", "hostPID: true"]
        {
            assert_eq!(flagged(field), [""; 0], "{field}");
        }
    }

    #[test]
    fn true_is_flagged_as_kubernetes_reads_it() {
        assert_eq!(flagged("hostNetwork: true"), ["true"]);
        assert_eq!(flagged("hostNetwork: yes"), ["yes"]);
    }

    #[test]
    fn a_policy_that_allows_it_is_flagged() {
        let policy = |value| {
            format!(
                "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {{name: p}}\nspec: {{hostNetwork: {value}}}\n"
            )
        };
        assert_eq!(manifest(&RULE, &policy("false")), [""; 0]);
        assert_eq!(manifest(&RULE, &policy("true")), ["true"]);
    }
}
