use hullmark_sdk::prelude::*;

use crate::faults::is_filled_in;

/// The longest value, and the longest name of a key.
const LONGEST: usize = 63;
/// The longest prefix of a key.
const LONGEST_PREFIX: usize = 253;

rule! {
    /// A label is written in a way that Kubernetes refuses.
    ///
    /// ## What it checks
    ///
    /// Keys and values of the labels of objects and of the pods that they describe. A value has at most 63 letters, digits, `-`,
    /// `_` and `.`, and begins and ends with a letter or a digit; it may be empty. A key is formed in the same way and not
    /// empty; before it may stand a DNS name with a `/`. Values that another program fills in (`${VERSION}`) are passed over.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses the object. Of a pod template, it refuses each of the pods.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   labels:
    ///     version: "1.4 beta"
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: settings
    ///   labels:
    ///     version: 1.4-beta
    /// ```
    ///
    /// ## How to fix
    ///
    /// Use the letters that are allowed, or make it an annotation, which takes any text.
    ///
    /// ## Other tools
    ///
    /// kube-score looks at the values of objects only, and not at their length.
    ///
    /// ## References
    ///
    /// - [Labels](https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set)
    level: Error,
    tags: &["correctness"],
    aliases: &["label-values"],
    references: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set"],
    fragments: true,
    checks: &[Object(&[], object), Pod(pod)],
}

fn object(object: &Object, report: &mut Report) {
    labels(object.node(), true, report);
}

fn pod(pod: &Pod, report: &mut Report) {
    if pod.template() != pod.object().node() {
        labels(pod.template(), false, report);
    }
}

fn labels(holder: Node, is_object: bool, report: &mut Report) {
    for (key, value) in holder.at(&["metadata", "labels"]).into_iter().flat_map(Node::entries) {
        if !is_key(key) && !key.contains(['$', '{', '<', '%', '@', '#']) {
            report.finding(value.key_place(), format!("`{key}` cannot be the key of a label")).aliases(&[]);
        }
        let Some(text) = value.text().filter(|text| !is_value(text) && !is_filled_in(value)) else { continue };
        let message = if text.len() > LONGEST {
            format!("the label `{key}` has {} letters, and may have {LONGEST}", text.len())
        } else {
            format!("the label `{key}` cannot be `{text}`")
        };
        let finding = report.finding(value, message);
        if !is_object || is_worded(text) {
            finding.aliases(&[]);
        }
    }
}

fn is_value(text: &str) -> bool {
    text.is_empty() || text.len() <= LONGEST && is_worded(text)
}

fn is_key(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let is_domain = |prefix: &str| {
        prefix.len() <= LONGEST_PREFIX
            && prefix.split('.').all(|part| {
                let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                is_worded(part) && part.bytes().all(is_letter)
            })
    };
    name.len() <= LONGEST && is_worded(name) && prefix.is_none_or(is_domain)
}

/// Whether a text consists of the letters that are allowed, with those at both ends that are allowed there.
fn is_worded(text: &str) -> bool {
    let is_end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    is_end(text.bytes().next()) && is_end(text.bytes().last()) && text.bytes().all(is_inner)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn labels(labels: &str) -> String {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, labels: {{{labels}}}}}\n")
    }

    #[test]
    fn what_kubernetes_takes_is_accepted() {
        for text in
            ["a: ''", "a: ", "a: b_c.D-9", "app.kubernetes.io/name: web", "a: '${VERSION}'", "'${KEY}': a", "a: 1"]
        {
            assert_eq!(manifest(&RULE, &labels(text)), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_it_refuses_is_flagged() {
        for (text, token) in [
            ("a: b c", "b c"),
            ("a: -b", "-b"),
            ("a: v1+2", "v1+2"),
            ("a/b/c: d", "a/b/c"),
            ("'': d", "''"),
            ("A.b/c: d", "A.b/c"),
        ] {
            assert_eq!(manifest(&RULE, &labels(text)), [token], "{text}");
        }
        let long = "a".repeat(64);
        assert_eq!(manifest(&RULE, &labels(&format!("a: {long}"))), [long]);
    }
}
