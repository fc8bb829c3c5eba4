use hullmark_sdk::prelude::*;

rule! {
    /// The pod mounts storage itself, by a type of volume that should be claimed instead.
    ///
    /// ## What it checks
    ///
    /// The types of the pod's volumes against the option `allowed`. Volumes of type `hostPath` are left to
    /// `workload/host-path-volume`. The rule is off unless it is selected, since types such as `nfs` are in wide use.
    ///
    /// ## Why it matters
    ///
    /// Types that name a server or a disk let whoever writes the manifest mount any that the node can reach, past the quotas and
    /// rights of volume claims. Most of them have been removed from Kubernetes or only remain as names of a CSI driver.
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
    ///       nfs:
    ///         server: files.example
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
    ///     - name: scratch
    ///       emptyDir: {}
    /// ```
    ///
    /// ## How to fix
    ///
    /// Describe the storage by a PersistentVolume or a StorageClass, and mount it through a claim.
    ///
    /// ## Options
    ///
    /// - `allowed` (default: `configMap`, `csi`, `downwardAPI`, `emptyDir`, `ephemeral`, `image`, `persistentVolumeClaim`,
    ///   `projected`, `secret`): types of volumes that a pod may have.
    ///
    /// ## Other tools
    ///
    /// The default is that of the Pod Security Standard "restricted". Trivy lists the types that it does not want, and misses
    /// `cephfs` by its spelling.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>
    /// - <https://kubernetes.io/docs/concepts/storage/volumes/>
    level: Warning,
    enabled: false,
    tags: &["security", "pod-security-restricted"],
    security_severity: Some("4.0"),
    aliases: &["KSV-0028"],
    references: &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "https://kubernetes.io/docs/concepts/storage/volumes/",
    ],
    fragments: true,
    options: &[OptionSpec::texts(
        "allowed",
        &[
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
            "secret",
        ],
        "types of volumes that a pod may have",
    )],
    checks: &[Pod(pod)],
}

/// Types that Trivy does not want.
const UNWANTED: [&str; 18] = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cinder",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "iscsi",
    "nfs",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
];

fn pod(pod: &Pod, report: &mut Report) {
    for volume in pod.get("volumes").into_iter().flat_map(Node::items) {
        for (kind, source) in volume.entries() {
            // `$patch` and its like speak to who merges a patch.
            if ["name", "hostPath"].contains(&kind) || kind.starts_with('$') || source.is_null() {
                continue;
            }
            if report.options().texts("allowed").any(|allowed| allowed == kind) {
                continue;
            }
            let name = volume.get("name").and_then(Node::text).unwrap_or_default();
            let finding = report.finding(source.key_place(), format!("the volume `{name}` has the type `{kind}`"));
            finding.aliases_if(&[("KSV-0028", UNWANTED.contains(&kind))]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(volumes: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{volumes: [{volumes}]}}\n")
    }

    #[test]
    fn types_that_are_claimed_or_made_for_the_pod_are_accepted() {
        for kind in ["emptyDir: {}", "secret: {secretName: a}", "image: {reference: a}", "ephemeral: {}", "nfs: "] {
            assert_eq!(manifest(&RULE, &pod(&format!("{{name: nfs, {kind}}}"))), [""; 0], "{kind}");
        }
    }

    #[test]
    fn paths_of_the_node_are_another_rule() {
        assert_eq!(manifest(&RULE, &pod("{name: a, hostPath: {path: /a}}")), [""; 0]);
    }

    #[test]
    fn other_types_are_flagged() {
        assert_eq!(manifest(&RULE, &pod("{name: a, nfs: {}}, {name: b, cephfs: {}}")), ["nfs", "cephfs"]);
    }

    #[test]
    fn the_types_can_be_set() {
        let trial = Trial::with(&RULE, r#"{"allowed": ["nfs"]}"#);
        assert_eq!(trial.manifest(&pod("{name: a, nfs: {}}, {name: b, emptyDir: {}}")), ["emptyDir"]);
    }
}
