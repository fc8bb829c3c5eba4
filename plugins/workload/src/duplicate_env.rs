use hullmark_sdk::prelude::*;

rule! {
    /// The container sets a variable twice, and only the last value counts.
    ///
    /// ## What it checks
    ///
    /// The names in `env` of every container. Variables of `envFrom` are not compared: to set one of them again in `env` is how
    /// a default is replaced.
    ///
    /// ## Why it matters
    ///
    /// Kubernetes takes both entries and passes on the last one, so whoever reads or changes the first one is misled. Tools that
    /// merge lists by name, such as `kubectl apply`, may keep either of them.
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
    ///       env:
    ///         - name: LOG_LEVEL
    ///           value: info
    ///         - name: LOG_LEVEL
    ///           value: debug
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
    ///       env:
    ///         - name: LOG_LEVEL
    ///           value: debug
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the entry that is not meant.
    ///
    /// ## Other tools
    ///
    /// kube-linter reports a name once, however often it is repeated; kube-score does not look at ephemeral containers.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/>
    level: Warning,
    tags: &["correctness"],
    aliases: &["duplicate-env-var", "environment-variable-key-duplication"],
    references: &["https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/"],
    fragments: true,
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    let mut seen: Vec<(&str, Node, bool)> = Vec::new();
    for name in container.get("env").into_iter().flat_map(Node::items).filter_map(|entry| entry.get("name")) {
        let Some(text) = name.text() else { continue };
        let Some((_, first, is_repeated)) = seen.iter_mut().find(|(other, ..)| *other == text) else {
            seen.push((text, name, false));
            continue;
        };
        let message = format!("{} sets the variable `{text}` again", container.title());
        let finding = report.finding(name, message);
        finding.related(*first, "first set here").aliases(match (*is_repeated, container.role()) {
            (false, Role::Ephemeral) => &["duplicate-env-var"],
            (false, _) => &["duplicate-env-var", "environment-variable-key-duplication"],
            (true, Role::Ephemeral) => &[],
            (true, _) => &["environment-variable-key-duplication"],
        });
        *is_repeated = true;
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(container: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {{name: web, {container}}}\n"))
    }

    #[test]
    fn names_that_differ_are_accepted() {
        assert_eq!(flagged("env: [{name: A}, {name: a}, {name: B}, {}, {}]"), [""; 0]);
        assert_eq!(flagged("env: [{name: [A]}, {name: [A]}]"), [""; 0]);
        assert_eq!(flagged("env: {name: A}"), [""; 0]);
        assert_eq!(flagged("envFrom: [{configMapRef: {name: c}}, {configMapRef: {name: c}}]"), [""; 0]);
    }

    #[test]
    fn every_repetition_is_flagged() {
        assert_eq!(flagged("env: [{name: A}, {name: B}, {name: A}, {name: A}]"), ["A", "A"]);
    }

    #[test]
    fn containers_have_their_own_variables() {
        let containers = "initContainers: [{name: a, env: [{name: A}]}], containers: [{name: b, env: [{name: A}]}]";
        assert_eq!(manifest(&RULE, &format!("apiVersion: v1\nkind: Pod\nspec: {{{containers}}}\n")), [""; 0]);
    }
}
