use hullmark_sdk::prelude::*;

rule! {
    /// The Jobs of the CronJob are deleted by time, though the CronJob already deletes them by number.
    ///
    /// ## What it checks
    ///
    /// `ttlSecondsAfterFinished` in the `jobTemplate` of a CronJob. The rule is off unless it is selected, since both together
    /// do no harm.
    ///
    /// ## Why it matters
    ///
    /// `successfulJobsHistoryLimit` and `failedJobsHistoryLimit` say how many runs are kept to look at. With a time beside them
    /// the runs, failed ones included, may be gone before anybody looked.
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
    ///       ttlSecondsAfterFinished: 3600
    ///       template:
    ///         spec:
    ///           restartPolicy: OnFailure
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
    ///   failedJobsHistoryLimit: 3
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
    /// Remove `ttlSecondsAfterFinished`, and set the limits of the history to what is worth keeping.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    aliases: &["job-ttl-seconds-after-finished"],
    references: &["https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#jobs-history-limits"],
    fragments: true,
    checks: &[Object(&["CronJob"], cron_job)],
}

fn cron_job(object: &Object, report: &mut Report) {
    let ttl = object.at(&["spec", "jobTemplate", "spec", "ttlSecondsAfterFinished"]);
    if let Some(ttl) = ttl.filter(|_| object.group() == "batch") {
        let message = format!("the runs of {} are deleted by time and by number", object.title());
        report.finding(ttl.key_place(), message);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(job: &str) -> Vec<String> {
        let spec = format!("spec: {{schedule: '@daily', jobTemplate: {{spec: {{{job}}}}}}}\n");
        manifest(&RULE, &format!("apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: a}}\n{spec}"))
    }

    #[test]
    fn no_time_is_accepted() {
        assert_eq!(flagged("backoffLimit: 1"), [""; 0]);
        assert_eq!(flagged("ttlSecondsAfterFinished: null"), [""; 0]);
    }

    #[test]
    fn a_time_is_flagged() {
        assert_eq!(flagged("ttlSecondsAfterFinished: 60"), ["ttlSecondsAfterFinished"]);
    }
}
