use hullmark_sdk::prelude::*;

rule! {
    /// Nobody is named as the owner of the pods.
    ///
    /// ## What it checks
    ///
    /// The labels of every pod that a workload describes, against the option `label`. Kustomize patches are passed over.
    ///
    /// ## Why it matters
    ///
    /// Alerts go to the team that the label names. Pods without it wake nobody.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.acme.example/web:1.4.0
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app: web
    ///     acme.example/team: shop
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.acme.example/web:1.4.0
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add the label to the pod template, with the name of the team.
    ///
    /// ## Options
    ///
    /// - `label` (default: `acme.example/team`): the label that names the owner.
    tags: &["policy"],
    options: &[OptionSpec::text("label", "acme.example/team", "the label that names the owner")],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let label = report.options().text("label").to_owned();
    let labels = pod.template().at(&["metadata", "labels"]);
    match labels.and_then(|labels| labels.get(&label)) {
        Some(team) if team.text().is_some_and(|name| !name.is_empty()) => {}
        Some(team) => {
            report.finding(team, format!("the label `{label}` names no team"));
        }
        None => {
            let at = labels.map_or_else(|| pod.object().name_place(), Node::place);
            report.finding(at, format!("the pods of {} have no label `{label}`", pod.object().title()));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(labels: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n{labels}spec: {{containers: []}}\n")
    }

    #[test]
    fn a_team_is_enough() {
        assert_eq!(manifest(&RULE, &pod("  labels: {acme.example/team: shop}\n")), [""; 0]);
        let trial = Trial::with(&RULE, r#"{"label": "team"}"#);
        assert_eq!(trial.manifest(&pod("  labels: {team: shop}\n")), [""; 0]);
    }

    #[test]
    fn the_place_is_where_the_label_belongs() {
        assert_eq!(manifest(&RULE, &pod("")), ["web"]);
        assert_eq!(manifest(&RULE, &pod("  labels: {app: web}\n")), ["labels"]);
        assert_eq!(manifest(&RULE, &pod("  labels: {acme.example/team: ''}\n")), ["''"]);
    }
}
