use hullmark_sdk::prelude::*;

rule! {
    /// Nothing says on which nodes the pod runs.
    ///
    /// ## What it checks
    ///
    /// `affinity.nodeAffinity` and `nodeSelector` of every pod; one of them must be there. The rule is off unless it is
    /// selected: most pods may run anywhere.
    ///
    /// ## Why it matters
    ///
    /// In a cluster with several kinds of nodes, such as two architectures or two levels of trust, a pod that may run
    /// anywhere runs where it should not.
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
    ///       image: nginx:1.29.1
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
    ///   nodeSelector:
    ///     kubernetes.io/arch: amd64
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the nodes by their labels, in `nodeSelector` or in `affinity.nodeAffinity`.
    ///
    /// ## Options
    ///
    /// - `node-selector` (default `true`): whether a `nodeSelector` is enough.
    ///
    /// ## Other tools
    ///
    /// kube-linter wants `nodeAffinity`, though a `nodeSelector` says the same.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["no-node-affinity"],
    references: &["https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/"],
    options: &[OptionSpec::flag("node-selector", true, "whether a `nodeSelector` is enough")],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let is_selected = report.options().flag("node-selector") && pod.get("nodeSelector").is_some();
    if is_selected || pod.at(&["affinity", "nodeAffinity"]).is_some() {
        return;
    }
    let message = format!("{} does not say on which nodes it runs", pod.object().title());
    report.finding(pod.anchor(&["affinity", "nodeAffinity"]), message);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{{spec}}}\n")
    }

    #[test]
    fn who_names_nodes_is_accepted() {
        assert_eq!(manifest(&RULE, &pod("nodeSelector: {disk: fast}")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("affinity: {nodeAffinity: {}}")), [""; 0]);
    }

    #[test]
    fn who_names_none_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("containers: []")), ["web"]);
        assert_eq!(manifest(&RULE, &pod("affinity: {podAffinity: {}}")), ["affinity"]);
        let trial = Trial::with(&RULE, r#"{"node-selector": false}"#);
        assert_eq!(trial.manifest(&pod("nodeSelector: {disk: fast}")), ["web"]);
    }
}
