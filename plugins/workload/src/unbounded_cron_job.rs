use hullmark_sdk::prelude::*;

rule! {
    /// Nothing keeps the runs or the remains of the CronJob from piling up.
    ///
    /// ## What it checks
    ///
    /// What the option `bounds` names, each reported by itself:
    ///
    /// - `concurrency`: runs may overlap (`concurrencyPolicy` is `Allow`, as it is where nothing is written), and no
    ///   `activeDeadlineSeconds` ends a run that hangs.
    /// - `history`: more finished runs are kept than the option `most-kept` says.
    /// - `starting-deadline`: no `startingDeadlineSeconds` says how late a run may still start.
    ///
    /// ## Why it matters
    ///
    /// A run that hangs or takes longer than the schedule's period is joined by the next one, and by one more at each tick, until
    /// the node or the database behind them gives way. Finished runs keep their pods, which fill the API server.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata:
    ///   name: report
    /// spec:
    ///   schedule: "*/5 * * * *"
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
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: batch/v1
    /// kind: CronJob
    /// metadata:
    ///   name: report
    /// spec:
    ///   schedule: "*/5 * * * *"
    ///   concurrencyPolicy: Forbid
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
    /// Set `concurrencyPolicy: Forbid` (skip a run while one is going on) or `Replace`, or give the Job an
    /// `activeDeadlineSeconds`.
    ///
    /// ## Options
    ///
    /// - `bounds` (default: `concurrency`, `history`): what is looked at.
    /// - `most-kept` (default: 10): finished runs of one kind, successful or failed, that may be kept.
    ///
    /// ## Other tools
    ///
    /// kube-score wants a starting deadline of every CronJob. Without one a run that was missed starts as soon as it can, which
    /// is what many want.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy>
    /// - <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline>
    level: Note,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["cronjob-has-deadline"],
    references: &[
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy",
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline",
    ],
    options: &[
        OptionSpec::words(
            "bounds",
            &["concurrency", "history"],
            &["concurrency", "history", "starting-deadline"],
            "what is looked at",
        ),
        OptionSpec::integer("most-kept", 10, 0, "finished runs of one kind that may be kept"),
    ],
    checks: &[Object(&["CronJob"], cron_job)],
}

fn cron_job(object: &Object, report: &mut Report) {
    if object.group() != "batch" || object.at(&["spec"]).is_none() {
        return;
    }
    let is_asked = |bound: &str, report: &Report| report.options().texts("bounds").any(|asked| asked == bound);
    if is_asked("concurrency", report) {
        concurrency(object, report);
    }
    if is_asked("history", report) {
        history(object, report);
    }
    if is_asked("starting-deadline", report) && object.at(&["spec", "startingDeadlineSeconds"]).is_none() {
        let message = format!("nothing says how late a run of {} may still start", object.title());
        report.finding(object.anchor(&["spec", "startingDeadlineSeconds"]), message);
    }
}

fn concurrency(object: &Object, report: &mut Report) {
    let policy = object.at(&["spec", "concurrencyPolicy"]);
    if policy.is_some_and(|policy| policy.text() != Some("Allow")) {
        return;
    }
    let job = object.at(&["spec", "jobTemplate", "spec"]);
    let deadlines: [&[&str]; 2] = [&["activeDeadlineSeconds"], &["template", "spec", "activeDeadlineSeconds"]];
    if deadlines.iter().any(|path| job.is_some_and(|job| job.at(path).is_some())) {
        return;
    }
    let place = policy.map_or_else(|| object.anchor(&["spec", "concurrencyPolicy"]), Node::place);
    let message = format!("runs of {} may overlap, and none of them has to end", object.title());
    report.finding(place, message).aliases(&[]);
}

fn history(object: &Object, report: &mut Report) {
    let most = report.options().integer("most-kept");
    for (field, what) in [("successfulJobsHistoryLimit", "successful"), ("failedJobsHistoryLimit", "failed")] {
        let Some(limit) = object.at(&["spec", field]) else { continue };
        if let Some(kept) = limit.integer().filter(|&kept| kept > most) {
            let message = format!("{} keeps `{kept}` {what} runs, more than {most}", object.title());
            report.finding(limit, message).aliases(&[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn cron_job(spec: &str) -> String {
        format!("apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: a}}\nspec: {{schedule: '@daily', {spec}}}\n")
    }

    fn flagged(spec: &str) -> Vec<String> {
        manifest(&RULE, &cron_job(spec))
    }

    #[test]
    fn one_bound_on_concurrency_is_enough() {
        assert_eq!(flagged("concurrencyPolicy: Forbid"), [""; 0]);
        assert_eq!(flagged("concurrencyPolicy: Replace"), [""; 0]);
        assert_eq!(flagged("jobTemplate: {spec: {activeDeadlineSeconds: 60}}"), [""; 0]);
        assert_eq!(flagged("jobTemplate: {spec: {template: {spec: {activeDeadlineSeconds: 60}}}}"), [""; 0]);
    }

    #[test]
    fn runs_that_may_pile_up_are_flagged() {
        assert_eq!(flagged("suspend: false"), ["spec"]);
        assert_eq!(flagged("concurrencyPolicy: Allow"), ["Allow"]);
        assert_eq!(flagged("concurrencyPolicy: Allow, jobTemplate: [1]"), ["Allow"]);
    }

    #[test]
    fn a_short_history_is_accepted() {
        let limits = "concurrencyPolicy: Forbid, successfulJobsHistoryLimit: 10, failedJobsHistoryLimit";
        assert_eq!(flagged(&format!("{limits}: 0")), [""; 0]);
        assert_eq!(flagged(&format!("{limits}: 11")), ["11"]);
        let trial = Trial::with(&RULE, r#"{"most-kept": 9}"#);
        assert_eq!(trial.manifest(&cron_job(&format!("{limits}: 1"))), ["10"]);
    }

    #[test]
    fn a_deadline_may_be_asked_for() {
        let trial = Trial::with(&RULE, r#"{"bounds": ["starting-deadline"]}"#);
        assert_eq!(trial.manifest(&cron_job("startingDeadlineSeconds: 60")), [""; 0]);
        assert_eq!(trial.manifest(&cron_job("suspend: true")), ["spec"]);
    }
}
