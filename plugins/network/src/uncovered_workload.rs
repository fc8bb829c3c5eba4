use hullmark_sdk::prelude::*;

use crate::namespaces::Homes;
use crate::policies::{Direction, Policies, Policy, governs, uses_host_network};

rule! {
    /// No NetworkPolicy selects the workload's pods, though its namespace has policies: everyone may reach them.
    ///
    /// ## What it checks
    ///
    /// Pods of a namespace with at least one NetworkPolicy, against the policies that select them. Where the namespace
    /// is not written, a workload is held against the policies without a namespace in its own folder, those above it
    /// and those below it; and it counts as selected where any policy of the project may select it. A namespace without
    /// any policy is the matter of `network/missing-default-deny`.
    ///
    /// Pods with `hostNetwork: true` are left out, since NetworkPolicies do not apply to them; so are namespaces where
    /// policies of Cilium, Calico, Antrea or the administrator may hold.
    ///
    /// ## Why it matters
    ///
    /// A pod that no policy selects is open to every other pod of the cluster. In a namespace where others are closed,
    /// this is mostly an oversight: a label that changed, or a workload that came later.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.27.2
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata:
    ///   name: db
    /// spec:
    ///   podSelector:
    ///     matchLabels:
    ///       app: db
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.27.2
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata:
    ///   name: everything
    /// spec:
    ///   podSelector: {}
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add a NetworkPolicy that selects the pods and allows what they need. A policy with an empty `podSelector`
    /// selects every pod of its namespace.
    ///
    /// ## Options
    ///
    /// - `directions`: the directions in which a policy must select the pods, `ingress` and `egress`. By default
    ///   `["ingress"]`.
    /// - `everywhere`: also speak of namespaces without any policy, workload by workload. By default `false`.
    ///
    /// ## Other tools
    ///
    /// kube-linter, kube-score and Checkov also speak where there is no policy at all. Checkov reads `matchExpressions`
    /// as a selector of everything and passes over namespaces. Polaris demands `matchLabels` and rules of both
    /// directions, so it does not accept a policy that denies by default.
    ///
    /// ## References
    ///
    /// - [Network Policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/)
    tags: &["security", "external/cwe/cwe-284"],
    security_severity: Some("5.0"),
    precision: High,
    aliases: &["CKV2_K8S_6", "missingNetworkPolicy", "non-isolated-pod", "pod-networkpolicy"],
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    options: &[OptionSpec::words(
        "directions",
        &["ingress"],
        &["ingress", "egress"],
        "The directions in which a policy must select the pods.",
    ),
    OptionSpec::flag("everywhere", false, "Also speak of namespaces without any policy.")],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let policies = Policies::of(project);
    let everywhere = report.options().flag("everywhere");
    if policies.own.is_empty() && !everywhere {
        return;
    }
    let homes = Homes::of_objects(policies.own.iter().map(|policy| policy.object));
    let mut selecting: Vec<Vec<&Policy<'_>>> = vec![Vec::new(); project.pods().len()];
    for policy in &policies.own {
        for &pod in &policy.pods {
            selecting[pod as usize].push(policy);
        }
    }
    let directions = Direction::chosen(report);
    for (entry, selecting) in project.pods().iter().zip(&selecting) {
        let missing: Vec<Direction> =
            directions.iter().copied().filter(|&direction| !covers(selecting, direction)).collect();
        if missing.is_empty() || !(everywhere || is_among(project, entry, &homes)) {
            continue;
        }
        let Some(pod) = project.load(entry) else { continue };
        if !uses_host_network(pod) && !policies.others_may_hold_in(pod.object().namespace()) {
            tell(pod, selecting, &missing, report);
        }
    }
}

