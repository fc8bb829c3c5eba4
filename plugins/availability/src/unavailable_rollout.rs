use hullmark_sdk::prelude::*;

use crate::scaling::{Autoscalers, replicas, served};

rule! {
    /// An update takes all pods of the workload away before new ones are there.
    ///
    /// ## What it checks
    ///
    /// Deployments and DeploymentConfigs that have two or more pods, by `replicas` or by an autoscaler, with the strategy
    /// `Recreate`, and rolling updates whose `maxUnavailable` is `100%` or no less than `replicas`. The rule is off unless it
    /// is selected: some applications cannot run in two versions at once.
    ///
    /// ## Why it matters
    ///
    /// Each release is an outage, for as long as the new pods take to start; for good, if they do not start.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   replicas: 3
    ///   strategy:
    ///     type: Recreate
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
    ///   replicas: 3
    ///   strategy:
    ///     type: RollingUpdate
    ///     rollingUpdate:
    ///       maxUnavailable: 0
    ///       maxSurge: 1
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
    /// Use `RollingUpdate` with `maxUnavailable: 0` or `1`.
    ///
    /// ## Options
    ///
    /// - `single` (default `false`): whether workloads with one pod are looked at, too.
    /// - `manual` (default `false`): whether every strategy but a rolling update is reported, such as `OnDelete` of a
    ///   DaemonSet.
    ///
    /// ## Other tools
    ///
    /// kube-linter wants a rolling update of every workload (`single`, `manual`), kube-score of Deployments that a Service
    /// selects (`single`). Neither looks at `maxUnavailable` unless it is asked to.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["no-rolling-update-strategy", "deployment-strategy"],
    references: &["https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy"],
    options: &[
        OptionSpec::flag("single", false, "whether workloads with one pod are looked at, too"),
        OptionSpec::flag("manual", false, "whether every strategy but a rolling update is reported"),
    ],
    checks: &[Manifests(whole_project)],
}

/// Kinds of workloads whose pods are updated by a strategy.
const UPDATED: [&str; 4] = ["DaemonSet", "Deployment", "DeploymentConfig", "StatefulSet"];

fn whole_project(project: &Project, report: &mut Report) {
    let autoscalers = Autoscalers::of(project);
    let served = served(project);
    for workload in project.objects(&UPDATED).into_iter().filter(|object| object.is_workload()) {
        let strategy =
            if matches!(workload.kind(), Some("DaemonSet" | "StatefulSet")) { "updateStrategy" } else { "strategy" };
        let Some(strategy) = workload.at(&["spec", strategy]) else { continue };
        let is_served = served.contains(&workload.node().place());
        kind(workload, strategy, &autoscalers, is_served, report);
        at_once(workload, strategy, report);
    }
}

/// Looks at the type of the strategy.
fn kind(workload: Object, strategy: Node, autoscalers: &Autoscalers, is_served: bool, report: &mut Report) {
    let Some((node, name)) = strategy.get("type").and_then(|node| Some((node, node.text()?))) else { return };
    let is_flagged = match name {
        "Recreate" => report.options().flag("single") || is_several(workload, autoscalers),
        "Rolling" | "RollingUpdate" => false,
        _ => report.options().flag("manual"),
    };
    if !is_flagged {
        return;
    }
    let message = match name {
        "Recreate" => format!("an update of {} takes all of its pods away first", workload.title()),
        _ => format!("{} does not replace its pods one by one: its strategy is `{name}`", workload.title()),
    };
    let is_deployment = workload.api_version() == Some("apps/v1") && workload.kind() == Some("Deployment");
    report
        .finding(node, message)
        .aliases_if(&[("no-rolling-update-strategy", true), ("deployment-strategy", is_deployment && is_served)]);
}

fn is_several(workload: Object, autoscalers: &Autoscalers) -> bool {
    let least = autoscalers.scaling(workload).and_then(|autoscaler| autoscaler.least());
    replicas(workload).max(least).is_some_and(|count| count >= 2)
}

/// Looks at how many pods a rolling update may take away.
fn at_once(workload: Object, strategy: Node, report: &mut Report) {
    let rolling = strategy.get("rollingUpdate").or_else(|| strategy.get("rollingParams"));
    let Some(most) = rolling.and_then(|rolling| rolling.get("maxUnavailable")) else { return };
    let written = workload.at(&["spec", "replicas"]).and_then(Node::integer);
    let is_all = most.value() == Some("100%")
        || most.integer().is_some_and(|most| written.is_some_and(|count| count >= 2 && most >= count));
    if is_all {
        let title = workload.title();
        let value = most.value().unwrap_or_default();
        let message = format!("an update of {title} may take all of its pods away: `maxUnavailable` is `{value}`");
        report.finding(most, message).aliases(&[]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn workload(kind: &str, spec: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\nspec: {{{spec}, template: \
             {{metadata: {{labels: {{app: web}}}}, spec: {{containers: []}}}}}}\n"
        )
    }

    fn flagged(spec: &str) -> Vec<String> {
        manifest(&RULE, &workload("Deployment", spec))
    }

    #[test]
    fn one_by_one_is_accepted() {
        assert_eq!(flagged("replicas: 3"), [""; 0]);
        assert_eq!(flagged("replicas: 3, strategy: {type: RollingUpdate}"), [""; 0]);
        assert_eq!(flagged("replicas: 3, strategy: {rollingUpdate: {maxUnavailable: 2}}"), [""; 0]);
        assert_eq!(flagged("replicas: 1, strategy: {rollingUpdate: {maxUnavailable: 1}}"), [""; 0]);
        assert_eq!(flagged("strategy: {type: Recreate}"), [""; 0]);
        assert_eq!(manifest(&RULE, &workload("DaemonSet", "updateStrategy: {type: OnDelete}")), [""; 0]);
    }

    #[test]
    fn all_at_once_is_flagged() {
        assert_eq!(flagged("replicas: 2, strategy: {type: Recreate}"), ["Recreate"]);
        assert_eq!(flagged("replicas: 2, strategy: {rollingUpdate: {maxUnavailable: 2}}"), ["2"]);
        let daemon = workload("DaemonSet", "updateStrategy: {rollingUpdate: {maxUnavailable: 100%}}");
        assert_eq!(manifest(&RULE, &daemon), ["100%"]);
    }

    #[test]
    fn a_workload_counts_before_its_pods_are_written() {
        let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2, strategy: {type: Recreate}}\n";
        assert_eq!(manifest(&RULE, text), ["Recreate"]);
        assert_eq!(manifest(&RULE, &text.replace("apps/v1", "example.org/v1")), [""; 0]);
    }

    #[test]
    fn one_may_ask_for_more() {
        let with = |options: &str, text: &str| Trial::with(&RULE, options).manifest(text);
        assert_eq!(with(r#"{"single": true}"#, &workload("Deployment", "strategy: {type: Recreate}")), ["Recreate"]);
        let manual = workload("StatefulSet", "updateStrategy: {type: OnDelete}");
        assert_eq!(with(r#"{"manual": true}"#, &manual), ["OnDelete"]);
    }
}
