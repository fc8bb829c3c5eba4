use hullmark_sdk::prelude::*;

rule! {
    /// The Job stays in the cluster after it has ended, until somebody deletes it.
    ///
    /// ## What it checks
    ///
    /// Jobs without `ttlSecondsAfterFinished`. Those that Helm or Argo CD run as hooks and delete themselves are left out, and so
    /// are the Jobs of CronJobs, of which the CronJob keeps a few. The rule is off unless it is selected: a tool that keeps the
    /// cluster like the repository makes a Job anew, and runs it again, when it is gone.
    ///
    /// ## Why it matters
    ///
    /// A finished Job keeps its pods. They fill the API server, and a Job of the same name cannot be created beside it.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata:
    ///   name: import
    /// spec:
    ///   template:
    ///     spec:
    ///       restartPolicy: Never
    ///       containers:
    ///         - name: import
    ///           image: registry.example/import:1.0
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: batch/v1
    /// kind: Job
    /// metadata:
    ///   name: import
    /// spec:
    ///   ttlSecondsAfterFinished: 3600
    ///   template:
    ///     spec:
    ///       restartPolicy: Never
    ///       containers:
    ///         - name: import
    ///           image: registry.example/import:1.0
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `ttlSecondsAfterFinished` to how long its logs may be wanted.
    ///
    /// ## Other tools
    ///
    /// kube-linter also speaks of hooks that are deleted by those who run them.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["job-ttl-seconds-after-finished"],
    references: &["https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/"],
    checks: &[Object(&["Job"], job)],
}

/// Annotations that have a hook deleted.
const DELETED: [&str; 2] = ["helm.sh/hook-delete-policy", "argocd.argoproj.io/hook-delete-policy"];

fn job(object: &Object, report: &mut Report) {
    let Some(spec) = object.at(&["spec"]).filter(|_| object.group() == "batch") else { return };
    let is_deleted = DELETED.iter().any(|key| object.at(&["metadata", "annotations", key]).is_some());
    if !is_deleted && spec.get("ttlSecondsAfterFinished").is_none() {
        let message = format!("{} stays until somebody deletes it", object.title());
        report.finding(object.anchor(&["spec", "ttlSecondsAfterFinished"]), message);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(metadata: &str, spec: &str) -> Vec<String> {
        let text = format!("apiVersion: batch/v1\nkind: Job\nmetadata: {{name: a{metadata}}}\nspec: {{{spec}}}\n");
        manifest(&RULE, &text)
    }

    #[test]
    fn any_time_will_do() {
        assert_eq!(flagged("", "ttlSecondsAfterFinished: 0"), [""; 0]);
    }

    #[test]
    fn hooks_are_deleted_by_who_runs_them() {
        let hook = ", annotations: {helm.sh/hook: post-install, helm.sh/hook-delete-policy: hook-succeeded}";
        assert_eq!(flagged(hook, "backoffLimit: 1"), [""; 0]);
        assert_eq!(flagged(", annotations: {helm.sh/hook: post-install}", "backoffLimit: 1"), ["spec"]);
    }

    #[test]
    fn no_time_is_flagged() {
        assert_eq!(flagged("", "ttlSecondsAfterFinished:"), ["ttlSecondsAfterFinished"]);
        assert_eq!(flagged("", "backoffLimit: 1"), ["spec"]);
    }
}
