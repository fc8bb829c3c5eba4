//! The network policies of a project: which pods they select, in which direction, and what they allow. No rule belongs
//! here.
//!
//! Follows <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/>.

use hullmark_sdk::prelude::*;

/// A direction that a policy can govern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    /// All of them.
    pub(crate) const BOTH: [Self; 2] = [Self::Ingress, Self::Egress];

    /// Those that the option `directions` of a rule names.
    pub(crate) fn chosen(report: &Report<'_>) -> Vec<Self> {
        let chosen: Vec<&str> = report.options().texts("directions").collect();
        Self::BOTH.into_iter().filter(|direction| chosen.contains(&direction.field())).collect()
    }

    /// The field that holds its rules; also the word for messages and options.
    pub(crate) const fn field(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }

    /// The field that holds the peers of a rule.
    pub(crate) const fn peers(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }

    /// Its name in `policyTypes`.
    const fn policy_type(self) -> &'static str {
        match self {
            Self::Ingress => "Ingress",
            Self::Egress => "Egress",
        }
    }
}

/// Whether it is Kubernetes' own NetworkPolicy; Calico and Antrea have kinds of that name too.
pub(crate) fn is_network_policy(object: Object<'_>) -> bool {
    object.kind() == Some("NetworkPolicy") && is_kubernetes_group(object.group())
}

fn is_kubernetes_group(group: &str) -> bool {
    matches!(group, "networking.k8s.io" | "extensions")
}

/// Whether a policy restricts this direction. Without `policyTypes` it restricts ingress, and egress if it has rules
/// for egress.
pub(crate) fn governs(policy: Object<'_>, direction: Direction) -> bool {
    let types: Vec<Node<'_>> = policy.at(&["spec", "policyTypes"]).into_iter().flat_map(Node::items).collect();
    if !types.is_empty() {
        return types.iter().any(|name| name.text() == Some(direction.policy_type()));
    }
    direction == Direction::Ingress || rules(policy, direction).next().is_some()
}

