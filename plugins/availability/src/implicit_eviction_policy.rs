use hullmark_sdk::prelude::*;

rule! {
    /// The PodDisruptionBudget leaves to the default whether broken pods may be evicted, so they may block drains.
    ///
    /// ## What it checks
    ///
    /// `unhealthyPodEvictionPolicy` of every PodDisruptionBudget of `policy/v1`. The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// By default a pod that is not ready counts as one that must be kept while the budget is not met. A workload that never
    /// becomes ready then keeps its node from being drained.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata:
    ///   name: web
    /// spec:
    ///   maxUnavailable: 1
    ///   selector:
    ///     matchLabels:
    ///       app: web
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata:
    ///   name: web
    /// spec:
    ///   maxUnavailable: 1
    ///   unhealthyPodEvictionPolicy: AlwaysAllow
    ///   selector:
    ///     matchLabels:
    ///       app: web
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `unhealthyPodEvictionPolicy: AlwaysAllow`, unless pods that are not ready hold what must not be lost.
    ///
    /// ## Other tools
    ///
    /// kube-linter accepts any value, as this rule does.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    aliases: &["pdb-unhealthy-pod-eviction-policy"],
    references: &["https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy"],
    checks: &[Object(&["PodDisruptionBudget"], budget)],
}

fn budget(object: &Object, report: &mut Report) {
    let field = ["spec", "unhealthyPodEvictionPolicy"];
    if object.api_version() == Some("policy/v1") && object.at(&field).is_none() {
        let message = format!("{} does not say whether broken pods may be evicted", object.title());
        report.finding(object.anchor(&field), message);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(version: &str, spec: &str) -> Vec<String> {
        let head = "kind: PodDisruptionBudget\nmetadata: {name: web}\n";
        manifest(&RULE, &format!("apiVersion: {version}\n{head}spec: {{{spec}}}\n"))
    }

    #[test]
    fn either_policy_is_accepted() {
        assert_eq!(flagged("policy/v1", "unhealthyPodEvictionPolicy: IfHealthyBudget"), [""; 0]);
        assert_eq!(flagged("policy/v1beta1", "maxUnavailable: 1"), [""; 0]);
    }

    #[test]
    fn none_is_flagged() {
        assert_eq!(flagged("policy/v1", "maxUnavailable: 1"), ["spec"]);
    }
}
