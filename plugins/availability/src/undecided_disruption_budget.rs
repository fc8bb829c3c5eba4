use hullmark_sdk::prelude::*;

rule! {
    /// The PodDisruptionBudget does not say how many pods may be away, or says it twice.
    ///
    /// ## What it checks
    ///
    /// `minAvailable` and `maxUnavailable` of every PodDisruptionBudget: one of them must be set, and not both.
    ///
    /// ## Why it matters
    ///
    /// With neither the controller allows no eviction, so nodes cannot be drained. An object with both is refused.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: web
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: policy/v1
    /// kind: PodDisruptionBudget
    /// metadata:
    ///   name: web
    /// spec:
    ///   maxUnavailable: 1
    ///   selector:
    ///     matchLabels:
    ///       app: web
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `maxUnavailable: 1` alone, unless the application needs a certain number of pods.
    ///
    /// ## Other tools
    ///
    /// kube-score speaks only where neither is set.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/run-application/configure-pdb/>
    level: Error,
    tags: &["correctness", "reliability"],
    aliases: &["poddisruptionbudget-has-policy"],
    references: &["https://kubernetes.io/docs/tasks/run-application/configure-pdb/"],
    checks: &[Object(&["PodDisruptionBudget"], budget)],
}

fn budget(object: &Object, report: &mut Report) {
    if object.group() != "policy" {
        return;
    }
    let title = object.title();
    match (object.at(&["spec", "minAvailable"]), object.at(&["spec", "maxUnavailable"])) {
        (None, None) => {
            let message = format!("{title} does not say how many pods may be away");
            report.finding(object.anchor(&["spec", "maxUnavailable"]), message);
        }
        (Some(least), Some(most)) => {
            let message = format!("{title} sets both `minAvailable` and `maxUnavailable`");
            report.finding(most.key_place(), message).aliases(&[]).related(least.key_place(), "the other");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(spec: &str) -> Vec<String> {
        let head = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n";
        manifest(&RULE, &format!("{head}spec: {{selector: {{}}, {spec}}}\n"))
    }

    #[test]
    fn one_of_them_is_accepted() {
        assert_eq!(flagged("minAvailable: 0"), [""; 0]);
        assert_eq!(flagged("maxUnavailable: 50%"), [""; 0]);
    }

    #[test]
    fn neither_or_both_is_flagged() {
        assert_eq!(flagged("minAvailable:"), ["spec"]);
        assert_eq!(flagged("maxUnavailable:"), ["maxUnavailable"]);
        assert_eq!(flagged("minAvailable: 1, maxUnavailable: 1"), ["maxUnavailable"]);
    }
}
