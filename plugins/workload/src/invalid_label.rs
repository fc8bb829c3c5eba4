use hullmark_sdk::prelude::*;

rule! {
    /// A label has a key or a value that Kubernetes refuses.
    ///
    /// ## What it checks
    ///
    /// The labels of every object and of pod templates. A value has at most 63 characters: letters, digits, `-`, `_` and `.`,
    /// with a letter or digit at both ends; it may be empty. A key is a name of that form, never empty, and before it, if
    /// anything, a DNS name and a slash.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses the object. Values with spaces, slashes or `@`, such as a mail address or the name of a branch,
    /// belong into annotations.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    ///   labels:
    ///     owner: team@shop.example
    ///     branch: feature/cart
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    ///   labels:
    ///     shop.example/owner: team-cart
    ///     draft: ""
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write a value of that form, or make the label an annotation.
    ///
    /// ## Other tools
    ///
    /// kube-score looks at values only, at those of the object itself, and lets them be of any length.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>
    level: Error,
    tags: &["correctness"],
    aliases: &["label-values"],
    references: &[
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set",
    ],
    fragments: true,
    checks: &[Object(&[], object)],
}

const LONGEST: usize = 63;
const LONGEST_PREFIX: usize = 253;

fn object(object: &Object, report: &mut Report) {
    check(object.node(), true, report);
    for template in object.pods().map(Pod::template).filter(|template| *template != object.node()) {
        check(template, false, report);
    }
}

/// The labels below a node's metadata.
fn check(holder: Node, is_object: bool, report: &mut Report) {
    for (key, value) in holder.at(&["metadata", "labels"]).into_iter().flat_map(Node::entries) {
        if let Some(what) = fault_of_key(key) {
            report.finding(value.key_place(), format!("the label key `{key}` {what}")).aliases(&[]);
        }
        let Some(text) = value.text().filter(|text| !text.is_empty()) else { continue };
        if let Some(what) = fault(text) {
            let finding = report.finding(value, format!("the value `{text}` of the label `{key}` {what}"));
            finding.aliases_if(&[("label-values", is_object && !is_well_formed(text))]);
        }
    }
}

fn fault_of_key(key: &str) -> Option<&'static str> {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    if prefix.is_some_and(|prefix| !is_dns_name(prefix)) {
        return Some("has something before the slash that is no DNS name");
    }
    if name.is_empty() { Some("has no name") } else { fault(name) }
}

/// What is wrong with a name or a value that is not empty.
fn fault(text: &str) -> Option<&'static str> {
    if text.len() > LONGEST {
        return Some("is longer than 63 characters");
    }
    let what = "is not made of letters, digits, `-`, `_` and `.` with a letter or digit at both ends";
    (!is_well_formed(text)).then_some(what)
}

fn is_well_formed(text: &str) -> bool {
    let is_end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    is_end(text.bytes().next()) && is_end(text.bytes().next_back()) && text.bytes().all(is_inner)
}

fn is_dns_name(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label =
        |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-') && part.bytes().all(is_inner);
    text.len() <= LONGEST_PREFIX && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(labels: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a, labels: {labels}}}\n"))
    }

    #[test]
    fn what_kubernetes_takes_is_accepted() {
        let longest = "a".repeat(63);
        for label in [
            "app: web",
            "app: ''",
            "app: a",
            "app: 1.2-rc_3",
            "'app': 'B.2'",
            "app.kubernetes.io/name: web",
            "A_b.c: x",
            "app: 1",
            "app: ",
        ] {
            assert_eq!(flagged(&format!("{{{label}}}")), [""; 0], "{label}");
        }
        assert_eq!(flagged(&format!("{{app: {longest}, {longest}: a}}")), [""; 0]);
        assert_eq!(flagged("[app]"), [""; 0]);
    }

    #[test]
    fn values_of_another_form_are_flagged() {
        for value in ["a b", "a/b", "team@a.example", "-a", "a-", ".a", "ä"] {
            assert_eq!(flagged(&format!("{{app: {value}}}")), [value]);
        }
        assert_eq!(flagged(&format!("{{app: {}}}", "a".repeat(64))), ["a".repeat(64)]);
    }

    #[test]
    fn keys_of_another_form_are_flagged() {
        for key in ["a b", "a/b/c", "/a", "a/", "Shop.example/a", "-a"] {
            assert_eq!(flagged(&format!("{{{key}: x}}")), [key]);
        }
    }

    #[test]
    fn pod_templates_have_labels_too() {
        let template = "template: {metadata: {labels: {app: a b}}, spec: {containers: []}}";
        let text = format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec: {{{template}}}\n");
        assert_eq!(manifest(&RULE, &text), ["a b"]);
        assert_eq!(manifest(&RULE, "apiVersion: v1\nkind: Pod\nmetadata: {labels: {app: a b}}\nspec: {}\n"), ["a b"]);
    }
}
