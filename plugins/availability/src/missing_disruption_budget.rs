use std::collections::HashSet;

use hullmark_sdk::prelude::*;

use crate::scaling::{Autoscalers, replicas};

rule! {
    /// No PodDisruptionBudget selects the pods, so a drain may evict all of them at once.
    ///
    /// ## What it checks
    ///
    /// The pods of every Deployment and StatefulSet that has two or more, by `replicas` or by an autoscaler, against the
    /// selectors of all PodDisruptionBudgets. The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// Upgrades of nodes evict pods. Without a budget nothing keeps them from evicting the last pod that is ready.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   replicas: 2
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
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   replicas: 2
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
    /// ---
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata:
    ///   name: web
    /// spec:
    ///   maxUnavailable: 1
    ///   selector:
    ///     matchLabels:
    ///       app: web
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add a PodDisruptionBudget with `maxUnavailable: 1` that selects the pods.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): whether workloads that do not say how many pods they have are looked at, too.
    ///
    /// ## Other tools
    ///
    /// kube-score and Polaris look at workloads without `replicas` (`implicit`). Polaris looks at Deployments only, and takes one
    /// label in common for a selection.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/pods/disruptions/>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &[
        "deployment-has-poddisruptionbudget",
        "statefulset-has-poddisruptionbudget",
        "missingPodDisruptionBudget",
    ],
    references: &["https://kubernetes.io/docs/concepts/workloads/pods/disruptions/"],
    options: &[OptionSpec::flag("implicit", false, "whether workloads that do not say how many pods they have count")],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let implicit = report.options().flag("implicit");
    let autoscalers = Autoscalers::of(project);
    let covered: HashSet<u32> = project
        .objects(&["PodDisruptionBudget"])
        .into_iter()
        .filter_map(|budget| Some((budget.at(&["spec", "selector"])?, budget.namespace())))
        .flat_map(|(selector, namespace)| project.select(selector, namespace))
        .collect();
    for (number, entry) in (0..).zip(project.pods()) {
        let is_kind = matches!(entry.kind.as_deref(), Some("Deployment" | "StatefulSet"));
        if !is_kind || covered.contains(&number) {
            continue;
        }
        let Some(workload) = project.load(entry).map(Pod::object).filter(|object| object.group() == "apps") else {
            continue;
        };
        let least = autoscalers.scaling(workload).map_or_else(|| replicas(workload), |autoscaler| autoscaler.least());
        let is_implicit = implicit && workload.at(&["spec", "replicas"]).is_none();
        if !is_implicit && least.is_none_or(|least| least < 2) {
            continue;
        }
        let message = format!("no PodDisruptionBudget selects the pods of {}", workload.title());
        let is_deployment = workload.kind() == Some("Deployment");
        report.finding(workload.name_place(), message).aliases_if(&[
            ("deployment-has-poddisruptionbudget", is_deployment),
            ("statefulset-has-poddisruptionbudget", !is_deployment),
            ("missingPodDisruptionBudget", is_deployment),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn web(spec: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\n\
             spec: {{{spec}template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: []}}}}}}\n"
        )
    }

    fn flagged(budget: &str) -> Vec<String> {
        let head = "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\n";
        manifest(&RULE, &format!("{}{head}{budget}", web("replicas: 2, ")))
    }

    #[test]
    fn a_budget_is_accepted() {
        assert_eq!(flagged("metadata: {name: a}\nspec: {selector: {matchLabels: {app: web}}}\n"), [""; 0]);
        assert_eq!(flagged("metadata: {name: a, namespace: shop}\nspec: {selector: {}}\n"), [""; 0]);
    }

    #[test]
    fn one_pod_needs_none() {
        assert_eq!(manifest(&RULE, &web("replicas: 1, ")), [""; 0]);
        assert_eq!(manifest(&RULE, &web("")), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"implicit": true}"#).manifest(&web("")), ["web"]);
    }

    #[test]
    fn none_that_selects_them_is_flagged() {
        assert_eq!(manifest(&RULE, &web("replicas: 2, ")), ["web"]);
        assert_eq!(flagged("metadata: {name: a}\nspec: {selector: {matchLabels: {app: api}}}\n"), ["web"]);
        assert_eq!(flagged("metadata: {name: a, namespace: bank}\nspec: {selector: {}}\n"), ["web"]);
    }
}
