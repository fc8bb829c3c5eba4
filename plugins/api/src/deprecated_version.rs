use hullmark_sdk::prelude::*;

use crate::removals;
use crate::version::{self, Version};

rule! {
    /// The version of the API is deprecated: there is a better one, and most such versions go.
    ///
    /// ## What it checks
    ///
    /// `apiVersion` and `kind` of every object that the cluster still has, by the list of deprecated versions. What it no longer has
    /// is the matter of `api/removed-version`.
    ///
    /// ## Why it matters
    ///
    /// A deprecated version works until the cluster is upgraded to the release that removes it. Then manifests are refused that were
    /// good the day before.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Endpoints
    /// metadata:
    ///   name: database
    /// subsets:
    ///   - addresses:
    ///       - ip: 192.0.2.7
    ///     ports:
    ///       - port: 5432
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: discovery.k8s.io/v1
    /// kind: EndpointSlice
    /// metadata:
    ///   name: database
    /// addressType: IPv4
    /// endpoints:
    ///   - addresses:
    ///       - 192.0.2.7
    /// ports:
    ///   - port: 5432
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
    /// As with `api/removed-version`, each tool knows a part of the list.
    ///
    /// ## References
    ///
    /// - [Deprecated API migration guide](https://kubernetes.io/docs/reference/using-api/deprecation-guide/)
    level: Note,
    tags: &["correctness", "upgrade"],
    aliases: &["no-extensions-v1beta", "stable-version", "KSV-0107"],
    references: &["https://kubernetes.io/docs/reference/using-api/deprecation-guide/"],
    fragments: true,
    options: &[version::APIS_OF],
    checks: &[Object(&[], object)],
}

fn object(object: &Object, report: &mut Report) {
    let version = Version::chosen(report.options());
    let is_going = |removal: &&removals::Removal| removal.is_deprecated_in(version) && !removal.is_removed_in(version);
    let Some(removal) = removals::of(object).filter(is_going) else { return };
    let Some(written) = object.node().get("apiVersion") else { return };
    let kind = object.kind().unwrap_or_default();
    let mut message =
        format!("`{kind}` of `{}` is deprecated since Kubernetes 1.{}", removal.api_version, removal.deprecated);
    if let Some(removed) = removal.removed {
        message.push_str(&format!(" and gone in 1.{removed}"));
    }
    let finding = report.finding(written, format!("{message}; {}", removal.advice()));
    finding.aliases(&removal.aliases(object, version));
    if let Some(fix) = removal.fix(object, version) {
        finding.fix(fix);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const CRON_JOB: &str = "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: a}\n";

    #[test]
    fn what_is_gone_or_good_is_passed_over() {
        assert_eq!(manifest(&RULE, CRON_JOB), [""; 0]);
        let trial = Trial::with(&RULE, r#"{"kubernetes-version": "1.20"}"#);
        assert_eq!(trial.manifest(CRON_JOB), [""; 0]);
    }

    #[test]
    fn what_goes_is_flagged_and_mended() {
        let trial = Trial::with(&RULE, r#"{"kubernetes-version": "1.21"}"#);
        assert_eq!(trial.manifest(CRON_JOB), ["batch/v1beta1"]);
        assert_eq!(trial.fixed("manifest.yaml", CRON_JOB), CRON_JOB.replace("v1beta1", "v1"));
    }

    #[test]
    fn a_replacement_that_the_cluster_lacks_is_not_written() {
        let text = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\n";
        let trial = Trial::with(&RULE, r#"{"kubernetes-version": "1.18"}"#);
        assert_eq!(trial.manifest(text), ["extensions/v1beta1"]);
        assert_eq!(trial.fixed("manifest.yaml", text), text);
    }
}
