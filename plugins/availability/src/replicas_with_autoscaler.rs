use hullmark_sdk::prelude::*;

use crate::scaling::{Autoscalers, SCALED, is_scaled};

rule! {
    /// The workload sets `replicas` though an autoscaler decides it, so every rollout undoes what was scaled.
    ///
    /// ## What it checks
    ///
    /// `spec.replicas` of every workload that a HorizontalPodAutoscaler, or a ScaledObject of KEDA, scales. A value of 0 is
    /// accepted: it stops the autoscaler.
    ///
    /// ## Why it matters
    ///
    /// Applying the manifest sets the number back to what is written. Under load that takes pods away when they are needed
    /// most, and the autoscaler needs minutes to bring them back.
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
    /// ---
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata:
    ///   name: web
    /// spec:
    ///   scaleTargetRef:
    ///     apiVersion: apps/v1
    ///     kind: Deployment
    ///     name: web
    ///   minReplicas: 2
    ///   maxReplicas: 8
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
    /// ---
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata:
    ///   name: web
    /// spec:
    ///   scaleTargetRef:
    ///     apiVersion: apps/v1
    ///     kind: Deployment
    ///     name: web
    ///   minReplicas: 2
    ///   maxReplicas: 8
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove `replicas`. Where the workload runs already, first remove it from the annotation of the last applied
    /// configuration (`kubectl apply edit-last-applied`), or the first apply scales it to one pod.
    ///
    /// ## Other tools
    ///
    /// kube-score looks at Deployments only, and at HorizontalPodAutoscalers only. It also speaks of 0.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling>
    tags: &["reliability"],
    precision: Medium,
    aliases: &["deployment-targeted-by-hpa-does-not-have-replicas-configured"],
    references: &["https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/"],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let autoscalers = Autoscalers::of(project);
    if autoscalers.is_empty() {
        return;
    }
    for workload in project.objects(&SCALED).into_iter().filter(|object| is_scaled(*object)) {
        let Some(replicas) = workload.at(&["spec", "replicas"]) else { continue };
        let Some(autoscaler) = autoscalers.scaling(workload).filter(|_| replicas.integer() != Some(0)) else {
            continue;
        };
        let message = format!("{} sets `replicas` though {} decides it", workload.title(), autoscaler.object.title());
        let finding = report.finding(replicas, message);
        finding.related(autoscaler.object.name_place(), "the autoscaler");
        let for_kube_score = autoscaler.is_native() && workload.kind() == Some("Deployment");
        finding.aliases_if(&[("deployment-targeted-by-hpa-does-not-have-replicas-configured", for_kube_score)]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(spec: &str, autoscaler: &str) -> Vec<String> {
        let web = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{{spec}}}\n"
        );
        project(&RULE, &[("a.yaml", &web), ("b.yaml", autoscaler)])
    }

    fn native(metadata: &str, target: &str) -> String {
        format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web{metadata}}}\n\
             spec: {{scaleTargetRef: {{{target}}}, maxReplicas: 8}}\n"
        )
    }

    const WEB: &str = "apiVersion: apps/v1, kind: Deployment, name: web";

    #[test]
    fn what_decides_alone_is_accepted() {
        assert_eq!(flagged("paused: false", &native("", WEB)), [""; 0]);
        assert_eq!(flagged("replicas:", &native("", WEB)), [""; 0]);
        assert_eq!(flagged("replicas: 0", &native("", WEB)), [""; 0]);
    }

    #[test]
    fn an_autoscaler_of_something_else_is_accepted() {
        for (metadata, target) in [
            (", namespace: bank", WEB),
            ("", "apiVersion: apps/v1, kind: Deployment, name: api"),
            ("", "apiVersion: apps/v1, kind: StatefulSet, name: web"),
            ("", "apiVersion: argoproj.io/v1alpha1, kind: Deployment, name: web"),
        ] {
            assert_eq!(flagged("replicas: 2", &native(metadata, target)), [""; 0], "{target}");
        }
    }

    #[test]
    fn two_that_decide_are_flagged() {
        assert_eq!(flagged("replicas: 2", &native("", WEB)), ["2"]);
        assert_eq!(flagged("replicas: 2", &native(", namespace: shop", WEB)), ["2"]);
        let keda = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web}\nspec: {scaleTargetRef: {name: web}}\n";
        assert_eq!(flagged("replicas: 2", keda), ["2"]);
    }
}
