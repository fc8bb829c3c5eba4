use hullmark_sdk::prelude::*;

use crate::faults::{What, report_object, report_project};
use crate::version;

rule! {
    /// A field is written that Kubernetes does not have at that place.
    ///
    /// ## What it checks
    ///
    /// Every key of an object of Kubernetes itself, by the schemas of the version that the cluster has. Custom resources are held against the CustomResourceDefinitions of the project; other kinds that Kubernetes does not
    /// have itself are left alone.
    /// Directives of patches (`$patch`) pass.
    ///
    /// ## Why it matters
    ///
    /// Kubernetes drops a field that it does not know, or `kubectl` refuses the object. Where it is dropped, what the field was
    /// to bring about (a limit, a probe, a security setting) does not happen, and nothing tells so.
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
    ///       imagePullPolcy: Always
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
    ///       imagePullPolicy: Always
    /// ```
    ///
    /// ## How to fix
    ///
    /// Correct the name, or move the field to where it belongs: most such fields are indented too little or too much.
    ///
    /// ## Options
    ///
    /// - `kubernetes-version`: the version of the cluster, in quotes, `"1.37"` by default. The tables begin with 1.33: fields of an older
    ///   cluster are judged as those of 1.33.
    ///
    /// ## Other tools
    ///
    /// kubeconform finds unknown fields with `-strict` only and names no line. kube-linter says once for each object that it is
    /// not valid, so only the first finding of an object carries its name.
    ///
    /// ## References
    ///
    /// - [Kubernetes API](https://kubernetes.io/docs/reference/kubernetes-api/)
    level: Error,
    tags: &["correctness", "schema"],
    aliases: &["schema-validation"],
    references: &["https://kubernetes.io/docs/reference/kubernetes-api/"],
    fragments: true,
    options: &[version::FIELDS_OF],
    checks: &[Object(&[], object), Manifests(whole_project)],
}

fn object(object: &Object, report: &mut Report) {
    report_object(What::Unknown, object, report);
}

fn whole_project(project: &Project, report: &mut Report) {
    report_project(What::Unknown, project, report);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(fields: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - {{name: a, {fields}}}\n")
    }

    #[test]
    fn keys_that_are_no_fields_are_passed_over() {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {spec: a}}\ndata: {imagee: a}\n";
        assert_eq!(manifest(&RULE, text), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("resources: {limits: {example.org/dongle: 1}}")), [""; 0]);
    }

    #[test]
    fn unknown_kinds_are_left_alone() {
        assert_eq!(manifest(&RULE, "apiVersion: example.org/v1\nkind: Pod\nspecc: {}\n"), [""; 0]);
        assert_eq!(manifest(&RULE, "apiVersion: v1\nkind: Poddy\nspecc: {}\n"), [""; 0]);
    }

    #[test]
    fn manifests_that_lie_are_survived() {
        for fields in ["ports: {a: b}", "env: [[[a]], null, 1]", "resources: [a]", "name: null", "command: null"] {
            assert_eq!(manifest(&RULE, &pod(fields)), [""; 0], "{fields}");
        }
        assert_eq!(manifest(&RULE, "apiVersion: v1\nkind: Pod\nmetadata: [a]\nspec: text\n"), [""; 0]);
    }

    #[test]
    fn an_unknown_key_is_flagged_and_mended_where_the_word_is_near() {
        let text = pod("imagePullPolcy: Always, 'image_': x, liveness: {}");
        assert_eq!(manifest(&RULE, &text), ["imagePullPolcy", "'image_'", "liveness"]);
        let fixed = Trial::of(&RULE).fixed("manifest.yaml", &text);
        assert_eq!(fixed, pod("imagePullPolicy: Always, 'image': x, liveness: {}"));
    }

    #[test]
    fn no_key_is_made_a_second_time_nor_with_a_value_that_does_not_fit() {
        let text = pod("image: a, imag: b, command: [a], comand: [b], enf: a");
        assert_eq!(manifest(&RULE, &text), ["imag", "comand", "enf"]);
        assert_eq!(Trial::of(&RULE).fixed("manifest.yaml", &text), text);
    }

    const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: knots.example.org}\nspec:\n  group: example.org\n  scope: Namespaced\n  names: {kind: Knot, plural: knots}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n            properties:\n              size: {type: integer}\n              free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: string}}}\n              any: {type: object}\n              map: {type: object, additionalProperties: {type: object, properties: {b: {type: string}}}}\n";

    fn knot(spec: &str) -> Vec<String> {
        let knot = format!("apiVersion: example.org/v1\nkind: Knot\nmetadata: {{name: k}}\nspec: {{{spec}}}\n");
        project(&RULE, &[("crd.yaml", DEFINITION), ("knot.yaml", &knot)])
    }

    #[test]
    fn a_custom_resource_is_held_against_its_definition() {
        assert_eq!(knot("size: 1, free: {x: 1}, any: {y: 1}, map: {z: {b: a}}"), [""; 0]);
        assert_eq!(knot("sizes: 1, map: {z: {c: a}}"), ["sizes", "c"]);
    }
}
