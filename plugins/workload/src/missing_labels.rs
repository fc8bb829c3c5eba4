use hullmark_sdk::prelude::*;

use crate::pattern::unmet;

rule! {
    /// The workload lacks a label that is asked for.
    ///
    /// ## What it checks
    ///
    /// `metadata.labels` of every workload against the option `labels`. Labels with an empty value count as missing. The rule is
    /// off unless it is selected, since every team has labels of its own.
    ///
    /// ## Why it matters
    ///
    /// Dashboards, bills and people find the parts of an application by its labels, and which version runs. The names that
    /// Kubernetes recommends are known to most tools.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app: web
    /// spec:
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
    ///   labels:
    ///     app.kubernetes.io/name: web
    ///     app.kubernetes.io/version: "4"
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add the label to `metadata.labels`. A kustomization can set it on all its objects (`labels:`).
    ///
    /// ## Options
    ///
    /// - `labels` (default: `app.kubernetes.io/name`, `app.kubernetes.io/version`): labels that every workload has, each a key, or
    ///   a key, `=` and a value. `*` stands for anything in both.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/>
    level: Note,
    enabled: false,
    tags: &["maintainability"],
    precision: Medium,
    aliases: &["required-label-owner"],
    references: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/"],
    options: &[OptionSpec::texts(
        "labels",
        &["app.kubernetes.io/name", "app.kubernetes.io/version"],
        "labels that every workload has, such as `owner` or `tier=front*`",
    )],
    checks: &[Object(&[], object)],
}

fn object(object: &Object, report: &mut Report) {
    if !object.is_workload() {
        return;
    }
    let labels = object.at(&["metadata", "labels"]);
    let missing: Vec<String> = unmet(report.options().texts("labels"), labels).map(str::to_owned).collect();
    for label in missing {
        let finding = report
            .finding(object.anchor(&["metadata", "labels"]), format!("{} has no label `{label}`", object.title()));
        finding.aliases_if(&[("required-label-owner", label == "owner")]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(metadata: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a{metadata}}}\nspec: {{}}\n")
    }

    #[test]
    fn all_that_is_asked_for_is_enough() {
        let labels = ", labels: {app.kubernetes.io/name: web, app.kubernetes.io/version: 4, tier: front}";
        assert_eq!(manifest(&RULE, &pod(labels)), [""; 0]);
    }

    #[test]
    fn what_holds_no_pods_needs_none() {
        assert_eq!(manifest(&RULE, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"), [""; 0]);
    }

    #[test]
    fn a_workload_counts_before_its_pods_are_written() {
        let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, labels: {app.kubernetes.io/name: a}}\n";
        assert_eq!(manifest(&RULE, text), ["labels"]);
    }

    #[test]
    fn each_missing_label_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("")), ["metadata", "metadata"]);
        assert_eq!(manifest(&RULE, &pod(", labels: {app.kubernetes.io/name: web}")), ["labels"]);
        assert_eq!(
            manifest(&RULE, &pod(", labels: {app.kubernetes.io/name: '', app.kubernetes.io/version: 4}")),
            ["labels"]
        );
    }

    #[test]
    fn one_may_ask_for_values() {
        let trial = Trial::with(&RULE, r#"{"labels": ["team=*-squad"]}"#);
        assert_eq!(trial.manifest(&pod(", labels: {team: cart-squad}")), [""; 0]);
        assert_eq!(trial.manifest(&pod(", labels: {team: cart}")), ["labels"]);
    }
}
