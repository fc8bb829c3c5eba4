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
        objects.namespaces.push(strings.intern_option(namespace.or_else(|| text(&["metadata", "namespace"]))));
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
        if is_client_side(version) {
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

/// `apiVersion` and `kind`, where a node has both as texts.
fn identity(tree: &Tree, node: NodeId) -> Option<(&str, &str)> {
    let text = |key| tree.get(node, key).and_then(|node| tree.text(node)).filter(|text| !text.is_empty());
    Some((text("apiVersion")?, text("kind")?))
}

/// Files of client-side tools look like objects, and are never applied to a cluster.
fn is_client_side(version: &str) -> bool {
    let group = version.split_once('/').map_or("", |(group, _)| group);
    matches!(group, "kustomize.config.k8s.io" | "skaffold" | "kind.x-k8s.io" | "helm.sh" | "config.kubernetes.io")
}

/// Whether an object is a strategic merge patch: `$patch` and its like stand only in those.
pub(super) fn is_patch(tree: &Tree, node: NodeId) -> bool {
    (node..tree.subtree_end(node))
        .any(|node| tree.key(node).is_some_and(|key| key == "$patch" || key.starts_with("$setElementOrder/")))
}
