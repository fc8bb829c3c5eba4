use std::collections::HashMap;

use hullmark_sdk::prelude::*;

rule! {
    /// A key stands twice in the same mapping, so one of its values is lost.
    ///
    /// ## What it checks
    ///
    /// Every mapping of an object. A key that a merge key (`<<`) brings may stand again: that is what merge keys are for.
    ///
    /// ## Why it matters
    ///
    /// YAML forbids it. `kubectl` keeps the last value or refuses the file, Kustomize and Helm refuse it; whoever reads the first one
    /// is misled.
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
    ///         - name: MODE
    ///           value: fast
    ///       env:
    ///         - name: LEVEL
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
    ///         - name: MODE
    ///           value: fast
    ///         - name: LEVEL
    ///           value: debug
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove one of the two, or put both values under one key.
    ///
    /// ## Other tools
    ///
    /// kubeconform sees it with `-strict`.
    ///
    /// ## References
    ///
    /// - [YAML: mapping keys are unique](https://yaml.org/spec/1.2.2/#3213-node-comparison)
    level: Error,
    tags: &["correctness"],
    references: &["https://yaml.org/spec/1.2.2/#3213-node-comparison"],
    fragments: true,
    checks: &[Object(&[], object)],
}

fn object(object: &Object, report: &mut Report) {
    let root = object.node();
    let mut seen = HashMap::new();
    for mapping in std::iter::once(root).chain(root.descendants()).filter(|node| node.kind() == Kind::Mapping) {
        seen.clear();
        for (key, value) in mapping.entries() {
            let Some(first) = seen.insert(key, value) else { continue };
            let message = format!("`{key}` stands twice in this mapping; only the later one counts");
            report.finding(value.key_place(), message).related(first.key_place(), "where it stands first");
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn equal_keys_of_different_mappings_and_merged_ones_are_accepted() {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {name: a}}\ndata: {name: a}\n";
        assert_eq!(manifest(&RULE, text), [""; 0]);
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: &l {a: b, c: d}\n  annotations:\n    <<: *l\n    a: e\n";
        assert_eq!(manifest(&RULE, text), [""; 0]);
    }

    #[test]
    fn the_later_key_is_flagged() {
        let text = "apiVersion: v1\nkind: ConfigMap\ndata: {}\nmetadata: {labels: {a: b, c: d, a: e}}\ndata: {a: b}\n";
        assert_eq!(manifest(&RULE, text), ["data", "a"]);
    }
}
