use hullmark_sdk::prelude::*;

use crate::faults::{What, report_object, report_project};
use crate::version;

rule! {
    /// A value is not of the type that its field takes.
    ///
    /// ## What it checks
    ///
    /// Every value of an object of Kubernetes itself, by the schemas of the version that the cluster has: a number where a text is
    /// wanted, a text where a list is wanted, a whole number that 32 bits cannot hold. Custom resources are held against the CustomResourceDefinitions of the project; other kinds that Kubernetes does not
    /// have itself are left alone.
    /// Null counts as absent. Values that another program fills in (`${REPLICAS}`) are passed over.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses the whole object. The usual case is a variable's value that YAML reads as a number or a boolean:
    /// `value: 8080` and `value: true` are no texts.
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
    ///         - name: PORT
    ///           value: 8080
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
    ///         - name: PORT
    ///           value: "8080"
    /// ```
    ///
    /// ## How to fix
    ///
    /// Put texts that look like numbers or booleans in quotes, and take quotes from numbers and booleans.
    ///
    /// ## Options
    ///
    /// - `kubernetes-version`: the version of the cluster, in quotes, `"1.37"` by default. The tables begin with 1.33: fields of an older
    ///   cluster are judged as those of 1.33.
    ///
    /// ## Other tools
    ///
    /// kube-linter says once for each object that it is not valid, so only the first finding of an object carries its name.
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
    report_object(What::Type, object, report);
}

fn whole_project(project: &Project, report: &mut Report) {
    report_project(What::Type, project, report);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(fields: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - {{name: a, {fields}}}\n")
    }

    #[test]
    fn what_kubernetes_reads_is_accepted() {
        for fields in [
            "resources: {limits: {cpu: 1, memory: 1Gi}}",
            "livenessProbe: {httpGet: {port: http}, periodSeconds: 3.0}",
            "livenessProbe: {httpGet: {port: 80}}",
            "env: null",
            "env: [{name: A, value: }]",
            "stdin: '${STDIN}'",
        ] {
            assert_eq!(manifest(&RULE, &pod(fields)), [""; 0], "{fields}");
        }
    }

    #[test]
    fn wrong_types_are_flagged_and_mended_with_quotes() {
        let text = pod(
            "stdin: 'true', args: [a, 0644, yes], env: [{name: A, value: 1.10}], livenessProbe: {periodSeconds: \"3\"}",
        );
        assert_eq!(manifest(&RULE, &text), ["'true'", "0644", "yes", "1.10", "\"3\""]);
        let fixed = Trial::of(&RULE).fixed("manifest.yaml", &text);
        assert_eq!(
            fixed,
            pod(
                "stdin: true, args: [a, \"0644\", \"yes\"], env: [{name: A, value: \"1.10\"}], livenessProbe: {periodSeconds: 3}"
            )
        );
    }

    #[test]
    fn manifests_that_lie_are_told_at_the_value() {
        assert_eq!(
            manifest(&RULE, &pod("ports: {a: b}, env: [[a], null, 1], resources: [a]")),
            ["ports", "a", "1", "resources"]
        );
        assert_eq!(manifest(&RULE, "apiVersion: v1\nkind: Pod\nmetadata: [a]\nspec: text\n"), ["metadata", "text"]);
        assert_eq!(
            manifest(&RULE, "apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 3000000000}\n"),
            ["3000000000"]
        );
    }

    #[test]
    fn a_long_list_ends() {
        let items = "1, ".repeat(100_000);
        assert_eq!(manifest(&RULE, &pod(&format!("args: [{items}]"))).len(), 1000);
    }
}
