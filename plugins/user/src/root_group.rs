use hullmark_sdk::prelude::*;

use crate::context::{Once, Setting, linux_containers};

rule! {
    /// The container belongs to the group of root.
    ///
    /// ## What it checks
    ///
    /// `runAsGroup: 0` of every container, taken from the pod where the container has none itself, and 0 as `fsGroup` or among the
    /// `supplementalGroups` of the pod. Pods with their own user namespace (`hostUsers: false`) and pods of Windows are passed
    /// over. The rule is off unless it is selected, since many images are made for this group; on OpenShift every one is.
    ///
    /// ## Why it matters
    ///
    /// The group 0 gives none of root's rights by itself, but files of the node and of the image that belong to it are often
    /// writable for it.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   securityContext:
    ///     runAsGroup: 0
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
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
    ///   securityContext:
    ///     runAsGroup: 10001
    ///     fsGroup: 10001
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Choose another group, and give it the files that the container writes to.
    ///
    /// ## Other tools
    ///
    /// Trivy looks at the pod's own settings only, kube-linter at `runAsGroup` only. Neither of them knows user namespaces.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>
    level: Note,
    enabled: false,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("2.0"),
    aliases: &["run-as-non-root", "KSV-0116"],
    references: &["https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"],
    fragments: true,
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    if pod.is_windows() || pod.get("hostUsers").and_then(Node::boolean) == Some(false) {
        return;
    }
    let mut once = Once::default();
    for container in linux_containers(pod) {
        let Some(group) = Setting::of(&container, &["runAsGroup"]) else { continue };
        if group.node.integer() == Some(0) && once.is_first(group) {
            let message = format!("{} runs as the group of root (`runAsGroup: 0`)", group.title(&container));
            let finding = report.finding(group.node, message);
            finding.aliases_if(&[("run-as-non-root", true), ("KSV-0116", group.of_pod)]);
        }
    }
    let context = |field| pod.at(&["securityContext", field]);
    let supplemental = context("supplementalGroups").into_iter().flat_map(Node::items);
    let groups = context("fsGroup").into_iter().map(|group| (group, "its volumes"));
    for (group, what) in groups.chain(supplemental.map(|group| (group, "its processes"))) {
        if group.integer() == Some(0) {
            let message = format!("{} gives {what} to the group of root", pod.object().title());
            report.finding(group, message).aliases(&["KSV-0116"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(spec: &str, pod: &str, container: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  {spec}\n  securityContext: {{{pod}}}\n  containers: [{{name: a, image: a, securityContext: {{{container}}}}}]\n"
            ),
        )
    }

    const LINUX: &str = "os: {name: linux}";

    #[test]
    fn other_groups_and_users_are_accepted() {
        assert_eq!(flagged(LINUX, "runAsUser: 0, runAsGroup: 1, fsGroup: 5", ""), [""; 0]);
        assert_eq!(flagged(LINUX, "runAsGroup: 0", "runAsGroup: 7"), [""; 0]);
        assert_eq!(flagged(LINUX, "supplementalGroups: 0, fsGroup: '0'", ""), [""; 0]);
    }

    #[test]
    fn user_namespaces_and_windows_have_no_such_group() {
        for spec in ["hostUsers: false", "os: {name: windows}"] {
            assert_eq!(flagged(spec, "fsGroup: 0, runAsGroup: 0", ""), [""; 0], "{spec}");
        }
    }

    #[test]
    fn the_group_of_root_is_flagged() {
        assert_eq!(flagged(LINUX, "runAsGroup: 0, fsGroup: 0, supplementalGroups: [4, 0]", ""), ["0", "0", "0"]);
        assert_eq!(flagged(LINUX, "", "runAsGroup: 0"), ["0"]);
    }
}