fn covers(selecting: &[&Policy<'_>], direction: Direction) -> bool {
    selecting.iter().any(|policy| governs(policy.object, direction))
}

/// Whether the namespace of the pod surely has a policy.
fn is_among(project: &Project<'_>, pod: &PodEntry, homes: &Homes) -> bool {
    let document = project.document(pod.document);
    document.is_some_and(|document| homes.share_strictly(pod.namespace.as_deref(), document.path()))
}

fn tell(pod: Pod<'_>, selecting: &[&Policy<'_>], missing: &[Direction], report: &mut Report) {
    let workload = pod.object();
    let (place, title) = (workload.name_place(), workload.title());
    if selecting.is_empty() {
        report.finding(place, format!("{title} is selected by no NetworkPolicy"));
        return;
    }
    for direction in missing {
        let finding =
            report.finding(place, format!("{title} is selected by no NetworkPolicy for {}", direction.field()));
        finding.aliases(&["missingNetworkPolicy", "pod-networkpolicy"]);
        for policy in selecting {
            finding.related(policy.object.name_place(), "selects its pods in the other direction only");
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(name: &str, metadata: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{app: {name}}}, {metadata}}}\nspec: {{containers: []}}\n"
        )
    }

    fn policy(metadata: &str, spec: &str) -> String {
        let head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n";
        format!("{head}metadata: {{name: policy, {metadata}}}\nspec: {{{spec}}}\n")
    }

    fn flagged(pods: &str, policies: &str) -> Vec<String> {
        project(&RULE, &[("a.yaml", pods), ("b.yaml", policies)])
    }

    #[test]
    fn a_selected_pod_is_accepted() {
        let web = pod("web", "");
        assert_eq!(flagged(&web, &policy("", "podSelector: {}")), [""; 0]);
        assert_eq!(flagged(&web, &policy("", "podSelector: {matchLabels: {app: web}}")), [""; 0]);
        assert_eq!(flagged(&web, &policy("namespace: shop", "podSelector: {}")), [""; 0]);
        let expression = "podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [db]}]}";
        assert_eq!(flagged(&web, &policy("", expression)), [""; 0]);
    }

    #[test]
    fn a_namespace_without_policies_is_another_rule() {
        let db = "podSelector: {matchLabels: {app: db}}";
        assert_eq!(flagged(&pod("web", "namespace: shop"), &policy("namespace: bank", db)), [""; 0]);
        assert_eq!(flagged(&pod("web", ""), &policy("namespace: bank", db)), [""; 0]);
        let files = [("a/web.yaml", pod("web", "")), ("b/policy.yaml", policy("", db))];
        assert_eq!(project(&RULE, &files.each_ref().map(|(path, text)| (*path, text.as_str()))), [""; 0]);
    }

    #[test]
    fn everywhere_needs_no_policy_at_all() {
        let trial = Trial::with(&RULE, r#"{"everywhere": true}"#);
        assert_eq!(trial.manifest(&pod("web", "")), ["web"]);
    }

    #[test]
    fn other_engines_may_cover_it() {
        let db = policy("namespace: shop", "podSelector: {matchLabels: {app: db}}");
        let cilium = "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: shop}\n";
        assert_eq!(flagged(&pod("web", "namespace: shop"), &format!("{db}{cilium}")), [""; 0]);
        let elsewhere = cilium.replace("shop", "bank");
        assert_eq!(flagged(&pod("web", "namespace: shop"), &format!("{db}{elsewhere}")), ["web"]);
    }

    #[test]
    fn the_network_of_the_node_knows_no_policies() {
        let web = pod("web", "").replace("containers", "hostNetwork: true, containers");
        assert_eq!(flagged(&web, &policy("", "podSelector: {matchLabels: {app: db}}")), [""; 0]);
    }

    #[test]
    fn an_unselected_pod_is_flagged() {
        let pods = format!("{}---\n{}", pod("web", ""), pod("db", ""));
        assert_eq!(flagged(&pods, &policy("", "podSelector: {matchLabels: {app: db}}")), ["web"]);
    }

    #[test]
    fn directions_count_apart() {
        let (web, egress) = (pod("web", ""), policy("", "podSelector: {}, policyTypes: [Egress]"));
        assert_eq!(flagged(&web, &egress), ["web"]);
        let both = Trial::with(&RULE, r#"{"directions": ["ingress", "egress"]}"#);
        assert_eq!(both.project(&[("a.yaml", &web), ("b.yaml", &policy("", "podSelector: {}"))]), ["web"]);
        let rules = policy("", "podSelector: {}, egress: [{}]");
        assert_eq!(both.project(&[("a.yaml", &web), ("b.yaml", &rules)]), [""; 0]);
    }
}
