use hullmark_sdk::prelude::*;

rule! {
    /// The autoscaler may leave one pod, so the workload is down whenever that pod is replaced.
    ///
    /// ## What it checks
    ///
    /// `minReplicas` of every HorizontalPodAutoscaler; it is 1 where it is not written. The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// At quiet times one pod is left. Each upgrade or loss of its node is then an outage.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata:
    ///   name: web
    /// spec:
    ///   scaleTargetRef:
    ///     apiVersion: apps/v1
    ///     kind: Deployment
    ///     name: web
    ///   minReplicas: 1
    ///   maxReplicas: 8
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
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
    /// Set `minReplicas` to two or more, if the application can run more than once.
    ///
    /// ## Options
    ///
    /// - `minimum` (default 2): how many pods are enough.
    ///
    /// ## Other tools
    ///
    /// kube-linter wants three. Polaris accepts autoscalers without `minReplicas`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    aliases: &["hpa-minimum-three-replicas", "horizontalpodautoscaler-replicas", "hpaMinAvailability"],
    references: &["https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/"],
    options: &[OptionSpec::integer("minimum", 2, 1, "how many pods are enough")],
    checks: &[Object(&["HorizontalPodAutoscaler"], autoscaler)],
}

fn autoscaler(object: &Object, report: &mut Report) {
    if object.group() != "autoscaling" {
        return;
    }
    let minimum = report.options().integer("minimum");
    let written = object.at(&["spec", "minReplicas"]);
    let Some(least) = written.map_or(Some(1), Node::integer).filter(|&least| least < minimum) else { return };
    let place = written.map_or_else(|| object.anchor(&["spec", "minReplicas"]), Node::place);
    let message = format!("{} may leave {least} of the {minimum} pods that are wanted", object.title());
    report.finding(place, message).aliases_if(&[
        ("hpa-minimum-three-replicas", least < 3),
        ("horizontalpodautoscaler-replicas", least < 2),
        ("hpaMinAvailability", written.is_some() && least < 2),
    ]);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn text(spec: &str) -> String {
        let head = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n";
        format!("{head}spec: {{{spec}}}\n")
    }

    #[test]
    fn enough_is_accepted() {
        assert_eq!(manifest(&RULE, &text("minReplicas: 2")), [""; 0]);
        assert_eq!(manifest(&RULE, &text("minReplicas: few")), [""; 0]);
    }

    #[test]
    fn too_few_are_flagged() {
        assert_eq!(manifest(&RULE, &text("minReplicas: 1")), ["1"]);
        assert_eq!(manifest(&RULE, &text("maxReplicas: 8")), ["spec"]);
        assert_eq!(Trial::with(&RULE, r#"{"minimum": 3}"#).manifest(&text("minReplicas: 2")), ["2"]);
    }
}
