use std::collections::{BTreeMap, BTreeSet};

use hullmark_sdk::prelude::*;

use crate::policies::{Direction, Policies, Policy, every_address, governs, is_empty_list, rules, uses_host_network};
use crate::ports::protocol;

rule! {
    /// NetworkPolicies let the pods out but not to the DNS server, so the pods cannot find what they may reach.
    ///
    /// ## What it checks
    ///
    /// Pods whose egress is restricted by NetworkPolicies that allow some of it, none of which may lead to DNS: UDP to
    /// port 53 (or to a port on which the DNS servers of common distributions listen) of a peer that may be the
    /// cluster's DNS server. It is reported once for each policy, at its `egress`.
    ///
    /// A peer may be the DNS server where it is an address block, or is chosen by a namespace selector, unless this
    /// names another namespace by `kubernetes.io/metadata.name` or `name`. A pod selector alone means pods of the
    /// policy's own namespace.
    ///
    /// It keeps silent about pods that may reach nothing at all, or only given address blocks; pods with their own DNS
    /// settings (`dnsPolicy: None`) or the network of the node; and namespaces where policies of other engines may
    /// hold.
    ///
    /// ## Why it matters
    ///
    /// As soon as one policy restricts egress, everything that is not allowed is denied, and DNS with it. Programs then
    /// wait for seconds and report names that do not exist, which is hard to trace back to a policy. A port without
    /// `protocol` is TCP, whereas DNS asks over UDP first.
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
    ///   name: web
    /// spec:
    ///   podSelector:
    ///     matchLabels:
    ///       app: web
    ///   egress:
    ///     - to:
    ///         - podSelector:
    ///             matchLabels:
    ///               app: db
    ///       ports:
    ///         - port: 5432
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
    ///   name: web
    /// spec:
    ///   podSelector:
    ///     matchLabels:
    ///       app: web
    ///   egress:
    ///     - to:
    ///         - podSelector:
    ///             matchLabels:
    ///               app: db
    ///       ports:
    ///         - port: 5432
    ///     - to:
    ///         - namespaceSelector:
    ///             matchLabels:
    ///               kubernetes.io/metadata.name: kube-system
    ///       ports:
    ///         - port: 53
    ///           protocol: UDP
    ///         - port: 53
    ///           protocol: TCP
    /// ```
    ///
    /// ## How to fix
    ///
    /// Allow egress to the DNS server of the cluster on port 53, over UDP and TCP.
    ///
    /// ## References
    ///
    /// - [Network Policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/)
    /// - [DNS for Services and Pods](https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/)
    tags: &["correctness"],
    precision: Medium,
    references: &[
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
    ],
    checks: &[Manifests(whole_project)],
}

/// Namespaces in which the DNS server of a cluster runs.
const DNS_NAMESPACES: [&str; 2] = ["kube-system", "openshift-dns"];

/// Ports on which DNS servers listen. A policy sees the port of the pod, not that of its Service: 5353 in OpenShift,
/// 8053 in Gardener, 10053 in old kube-dns.
const DNS_PORTS: [i64; 4] = [53, 5353, 8053, 10053];

/// Labels of a namespace that hold its name.
const NAME_LABELS: [&str; 2] = ["kubernetes.io/metadata.name", "name"];

fn whole_project(project: &Project, report: &mut Report) {
    let policies = Policies::of(project);
    let restricting: Vec<&Policy<'_>> =
        policies.own.iter().filter(|policy| governs(policy.object, Direction::Egress)).collect();
    let mut reported = BTreeSet::new();
    for (group, pods) in pods_by_policies(&restricting) {
        let objects: Vec<Object<'_>> = group.iter().map(|&index| restricting[index].object).collect();
        if !is_blocked(&objects) {
            continue;
        }
        // The first pod that the policy surely selects, since both name the same namespace or neither does.
        let told = pods.iter().find_map(|&pod| {
            let pod = project.load(project.pods().get(pod as usize)?)?;
            let namespace = pod.object().namespace();
            let is_at_home = |&&index: &&usize| {
                let policy = restricting[index].object;
                policy.namespace() == namespace && rules(policy, Direction::Egress).next().is_some()
            };
            let is_held = asks_cluster_dns(pod) && !policies.others_may_hold_in(namespace);
            is_held.then(|| Some((*group.iter().find(is_at_home)?, pod))).flatten()
        });
        if let Some((first, pod)) = told.filter(|(first, _)| reported.insert(*first)) {
            tell(restricting[first].object, &objects, pod, report);
        }
    }
}

