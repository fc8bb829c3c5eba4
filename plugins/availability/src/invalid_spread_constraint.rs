use hullmark_sdk::prelude::*;

rule! {
    /// A topology spread constraint is refused by Kubernetes, or counts no pods at all.
    ///
    /// ## What it checks
    ///
    /// Every entry of `topologySpreadConstraints`: `maxSkew` and `minDomains` are 1 or more, `minDomains` stands beside
    /// `whenUnsatisfiable: DoNotSchedule`, no two entries have the same `topologyKey` and `whenUnsatisfiable`, and there is a
    /// `labelSelector`, since without one the constraint counts no pods.
    ///
    /// ## Why it matters
    ///
    /// Kubernetes refuses the pod; or the constraint is there to be read, and has no effect.
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
    ///   topologySpreadConstraints:
    ///     - maxSkew: 1
    ///       topologyKey: topology.kubernetes.io/zone
    ///       whenUnsatisfiable: DoNotSchedule
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
    ///   labels:
    ///     app: web
    /// spec:
    ///   topologySpreadConstraints:
    ///     - maxSkew: 1
    ///       topologyKey: topology.kubernetes.io/zone
    ///       whenUnsatisfiable: DoNotSchedule
    ///       labelSelector:
    ///         matchLabels:
    ///           app: web
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Select the pods of the workload by their own labels, and write numbers of 1 or more.
    ///
    /// ## Options
    ///
    /// - `required` (default `false`): report a missing `topologyKey` or `whenUnsatisfiable` too, and a word that is none of
    ///   those that   Kubernetes knows. `api/missing-field` and `api/invalid-value` do so already.
    ///
    /// ## Other tools
    ///
    /// kube-score does not compare the constraints with each other.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition>
    level: Error,
    tags: &["correctness", "reliability"],
    aliases: &["pod-topology-spread-constraints"],
    references: &[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition",
    ],
    options: &[OptionSpec::flag("required", false, "report missing fields and unknown words too")],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let title = pod.object().title();
    let mut seen: Vec<Node> = Vec::new();
    for constraint in pod.get("topologySpreadConstraints").into_iter().flat_map(Node::items) {
        numbers(constraint, &title, report);
        if report.options().flag("required") {
            words(constraint, &title, report);
        }
        if constraint.kind() == Kind::Mapping && constraint.get("labelSelector").is_none() {
            let message = format!("a spread constraint of {title} has no selector, so it counts no pods");
            report.finding(constraint, message);
        }
        let is_same = |other: &&Node| {
            let equals = |key| constraint.get(key).is_some() && text(constraint, key) == text(**other, key);
            equals("topologyKey") && equals("whenUnsatisfiable")
        };
        if let (Some(first), Some(key)) = (seen.iter().find(is_same), constraint.get("topologyKey")) {
            let message = format!("two spread constraints of {title} are over `{}`", key.value().unwrap_or_default());
            report.finding(key, message).related(*first, "the first of them").aliases(&[]);
        }
        seen.push(constraint);
    }
}

/// The numbers that Kubernetes refuses.
fn numbers(constraint: Node, title: &str, report: &mut Report) {
    for field in ["maxSkew", "minDomains"] {
        let Some(number) = constraint.get(field) else { continue };
        if number.integer().is_some_and(|number| number < 1) {
            let written = number.value().unwrap_or_default();
            report
                .finding(number, format!("`{field}` of a spread constraint of {title} is `{written}`, not 1 or more"));
        }
    }
    let is_preference = text(constraint, "whenUnsatisfiable") == Some("ScheduleAnyway");
    if let Some(domains) = constraint.get("minDomains").filter(|_| is_preference) {
        let message = format!("a spread constraint of {title} has `minDomains`, which needs `DoNotSchedule`");
        report.finding(domains, message).aliases(&[]);
    }
}

/// The words that must be there.
fn words(constraint: Node, title: &str, report: &mut Report) {
    for field in ["topologyKey", "whenUnsatisfiable"] {
        if constraint.get(field).is_none() {
            report.finding(constraint, format!("a spread constraint of {title} has no `{field}`"));
        }
    }
    let Some(word) = constraint.get("whenUnsatisfiable") else { return };
    if !matches!(word.value(), Some("DoNotSchedule" | "ScheduleAnyway")) {
        let written = word.value().unwrap_or_default();
        report.finding(word, format!("`whenUnsatisfiable` of a spread constraint of {title} is `{written}`"));
    }
}

fn text<'a>(constraint: Node<'a>, field: &str) -> Option<&'a str> {
    constraint.get(field).and_then(Node::text)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const GOOD: &str = "maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {}";

    fn pod(constraints: &[&str]) -> String {
        let constraints: Vec<String> = constraints.iter().map(|fields| format!("{{{fields}}}")).collect();
        let list = constraints.join(", ");
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{topologySpreadConstraints: [{list}]}}\n")
    }

    #[test]
    fn what_kubernetes_takes_is_accepted() {
        let other = GOOD.replace("DoNotSchedule", "ScheduleAnyway");
        assert_eq!(manifest(&RULE, &pod(&[GOOD, &other])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod(&[&format!("{GOOD}, minDomains: 2")])), [""; 0]);
        assert_eq!(manifest(&RULE, &pod(&[&GOOD.replace('1', "'${SKEW}'")])), [""; 0]);
    }

    #[test]
    fn what_it_refuses_is_flagged() {
        assert_eq!(manifest(&RULE, &pod(&[&GOOD.replace('1', "0")])), ["0"]);
        assert_eq!(manifest(&RULE, &pod(&[&format!("{GOOD}, minDomains: 0")])), ["0"]);
        let preferred = GOOD.replace("DoNotSchedule", "ScheduleAnyway");
        assert_eq!(manifest(&RULE, &pod(&[&format!("{preferred}, minDomains: 2")])), ["2"]);
        assert_eq!(manifest(&RULE, &pod(&[GOOD, GOOD])), ["zone"]);
    }

    #[test]
    fn what_counts_nothing_is_flagged() {
        assert_eq!(manifest(&RULE, &pod(&[&GOOD.replace(", labelSelector: {}", "")])), ["1"]);
    }

    #[test]
    fn one_may_ask_for_fields_too() {
        let trial = Trial::with(&RULE, r#"{"required": true}"#);
        let unknown = pod(&[&GOOD.replace("DoNotSchedule", "Never")]);
        assert_eq!(manifest(&RULE, &unknown), [""; 0]);
        assert_eq!(trial.manifest(&unknown), ["Never"]);
        assert_eq!(trial.manifest(&pod(&[&GOOD.replace("topologyKey: zone, ", "")])), ["1"]);
    }
}
