use hullmark_sdk::prelude::*;

use crate::faults::{What, report_object, report_project};
use crate::{tables, version};

rule! {
    /// A field is missing that the object must have.
    ///
    /// ## What it checks
    ///
    /// The fields that the schema of a kind requires, in the version that the cluster has; `metadata.name`, unless
    /// `generateName` stands in for it; and `apiVersion` and `kind` of what has a name where objects have it. Custom resources are held against the CustomResourceDefinitions of the project; other kinds that Kubernetes does not
    /// have itself are left alone.
    /// Null counts as absent. Patches are passed over, and so is what the cluster writes itself (`status`), and the selector of a
    /// workload whose pods have no labels: Kustomize adds both.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses the object, or takes an empty value that means something else.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: web
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: nginx:1.29.1
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: web
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: web
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add the field. Where it is there, it stands at the wrong place: look at its indentation.
    ///
    /// ## Options
    ///
    /// - `kubernetes-version`: the version of the cluster, in quotes, `"1.37"` by default. The tables begin with 1.33: fields of an older
    ///   cluster are judged as those of 1.33.
    ///
    /// ## Other tools
    ///
    /// kube-linter says once for each object that it is not valid, so only the first finding of an object carries its name. It
    /// does not ask for `metadata.name`.
    ///
    /// ## References
    ///
    /// - [Kubernetes API](https://kubernetes.io/docs/reference/kubernetes-api/)
    level: Error,
    tags: &["correctness", "schema"],
    aliases: &["schema-validation"],
    references: &["https://kubernetes.io/docs/reference/kubernetes-api/"],
    options: &[version::FIELDS_OF],
    checks: &[Object(&[], object), Manifests(whole_project)],
}

fn object(object: &Object, report: &mut Report) {
    identity(object, report);
    report_object(What::Missing, object, report);
    report_object(What::Name, object, report);
}

/// Looks for `apiVersion` and `kind`, by which Kubernetes knows what an object is.
fn identity(object: &Object, report: &mut Report) {
    let (missing, written) = match (object.api_version(), object.kind()) {
        (None, Some(kind)) if tables::has_kind(kind) => ("apiVersion", "kind"),
        (Some(_), None) => ("kind", "apiVersion"),
        _ => return,
    };
    let node = object.node();
    let place = node.written(missing).or_else(|| node.get(written)).unwrap_or(node).key_place();
    report.finding(place, format!("the object has no `{missing}`")).aliases(&[]);
}

fn whole_project(project: &Project, report: &mut Report) {
    report_project(What::Missing, project, report);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn what_is_there_or_comes_from_the_cluster_is_accepted() {
        assert_eq!(
            manifest(&RULE, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}]}\n"),
            [""; 0]
        );
        assert_eq!(
            manifest(&RULE, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nstatus: {conditions: [{type: Ready}]}\n"),
            [""; 0]
        );
        let unlabelled = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n\
                          spec: {template: {spec: {containers: [{name: a}]}}}\n";
        assert_eq!(manifest(&RULE, unlabelled), [""; 0]);
        assert_eq!(manifest(&RULE, "apiVersion: apps/v1\nkind: Deployment\nspec: {$patch: replace, a: b}\n"), [""; 0]);
    }

    #[test]
    fn every_object_says_what_it_is() {
        assert_eq!(manifest(&RULE, "kind: Pipeline\nmetadata: {name: a}\n"), [""; 0]);
        assert_eq!(manifest(&RULE, "kind: ConfigMap\nmetadata: {name: a}\n"), ["kind"]);
        assert_eq!(manifest(&RULE, "apiVersion: v1\nmetadata: {name: a}\n"), ["apiVersion"]);
        assert_eq!(manifest(&RULE, "apiVersion: v1\nkind:\nmetadata: {name: a}\n"), ["kind"]);
    }

    #[test]
    fn every_stored_object_has_a_name() {
        let of = |kind: &str, metadata: &str| manifest(&RULE, &format!("apiVersion: {kind}\n{metadata}"));
        assert_eq!(of("v1\nkind: ConfigMap", "metadata: {generateName: a-}\n"), [""; 0]);
        assert_eq!(of("v1\nkind: ConfigMap", "metadata: {$patch: delete}\n"), [""; 0]);
        assert_eq!(of("authentication.k8s.io/v1\nkind: TokenReview", "spec: {token: a}\n"), [""; 0]);
        assert_eq!(of("example.org/v1\nkind: ConfigMap", ""), [""; 0]);
        assert_eq!(of("v1\nkind: ConfigMap", ""), ["ConfigMap"]);
        assert_eq!(of("v1\nkind: ConfigMap", "metadata:\n"), ["metadata"]);
        assert_eq!(of("v1\nkind: ConfigMap", "metadata: {namespace: a}\n"), ["metadata"]);
        assert_eq!(of("v1\nkind: ConfigMap", "metadata:\n  name:\n"), ["name"]);
    }

    #[test]
    fn the_key_that_should_hold_it_is_flagged() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - image: a\n    ports:\n    - name: http\n    env: [{name: }]\n";
        assert_eq!(manifest(&RULE, text), ["a", "http", "name"]);
        assert_eq!(
            manifest(&RULE, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {}\n"),
            ["spec", "spec"]
        );
        assert_eq!(
            manifest(&RULE, "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\n"),
            ["b"]
        );
    }
}
