use hullmark_sdk::prelude::*;

rule! {
    /// The LimitRange leaves a bound or a default open.
    ///
    /// ## What it checks
    ///
    /// Every LimitRange: one of its `limits` must have all of `min`, `max`, `default` and `defaultRequest`. The rule is off
    /// unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// What a LimitRange does not say, it does not hold: a container without limits runs without limits where there is no
    /// `default`, and one that asks for a whole node is admitted where there is no `max`.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata:
    ///   name: containers
    /// spec:
    ///   limits:
    ///     - type: Container
    ///       default:
    ///         memory: 256Mi
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata:
    ///   name: containers
    /// spec:
    ///   limits:
    ///     - type: Container
    ///       min:
    ///         memory: 16Mi
    ///       max:
    ///         memory: 4Gi
    ///       default:
    ///         memory: 256Mi
    ///       defaultRequest:
    ///         memory: 128Mi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the bounds and the defaults of containers into the LimitRange.
    ///
    /// ## Other tools
    ///
    /// Trivy says it once for each object, too.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/policy/limit-range/>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    aliases: &["KSV-0039"],
    references: &["https://kubernetes.io/docs/concepts/policy/limit-range/"],
    checks: &[Object(&["LimitRange"], limit_range)],
}

const BOUNDS: [&str; 4] = ["min", "max", "default", "defaultRequest"];

fn limit_range(object: &Object, report: &mut Report) {
    if !object.group().is_empty() {
        return;
    }
    let limits = object.at(&["spec", "limits"]);
    let missing = |item: Node| BOUNDS.into_iter().filter(|bound| item.get(bound).is_none()).collect::<Vec<_>>();
    let items: Vec<_> = limits.into_iter().flat_map(Node::items).map(missing).collect();
    let Some(fewest) = items.into_iter().min_by_key(Vec::len).or(Some(BOUNDS.to_vec())).filter(|list| !list.is_empty())
    else {
        return;
    };
    let message = format!("{} does not say `{}`", object.title(), fewest.join("`, `"));
    report.finding(object.anchor(&["spec", "limits"]), message);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(limits: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: v1\nkind: LimitRange\nmetadata: {{name: a}}\nspec: {{{limits}}}\n"))
    }

    #[test]
    fn one_whole_item_is_enough() {
        let whole = "{type: Container, min: {cpu: 1}, max: {cpu: 2}, default: {cpu: 1}, defaultRequest: {cpu: 1}}";
        assert_eq!(flagged(&format!("limits: [{{type: Pod, max: {{cpu: 2}}}}, {whole}]")), [""; 0]);
    }

    #[test]
    fn what_is_open_is_flagged() {
        assert_eq!(flagged("limits: [{type: Container, default: {cpu: 1}}]"), ["limits"]);
        assert_eq!(flagged("limits: []"), ["limits"]);
        assert_eq!(flagged(""), ["spec"]);
    }
}
