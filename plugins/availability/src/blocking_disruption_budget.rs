use hullmark_sdk::prelude::*;

use crate::scaling::{Autoscaler, Autoscalers, is_scaled, replicas, unfinished};

rule! {
    /// The PodDisruptionBudget lets no pod be evicted, so no node with such a pod can be drained.
    ///
    /// ## What it checks
    ///
    /// `maxUnavailable` of 0 or `0%`, `minAvailable` of `100%`, and a `minAvailable` that all pods together just reach, where the
    /// project tells how many there are: by `replicas`, or by the least that an autoscaler leaves. A percentage is rounded up as
    /// Kubernetes does it.
    ///
    /// ## Why it matters
    ///
    /// Upgrades of nodes wait for the eviction until they give up, or remove the node by force with every other pod on it.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata:
    ///   name: web
    /// spec:
    ///   maxUnavailable: 0
    ///   selector:
    ///     matchLabels:
    ///       app: web
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
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
    /// Set `maxUnavailable: 1` in place of either, or run one pod more than `minAvailable` asks for.
    ///
    /// ## Other tools
    ///
    /// kube-linter looks at the autoscaler only where one replica is asked for, and Polaris at autoscalers only. Polaris accepts a
    /// `minAvailable` that is all of the least.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/run-application/configure-pdb/>
    tags: &["reliability"],
    precision: High,
    aliases: &[
        "pdb-max-unavailable",
        "pdb-min-available",
        "pdbDisruptionsIsZero",
        "pdbMinAvailableGreaterThanHPAMinReplicas",
    ],
    references: &["https://kubernetes.io/docs/tasks/run-application/configure-pdb/"],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let budgets = project.objects(&["PodDisruptionBudget"]);
    if budgets.is_empty() {
        return;
    }
    let autoscalers = Autoscalers::of(project);
    for budget in budgets.into_iter().filter(|budget| budget.group() == "policy") {
        let title = budget.title();
        if let Some(most) =
            budget.at(&["spec", "maxUnavailable"]).filter(|most| matches!(most.value(), Some("0" | "0%")))
        {
            let message =
                format!("{title} lets no pod be evicted: `maxUnavailable` is `{}`", most.value().unwrap_or_default());
            report.finding(most, message).aliases_if(&[
                ("pdb-max-unavailable", budget.api_version() == Some("policy/v1")),
                ("pdbDisruptionsIsZero", true),
            ]);
        }
        let Some(least) = budget.at(&["spec", "minAvailable"]) else { continue };
        if least.value() == Some("100%") {
            report
                .finding(least, format!("{title} lets no pod be evicted: `minAvailable` is `100%`"))
                .aliases(&["pdb-min-available", "pdbDisruptionsIsZero"]);
            continue;
        }
        let Some(pods) = Pods::of(budget, project, &autoscalers) else { continue };
        let Some(needed) = needed(least, pods.count).filter(|&needed| needed >= pods.count) else { continue };
        let count = match pods.count {
            1 => "1 pod".to_owned(),
            count => format!("{count} pods"),
        };
        let message = format!("{title} lets no pod be evicted: it keeps {needed} of {count}");
        let finding = report.finding(least, message);
        for (workload, autoscaler) in &pods.workloads {
            match autoscaler {
                Some(autoscaler) => finding.related(autoscaler.object.name_place(), "the autoscaler, with its least"),
                None => finding.related(workload.anchor(&["spec", "replicas"]), "the number of its pods"),
            };
        }
        let is_autoscaled = pods.workloads.iter().any(|(_, autoscaler)| autoscaler.is_some_and(Autoscaler::is_native));
        finding.aliases_if(&[
            ("pdb-min-available", budget.api_version() == Some("policy/v1")),
            ("pdbMinAvailableGreaterThanHPAMinReplicas", is_autoscaled && needed > pods.count),
        ]);
    }
}

/// The pods that a budget is for.
struct Pods<'a> {
    count: i64,
    workloads: Vec<(Object<'a>, Option<Autoscaler<'a>>)>,
}

