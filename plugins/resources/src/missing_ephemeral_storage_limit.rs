use hullmark_sdk::prelude::*;

use crate::requirements::{Limit, is_subject, limit};

rule! {
    /// The container has no limit of ephemeral storage, so what it writes may fill the disk of its node.
    ///
    /// ## What it checks
    ///
    /// Main containers, init containers and sidecars of every pod. A container is accepted when it has
    /// `resources.limits.ephemeral-storage`. The rule is off unless it is selected: most containers write little.
    ///
    /// ## Why it matters
    ///
    /// What a container writes into its own file system, into `emptyDir` volumes and to its log is kept on the disk of the
    /// node. When that disk is full, the kubelet evicts pods, those of others included. With a limit only the pod at fault is
    /// evicted.
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
    ///       image: registry.example/web:1.4
    ///       resources:
    ///         limits:
    ///           memory: 256Mi
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
    ///       image: registry.example/web:1.4
    ///       resources:
    ///         limits:
    ///           ephemeral-storage: 1Gi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `resources.limits.ephemeral-storage` to what the container writes, with some room.
    ///
    /// ## Options
    ///
    /// `init-containers`: whether init containers that end before the others start are looked at.
    ///
    /// ## Other tools
    ///
    /// kube-score has one check for limit and request, and speaks of the limit first.
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["container-ephemeral-storage-request-and-limit"],
    references: &["https://kubernetes.io/docs/concepts/storage/ephemeral-storage/"],
    options: &[OptionSpec::flag(
        "init-containers",
        true,
        "Whether init containers that end before the others start are looked at.",
    )],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    if is_subject(container, report) && matches!(limit(container, "ephemeral-storage"), Limit::Missing) {
        let message = format!("{} has no limit of ephemeral storage", container.title());
        report.finding(container.anchor(&["resources", "limits", "ephemeral-storage"]), message);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(containers: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{{containers}}}\n")
    }

    #[test]
    fn a_limit_is_enough() {
        let text = pod("containers: [{name: web, resources: {limits: {ephemeral-storage: 1Gi}}}]");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("containers: [{name: web, resources: '${RESOURCES}'}]")), [""; 0]);
    }

    #[test]
    fn the_deepest_key_that_exists_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("containers: [{name: web}]")), ["web"]);
        assert_eq!(manifest(&RULE, &pod("containers: [{name: web, resources: {limits: {cpu: 1}}}]")), ["limits"]);
        let first = pod("initContainers: [{name: first}], containers: []");
        assert_eq!(manifest(&RULE, &first), ["first"]);
        assert_eq!(Trial::with(&RULE, r#"{"init-containers": false}"#).manifest(&first), [""; 0]);
    }
}
