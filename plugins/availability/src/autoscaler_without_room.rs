use hullmark_sdk::prelude::*;

rule! {
    /// The autoscaler may run no more pods than it always runs, so it never scales.
    ///
    /// ## What it checks
    ///
    /// `maxReplicas` of every HorizontalPodAutoscaler against `minReplicas`, which is 1 where it is not written.
    ///
    /// ## Why it matters
    ///
    /// An autoscaler whose bounds are equal does nothing. One whose `maxReplicas` is the smaller is refused.
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
    ///   minReplicas: 3
    ///   maxReplicas: 3
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
    ///   minReplicas: 3
    ///   maxReplicas: 8
    /// ```
    ///
    /// ## How to fix
    ///
    /// Raise `maxReplicas`, or remove the autoscaler and set `replicas`.
    ///
    /// ## Other tools
    ///
    /// Polaris passes over autoscalers without `minReplicas`, and reports those without `maxReplicas`, which the API refuses.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/>
    tags: &["reliability"],
    precision: High,
    aliases: &["hpaMaxAvailability"],
    references: &["https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/"],
    checks: &[Object(&["HorizontalPodAutoscaler"], autoscaler)],
}

fn autoscaler(object: &Object, report: &mut Report) {
    let Some(node) = object.at(&["spec", "maxReplicas"]).filter(|_| object.group() == "autoscaling") else { return };
    let written = object.at(&["spec", "minReplicas"]);
    let (Some(most), Some(least)) = (node.integer(), written.map_or(Some(1), Node::integer)) else { return };
    if most > least {
        return;
    }
    let message = format!("{} never scales: it runs at least {least} and at most {most}", object.title());
    let finding = report.finding(node, message);
    if let Some(written) = written {
        finding.related(written, "the least");
    }
    finding.aliases_if(&[("hpaMaxAvailability", written.is_some())]);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(spec: &str) -> Vec<String> {
        let head = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n";
        manifest(&RULE, &format!("{head}spec: {{{spec}}}\n"))
    }

    #[test]
    fn room_is_accepted() {
        assert_eq!(flagged("maxReplicas: 2"), [""; 0]);
        assert_eq!(flagged("minReplicas: 2, maxReplicas: 3"), [""; 0]);
        assert_eq!(flagged("minReplicas: few, maxReplicas: 3"), [""; 0]);
        assert_eq!(flagged("minReplicas: 2"), [""; 0]);
    }

    #[test]
    fn no_room_is_flagged() {
        assert_eq!(flagged("maxReplicas: 1"), ["1"]);
        assert_eq!(flagged("minReplicas: 3, maxReplicas: 3"), ["3"]);
        assert_eq!(flagged("minReplicas: 4, maxReplicas: 3"), ["3"]);
    }
}
