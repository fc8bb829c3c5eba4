//! Whether labels meet a selector. No rule belongs here.

use hullmark_sdk::prelude::*;

use crate::placeholder::is_filled_in;

/// The parts of a LabelSelector that labels do not meet: values of `matchLabels`, and the `key` of expressions. Expressions
/// with an operator that Kubernetes does not know are passed over.
pub(crate) fn unmet<'a>(selector: Node<'a>, labels: Option<Node<'a>>) -> Vec<Node<'a>> {
    let mut unmet = selector.get("matchLabels").map(|pairs| unmet_pairs(pairs, labels)).unwrap_or_default();
    for expression in selector.get("matchExpressions").into_iter().flat_map(Node::items) {
        let Some(key) = expression.get("key") else { continue };
        let value = label(labels, key.value().unwrap_or_default());
        let is_listed = || {
            let mut values = expression.get("values").into_iter().flat_map(Node::items);
            values.any(|listed| value.is_some() && listed.value() == value)
        };
        let is_met = match expression.get("operator").and_then(Node::text) {
            Some("In") => is_listed(),
            Some("NotIn") => !is_listed(),
            Some("Exists") => value.is_some(),
            Some("DoesNotExist") => value.is_none(),
            _ => true,
        };
        if !is_met {
            unmet.push(key);
        }
    }
    unmet
}

/// The same for a map of labels, as a Service's selector is. What another program fills in may be anything.
pub(crate) fn unmet_pairs<'a>(pairs: Node<'a>, labels: Option<Node<'a>>) -> Vec<Node<'a>> {
    let is_known = |value: Option<&str>| !value.is_some_and(is_filled_in);
    let is_unmet = |key: &str, wanted: Node| {
        let value = label(labels, key);
        value != wanted.value() && is_known(value) && is_known(wanted.value())
    };
    pairs.entries().filter(|(key, value)| is_unmet(key, *value)).map(|(_, value)| value).collect()
}

fn label<'a>(labels: Option<Node<'a>>, key: &str) -> Option<&'a str> {
    labels?.get(key)?.value()
}
