use hullmark_sdk::prelude::*;

rule! {
    /// The ResourceQuota leaves a resource without a bound.
    ///
    /// ## What it checks
    ///
    /// `spec.hard` of every ResourceQuota: it must bound `requests.cpu`, `requests.memory`, `limits.cpu` and `limits.memory`.
    /// `cpu` and `memory` are the same as the requests. A quota that bounds only other things, such as numbers of objects, is
    /// passed over. The rule is off unless it is selected: several quotas may share the work.
    ///
    /// ## Why it matters
    ///
    /// A namespace may take of a cluster all that no quota bounds.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ResourceQuota
    /// metadata:
    ///   name: team
    /// spec:
    ///   hard:
    ///     requests.cpu: "10"
    ///     requests.memory: 20Gi
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ResourceQuota
    /// metadata:
    ///   name: team
    /// spec:
    ///   hard:
    ///     requests.cpu: "10"
    ///     requests.memory: 20Gi
    ///     limits.cpu: "20"
    ///     limits.memory: 40Gi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Bound the resource in `spec.hard`.
    ///
    /// ## Options
    ///
    /// `resources`: the resources that must be bounded.
    ///
    /// ## Other tools
    ///
    /// Trivy does not know that `cpu` is `requests.cpu`, and reports quotas of numbers of objects, too.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/policy/resource-quotas/>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["KSV-0040"],
    references: &["https://kubernetes.io/docs/concepts/policy/resource-quotas/"],
    options: &[OptionSpec::texts("resources", &RESOURCES, "The resources that must be bounded.")],
    checks: &[Object(&["ResourceQuota"], quota)],
}

const RESOURCES: [&str; 4] = ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

fn quota(object: &Object, report: &mut Report) {
    if !object.group().is_empty() {
        return;
    }
    let hard = object.at(&["spec", "hard"]);
    let bounds =
        |resource: &str| hard.into_iter().flat_map(Node::entries).any(|(bounded, _)| plain(bounded) == plain(resource));
    let is_of_others = hard.is_some_and(|hard| hard.children().next().is_some());
    let wanted: Vec<&str> = report.options().texts("resources").collect();
    let missing: Vec<&str> = wanted.iter().copied().filter(|resource| !bounds(resource)).collect();
    if missing.is_empty() || missing.len() == wanted.len() && is_of_others {
        return;
    }
    let is_trivys = RESOURCES.iter().any(|resource| missing.contains(resource));
    let message = format!("{} does not bound `{}`", object.title(), missing.join("`, `"));
    report.finding(object.anchor(&["spec", "hard"]), message).aliases_if(&[("KSV-0040", is_trivys)]);
}

/// The shorter one of two names for the same: `cpu` for `requests.cpu`.
fn plain(resource: &str) -> &str {
    resource.strip_prefix("requests.").unwrap_or(resource)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn quota(hard: &str) -> String {
        format!("apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: a}}\nspec: {{hard: {{{hard}}}}}\n")
    }

    #[test]
    fn what_bounds_all_or_nothing_of_these_is_accepted() {
        assert_eq!(manifest(&RULE, &quota("cpu: 1, requests.memory: 1, limits.cpu: 1, limits.memory: 1")), [""; 0]);
        assert_eq!(manifest(&RULE, &quota("pods: 10")), [""; 0]);
    }

    #[test]
    fn what_is_open_is_flagged() {
        assert_eq!(manifest(&RULE, &quota("cpu: 1, memory: 1")), ["hard"]);
        assert_eq!(manifest(&RULE, &quota("")), ["hard"]);
    }

    #[test]
    fn one_may_ask_for_others() {
        let trial = Trial::with(&RULE, r#"{"resources": ["cpu", "pods"]}"#);
        assert_eq!(trial.manifest(&quota("requests.cpu: 1")), ["hard"]);
        assert_eq!(trial.manifest(&quota("cpu: 1, pods: 10")), [""; 0]);
    }
}
