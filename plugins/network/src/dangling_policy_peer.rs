use hullmark_sdk::prelude::*;

use crate::elsewhere::{Dangling, Elsewhere};
use crate::policies::{Direction, is_network_policy, rules, selector_labels};

rule! {
    /// A NetworkPolicy names a peer by labels that no pod of its namespace has.
    ///
    /// ## What it checks
    ///
    /// Peers of NetworkPolicies, under `from` and `to`, that are chosen by a `podSelector` alone: it means pods of the
    /// policy's own namespace. It is reported where the selector is not empty and matches none of them, while the
    /// project holds pods of that namespace. Where a namespace is not written, pods of the same folder, of those above
    /// and of those below count as such, and a pod of any namespace may be the one that is meant.
    ///
    /// It keeps silent where the pods may come from somewhere else: from an operator or a Helm release (a custom
    /// resource holds one of the labels); and where a label is set by a controller or a patch.
    ///
    /// ## Why it matters
    ///
    /// The connection that the policy was to allow stays closed: a label is misspelt or has changed, or the pods are of
    /// another namespace and a `namespaceSelector` is missing.
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
    ///   podSelector: {}
    ///   ingress:
    ///     - from:
    ///         - podSelector:
    ///             matchLabels:
    ///               name: web
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
    ///   name: db
    /// spec:
    ///   podSelector: {}
    ///   ingress:
    ///     - from:
    ///         - podSelector:
    ///             matchLabels:
    ///               app: web
    /// ```
    ///
    /// ## How to fix
    ///
    /// Make the labels of the selector those of the pod template. Where the pods are of another namespace, add a
    /// `namespaceSelector` to the same peer.
    ///
    /// ## Options
    ///
    /// - `complete`: the project holds every pod of its namespaces, so whatever selects none of them is reported. By
    ///   default `false`.
    ///
    /// ## Other tools
    ///
    /// kube-linter also speaks where the project holds no pods of the namespace, or an operator makes them.
    ///
    /// ## References
    ///
    /// - [Network Policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors)
    tags: &["correctness"],
    precision: Medium,
    aliases: &["dangling-networkpolicypeer-podselector"],
    references: &[
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
    ],
    options: &[OptionSpec::flag("complete", false, "The project holds every pod of its namespaces.")],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let elsewhere = Elsewhere::of(project);
    for policy in project.objects(&["NetworkPolicy"]).into_iter().filter(|object| is_network_policy(*object)) {
        for direction in Direction::BOTH {
            for peer in rules(policy, direction).flat_map(|rule| peers(rule, direction)) {
                check(project, &elsewhere, policy, peer, report);
            }
        }
    }
}

fn peers(rule: Node<'_>, direction: Direction) -> impl Iterator<Item = Node<'_>> {
    rule.get(direction.peers()).into_iter().flat_map(Node::items)
}

fn check<'a>(
    project: &'a Project<'a>,
    elsewhere: &Elsewhere<'a>,
    policy: Object<'a>,
    peer: Node<'a>,
    report: &mut Report<'_>,
) {
    if peer.written("namespaceSelector").is_some() {
        return;
    }
    let Some(selector) = peer.get("podSelector") else { return };
    let Some(labels) = selector_labels(selector) else { return };
    if !project.select(selector, policy.namespace()).is_empty() {
        return;
    }
    let strays = project.select(selector, None);
    let what = format!("the `podSelector` of a peer of {}", policy.title());
    elsewhere.tell_dangling(Dangling { what, object: policy, selector, labels, strays }, report);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const POD: &str =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: []}\n---\n";

    fn policy(rules: &str) -> String {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: db}}\nspec: {{podSelector: {{}}, {rules}}}\n"
        )
    }

    fn flagged(peer: &str) -> Vec<String> {
        manifest(&RULE, &(POD.to_owned() + &policy(&format!("ingress: [{{from: [{peer}]}}]"))))
    }

    #[test]
    fn what_selects_a_pod_is_accepted() {
        for peer in ["{podSelector: {}}", "{podSelector: {matchLabels: {app: web}}}", "{ipBlock: {cidr: 10.0.0.0/8}}"] {
            assert_eq!(flagged(peer), [""; 0], "{peer}");
        }
    }

    #[test]
    fn pods_of_other_namespaces_are_not_looked_for() {
        assert_eq!(flagged("{namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}"), [""; 0]);
        assert_eq!(flagged("{namespaceSelector: , podSelector: {matchLabels: {app: db}}}"), [""; 0]);
    }

    #[test]
    fn without_pods_nothing_is_known_unless_they_are_said_to_be_complete() {
        let policy = policy("egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]");
        assert_eq!(manifest(&RULE, &policy), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"complete": true}"#).manifest(&policy), ["podSelector"]);
    }

    #[test]
    fn what_selects_no_pod_is_flagged() {
        assert_eq!(flagged("{podSelector: {matchLabels: {app: wbe}}}"), ["podSelector"]);
        assert_eq!(flagged("{podSelector: {matchExpressions: [{key: db, operator: Exists}]}}"), ["podSelector"]);
        let egress = policy("egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]");
        assert_eq!(manifest(&RULE, &(POD.to_owned() + &egress)), ["podSelector"]);
    }
}
