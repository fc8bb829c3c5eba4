//! Which account a pod runs as, and whether it gets the account's token. No rule belongs here.

use hullmark_sdk::prelude::*;

/// The account that a pod names.
pub(crate) fn account(pod: Pod<'_>) -> Option<Node<'_>> {
    pod.get("serviceAccountName").or_else(|| pod.get("serviceAccount"))
}

/// Whether the token of its account is mounted into the pod: unless the pod says otherwise, or else the ServiceAccount.
pub(crate) fn mounts_token(project: &Project, pod: Pod) -> bool {
    if let Some(mounts) = pod.get("automountServiceAccountToken") {
        return mounts.boolean() != Some(false);
    }
    let name = account(pod).and_then(Node::text).filter(|name| !name.is_empty()).unwrap_or("default");
    let namespace = pod.object().namespace();
    let entries = project.object_entries(&["ServiceAccount"]);
    let mut meant = entries.iter().filter(|entry| {
        entry.group().is_empty()
            && entry.name.as_deref() == Some(name)
            && project.may_share_namespace(entry.namespace.as_deref(), namespace)
    });
    let forbids = |object: Object| object.at(&["automountServiceAccountToken"]).and_then(Node::boolean) == Some(false);
    !meant.any(|entry| project.object(entry).is_some_and(forbids))
}
