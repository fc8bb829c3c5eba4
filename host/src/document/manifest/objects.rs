//! The Kubernetes objects of a document.

use super::super::tree::Interner;
use super::super::{NodeId, Objects, Tree, kind};

/// The objects of a document: itself, or the items of a list. Empty where it is none.
pub(super) fn of(tree: &Tree, namespace: Option<&str>) -> Objects {
    let mut objects = Objects::default();
    if tree.is_empty() {
        return objects;
    }
    let mut strings = Interner::default();
    for node in object_nodes(tree) {
        let text = |path: &[&str]| tree.at(node, path).and_then(|node| tree.text(node)).filter(|text| !text.is_empty());
        objects.nodes.push(node);
        objects.api_versions.push(strings.intern_option(text(&["apiVersion"])));
        objects.kinds.push(strings.intern_option(text(&["kind"])));
        objects.names.push(strings.intern_option(text(&["metadata", "name"])));
        let [version, name] = ["apiVersion", "kind"].map(|key| text(&[key]).unwrap_or_default());
        let set = namespace.filter(|_| !is_cluster_scoped(version, name));
        objects.namespaces.push(strings.intern_option(set.or_else(|| text(&["metadata", "namespace"]))));
    }
    objects.strings = strings.finish();
    objects
}

/// Nodes of the objects. A list counts as one where each object that it holds says what it is; `kubectl` takes lists
/// within lists, and so does this.
fn object_nodes(tree: &Tree) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut open = vec![0];
    while let Some(node) = open.pop() {
        let Some((version, name)) = identity(tree, node) else { continue };
        if is_client_side(version, name) {
            continue;
        }
        let items = tree.get(node, "items").filter(|&items| tree.kind(items) == kind::SEQUENCE);
        match items.filter(|_| name.ends_with("List")) {
            // Popped from the end, so that objects come in the order of the text.
            Some(items) => {
                let mut items: Vec<NodeId> = tree.children(items).collect();
                items.reverse();
                open.extend(items);
            }
            None => found.push(node),
        }
    }
    found
}

/// `apiVersion` and `kind`, where a node has both as texts. One of them may be forgotten, and is empty then, where the node
/// has a name where objects have it.
fn identity(tree: &Tree, node: NodeId) -> Option<(&str, &str)> {
    let text = |path: &[&str]| tree.at(node, path).and_then(|node| tree.text(node)).filter(|text| !text.is_empty());
    match (text(&["apiVersion"]), text(&["kind"])) {
        (Some(version), Some(name)) => Some((version, name)),
        (None, None) => None,
        (version, name) => text(&["metadata", "name"]).map(|_| (version.unwrap_or_default(), name.unwrap_or_default())),
    }
}

/// Groups of files that look like objects, but are read by a tool on the user's side and never applied to a cluster.
/// Files of the control plane itself (kubeadm, kubelet, API server) are not among them: rules look at those.
const CLIENT_SIDE: [&str; 37] = [
    "actions.skaffold.dev",
    "backstage.io",
    "chainsaw.kyverno.io",
    "cli.kyverno.io",
    "client.authentication.k8s.io",
    "config.kubernetes.io",
    "config.kwok.x-k8s.io",
    "ctlptl.dev",
    "deploy.cloud.google.com",
    "eksctl.io",
    "fn.kpt.dev",
    "garden.io",
    "helm.sh",
    "imgpkg.carvel.dev",
    "k0sctl.k0sproject.io",
    "k3d.io",
    "kapp.k14s.io",
    "kbld.carvel.dev",
    "kbld.k14s.io",
    "kind.sigs.k8s.io",
    "kind.x-k8s.io",
    "kops",
    "kops.k8s.io",
    "kpt.dev",
    "krew.googlecontainertools.github.com",
    "kubectl.config.k8s.io",
    "kustomize.config.k8s.io",
    "kuttl.dev",
    "kudo.dev",
    "meta.pkg.crossplane.io",
    "mirror.openshift.io",
    "scaffolder.backstage.io",
    "scorecard.operatorframework.io",
    "skaffold",
    "test.gatekeeper.sh",
    "vendir.k14s.io",
    "viewer.skaffold.dev",
];

/// Whether an object is never applied to a cluster.
fn is_client_side(version: &str, name: &str) -> bool {
    match version.split_once('/') {
        Some((group, _)) => CLIENT_SIDE.contains(&group),
        // Kustomize's own generators and transformers, and a kubeconfig.
        None => version == "builtin" || (version, name) == ("v1", "Config"),
    }
}

/// Whether a kind of Kubernetes itself lives outside namespaces, so that none can be set on it.
fn is_cluster_scoped(version: &str, name: &str) -> bool {
    let group = version.split_once('/').map_or("", |(group, _)| group);
    match group {
        "" => matches!(name, "Namespace" | "Node" | "PersistentVolume" | "ComponentStatus"),
        "rbac.authorization.k8s.io" => matches!(name, "ClusterRole" | "ClusterRoleBinding"),
        "networking.k8s.io" => matches!(name, "IngressClass" | "IPAddress" | "ServiceCIDR"),
        "storage.k8s.io" => {
            matches!(name, "StorageClass" | "CSIDriver" | "CSINode" | "VolumeAttachment" | "VolumeAttributesClass")
        }
        "policy" | "extensions" => name == "PodSecurityPolicy",
        "resource.k8s.io" => matches!(name, "DeviceClass" | "ResourceSlice"),
        "admissionregistration.k8s.io"
        | "apiextensions.k8s.io"
        | "apiregistration.k8s.io"
        | "certificates.k8s.io"
        | "flowcontrol.apiserver.k8s.io"
        | "node.k8s.io"
        | "scheduling.k8s.io" => true,
        _ => false,
    }
}

/// Whether an object is a strategic merge patch: `$patch` and its like stand only in those.
pub(super) fn is_patch(tree: &Tree, node: NodeId) -> bool {
    (node..tree.subtree_end(node))
        .any(|node| tree.key(node).is_some_and(|key| key == "$patch" || key.starts_with("$setElementOrder/")))
}
