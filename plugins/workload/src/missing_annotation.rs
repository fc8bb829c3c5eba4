use hullmark_sdk::prelude::*;

use crate::pattern::unmet;

rule! {
    /// The workload lacks an annotation that is asked for.
    ///
    /// ## What it checks
    ///
    /// `metadata.annotations` of every workload against the option `annotations`. While that list is empty, as it is by default,
    /// the rule says nothing.
    ///
    /// ## Why it matters
    ///
    /// Whom to call at night, where the code is, what to page for: what people need in a hurry should be on the object.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// # options: {"annotations": ["email=*@*.*"]}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   annotations:
    ///     email: cart
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// # options: {"annotations": ["email=*@*.*"]}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   annotations:
    ///     email: cart@shop.example
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add the annotation to `metadata.annotations`. A kustomization can set it on all its objects (`commonAnnotations:`).
    ///
    /// ## Options
    ///
    /// - `annotations` (default: empty): annotations that every workload has, each a key, or a key, `=` and a value. `*` stands for
    ///   anything in both.
    ///
    /// ## Other tools
    ///
    /// kube-linter asks for an annotation `email` with a mail address: `email=*@*.*` here.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/>
    level: Note,
    tags: &["maintainability"],
    aliases: &["required-annotation-email"],
    references: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/"],
    options: &[OptionSpec::texts(
        "annotations",
        &[],
        "annotations that every workload has, such as `email=*@*.*`; while there are none, the rule says nothing",
    )],
    checks: &[Object(&[], object)],
}

fn object(object: &Object, report: &mut Report) {
    if !object.is_workload() {
        return;
    }
    let annotations = object.at(&["metadata", "annotations"]);
    let missing: Vec<String> = unmet(report.options().texts("annotations"), annotations).map(str::to_owned).collect();
    for wanted in missing {
        let finding = report.finding(
            object.anchor(&["metadata", "annotations"]),
            format!("{} has no annotation `{wanted}`", object.title()),
        );
        finding.aliases_if(&[("required-annotation-email", wanted.starts_with("email="))]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(metadata: &str) -> Vec<String> {
        let text = format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a{metadata}}}\nspec: {{}}\n");
        Trial::with(&RULE, r#"{"annotations": ["email=*@*.*", "runbook"]}"#).manifest(&text)
    }

    #[test]
    fn an_empty_list_says_nothing() {
        assert_eq!(manifest(&RULE, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {}\n"), [""; 0]);
    }

    #[test]
    fn each_missing_annotation_is_flagged() {
        assert_eq!(flagged(", annotations: {email: a@b.example, runbook: x}"), [""; 0]);
        assert_eq!(flagged(", annotations: {email: a, runbook: x}"), ["annotations"]);
        assert_eq!(flagged(""), ["metadata", "metadata"]);
    }
}