impl<'a> Pods<'a> {
    /// Nothing where the project does not tell how many there are.
    fn of(budget: Object<'a>, project: &'a Project<'a>, autoscalers: &Autoscalers<'a>) -> Option<Self> {
        let selector = budget.at(&["spec", "selector"])?;
        let (mut count, mut workloads) = (0_i64, Vec::new());
        let mut selected = unfinished(project, selector, budget.namespace());
        for number in project.select(selector, budget.namespace()) {
            selected.push(project.load(project.pods().get(number as usize)?)?.object());
        }
        for workload in selected {
            let autoscaler = autoscalers.scaling(workload);
            let number = match autoscaler {
                Some(autoscaler) => autoscaler.least()?,
                None if is_scaled(workload) => replicas(workload)?,
                None => return None,
            };
            count = count.checked_add(number)?;
            workloads.push((workload, autoscaler));
        }
        (count > 0).then_some(Self { count, workloads })
    }
}

/// How many of so many pods must be there.
fn needed(least: Node, count: i64) -> Option<i64> {
    let Some(percentage) = least.value()?.strip_suffix('%') else { return least.integer() };
    let percentage: i64 = percentage.parse().ok().filter(|percentage| (0..=100).contains(percentage))?;
    // Kubernetes rounds up.
    Some(count.checked_mul(percentage)?.checked_add(99)? / 100)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(budget: &str, workload: &str) -> Vec<String> {
        flagged_beside(budget, workload, "")
    }

    fn flagged_beside(budget: &str, workload: &str, other: &str) -> Vec<String> {
        let budget = format!(
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: web}}\n\
             spec: {{{budget}, selector: {{matchLabels: {{app: web}}}}}}\n"
        );
        let workload = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\n\
             spec: {{{workload}template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: []}}}}}}\n---\n{other}"
        );
        project(&RULE, &[("a.yaml", &budget), ("b.yaml", &workload)])
    }

    fn autoscaler(least: &str) -> String {
        format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web}}\n\
             spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, {least}maxReplicas: 8}}\n"
        )
    }

    #[test]
    fn one_to_spare_is_accepted() {
        for budget in
            ["maxUnavailable: 1", "maxUnavailable: 1%", "minAvailable: 2", "minAvailable: 50%", "minAvailable: 0"]
        {
            assert_eq!(flagged(budget, "replicas: 3, "), [""; 0], "{budget}");
        }
        assert_eq!(flagged_beside("minAvailable: 1", "", &autoscaler("minReplicas: 2, ")), [""; 0]);
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        assert_eq!(flagged("minAvailable: 1", "replicas: many, "), [""; 0]);
        assert_eq!(flagged("minAvailable: 1", "replicas: 0, "), [""; 0]);
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: []}\n";
        assert_eq!(flagged_beside("minAvailable: 1", "", pod), [""; 0]);
        let elsewhere = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n\
                         spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\n";
        assert_eq!(manifest(&RULE, elsewhere), [""; 0]);
    }

    #[test]
    fn a_workload_counts_before_its_pods_are_written() {
        let flagged = |spec: &str| {
            let budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n\
                          spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\n";
            let workload =
                format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{{spec}}}\n");
            project(&RULE, &[("a.yaml", budget), ("b.yaml", &workload)])
        };
        let selector = "selector: {matchLabels: {app: web}}";
        assert_eq!(flagged(&format!("{selector}, template: {{metadata: {{labels: {{app: other}}}}}}")), [""; 0]);
        assert_eq!(flagged(&format!("{selector}, replicas: 2")), [""; 0]);
        assert_eq!(flagged(selector), ["1"]);
        assert_eq!(flagged("template: {metadata: {labels: {app: web}}}"), ["1"]);
    }

    #[test]
    fn none_at_all_is_flagged() {
        assert_eq!(flagged("maxUnavailable: 0", ""), ["0"]);
        assert_eq!(flagged("maxUnavailable: 0%", ""), ["0%"]);
        assert_eq!(flagged("minAvailable: 100%", ""), ["100%"]);
    }

    #[test]
    fn as_many_as_there_are_is_flagged() {
        assert_eq!(flagged("minAvailable: 1", ""), ["1"]);
        assert_eq!(flagged("minAvailable: 3", "replicas: 3, "), ["3"]);
        assert_eq!(flagged("minAvailable: 4", "replicas: 3, "), ["4"]);
        assert_eq!(flagged("minAvailable: 67%", "replicas: 3, "), ["67%"]);
        assert_eq!(flagged("minAvailable: 66%", "replicas: 3, "), [""; 0]);
        assert_eq!(flagged_beside("minAvailable: 2", "replicas: 5, ", &autoscaler("minReplicas: 2, ")), ["2"]);
        assert_eq!(flagged_beside("minAvailable: 1", "", &autoscaler("")), ["1"]);
    }
}
