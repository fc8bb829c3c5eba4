use hullmark_sdk::prelude::*;

use crate::scaling::is_scaled;

rule! {
    /// The container serves a port and has no `preStop` hook, so it ends while requests are still sent to it.
    ///
    /// ## What it checks
    ///
    /// `lifecycle.preStop` of main containers with `ports` in Deployments, StatefulSets, DaemonSets, ReplicaSets,
    /// ReplicationControllers and DeploymentConfigs. The rule is off unless it is selected: an application may wait by itself
    /// when it is told to end.
    ///
    /// ## Why it matters
    ///
    /// When a pod is taken away, its containers are told to end at the same time as its address is taken out of the Services.
    /// For some seconds requests still come to a process that has ended, and fail.
    ///
    /// ## Flagged
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
    ///           ports:
    ///             - containerPort: 8080
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
    ///           ports:
    ///             - containerPort: 8080
    ///           lifecycle:
    ///             preStop:
    ///               sleep:
    ///                 seconds: 5
    /// ```
    ///
    /// ## How to fix
    ///
    /// Let the container wait some seconds in `preStop`, fewer than `terminationGracePeriodSeconds`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/>
    /// - <https://kubernetes.io/docs/tutorials/services/pods-and-endpoint-termination-flow/>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    references: &[
        "https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/",
        "https://kubernetes.io/docs/tutorials/services/pods-and-endpoint-termination-flow/",
    ],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    let object = container.pod().object();
    let serves = container.get("ports").is_some_and(|ports| ports.items().next().is_some());
    if container.role() != Role::Main || !serves || !(is_scaled(object) || object.kind() == Some("DaemonSet")) {
        return;
    }
    if container.at(&["lifecycle", "preStop"]).is_none() {
        let message = format!("{} ends at once, while requests are still sent to it", container.title());
        report.finding(container.anchor(&["lifecycle", "preStop"]), message);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(kind: &str, container: &str) -> Vec<String> {
        let text = format!(
            "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{containers: [{{{container}}}]}}}}}}\n"
        );
        manifest(&RULE, &text)
    }

    #[test]
    fn who_waits_or_serves_nobody_is_accepted() {
        assert_eq!(
            flagged(
                "Deployment",
                "name: web, ports: [{containerPort: 80}], lifecycle: {preStop: {sleep: {seconds: 5}}}"
            ),
            [""; 0]
        );
        assert_eq!(flagged("Deployment", "name: web, ports: []"), [""; 0]);
        assert_eq!(flagged("Job", "name: web, ports: [{containerPort: 80}]"), [""; 0]);
    }

    #[test]
    fn who_ends_at_once_is_flagged() {
        assert_eq!(flagged("Deployment", "name: web, ports: [{containerPort: 80}]"), ["web"]);
        assert_eq!(
            flagged("DaemonSet", "name: web, ports: [{containerPort: 80}], lifecycle: {postStart: {}}"),
            ["lifecycle"]
        );
    }
}
