use hullmark_sdk::prelude::*;

use crate::requirements::{Limit, has_request, is_subject, limit};

rule! {
    /// The container has no request of ephemeral storage, so the scheduler counts it as writing nothing.
    ///
    /// ## What it checks
    ///
    /// Main containers, init containers and sidecars of every pod. A container is accepted when it has
    /// `resources.requests.ephemeral-storage`, or a limit, to which Kubernetes sets a request that is not written. The rule
    /// is off unless it is selected: most containers write little.
    ///
    /// ## Why it matters
    ///
    /// The scheduler puts pods that write much onto a node whose disk is nearly full, and the kubelet evicts them there.
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
    ///         requests:
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
    ///         requests:
    ///           ephemeral-storage: 1Gi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `resources.requests.ephemeral-storage` to what the container writes.
    ///
    /// ## Options
    ///
    /// `init-containers`: whether init containers that end before the others start are looked at.
    ///
    /// `limits-count`: whether a limit is enough.
    ///
    /// ## Other tools
    ///
    /// kube-score wants the request to be written beside the limit, and speaks of it only where there is a limit.
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["container-ephemeral-storage-request-and-limit"],
    references: &["https://kubernetes.io/docs/concepts/storage/ephemeral-storage/"],
    options: &[
        OptionSpec::flag(
            "init-containers",
            true,
            "Whether init containers that end before the others start are looked at.",
        ),
        OptionSpec::flag("limits-count", true, "Whether a limit is enough."),
    ],
    checks: &[Container(container)],
}

const RESOURCE: &str = "ephemeral-storage";

fn container(container: &Container, report: &mut Report) {
    if !is_subject(container, report) || has_request(container, RESOURCE, report) {
        return;
    }
    let message = format!("{} has no request of ephemeral storage", container.title());
    let finding = report.finding(container.anchor(&["resources", "requests", RESOURCE]), message);
    if matches!(limit(container, RESOURCE), Limit::Missing) {
        finding.aliases(&[]);
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
    fn a_request_or_a_limit_is_enough() {
        for kind in ["requests", "limits"] {
            let text = pod(&format!("containers: [{{name: web, resources: {{{kind}: {{ephemeral-storage: 1Gi}}}}}}]"));
            assert_eq!(manifest(&RULE, &text), [""; 0], "{kind}");
        }
        let text = pod("containers: [{name: web, resources: {limits: {ephemeral-storage: 1Gi}}}]");
        assert_eq!(Trial::with(&RULE, r#"{"limits-count": false}"#).manifest(&text), ["resources"]);
    }

    #[test]
    fn the_deepest_key_that_exists_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("containers: [{name: web}]")), ["web"]);
        let first = pod("initContainers: [{name: first}], containers: []");
        assert_eq!(manifest(&RULE, &first), ["first"]);
        assert_eq!(Trial::with(&RULE, r#"{"init-containers": false}"#).manifest(&first), [""; 0]);
    }
}
