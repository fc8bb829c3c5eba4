use hullmark_sdk::prelude::*;

rule! {
    /// Kubernetes refuses the strategy by which the workload is updated.
    ///
    /// ## What it checks
    ///
    /// Deployments and DaemonSets of `apps/v1`: `rollingUpdate` stands only beside a rolling update, and of `maxUnavailable`
    /// and `maxSurge` one is above zero. Of a DaemonSet the other one must then be zero.
    ///
    /// ## Why it matters
    ///
    /// The object cannot be created or changed.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   strategy:
    ///     type: Recreate
    ///     rollingUpdate:
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
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   strategy:
    ///     rollingUpdate:
    ///       maxUnavailable: 0
    ///       maxSurge: 0
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
    ///   strategy:
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
    /// Remove `rollingUpdate`, or let a rolling update take a pod away or add one.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/#DeploymentSpec>
    /// - <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/#DaemonSetSpec>
    level: Error,
    tags: &["correctness"],
    references: &[
        "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/#DeploymentSpec",
        "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/#DaemonSetSpec",
    ],
    checks: &[Object(&["DaemonSet", "Deployment"], workload)],
}

fn workload(object: &Object, report: &mut Report) {
    if object.group() != "apps" {
        return;
    }
    let is_daemon = object.kind() == Some("DaemonSet");
    let Some(strategy) = object.at(&["spec", if is_daemon { "updateStrategy" } else { "strategy" }]) else { return };
    let Some(rolling) = strategy.get("rollingUpdate") else { return };
    let title = object.title();
    if let Some(kind) = strategy.get("type").filter(|kind| kind.text() == Some("Recreate") && !is_daemon) {
        let message = format!("{title} has a `rollingUpdate`, which Kubernetes refuses beside `Recreate`");
        report.finding(rolling.key_place(), message).related(kind, "the strategy");
        return;
    }
    let (Some(unavailable), Some(surge)) = (rolling.get("maxUnavailable"), rolling.get("maxSurge")) else { return };
    match (is_zero(unavailable), is_zero(surge)) {
        (Some(true), Some(true)) => {
            let message = format!("an update of {title} may neither take a pod away nor add one, so it is refused");
            report.finding(unavailable, message).related(surge, "nor may it add one");
        }
        (Some(false), Some(false)) if is_daemon => {
            let message = format!("{title} has both `maxUnavailable` and `maxSurge`, of which one must be zero");
            report.finding(surge, message).related(unavailable, "the other one");
        }
        _ => {}
    }
}

/// Whether a number or a percentage is zero; nothing for what is neither.
fn is_zero(node: Node) -> Option<bool> {
    let text = node.value()?;
    text.strip_suffix('%').unwrap_or(text).parse::<u32>().ok().map(|number| number == 0)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(kind: &str, strategy: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\nspec: {{{strategy}}}\n"))
    }

    #[test]
    fn what_kubernetes_takes_is_accepted() {
        for strategy in [
            "strategy: {type: Recreate}",
            "strategy: {type: Recreate, rollingUpdate: }",
            "strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}",
            "strategy: {rollingUpdate: {maxUnavailable: 1, maxSurge: 1}}",
            "strategy: {rollingUpdate: {maxUnavailable: 0}}",
            "strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: '${SURGE}'}}",
        ] {
            assert_eq!(flagged("Deployment", strategy), [""; 0], "{strategy}");
        }
        assert_eq!(flagged("DaemonSet", "updateStrategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}"), [""; 0]);
    }

    #[test]
    fn what_it_refuses_is_flagged() {
        assert_eq!(
            flagged("Deployment", "strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}"),
            ["rollingUpdate"]
        );
        assert_eq!(flagged("Deployment", "strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 0%}}"), ["0"]);
        assert_eq!(
            flagged("DaemonSet", "updateStrategy: {rollingUpdate: {maxUnavailable: 1, maxSurge: 25%}}"),
            ["25%"]
        );
    }
}
