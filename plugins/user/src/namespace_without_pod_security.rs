use hullmark_sdk::prelude::*;

rule! {
    /// The namespace does not say which of the Pod Security Standards its pods must meet.
    ///
    /// ## What it checks
    ///
    /// The label `pod-security.kubernetes.io/enforce` of Namespaces: it must be one of the levels `privileged`, `baseline` and
    /// `restricted`, and not below the option `minimum`. Kubernetes' own namespaces, whose names begin with `kube-`, are passed
    /// over.
    ///
    /// ## Why it matters
    ///
    /// Without the label a cluster lets any pod in, privileged ones included, unless its administrator has set another default.
    /// Whoever may create pods in the namespace is then root on the nodes.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     pod-security.kubernetes.io/enforce: strict
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     pod-security.kubernetes.io/enforce: baseline
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add the label, with `restricted` where the pods meet it. The label `pod-security.kubernetes.io/warn` tells first what would
    /// be refused.
    ///
    /// ## Options
    ///
    /// - `minimum` (default `privileged`): the lowest level that is accepted.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-admission/>
    level: Note,
    tags: &["security", "external/cwe/cwe-693"],
    security_severity: Some("4.0"),
    precision: Medium,
    references: &["https://kubernetes.io/docs/concepts/security/pod-security-admission/"],
    options: &[OptionSpec::choice("minimum", "privileged", &LEVELS, "the lowest level that is accepted")],
    checks: &[Object(&["Namespace"], namespace)],
}

/// The levels, from the lowest.
const LEVELS: [&str; 3] = ["privileged", "baseline", "restricted"];

const PATH: [&str; 3] = ["metadata", "labels", "pod-security.kubernetes.io/enforce"];

fn namespace(object: &Object, report: &mut Report) {
    if !object.group().is_empty() || object.name().is_some_and(|name| name.starts_with("kube-")) {
        return;
    }
    let position = |level: &str| LEVELS.iter().position(|known| *known == level);
    let Some(label) = object.at(&PATH) else {
        let message = format!("{} does not say which Pod Security Standard its pods must meet", object.title());
        report.finding(object.anchor(&PATH), message);
        return;
    };
    let Some(level) = label.text() else { return };
    let minimum = report.options().text("minimum");
    let message = match position(level) {
        None => format!("{} asks for `{level}`, which is no level of the Pod Security Standards", object.title()),
        reached if reached < position(minimum) => {
            format!("{} lets pods in that only meet `{level}`, below `{minimum}`", object.title())
        }
        Some(_) => return,
    };
    report.finding(label, message);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn named(name: &str, labels: &str) -> String {
        format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n")
    }

    fn enforced(level: &str) -> String {
        named("shop", &format!("pod-security.kubernetes.io/enforce: {level}"))
    }

    #[test]
    fn every_level_is_accepted_and_so_are_kubernetes_own_namespaces() {
        for level in LEVELS {
            assert_eq!(manifest(&RULE, &enforced(level)), [""; 0], "{level}");
        }
        assert_eq!(manifest(&RULE, &named("kube-system", "a: b")), [""; 0]);
        assert_eq!(manifest(&RULE, &named("shop", "a: b").replace("v1", "example.test/v1")), [""; 0]);
    }

    #[test]
    fn silence_and_other_words_are_flagged() {
        assert_eq!(manifest(&RULE, &named("shop", "pod-security.kubernetes.io/warn: restricted")), ["labels"]);
        assert_eq!(manifest(&RULE, &enforced("Restricted")), ["Restricted"]);
    }

    #[test]
    fn the_lowest_level_can_be_set() {
        let trial = Trial::with(&RULE, r#"{"minimum": "baseline"}"#);
        assert_eq!(trial.manifest(&enforced("privileged")), ["privileged"]);
        assert_eq!(trial.manifest(&enforced("baseline")), [""; 0]);
    }
}
