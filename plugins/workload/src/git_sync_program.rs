use hullmark_sdk::prelude::*;

rule! {
    /// A variable has git-sync run a program of its own choice in place of `git`.
    ///
    /// ## What it checks
    ///
    /// The variables `GITSYNC_GIT` and `GIT_SYNC_GIT` of every container, unless their value is `git`, which is the default.
    ///
    /// ## Why it matters
    ///
    /// git-sync runs what the variable names. Who may write to a volume of the pod, or only to this one variable, runs any
    /// program with the rights of the container, though nothing about the image tells of it.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: pages
    /// spec:
    ///   containers:
    ///     - name: git-sync
    ///       image: registry.k8s.io/git-sync/git-sync:v4.4.2
    ///       env:
    ///         - name: GITSYNC_REPO
    ///           value: https://git.example/pages.git
    ///         - name: GITSYNC_GIT
    ///           value: /payload/run
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: pages
    /// spec:
    ///   containers:
    ///     - name: git-sync
    ///       image: registry.k8s.io/git-sync/git-sync:v4.4.2
    ///       env:
    ///         - name: GITSYNC_REPO
    ///           value: https://git.example/pages.git
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the variable. Where another `git` is needed, put it into the image, in the path.
    ///
    /// ## Other tools
    ///
    /// Checkov does not know the older name of the variable, and does not look at its value.
    ///
    /// ## References
    ///
    /// - <https://github.com/kubernetes/git-sync#manual>
    tags: &["security", "external/cwe/cwe-426"],
    security_severity: Some("6.5"),
    precision: High,
    aliases: &["CKV_K8S_159"],
    references: &["https://github.com/kubernetes/git-sync#manual"],
    fragments: true,
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    for variable in container.get("env").into_iter().flat_map(Node::items) {
        let Some(node) = variable.get("name") else { continue };
        let Some(name @ ("GITSYNC_GIT" | "GIT_SYNC_GIT")) = node.text() else { continue };
        let value = variable.get("value");
        if value.and_then(Node::text) == Some("git") {
            continue;
        }
        let message = format!("{} runs what `{name}` names in place of `git`", container.title());
        let finding = report.finding(value.unwrap_or(node), message);
        let is_checkovs = name == "GITSYNC_GIT" && container.role() != Role::Ephemeral;
        finding.aliases_if(&[("CKV_K8S_159", is_checkovs)]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(variable: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{initContainers: [{{name: a, env: [{{{variable}}}]}}]}}\n"
            ),
        )
    }

    #[test]
    fn other_variables_and_the_default_are_accepted() {
        assert_eq!(flagged("name: GITSYNC_REPO, value: /payload"), [""; 0]);
        assert_eq!(flagged("name: GITSYNC_GIT, value: git"), [""; 0]);
    }

    #[test]
    fn another_program_is_flagged() {
        assert_eq!(flagged("name: GITSYNC_GIT, value: /payload"), ["/payload"]);
        assert_eq!(flagged("name: GIT_SYNC_GIT, value: /payload"), ["/payload"]);
        assert_eq!(flagged("name: GITSYNC_GIT, valueFrom: {fieldRef: {fieldPath: metadata.name}}"), ["GITSYNC_GIT"]);
    }
}
