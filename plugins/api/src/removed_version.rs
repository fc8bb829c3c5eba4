use hullmark_sdk::prelude::*;

use crate::removals;
use crate::version::{self, Version};

rule! {
    /// The version of the API is one that the cluster no longer has.
    ///
    /// ## What it checks
    ///
    /// `apiVersion` and `kind` of every object, by the list of removed versions. Kinds that Kubernetes never had in that version are
    /// left alone.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses the object. A cluster that is upgraded goes on running what is there, so it is noticed at the next
    /// deployment, or when a cluster has to be built anew.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: batch/v1beta1
    /// kind: CronJob
    /// metadata:
    ///   name: backup
    /// spec:
    ///   schedule: "0 3 * * *"
    ///   jobTemplate:
    ///     spec:
    ///       template:
    ///         spec:
    ///           restartPolicy: Never
    ///           containers:
    ///             - name: backup
    ///               image: registry.example/backup:1.4
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata:
    ///   name: backup
    /// spec:
    ///   schedule: "0 3 * * *"
    ///   jobTemplate:
    ///     spec:
    ///       template:
    ///         spec:
    ///           restartPolicy: Never
    ///           containers:
    ///             - name: backup
    ///               image: registry.example/backup:1.4
    /// ```
    ///
    /// ## How to fix
    ///
    /// Use the version that the message names. The fix writes it where nothing else has to change; elsewhere the migration guide
    /// says which fields did.
    ///
    /// ## Options
    ///
    /// - `kubernetes-version`: the version of the cluster, in quotes, `"1.37"` by default.
    ///
    /// ## Other tools
    ///
    /// kube-linter knows the group `extensions` only. kube-score knows fifteen kinds and speaks where the version of the cluster that
    /// it was told (1.18 by default) has the replacement. Trivy knows neither `extensions/v1beta1` nor `apps/v1beta2`, but kinds that
    /// were never in the group that it gives.
    ///
    /// ## References
    ///
    /// - [Deprecated API migration guide](https://kubernetes.io/docs/reference/using-api/deprecation-guide/)
    level: Error,
    tags: &["correctness", "upgrade"],
    aliases: &["no-extensions-v1beta", "stable-version", "KSV-0107"],
    references: &["https://kubernetes.io/docs/reference/using-api/deprecation-guide/"],
    fragments: true,
    options: &[version::APIS_OF],
    checks: &[Object(&[], object)],
}

fn object(object: &Object, report: &mut Report) {
    let version = Version::chosen(report.options());
    let Some(removal) = removals::of(object).filter(|removal| removal.is_removed_in(version)) else { return };
    let Some(written) = object.node().get("apiVersion") else { return };
    let since = removal.removed.unwrap_or_default();
    let kind = object.kind().unwrap_or_default();
    let what = format!("`{}` has no `{kind}` since Kubernetes 1.{since}", removal.api_version);
    let finding = report.finding(written, format!("{what}; {}", removal.advice()));
    finding.aliases(&removal.aliases(object, version));
    if let Some(fix) = removal.fix(object, version) {
        finding.fix(fix);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn object(api_version: &str, kind: &str, spec: &str) -> String {
        format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{{spec}}}\n")
    }

    fn fixed(text: &str) -> String {
        Trial::of(&RULE).fixed("manifest.yaml", text)
    }

    #[test]
    fn what_the_cluster_has_or_never_had_is_accepted() {
        for (api_version, kind) in [("apps/v1", "Deployment"), ("apps/v1beta1", "Ingress"), ("v1", "Endpoints")] {
            assert_eq!(manifest(&RULE, &object(api_version, kind, "")), [""; 0]);
        }
        let trial = Trial::with(&RULE, r#"{"kubernetes-version": "1.24"}"#);
        assert_eq!(trial.manifest(&object("batch/v1beta1", "CronJob", "")), [""; 0]);
    }

    #[test]
    fn what_is_gone_is_flagged() {
        assert_eq!(manifest(&RULE, &object("batch/v1beta1", "CronJob", "")), ["batch/v1beta1"]);
        assert_eq!(manifest(&RULE, &object("policy/v1beta1", "PodSecurityPolicy", "")), ["policy/v1beta1"]);
    }

    #[test]
    fn the_version_is_written_where_nothing_else_changes() {
        let text = object("\"batch/v1beta1\"", "CronJob", "");
        assert_eq!(fixed(&text), object("\"batch/v1\"", "CronJob", ""));
        for (api_version, kind, spec) in [
            ("extensions/v1beta1", "Deployment", "selector: {}"),
            ("apps/v1beta2", "Deployment", ""),
            ("networking.k8s.io/v1beta1", "Ingress", ""),
            ("policy/v1beta1", "PodDisruptionBudget", "selector: {}"),
        ] {
            let text = object(api_version, kind, spec);
            assert_eq!(manifest(&RULE, &text), [api_version]);
            assert_eq!(fixed(&text), text);
        }
        let text = object("apps/v1beta2", "Deployment", "selector: {matchLabels: {a: b}}");
        assert_eq!(fixed(&text), text.replace("v1beta2", "v1"));
    }
}