/// The rules of a policy in a direction.
pub(crate) fn rules(policy: Object<'_>, direction: Direction) -> impl Iterator<Item = Node<'_>> {
    policy.at(&["spec", direction.field()]).into_iter().flat_map(Node::items)
}

/// What a rule of a policy allows without any condition.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Anything<'a> {
    /// Neither peers nor ports are named.
    Rule(Node<'a>),
    /// This block holds every address, and no ports are named.
    Block(Node<'a>),
}

/// Whether a rule allows every peer on every port.
pub(crate) fn allows_anything(rule: Node<'_>, direction: Direction) -> Option<Anything<'_>> {
    if rule.kind() != Kind::Mapping || !is_empty_list(rule.get("ports")) {
        return None;
    }
    let peers = rule.get(direction.peers());
    if is_empty_list(peers) {
        return Some(Anything::Rule(rule));
    }
    peers?.items().find_map(every_address).map(Anything::Block)
}

/// The `cidr` of a peer that is all addresses of a family, if nothing is taken out of it.
pub(crate) fn every_address(peer: Node<'_>) -> Option<Node<'_>> {
    let block = peer.get("ipBlock")?;
    let cidr = block.get("cidr").filter(|cidr| matches!(cidr.text(), Some("0.0.0.0/0" | "::/0")))?;
    is_empty_list(block.get("except")).then_some(cidr)
}

/// Whether a list is missing or empty, which means the same in a policy.
pub(crate) fn is_empty_list(list: Option<Node<'_>>) -> bool {
    list.is_none_or(|list| list.kind() == Kind::Sequence && list.items().next().is_none())
}

/// Whether a policy selects every pod of its namespace.
pub(crate) fn selects_every_pod(policy: Object<'_>) -> bool {
    let Some(selector) = policy.at(&["spec", "podSelector"]) else { return policy.at(&["spec"]).is_some() };
    is_empty_selector(selector)
}

/// Whether a LabelSelector asks for nothing, and so matches everything.
pub(crate) fn is_empty_selector(selector: Node<'_>) -> bool {
    selector.kind() == Kind::Mapping && selector.entries().all(|(key, part)| is_empty_part(key, part))
}

fn is_empty_part(key: &str, part: Node<'_>) -> bool {
    let collection = matches!(part.kind(), Kind::Mapping | Kind::Sequence) && part.children().next().is_none();
    matches!(key, "matchLabels" | "matchExpressions") && (part.is_null() || collection)
}

/// A NetworkPolicy with the pods that it selects, as indexes into [`Project::pods`].
#[derive(Clone, Debug)]
pub(crate) struct Policy<'a> {
    pub(crate) object: Object<'a>,
    pub(crate) pods: Vec<u32>,
}

/// All network policies of a project.
#[derive(Debug)]
pub(crate) struct Policies<'a> {
    project: &'a Project<'a>,
    /// Kubernetes' own.
    pub(crate) own: Vec<Policy<'a>>,
    /// Namespaces in which other engines' policies stand.
    others: Vec<Option<String>>,
    /// Whether policies for the whole cluster exist.
    cluster_wide: bool,
}

/// Kinds of other engines' policies that hold in one namespace.
const NAMESPACED: [&str; 3] = ["NetworkPolicy", "CiliumNetworkPolicy", "FQDNNetworkPolicy"];

/// Kinds that hold in the whole cluster.
const CLUSTER_WIDE: [&str; 5] = [
    "AdminNetworkPolicy",
    "BaselineAdminNetworkPolicy",
    "CiliumClusterwideNetworkPolicy",
    "ClusterNetworkPolicy",
    "GlobalNetworkPolicy",
];

/// Kinds of Kyverno's policies, which can generate a NetworkPolicy in every namespace.
const GENERATORS: [&str; 3] = ["ClusterPolicy", "GeneratingPolicy", "Policy"];

impl<'a> Policies<'a> {
    /// Gathers them.
    pub(crate) fn of(project: &'a Project<'a>) -> Self {
        let mut policies = Self { project, own: Vec::new(), others: Vec::new(), cluster_wide: false };
        for entry in project.object_entries(&NAMESPACED) {
            let is_own = entry.kind.as_deref() == Some("NetworkPolicy") && is_kubernetes_group(entry.group());
            // What a declared one selects is not known.
            match project.object(&entry).filter(|object| is_own && !object.document().is_declared()) {
                Some(object) => policies.own.push(Policy { object, pods: selected(project, object) }),
                None => policies.others.push(entry.namespace),
            }
        }
        policies.cluster_wide = !project.object_entries(&CLUSTER_WIDE).is_empty()
            || project.objects(&GENERATORS).into_iter().any(generates_policies);
        policies
    }

    /// Whether policies that this plugin does not read may hold in a namespace.
    pub(crate) fn others_may_hold_in(&self, namespace: Option<&str>) -> bool {
        let may_share = |other: &Option<String>| self.project.may_share_namespace(other.as_deref(), namespace);
        self.cluster_wide || self.others.iter().any(may_share)
    }
}

fn selected(project: &Project<'_>, policy: Object<'_>) -> Vec<u32> {
    if let Some(selector) = policy.at(&["spec", "podSelector"]) {
        return project.select(selector, policy.namespace());
    }
    if !selects_every_pod(policy) {
        return Vec::new();
    }
    let may_share = |pod: &PodEntry| project.may_share_namespace(pod.namespace.as_deref(), policy.namespace());
    (0..).zip(project.pods()).filter(|(_, pod)| may_share(pod)).map(|(index, _)| index).collect()
}

fn generates_policies(object: Object<'_>) -> bool {
    let makes_policies =
        |node: Node<'_>| node.key() == Some("kind") && node.text().is_some_and(|kind| kind.ends_with("NetworkPolicy"));
    let generates = |node: Node<'_>| node.key() == Some("generate") && node.descendants().any(makes_policies);
    object.group().ends_with("kyverno.io") && object.at(&["spec"]).is_some_and(|spec| spec.descendants().any(generates))
}

/// Whether the pod uses the network of its node, to which NetworkPolicies do not apply.
pub(crate) fn uses_host_network(pod: Pod<'_>) -> bool {
    pod.get("hostNetwork").and_then(Node::boolean) == Some(true)
}

/// The labels that a selector asks for, each with a value that would do; a label that only has to exist comes with an
/// empty one. Nothing for an empty selector, and for one that the API server would refuse.
pub(crate) fn selector_labels(selector: Node<'_>) -> Option<Vec<(&str, &str)>> {
    if selector.kind() != Kind::Mapping || selector.children().next().is_none() {
        return None;
    }
    let mut labels = Vec::new();
    for (key, part) in selector.entries().filter(|(_, part)| !part.is_null()) {
        match (key, part.kind()) {
            ("matchLabels", Kind::Mapping) => labels.extend(pairs(part)?),
            ("matchExpressions", Kind::Sequence) => {
                for expression in part.items() {
                    labels.extend(expression_labels(expression)?);
                }
            }
            _ => return None,
        }
    }
    (!labels.is_empty()).then_some(labels)
}

/// A map of labels as pairs; nothing where a value is no scalar.
pub(crate) fn pairs(map: Node<'_>) -> Option<Vec<(&str, &str)>> {
    map.entries().map(|(key, value)| Some((key, value.value()?))).collect()
}

fn expression_labels(expression: Node<'_>) -> Option<Vec<(&str, &str)>> {
    let key = expression.get("key")?.text()?;
    match expression.get("operator")?.text()? {
        "In" => {
            let values = expression.get("values").into_iter().flat_map(Node::items);
            Some(values.filter_map(|value| Some((key, value.value()?))).collect())
        }
        "Exists" => Some(vec![(key, "")]),
        "NotIn" | "DoesNotExist" => Some(Vec::new()),
        _ => None,
    }
}
