use hullmark_sdk::prelude::*;

use crate::scaling::unfinished;

rule! {
    /// The disruption budget is for no pod.
    ///
    /// ## What it checks
    ///
    /// The selector of every PodDisruptionBudget. One that matches no pod is reported where the project holds pods of the same
    /// namespace, or of the same folder where a namespace is not written, and no custom resource or annotation holds one of its
    /// values: an operator makes pods from there.
    ///
    /// ## Why it matters
    ///
    /// Nobody refuses such a budget. The pods that it was meant for are all evicted at once when nodes are drained.
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
    ///       image: registry.example/web:1.4
    /// ---
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata:
    ///   name: web
    /// spec:
    ///   maxUnavailable: 1
    ///   selector:
    ///     matchLabels:
    ///       app: website
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
    ///     app: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
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
    /// Let the selector match the labels in the pod template.
    ///
    /// ## Options
    ///
    /// - `complete` (default: `false`): the project holds every pod of its namespaces.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/run-application/configure-pdb/>
    level: Warning,
    tags: &["correctness", "reliability"],
    precision: Medium,
    references: &["https://kubernetes.io/docs/tasks/run-application/configure-pdb/"],
    options: &[OptionSpec::flag("complete", false, "the project holds every pod of its namespaces")],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let budgets = project.objects(&["PodDisruptionBudget"]);
    for budget in budgets.into_iter().filter(|budget| budget.group() == "policy") {
        let Some(selector) = budget.at(&["spec", "selector"]).filter(|selector| has_conditions(*selector)) else {
            continue;
        };
        let is_selecting = !project.select(selector, budget.namespace()).is_empty()
            || !unfinished(project, selector, budget.namespace()).is_empty();
        if is_selecting || !report.options().flag("complete") && !has_siblings(project, budget) {
            continue;
        }
        let mut values = selector.descendants().filter_map(Node::text);
        if !report.options().flag("complete") && values.any(|value| project.may_be_made(value)) {
            continue;
        }
        report.finding(selector.key_place(), format!("the selector of {} matches no pod", budget.title()));
    }
}

/// Whether a selector asks for anything: an empty one is for every pod of the namespace.
fn has_conditions(selector: Node) -> bool {
    selector.entries().any(|(_, conditions)| conditions.children().next().is_some())
}

/// Whether the project holds pods of the namespace, or of the folder where a namespace is not written.
fn has_siblings(project: &Project, budget: Object) -> bool {
    let here = (budget.document(), budget.namespace());
    project.pods().iter().any(|pod| project.is_beside((pod.document, pod.namespace.as_deref()), here))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: []}\n";

    fn budget(selector: &str) -> String {
        format!(
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: b}}\nspec: {{selector: {selector}}}\n"
        )
    }

    fn flagged(selector: &str) -> Vec<String> {
        project(&RULE, &[("a.yaml", POD), ("b.yaml", &budget(selector))])
    }

    #[test]
    fn a_budget_for_some_pod_is_accepted() {
        for selector in ["{matchLabels: {app: web}}", "{}", "{matchExpressions: [{key: app, operator: Exists}]}"] {
            assert_eq!(flagged(selector), [""; 0], "{selector}");
        }
    }

    #[test]
    fn pods_that_stand_elsewhere_are_unknown() {
        let api = budget("{matchLabels: {app: api}}");
        assert_eq!(manifest(&RULE, &api), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"complete": true}"#).manifest(&api), ["selector"]);
        assert_eq!(project(&RULE, &[("a/a.yaml", POD), ("b/b.yaml", &api)]), [""; 0]);
        let kafka = "apiVersion: kafka.strimzi.io/v1\nkind: Kafka\nmetadata: {name: api}\n";
        assert_eq!(project(&RULE, &[("a.yaml", POD), ("b.yaml", &api), ("c.yaml", kafka)]), [""; 0]);
    }

    #[test]
    fn the_selector_is_flagged() {
        assert_eq!(flagged("{matchLabels: {app: api}}"), ["selector"]);
        assert_eq!(flagged("{matchExpressions: [{key: app, operator: In, values: [api]}]}"), ["selector"]);
    }
}
