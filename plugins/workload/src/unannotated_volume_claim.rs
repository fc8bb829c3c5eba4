use hullmark_sdk::prelude::*;

use crate::pattern::unmet;

rule! {
    /// A volume claim of the StatefulSet lacks an annotation that is asked for.
    ///
    /// ## What it checks
    ///
    /// The annotations of every entry of `volumeClaimTemplates` against the option `annotations`. While that list is empty, as it is
    /// by default, the rule says nothing.
    ///
    /// ## Why it matters
    ///
    /// Back-ups and classes of storage are often chosen by annotations of the claim. They cannot be added to the template later:
    /// the field is fixed once the StatefulSet exists.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// # options: {"annotations": ["shop.example/backup"]}
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata:
    ///   name: db
    /// spec:
    ///   serviceName: db
    ///   selector:
    ///     matchLabels: {app: db}
    ///   template:
    ///     metadata:
    ///       labels: {app: db}
    ///     spec:
    ///       containers:
    ///         - name: db
    ///           image: postgres:17.5
    ///   volumeClaimTemplates:
    ///     - metadata:
    ///         name: data
    ///       spec:
    ///         accessModes: [ReadWriteOnce]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// # options: {"annotations": ["shop.example/backup"]}
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata:
    ///   name: db
    /// spec:
    ///   serviceName: db
    ///   selector:
    ///     matchLabels: {app: db}
    ///   template:
    ///     metadata:
    ///       labels: {app: db}
    ///     spec:
    ///       containers:
    ///         - name: db
    ///           image: postgres:17.5
    ///   volumeClaimTemplates:
    ///     - metadata:
    ///         name: data
    ///         annotations:
    ///           shop.example/backup: daily
    ///       spec:
    ///         accessModes: [ReadWriteOnce]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add the annotation to the metadata of the claim.
    ///
    /// ## Options
    ///
    /// - `annotations` (default: empty): annotations that every claim has, each a key, or a key, `=` and a value. `*` stands for
    ///   anything in both.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#volume-claim-templates>
    level: Warning,
    tags: &["reliability"],
    references: &["https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#volume-claim-templates"],
    options: &[OptionSpec::texts(
        "annotations",
        &[],
        "annotations that every claim has; while there are none, the rule says nothing",
    )],
    checks: &[Object(&["StatefulSet"], stateful_set)],
}

fn stateful_set(object: &Object, report: &mut Report) {
    for claim in object.at(&["spec", "volumeClaimTemplates"]).into_iter().flat_map(Node::items) {
        let annotations = claim.at(&["metadata", "annotations"]);
        let name = claim.at(&["metadata", "name"]);
        let missing: Vec<String> =
            unmet(report.options().texts("annotations"), annotations).map(str::to_owned).collect();
        for wanted in missing {
            let title = name.and_then(Node::text).unwrap_or_default();
            let message = format!("the volume claim `{title}` has no annotation `{wanted}`");
            report.finding(annotations.or(name).unwrap_or(claim), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn text(claims: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\nspec: {{volumeClaimTemplates: {claims}}}\n"
        )
    }

    fn flagged(claims: &str) -> Vec<String> {
        Trial::with(&RULE, r#"{"annotations": ["backup"]}"#).manifest(&text(claims))
    }

    #[test]
    fn an_empty_list_says_nothing() {
        assert_eq!(manifest(&RULE, &text("[{metadata: {name: a}}]")), [""; 0]);
    }

    #[test]
    fn every_claim_needs_it() {
        assert_eq!(flagged("[{metadata: {name: a, annotations: {backup: daily}}}]"), [""; 0]);
        assert_eq!(flagged("{metadata: {name: a}}"), [""; 0]);
        assert_eq!(flagged("[{metadata: {name: a}}, {metadata: {name: b, annotations: {}}}]"), ["a", "annotations"]);
        assert_eq!(flagged("[{metadata: {name: a, annotations: {backup: ''}}}]"), ["annotations"]);
    }
}
