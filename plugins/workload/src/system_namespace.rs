use hullmark_sdk::prelude::*;

rule! {
    /// The workload lives in a namespace that belongs to the cluster itself.
    ///
    /// ## What it checks
    ///
    /// The namespace of every workload against the option `namespaces`. The parts of a control plane, by the labels
    /// `tier: control-plane` and `component` and the priority class `system-node-critical`, are at home there. The rule is off
    /// unless it is selected, for a repository that sets up clusters has good reasons.
    ///
    /// ## Why it matters
    ///
    /// Who may change pods in `kube-system` can reach the credentials of the cluster's own parts. Many policies leave the
    /// namespace out, so nothing watches what runs there.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   namespace: kube-system
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
    ///   namespace: shop
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the workload a namespace of its own.
    ///
    /// ## Options
    ///
    /// - `namespaces` (default: `kube-node-lease`, `kube-public`, `kube-system`): namespaces that belong to the cluster.
    ///
    /// ## Other tools
    ///
    /// Trivy looks at `kube-system` only.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces>
    level: Warning,
    enabled: false,
    tags: &["security", "external/cwe/cwe-653"],
    security_severity: Some("5.0"),
    precision: Medium,
    aliases: &["KSV-0037"],
    references: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces"],
    options: &[OptionSpec::texts(
        "namespaces",
        &["kube-node-lease", "kube-public", "kube-system"],
        "namespaces that belong to the cluster",
    )],
    checks: &[Pod(pod)],
}

/// Values of the label `component` in a control plane.
const COMPONENTS: [&str; 4] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

fn pod(pod: &Pod, report: &mut Report) {
    let object = pod.object();
    let Some(namespace) = object.namespace() else { return };
    if is_of_control_plane(pod) || !report.options().texts("namespaces").any(|listed| listed == namespace) {
        return;
    }
    let place = object.at(&["metadata", "namespace"]).map_or_else(|| object.name_place(), Node::place);
    let finding =
        report.finding(place, format!("{} lives in the cluster's own namespace `{namespace}`", object.title()));
    finding.aliases_if(&[("KSV-0037", namespace == "kube-system")]);
}

fn is_of_control_plane(pod: &Pod) -> bool {
    let label = |key| pod.object().at(&["metadata", "labels", key]).and_then(Node::text);
    label("tier") == Some("control-plane")
        && label("component").is_some_and(|component| COMPONENTS.contains(&component))
        && pod.get("priorityClassName").and_then(Node::text) == Some("system-node-critical")
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(metadata: &str, spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a, {metadata}}}\nspec: {{{spec}}}\n")
    }

    const PART: &str = "namespace: kube-system, labels: {tier: control-plane, component: etcd}";

    #[test]
    fn other_namespaces_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("namespace: shop", "")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("labels: {}", "")), [""; 0]);
        let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: kube-system}\n";
        assert_eq!(manifest(&RULE, config), [""; 0]);
    }

    #[test]
    fn the_control_plane_is_at_home() {
        assert_eq!(manifest(&RULE, &pod(PART, "priorityClassName: system-node-critical")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod(PART, "priorityClassName: high")), ["kube-system"]);
    }

    #[test]
    fn system_namespaces_are_flagged() {
        assert_eq!(manifest(&RULE, &pod("namespace: kube-public", "")), ["kube-public"]);
        let trial = Trial::with(&RULE, r#"{"namespaces": ["istio-system"]}"#);
        assert_eq!(trial.manifest(&pod("namespace: kube-public", "")), [""; 0]);
        assert_eq!(trial.manifest(&pod("namespace: istio-system", "")), ["istio-system"]);
    }
}
