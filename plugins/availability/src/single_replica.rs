use hullmark_sdk::prelude::*;

use crate::scaling::{Autoscalers, SCALED, is_scaled, replicas, served};

rule! {
    /// The workload has one pod, so it is down whenever that pod is replaced.
    ///
    /// ## What it checks
    ///
    /// `spec.replicas` of every Deployment, StatefulSet, ReplicaSet, ReplicationController and DeploymentConfig; it is 1 where
    /// it is not written. A workload that an autoscaler scales is passed over, and so is one that is stopped by 0. The rule is
    /// off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// Pods are replaced all the time: nodes are upgraded, run out of memory, or are taken away. With one pod each time is an
    /// outage.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   replicas: 1
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
    /// Ask for two or more pods, if the application can run more than once.
    ///
    /// ## Options
    ///
    /// - `minimum` (default 2): how many pods are enough.
    /// - `autoscaled` (default `false`): whether workloads that an autoscaler scales must say it too.
    ///
    /// ## Other tools
    ///
    /// kube-linter wants three. kube-linter and Polaris do not know autoscalers. kube-score and Polaris look at Deployments only,
    /// kube-score at those that a Service selects. All speak of 0.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#replicas>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["minimum-three-replicas", "deployment-replicas", "deploymentMissingReplicas"],
    references: &["https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#replicas"],
    options: &[
        OptionSpec::integer("minimum", 2, 1, "how many pods are enough"),
        OptionSpec::flag("autoscaled", false, "whether workloads that an autoscaler scales must say it too"),
    ],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let minimum = report.options().integer("minimum");
    let with_autoscaled = report.options().flag("autoscaled");
    let autoscalers = Autoscalers::of(project);
    let served = served(project);
    for workload in project.objects(&SCALED).into_iter().filter(|object| is_scaled(*object)) {
        let Some(replicas) = replicas(workload).filter(|&replicas| replicas != 0 && replicas < minimum) else {
            continue;
        };
        let is_autoscaled = autoscalers.scaling(workload).is_some();
        if is_autoscaled && !with_autoscaled {
            continue;
        }
        let place = workload.anchor(&["spec", "replicas"]);
        let written = workload.at(&["spec", "replicas"]);
        let pods = if replicas == 1 { "pod" } else { "pods" };
        let message = format!("{} has {replicas} {pods}, fewer than {minimum}", workload.title());
        let is_deployment = workload.kind() == Some("Deployment");
        report.finding(written.map_or(place, Node::place), message).aliases_if(&[
            ("minimum-three-replicas", replicas < 3),
            (
                "deployment-replicas",
                workload.api_version() == Some("apps/v1")
                    && is_deployment
                    && served.contains(&workload.node().place())
                    && !is_autoscaled,
            ),
            ("deploymentMissingReplicas", is_deployment && (written.is_none() || replicas < 2)),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn workload(kind: &str, spec: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\n\
             spec: {{{spec}template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: []}}}}}}\n"
        )
    }

    const AUTOSCALER: &str = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n\
                              spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 8}\n";

    #[test]
    fn enough_is_accepted() {
        assert_eq!(manifest(&RULE, &workload("Deployment", "replicas: 2, ")), [""; 0]);
        assert_eq!(manifest(&RULE, &workload("Deployment", "replicas: 0, ")), [""; 0]);
        assert_eq!(manifest(&RULE, &workload("DaemonSet", "")), [""; 0]);
    }

    #[test]
    fn too_few_are_flagged() {
        assert_eq!(manifest(&RULE, &workload("Deployment", "replicas: 1, ")), ["1"]);
        assert_eq!(manifest(&RULE, &workload("StatefulSet", "")), ["spec"]);
        let unfinished = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1}\n";
        assert_eq!(manifest(&RULE, unfinished), ["1"]);
        let trial = Trial::with(&RULE, r#"{"minimum": 3}"#);
        assert_eq!(trial.manifest(&workload("Deployment", "replicas: 2, ")), ["2"]);
        assert_eq!(trial.manifest(&workload("Deployment", "replicas: 3, ")), [""; 0]);
    }

    #[test]
    fn an_autoscaler_decides() {
        let text = format!("{}{AUTOSCALER}", workload("Deployment", ""));
        assert_eq!(manifest(&RULE, &text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"autoscaled": true}"#).manifest(&text), ["spec"]);
    }

    #[test]
    fn the_aliases_are_of_the_tools_that_speak() {
        let aliases = |text: &str| {
            let found = Trial::of(&RULE).found(&[("a.yaml", text)]);
            found.iter().map(|found| format!("{:?}", found.finding)).collect::<String>()
        };
        let alone = workload("Deployment", "");
        assert!(!aliases(&alone).contains("deployment-replicas"));
        let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}}\n";
        assert!(aliases(&format!("{alone}{service}")).contains("deployment-replicas"));
    }
}
