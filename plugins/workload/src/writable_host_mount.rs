use hullmark_sdk::prelude::*;

use crate::host_paths::HostPath;

rule! {
    /// A container may write to a path of its node.
    ///
    /// ## What it checks
    ///
    /// Mounts of `hostPath` volumes without `readOnly: true`. The rule is off unless it is selected, for what writes logs or data
    /// to its node does so on purpose.
    ///
    /// ## Why it matters
    ///
    /// What a container writes to the node outlives the pod, fills the node's disk unseen by any limit, and may be run or read by
    /// programs of the node. The next pod on another node does not find it.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    ///       volumeMounts:
    ///         - name: pages
    ///           mountPath: /usr/share/nginx/html
    ///   volumes:
    ///     - name: pages
    ///       hostPath:
    ///         path: /srv/pages
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    ///       volumeMounts:
    ///         - name: pages
    ///           mountPath: /usr/share/nginx/html
    ///           readOnly: true
    ///   volumes:
    ///     - name: pages
    ///       hostPath:
    ///         path: /srv/pages
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `readOnly: true` at the mount, or keep the data in a volume claim.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/storage/volumes/#hostpath>
    level: Warning,
    enabled: false,
    tags: &["security", "external/cwe/cwe-668"],
    security_severity: Some("5.0"),
    aliases: &["writable-host-mount"],
    references: &["https://kubernetes.io/docs/concepts/storage/volumes/#hostpath"],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    for volume in HostPath::all(pod) {
        for (container, mount) in &volume.mounts {
            let read_only = mount.get("readOnly");
            if read_only.is_some_and(|read_only| read_only.boolean() != Some(false)) {
                continue;
            }
            let place = read_only.or_else(|| mount.get("name")).unwrap_or(*mount);
            let message = format!("{} may write to `{}` of its node", container.title(), volume.path);
            report.finding(place, message).related(volume.node, "the path of the node");
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(volume: &str, mounts: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  volumes: [{{name: v, {volume}}}]\n  initContainers: [{{name: a, image: a, volumeMounts: [{mounts}]}}]\n"
            ),
        )
    }

    #[test]
    fn read_only_mounts_and_other_volumes_are_accepted() {
        assert_eq!(flagged("hostPath: {path: /a}", "{name: v, readOnly: true}"), [""; 0]);
        assert_eq!(flagged("hostPath: {path: /a}", "{name: w}"), [""; 0]);
        assert_eq!(flagged("emptyDir: {}", "{name: v}"), [""; 0]);
        assert_eq!(flagged("hostPath: {path: /a}", "{name: v, readOnly: 'false'}"), [""; 0]);
    }

    #[test]
    fn writable_mounts_are_flagged() {
        assert_eq!(flagged("hostPath: {path: /a}", "{name: v}, {name: v, readOnly: false}"), ["v", "false"]);
    }
}
