use hullmark_sdk::prelude::*;

rule! {
    /// The pod does not say when its containers are restarted, or says what is not wanted.
    ///
    /// ## What it checks
    ///
    /// `restartPolicy` of every pod: it must be written, and be among the option `accepted`. The rule is off unless it is
    /// selected, since `Always`, which holds otherwise, is right for most workloads.
    ///
    /// ## Why it matters
    ///
    /// Where tasks and services are described side by side, the field tells them apart for whoever reads the manifest.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
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
    ///   restartPolicy: Always
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `restartPolicy` into the spec of the pod.
    ///
    /// ## Options
    ///
    /// - `accepted` (default: `Always`, `OnFailure`, `Never`): the policies that are wanted.
    ///
    /// ## Other tools
    ///
    /// kube-linter does not accept `Never`, which is right for Jobs.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
    level: Note,
    enabled: false,
    tags: &["readability"],
    aliases: &["restart-policy"],
    references: &["https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy"],
    options: &[OptionSpec::words(
        "accepted",
        &["Always", "OnFailure", "Never"],
        &["Always", "OnFailure", "Never"],
        "the policies that are wanted",
    )],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let title = pod.object().title();
    let Some(policy) = pod.get("restartPolicy") else {
        report.finding(pod.spec().key_place(), format!("{title} has no restart policy"));
        return;
    };
    let Some(value) = policy.text() else { return };
    if !report.options().texts("accepted").any(|accepted| accepted == value) {
        let message = format!("the restart policy of {title} is `{value}`, which is not among the accepted ones");
        let finding = report.finding(policy, message);
        finding.aliases_if(&[("restart-policy", !matches!(value, "Always" | "OnFailure"))]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{{spec}}}\n")
    }

    #[test]
    fn what_is_written_is_accepted() {
        for policy in ["Always", "OnFailure", "Never", "[Never]"] {
            assert_eq!(manifest(&RULE, &pod(&format!("restartPolicy: {policy}"))), [""; 0], "{policy}");
        }
    }

    #[test]
    fn what_is_missing_or_unknown_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("containers: []")), ["spec"]);
        assert_eq!(manifest(&RULE, &pod("restartPolicy: always")), ["always"]);
    }

    #[test]
    fn one_may_accept_less() {
        let trial = Trial::with(&RULE, r#"{"accepted": ["Always", "OnFailure"]}"#);
        assert_eq!(trial.manifest(&pod("restartPolicy: Never")), ["Never"]);
        assert_eq!(trial.manifest(&pod("restartPolicy: OnFailure")), [""; 0]);
    }
}