/// Pods by the policies, as indexes, that may restrict their egress.
fn pods_by_policies(restricting: &[&Policy<'_>]) -> BTreeMap<Vec<usize>, Vec<u32>> {
    let mut policies: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, policy) in restricting.iter().enumerate() {
        for &pod in &policy.pods {
            policies.entry(pod).or_default().push(index);
        }
    }
    let mut groups: BTreeMap<Vec<usize>, Vec<u32>> = BTreeMap::new();
    for (pod, group) in policies {
        groups.entry(group).or_default().push(pod);
    }
    groups
}

/// Whether these policies together let a pod out to what it must find by name, and not to DNS.
fn is_blocked(policies: &[Object<'_>]) -> bool {
    let mut rules = policies.iter().flat_map(|&policy| rules(policy, Direction::Egress)).peekable();
    let (mut needs_names, mut allows_dns) = (false, false);
    for rule in rules.by_ref() {
        // What is no rule at all is not judged.
        allows_dns |= rule.kind() != Kind::Mapping || may_reach_dns(rule);
        needs_names |= is_found_by_name(rule);
    }
    needs_names && !allows_dns
}

fn peers(rule: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    rule.get("to").into_iter().flat_map(Node::items)
}

/// Whether what a rule allows is found by name: all but given addresses.
fn is_found_by_name(rule: Node<'_>) -> bool {
    let is_given = |peer: Node<'_>| peer.get("ipBlock").is_some() && every_address(peer).is_none();
    is_empty_list(rule.get("to")) || peers(rule).any(|peer| !is_given(peer))
}

fn may_reach_dns(rule: Node<'_>) -> bool {
    has_port(rule, &["UDP"]) && (is_empty_list(rule.get("to")) || peers(rule).any(may_be_dns))
}

/// Whether a rule is open for DNS over one of these protocols.
fn has_port(rule: Node<'_>, protocols: &[&str]) -> bool {
    let Some(ports) = rule.get("ports") else { return true };
    let is_dns = |port: Node<'_>| protocols.contains(&protocol(port)) && covers_dns_port(port);
    is_empty_list(Some(ports)) || ports.kind() != Kind::Sequence || ports.items().any(is_dns)
}

fn covers_dns_port(port: Node<'_>) -> bool {
    let Some(number) = port.get("port") else { return true };
    let Some(first) = number.integer() else {
        // A name; a number in quotes is one that the API server refuses.
        return number.text().is_none_or(|name| name.contains("dns") || name == "53");
    };
    let last = port.get("endPort").and_then(Node::integer).unwrap_or(first);
    DNS_PORTS.iter().any(|port| (first..=last).contains(port))
}

fn may_be_dns(peer: Node<'_>) -> bool {
    if peer.get("ipBlock").is_some() {
        return true;
    }
    let Some(selector) = peer.get("namespaceSelector") else {
        // Pods of the policy's own namespace; anything that is no peer is not judged.
        return peer.get("podSelector").is_none();
    };
    let pinned = |key: &str, value: &str| NAME_LABELS.contains(&key) && !DNS_NAMESPACES.contains(&value);
    let by_labels = selector.get("matchLabels").into_iter().flat_map(Node::entries);
    let mut other_labels = by_labels.filter_map(|(key, value)| Some((key, value.text()?)));
    !other_labels.any(|(key, value)| pinned(key, value))
        && !selector.get("matchExpressions").into_iter().flat_map(Node::items).any(names_others)
}

/// Whether an expression of a namespace selector names namespaces, none of which has the DNS server.
fn names_others(expression: Node<'_>) -> bool {
    let text = |field| expression.get(field).and_then(Node::text);
    let mut values = expression.get("values").into_iter().flat_map(Node::items).filter_map(Node::text).peekable();
    text("operator") == Some("In")
        && text("key").is_some_and(|key| NAME_LABELS.contains(&key))
        && values.peek().is_some()
        && !values.any(|value| DNS_NAMESPACES.contains(&value))
}

fn asks_cluster_dns(pod: Pod<'_>) -> bool {
    !uses_host_network(pod) && pod.get("dnsPolicy").and_then(Node::text) != Some("None")
}

fn tell(policy: Object<'_>, all: &[Object<'_>], pod: Pod<'_>, report: &mut Report) {
    let Some(egress) = policy.at(&["spec", "egress"]) else { return };
    let mut rules = all.iter().flat_map(|&policy| rules(policy, Direction::Egress));
    let over_tcp = rules.any(|rule| rule.get("ports").is_some() && has_port(rule, &["TCP"]));
    let over_udp = if over_tcp { " over UDP" } else { "" };
    let message = format!("{} lets pods out, but not to DNS{over_udp}", policy.title());
    let finding = report.finding(egress.key_place(), message);
    finding.related(pod.object().name_place(), "one of its pods");
    for other in all.iter().filter(|other| other.node() != policy.node()) {
        finding.related(other.name_place(), "restricts the egress of this pod too");
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const POD: &str =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: []}\n---\n";

    fn policy(name: &str, spec: &str) -> String {
        let head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n";
        format!("{head}metadata: {{name: {name}}}\nspec: {{podSelector: {{}}, {spec}}}\n---\n")
    }

    fn flagged(egress: &str) -> Vec<String> {
        manifest(&RULE, &format!("{POD}{}", policy("web", egress)))
    }

    #[test]
    fn a_way_to_dns_is_accepted() {
        for rule in [
            "{}",
            "{ports: [{protocol: UDP}]}",
            "{ports: [{port: 53, protocol: UDP}]}",
            "{ports: [{port: 1, endPort: 65535, protocol: UDP}]}",
            "{ports: [{port: dns, protocol: UDP}]}",
            "{to: [{namespaceSelector: {}}]}",
            "{to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 53, protocol: UDP}]}",
            "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]}",
            "{to: [{namespaceSelector: {matchLabels: {team: platform}}}]}",
            "{to: [{namespaceSelector: {matchExpressions: [{key: name, operator: In, values: [a, kube-system]}]}}]}",
            "{to: [{namespaceSelector: {}}], ports: [{port: 5353, protocol: UDP}]}",
        ] {
            let egress = format!("egress: [{rule}, {{to: [{{podSelector: {{}}}}], ports: [{{port: 80}}]}}]");
            assert_eq!(flagged(&egress), [""; 0], "{rule}");
        }
    }

    #[test]
    fn policies_add_up() {
        let db = policy("db", "egress: [{to: [{podSelector: {}}], ports: [{port: 80}]}]");
        let dns = policy("dns", "egress: [{ports: [{port: 53, protocol: UDP}]}]");
        assert_eq!(manifest(&RULE, &format!("{POD}{db}{dns}")), [""; 0]);
        let elsewhere = dns.replace("name: dns", "name: dns, namespace: shop");
        assert_eq!(manifest(&RULE, &format!("{POD}{db}{elsewhere}")), [""; 0]);
    }

    #[test]
    fn pods_that_reach_nothing_or_addresses_need_no_names() {
        assert_eq!(flagged("policyTypes: [Egress]"), [""; 0]);
        assert_eq!(flagged("egress: []"), [""; 0]);
        assert_eq!(flagged("egress: [{to: [{ipBlock: {cidr: 10.1.2.3/32}}], ports: [{port: 5432}]}]"), [""; 0]);
        assert_eq!(flagged("policyTypes: [Ingress], egress: [{ports: [{port: 443}]}]"), [""; 0]);
    }

    #[test]
    fn pods_that_do_not_ask_the_cluster_are_passed_over() {
        let web = policy("web", "egress: [{ports: [{port: 443}]}]");
        for field in ["hostNetwork: true", "dnsPolicy: None"] {
            let pod = POD.replace("containers", &format!("{field}, containers"));
            assert_eq!(manifest(&RULE, &format!("{pod}{web}")), [""; 0], "{field}");
        }
    }

    #[test]
    fn what_does_not_reach_dns_is_flagged() {
        for rule in [
            "{ports: [{port: 443}]}",
            "{ports: [{port: 53}]}",
            "{to: [{podSelector: {}}]}",
            "{to: [{podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}]}",
            "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}",
            "{to: [{namespaceSelector: {matchExpressions: [{key: name, operator: In, values: [shop]}]}}]}",
            "{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}",
        ] {
            assert_eq!(flagged(&format!("egress: [{rule}]")), ["egress"], "{rule}");
        }
    }

    #[test]
    fn dns_over_tcp_alone_is_said_so() {
        let text = format!("{POD}{}", policy("web", "egress: [{ports: [{port: 53}]}]"));
        let found = Trial::of(&RULE).found(&[("a.yaml", &text)]);
        assert_eq!(found[0].finding.message(), "NetworkPolicy `web` lets pods out, but not to DNS over UDP");
    }

    #[test]
    fn a_policy_is_told_once() {
        let pods = POD.to_owned() + &POD.replace("web", "db");
        assert_eq!(
            manifest(&RULE, &format!("{pods}{}", policy("web", "egress: [{ports: [{port: 443}]}]"))),
            ["egress"]
        );
    }
}
