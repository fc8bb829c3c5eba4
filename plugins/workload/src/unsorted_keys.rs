use hullmark_sdk::prelude::*;

rule! {
    /// The keys of a mapping do not stand in the order of the alphabet.
    ///
    /// ## What it checks
    ///
    /// Mappings of every manifest: one finding for each, at the first key that stands too late. What a YAML alias brings in is
    /// passed over. The rule is off unless it is selected, since most people put `name` first.
    ///
    /// ## Why it matters
    ///
    /// Where manifests are written by programs and read by people, one order keeps differences small.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app: web
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   labels:
    ///     app: web
    ///   name: web
    /// ```
    ///
    /// ## How to fix
    ///
    /// Sort the keys.
    ///
    /// ## Options
    ///
    /// - `recursive` (default `true`): look at every mapping, not only at the keys of the object itself.
    ///
    /// ## References
    ///
    /// - <https://yaml.org/spec/1.2.2/#3211-nodes>
    level: Note,
    enabled: false,
    tags: &["style"],
    aliases: &["sorted-keys"],
    references: &["https://yaml.org/spec/1.2.2/#3211-nodes"],
    fragments: true,
    options: &[OptionSpec::flag("recursive", true, "look at every mapping, not only at the keys of the object itself")],
    checks: &[Object(&[], object)],
}

fn object(object: &Object, report: &mut Report) {
    check(object.node(), report);
    if report.options().flag("recursive") {
        for node in object.node().descendants().filter(|node| node.kind() == Kind::Mapping) {
            check(node, report);
        }
    }
}

fn check(mapping: Node, report: &mut Report) {
    if mapping.alias().is_some() {
        return;
    }
    let entries: Vec<(&str, Node)> = mapping.entries().filter(|(_, value)| value.alias().is_none()).collect();
    for pair in entries.windows(2) {
        if let [(before, _), (key, value)] = pair
            && key < before
        {
            report.finding(value.key_place(), format!("the key `{key}` stands after `{before}`"));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(metadata: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: v1\nkind: Secret\nmetadata: {metadata}\n"))
    }

    #[test]
    fn sorted_keys_are_accepted() {
        assert_eq!(flagged("{labels: {a: b, b: a}, name: x}"), [""; 0]);
        assert_eq!(flagged("[name, labels]"), [""; 0]);
    }

    #[test]
    fn the_first_key_that_stands_too_late_is_flagged() {
        assert_eq!(flagged("{name: x, labels: {b: a, a: b}, annotations: {}}"), ["labels", "a"]);
        assert_eq!(flagged("{uid: [{b: 1, a: 1}]}"), ["a"]);
    }

    #[test]
    fn one_may_look_at_the_object_alone() {
        let trial = Trial::with(&RULE, r#"{"recursive": false}"#);
        let text = "kind: Secret\napiVersion: v1\nmetadata: {name: x, labels: {}}\n";
        assert_eq!(trial.manifest(text), ["apiVersion"]);
        assert_eq!(manifest(&RULE, text), ["apiVersion", "labels"]);
    }
}
