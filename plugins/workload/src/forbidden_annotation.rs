use hullmark_sdk::prelude::*;

use crate::pattern::names;

rule! {
    /// An annotation is there that must not be.
    ///
    /// ## What it checks
    ///
    /// The annotations of every object and of pod templates against the option `annotations`. While that list is empty, as it is
    /// by default, the rule says nothing.
    ///
    /// ## Why it matters
    ///
    /// Annotations switch things in controllers that have no field: service meshes, load balancers, ingress controllers. Some of
    /// them open what a platform keeps closed.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// # options: {"annotations": ["sidecar.istio.io/inject=false"]}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   annotations:
    ///     sidecar.istio.io/inject: "false"
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// # options: {"annotations": ["sidecar.istio.io/inject=false"]}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   annotations:
    ///     sidecar.istio.io/inject: "true"
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the annotation.
    ///
    /// ## Options
    ///
    /// - `annotations` (default: empty): annotations that must not be there, each a key, or a key, `=` and a value. `*` stands for
    ///   anything in both.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/>
    level: Warning,
    tags: &["policy"],
    references: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/"],
    fragments: true,
    options: &[OptionSpec::texts(
        "annotations",
        &[],
        "annotations that must not be there, such as `sidecar.istio.io/inject=false`; while there are none, the rule says nothing",
    )],
    checks: &[Object(&[], object)],
}

fn object(object: &Object, report: &mut Report) {
    check(object.node(), report);
    for template in object.pods().map(Pod::template).filter(|template| *template != object.node()) {
        check(template, report);
    }
}

fn check(holder: Node, report: &mut Report) {
    for (key, value) in holder.at(&["metadata", "annotations"]).into_iter().flat_map(Node::entries) {
        if report.options().texts("annotations").any(|pattern| names(pattern, key, value)) {
            report.finding(value.key_place(), format!("the annotation `{key}` must not be set so"));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const TEXT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, annotations: {a.example/x: 'on'}}\n\
                        spec: {template: {metadata: {annotations: {a.example/x: 'off', b: c}}, spec: {}}}\n";

    fn flagged(annotations: &str) -> Vec<String> {
        Trial::with(&RULE, &format!(r#"{{"annotations": {annotations}}}"#)).manifest(TEXT)
    }

    #[test]
    fn an_empty_list_says_nothing() {
        assert_eq!(manifest(&RULE, TEXT), [""; 0]);
    }

    #[test]
    fn objects_and_templates_are_looked_at() {
        assert_eq!(flagged(r#"["a.example/y", "a.example/x=maybe"]"#), [""; 0]);
        assert_eq!(flagged(r#"["a.example/x=off"]"#), ["a.example/x"]);
        assert_eq!(flagged(r#"["a.example/*"]"#), ["a.example/x", "a.example/x"]);
    }
}
