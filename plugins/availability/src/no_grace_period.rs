use hullmark_sdk::prelude::*;

rule! {
    /// The pod is killed at once when it is taken away, without a moment to finish.
    ///
    /// ## What it checks
    ///
    /// `terminationGracePeriodSeconds` of every pod that does not belong to a Job: 0 leaves no time. A pod without the field has 30
    /// seconds.
    ///
    /// ## Why it matters
    ///
    /// Requests that are being answered fail, and what was not yet written is lost. The pods of a StatefulSet are taken for gone before
    /// their processes have ended, so two of them may run under one name and write to the same data.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   terminationGracePeriodSeconds: 0
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   terminationGracePeriodSeconds: 10
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the pod the time that it needs to end, or remove the field.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination>
    /// - <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees>
    tags: &["reliability"],
    precision: High,
    references: &[
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
        "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees",
    ],
    fragments: true,
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let object = pod.object();
    if matches!(object.kind(), Some("Job" | "CronJob")) {
        return;
    }
    if let Some(seconds) = pod.get("terminationGracePeriodSeconds").filter(|seconds| seconds.integer() == Some(0)) {
        report.finding(seconds, format!("{} leaves its containers no time to end", object.title()));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(spec: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{{spec}}}\n"))
    }

    #[test]
    fn some_time_is_accepted() {
        assert_eq!(flagged("containers: []"), [""; 0]);
        assert_eq!(flagged("terminationGracePeriodSeconds: 1"), [""; 0]);
        let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {template: {spec: {terminationGracePeriodSeconds: 0}}}\n";
        assert_eq!(manifest(&RULE, job), [""; 0]);
    }

    #[test]
    fn no_time_is_flagged() {
        assert_eq!(flagged("terminationGracePeriodSeconds: 0"), ["0"]);
    }
}
