//! What containers and pods write under `resources`, read as Kubernetes reads it. Rules decide what to say about it.

use hullmark_sdk::prelude::*;

/// Whether the rules on missing amounts look at a container. Ephemeral containers cannot have resources.
pub(crate) fn is_subject(container: &Container, report: &Report) -> bool {
    let looked_at = match container.role() {
        Role::Main | Role::Sidecar => true,
        Role::Init => report.options().flag("init-containers"),
        Role::Ephemeral => false,
    };
    looked_at && is_readable(container.node()) && is_readable(container.pod().spec())
}

/// Whether `resources` and the mappings in it, where they are written, are mappings.
fn is_readable(holder: Node) -> bool {
    let Some(resources) = holder.get("resources") else { return true };
    let is_mapping = |node: Node| node.kind() == Kind::Mapping;
    is_mapping(resources) && ["requests", "limits"].into_iter().all(|key| resources.get(key).is_none_or(is_mapping))
}

/// What limits a container.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit<'a> {
    /// Nothing.
    Missing,
    /// A limit of zero, which the runtime takes as none.
    Zero(Node<'a>),
    /// Its own limit, or that of its pod.
    Set,
}

/// What limits the container in a resource: its own limit, or that of the whole pod.
pub(crate) fn limit<'a>(container: &Container<'a>, resource: &str) -> Limit<'a> {
    let path = ["resources", "limits", resource];
    let own = container.at(&path);
    let shared = container.pod().at(&path);
    if [own, shared].into_iter().flatten().any(|limit| !is_zero(limit)) {
        return Limit::Set;
    }
    own.or(shared).map_or(Limit::Missing, Limit::Zero)
}

/// Whether Kubernetes knows what the container asks of a resource: its own request, that of the whole pod, or a limit,
/// to which Kubernetes sets a request that is not written, unless the rule's options count none. A request of zero is
/// one: somebody wrote that nothing is reserved.
pub(crate) fn has_request(container: &Container, resource: &str, report: &Report) -> bool {
    let limits_count = report.options().flag("limits-count");
    [container.node(), container.pod().spec()].into_iter().any(|holder| {
        holder.at(&["resources", "requests", resource]).is_some()
            || limits_count && holder.at(&["resources", "limits", resource]).is_some_and(|limit| !is_zero(limit))
    })
}

fn is_zero(node: Node) -> bool {
    quantity(node).is_some_and(|quantity| magnitude(quantity) == (0, 0))
}

/// The quantity that a scalar holds; nothing for other nodes and for what Kubernetes does not read.
pub(crate) fn quantity(node: Node) -> Option<Quantity> {
    match node.kind() {
        Kind::String | Kind::Integer | Kind::Float => parse_quantity(node.value()?).ok(),
        _ => None,
    }
}

/// Whether it is a resource that a device plugin or an administrator adds, such as `nvidia.com/gpu`.
pub(crate) fn is_extended(resource: &str) -> bool {
    resource.contains('/') && !resource.contains("kubernetes.io/")
}
