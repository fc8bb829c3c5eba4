use std::collections::{BTreeMap, BTreeSet};

use hullmark_sdk::prelude::*;

use crate::namespaces::is_filled_by_cluster;
use crate::policies::{Direction, Policies, allows_anything, governs, rules, selects_every_pod, uses_host_network};

rule! {
    /// No NetworkPolicy of the namespace denies ingress by default: a pod that no policy selects is open to all.
    ///
    /// ## What it checks
    ///
    /// Every namespace with workloads needs one NetworkPolicy that selects all pods (`podSelector: {}`), restricts
    /// ingress and does not allow everything. It is reported once for each namespace: at the Namespace if the project
    /// holds it, else at the namespace or the name of its first workload. Workloads whose namespace is not written
    /// count as one namespace, and any such policy of the project satisfies them.
    ///
    /// Namespaces that the cluster fills itself (`kube-system` and its like, `openshift-…`) are left out; so are those
    /// with nothing but pods of `hostNetwork: true`, and those where policies of Cilium, Calico, Antrea, Kyverno or the
    /// administrator may hold.
    ///
    /// ## Why it matters
    ///
    /// Without a policy a pod accepts everything from everywhere in the cluster. One that denies by default makes each
    /// connection a decision, also for workloads that come later.
    ///
    /// ## Flagged
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
    ///   namespace: shop
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.27.2
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata:
    ///   name: default-deny-ingress
    ///   namespace: shop
    /// spec:
    ///   podSelector: {}
    ///   policyTypes: [Ingress]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress]` and without rules to the namespace, and
    /// policies that allow what its pods need.
    ///
    /// ## References
    ///
    /// - [Default policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies)
    level: Note,
    tags: &["security", "external/cwe/cwe-284"],
    security_severity: Some("4.0"),
    precision: Medium,
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies"],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let policies = Policies::of(project);
    let denied: BTreeSet<Option<&str>> = policies
        .own
        .iter()
        .filter(|policy| denies_by_default(policy.object))
        .map(|policy| policy.object.namespace())
        .collect();
    let is_denied = |namespace| denied.iter().any(|&other| project.may_share_namespace(other, namespace));
    for (namespace, pods) in pods_by_namespace(project) {
        if is_filled_by_cluster(namespace) || is_denied(namespace) || policies.others_may_hold_in(namespace) {
            continue;
        }
        let pods = pods.into_iter().filter_map(|pod| project.load(pod));
        if let Some(pod) = pods.into_iter().find(|pod| !uses_host_network(*pod)) {
            tell(project, namespace, pod, report);
        }
    }
}

fn pods_by_namespace<'p>(project: &'p Project<'_>) -> BTreeMap<Option<&'p str>, Vec<&'p PodEntry>> {
    let mut namespaces: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for pod in project.pods() {
        namespaces.entry(pod.namespace.as_deref()).or_default().push(pod);
    }
    namespaces
}

/// Whether what no rule allows is denied for every pod of the policy's namespace.
fn denies_by_default(policy: Object<'_>) -> bool {
    let ingress = Direction::Ingress;
    selects_every_pod(policy)
        && governs(policy, ingress)
        && rules(policy, ingress).all(|rule| allows_anything(rule, ingress).is_none())
}

fn tell(project: &Project<'_>, namespace: Option<&str>, first: Pod<'_>, report: &mut Report) {
    let workload = first.object();
    let Some(name) = namespace else {
        let message = format!("no NetworkPolicy denies ingress by default where {} runs", workload.title());
        report.finding(workload.name_place(), message);
        return;
    };
    let is_defined = |object: &Object| object.name() == Some(name) && !object.document().is_declared();
    let defined = project.objects(&["Namespace"]).into_iter().find(is_defined);
    let written = workload.at(&["metadata", "namespace"]).map(Node::place);
    let place = defined.map(Object::name_place).or(written).unwrap_or_else(|| workload.name_place());
    report.finding(place, format!("no NetworkPolicy of the namespace `{name}` denies ingress by default"));
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(name: &str, metadata: &str) -> String {
        format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, {metadata}}}\nspec: {{containers: []}}\n")
    }

    fn policy(metadata: &str, spec: &str) -> String {
        let head = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n";
        format!("{head}metadata: {{name: policy, {metadata}}}\nspec: {{{spec}}}\n")
    }

    #[test]
    fn a_policy_for_all_pods_is_enough() {
        for spec in [
            "podSelector: {}",
            "podSelector: {matchLabels: {}}",
            "podSelector: {}, policyTypes: [Egress, Ingress], ingress: []",
            "podSelector: {}, ingress: [{from: [{podSelector: {}}]}]",
        ] {
            let text = pod("web", "namespace: shop") + &policy("namespace: shop", spec);
            assert_eq!(manifest(&RULE, &text), [""; 0], "{spec}");
        }
    }

    #[test]
    fn a_namespace_that_is_not_written_may_be_any() {
        assert_eq!(manifest(&RULE, &(pod("web", "") + &policy("namespace: shop", "podSelector: {}"))), [""; 0]);
        assert_eq!(manifest(&RULE, &(pod("web", "namespace: shop") + &policy("", "podSelector: {}"))), [""; 0]);
    }

    #[test]
    fn nothing_is_asked_of_the_clusters_own_namespaces_or_of_none() {
        assert_eq!(manifest(&RULE, &pod("proxy", "namespace: kube-system")), [""; 0]);
        assert_eq!(manifest(&RULE, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"), [""; 0]);
        let host = pod("web", "namespace: shop").replace("containers", "hostNetwork: true, containers");
        assert_eq!(manifest(&RULE, &host), [""; 0]);
    }

    #[test]
    fn policies_for_the_cluster_may_deny() {
        let admin =
            "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\n";
        assert_eq!(manifest(&RULE, &(pod("web", "namespace: shop") + admin)), [""; 0]);
        let kyverno = "---\napiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: a}\n\
                       spec: {rules: [{generate: {kind: NetworkPolicy, name: deny}}]}\n";
        assert_eq!(manifest(&RULE, &(pod("web", "namespace: shop") + kyverno)), [""; 0]);
    }

    #[test]
    fn what_denies_nothing_by_default_is_flagged() {
        for spec in [
            "podSelector: {matchLabels: {app: web}}",
            "podSelector: {}, policyTypes: [Egress]",
            "podSelector: {}, ingress: [{}]",
            "policyTypes: [Egress]",
        ] {
            let text = pod("web", "namespace: shop") + &policy("namespace: shop", spec);
            assert_eq!(manifest(&RULE, &text), ["shop"], "{spec}");
        }
        let text = pod("web", "namespace: shop") + &policy("namespace: bank", "podSelector: {}");
        assert_eq!(manifest(&RULE, &text), ["shop"]);
    }

    #[test]
    fn each_namespace_is_told_once_at_its_object() {
        let pods = pod("a", "namespace: shop") + &pod("b", "namespace: shop") + &pod("c", "") + &pod("d", "");
        let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
        let found = Trial::of(&RULE).found(&[("a.yaml", &pods), ("z.yaml", namespace)]);
        let places: Vec<_> = found.iter().map(|found| (found.token.as_str(), found.finding.place().document)).collect();
        assert_eq!(places, [("c", 2), ("shop", 4)]);
    }
}
