use hullmark_sdk::prelude::*;

rule! {
    /// The pod has a restart policy that its controller refuses, so the object cannot be created.
    ///
    /// ## What it checks
    ///
    /// `restartPolicy` of the pods of Kubernetes' own controllers. Jobs and CronJobs take `OnFailure` and `Never`, and need one
    /// of them written, for the default is `Always`. Deployments, StatefulSets, DaemonSets, ReplicaSets and
    /// ReplicationControllers take `Always` only.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses the object. In a rollout of many objects that leaves half of them applied.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata:
    ///   name: report
    /// spec:
    ///   schedule: "0 3 * * *"
    ///   jobTemplate:
    ///     spec:
    ///       template:
    ///         spec:
    ///           containers:
    ///             - name: report
    ///               image: registry.example/report:1.0
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata:
    ///   name: report
    /// spec:
    ///   schedule: "0 3 * * *"
    ///   jobTemplate:
    ///     spec:
    ///       template:
    ///         spec:
    ///           restartPolicy: OnFailure
    ///           containers:
    ///             - name: report
    ///               image: registry.example/report:1.0
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `restartPolicy: OnFailure` for a task that is tried again in the same pod, `Never` for one that gets a new pod each
    /// time. Leave the field out of the pods of Deployments and the like.
    ///
    /// ## Other tools
    ///
    /// kube-score looks at CronJobs only, though Jobs are held to the same.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-template>
    /// - <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
    level: Error,
    tags: &["correctness"],
    aliases: &["cronjob-restartpolicy"],
    references: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-template",
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy",
    ],
    fragments: true,
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let object = pod.object();
    let policy = pod.get("restartPolicy");
    // What is of another type or another word altogether is a fault of the field, whoever reads it.
    let value = match policy {
        Some(node) => node.text(),
        None => Some("Always"),
    };
    match (object.group(), object.kind(), value) {
        ("batch", Some(kind @ ("Job" | "CronJob")), Some("Always")) => task(pod, policy, kind == "CronJob", report),
        (
            "" | "apps" | "extensions",
            Some("Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController"),
            Some(value @ ("OnFailure" | "Never")),
        ) => {
            let Some(policy) = policy else { return };
            let message = format!("{} takes no restart policy but `Always`, and has `{value}`", object.title());
            let finding = report.finding(policy, message);
            finding.aliases(&[]);
            if policy.alias().is_none() {
                finding.fix(Fix::needs_review("restart always").replace(policy, "Always"));
            }
        }
        _ => {}
    }
}

fn task(pod: &Pod, policy: Option<Node>, is_scheduled: bool, report: &mut Report) {
    let title = pod.object().title();
    let finding = match policy {
        Some(policy) => {
            let message = format!("{title} takes the restart policies `OnFailure` and `Never`, not `Always`");
            report.finding(policy, message)
        }
        // A patch leaves the field to the object that it patches.
        None if pod.document().is_fragment() => return,
        None => {
            let message = format!("{title} has no restart policy, and the default, `Always`, is refused for it");
            report.finding(pod.spec().key_place(), message)
        }
    };
    if !is_scheduled {
        finding.aliases(&[]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn job(spec: &str) -> String {
        format!("apiVersion: batch/v1\nkind: Job\nmetadata: {{name: a}}\nspec: {{template: {{spec: {{{spec}}}}}}}\n")
    }

    fn deployment(spec: &str) -> String {
        job(spec).replace("batch/v1", "apps/v1").replace("Job", "Deployment")
    }

    #[test]
    fn each_controller_has_its_policies() {
        for policy in ["OnFailure", "Never", "[Always]", "always"] {
            assert_eq!(manifest(&RULE, &job(&format!("restartPolicy: {policy}"))), [""; 0], "{policy}");
        }
        assert_eq!(manifest(&RULE, &deployment("restartPolicy: Always")), [""; 0]);
        assert_eq!(manifest(&RULE, &deployment("containers: []")), [""; 0]);
    }

    #[test]
    fn pods_and_custom_resources_may_choose() {
        let pod = "apiVersion: v1\nkind: Pod\nspec: {restartPolicy: Never}\n";
        assert_eq!(manifest(&RULE, pod), [""; 0]);
        let volcano = job("restartPolicy: Always").replace("batch/v1", "batch.volcano.sh/v1alpha1");
        assert_eq!(manifest(&RULE, &volcano), [""; 0]);
    }

    #[test]
    fn a_job_does_not_restart_always() {
        assert_eq!(manifest(&RULE, &job("restartPolicy: Always")), ["Always"]);
        assert_eq!(manifest(&RULE, &job("containers: []")), ["spec"]);
        assert_eq!(manifest(&RULE, &job("restartPolicy:")), ["spec"]);
    }

    #[test]
    fn a_patch_need_not_say_it() {
        let patch = job("$patch: merge");
        assert_eq!(manifest(&RULE, &patch), [""; 0]);
        assert_eq!(manifest(&RULE, &job("$patch: merge, restartPolicy: Always")), ["Always"]);
    }

    #[test]
    fn a_deployment_does_and_the_fix_says_so() {
        let text = deployment("restartPolicy: Never");
        assert_eq!(manifest(&RULE, &text), ["Never"]);
        assert_eq!(Trial::of(&RULE).fixed("a.yaml", &text), deployment("restartPolicy: Always"));
    }
}
