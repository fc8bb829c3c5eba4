use hullmark_sdk::prelude::*;

rule! {
    /// The pod has a path of its node as a volume.
    ///
    /// ## What it checks
    ///
    /// Volumes of type `hostPath` of every pod. The rule is off unless it is selected, since agents of nodes are made for nothing
    /// else; `workload/sensitive-host-mount` and `workload/runtime-socket-mount` look for the dangerous ones.
    ///
    /// ## Why it matters
    ///
    /// A path of the node ties the pod to that node, is shared with whatever else runs there, and is a way out of the container.
    /// The Pod Security Standards forbid all of them from the level Baseline on.
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
    ///   volumes:
    ///     - name: data
    ///       hostPath:
    ///         path: /data
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
    ///   volumes:
    ///     - name: data
    ///       persistentVolumeClaim:
    ///         claimName: data
    /// ```
    ///
    /// ## How to fix
    ///
    /// Use a volume claim, which may well be one of local storage.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/storage/volumes/#hostpath>
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>
    level: Warning,
    enabled: false,
    tags: &["security", "pod-security-baseline", "external/cwe/cwe-668"],
    security_severity: Some("5.0"),
    aliases: &["hostPathSet", "KSV-0023"],
    references: &[
        "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
    ],
    fragments: true,
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    for volume in pod.get("volumes").into_iter().flat_map(Node::items) {
        let Some(host_path) = volume.get("hostPath") else { continue };
        let name = volume.get("name").and_then(Node::text).unwrap_or_default();
        let message = match host_path.get("path").and_then(Node::text) {
            Some(path) => format!("the volume `{name}` is the path `{path}` of the node"),
            None => format!("the volume `{name}` is a path of the node"),
        };
        report.finding(host_path.key_place(), message);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(volumes: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{volumes: {volumes}}}\n"))
    }

    #[test]
    fn other_volumes_are_accepted() {
        assert_eq!(flagged("[{name: hostPath, emptyDir: {}}, {name: b, hostPath: }]"), [""; 0]);
        assert_eq!(flagged("{hostPath: {path: /a}}"), [""; 0]);
    }

    #[test]
    fn every_path_of_the_node_is_flagged() {
        assert_eq!(flagged("[{name: a, hostPath: {path: /a}}, {name: b, hostPath: {}}]"), ["hostPath", "hostPath"]);
    }
}
