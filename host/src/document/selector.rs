//! Label selectors. Nothing here knows where a selector stands or which pods there are.
//!
//! Follows <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>.

use super::{NodeId, Tree, kind};

/// What a label must be for a selector to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement<'t> {
    /// The label is there and has one of these values.
    In(&'t str, Vec<&'t str>),
    /// The label is not there, or has none of these values.
    NotIn(&'t str, Vec<&'t str>),
    /// The label is there.
    Exists(&'t str),
    /// The label is not there.
    DoesNotExist(&'t str),
}

impl Requirement<'_> {
    fn is_met(&self, tree: &Tree, labels: Option<NodeId>) -> bool {
        let find = |key| labels.and_then(|labels| label(tree, labels, key));
        match self {
            Self::In(key, values) => find(key).is_some_and(|value| values.contains(&value)),
            Self::NotIn(key, values) => find(key).is_none_or(|value| !values.contains(&value)),
            Self::Exists(key) => find(key).is_some(),
            Self::DoesNotExist(key) => find(key).is_none(),
        }
    }
}

/// A selector that the API server would accept: it matches what meets all of its requirements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector<'t> {
    /// In the order of the text; none match everything.
    pub requirements: Vec<Requirement<'t>>,
}

impl<'t> Selector<'t> {
    /// Reads a LabelSelector (`matchLabels`, `matchExpressions`); an empty one matches everything. `None`, which matches
    /// nothing, for what the API server would refuse: a node that is no mapping, an unknown field or operator, `In`
    /// without values.
    #[must_use]
    pub fn from_label_selector(tree: &'t Tree, node: NodeId) -> Option<Self> {
        if !is_mapping(tree, node) {
            return None;
        }
        let known = |field| matches!(tree.key(field), Some("matchLabels" | "matchExpressions"));
        if !tree.children(node).all(known) {
            return None;
        }
        let mut requirements = Vec::new();
        if let Some(labels) = present(tree, node, "matchLabels") {
            requirements = equalities(tree, labels)?;
        }
        if let Some(expressions) = present(tree, node, "matchExpressions") {
            if tree.kind(expressions) != kind::SEQUENCE {
                return None;
            }
            for expression in tree.children(expressions) {
                requirements.push(read_expression(tree, expression)?);
            }
        }
        Some(Self { requirements })
    }

    /// Reads a map of labels, as the selector of a Service is. `None`, which matches nothing, for a node that is no
    /// mapping and for an empty one: a Service without a selector has no pods of its own.
    #[must_use]
    pub fn from_labels(tree: &'t Tree, node: NodeId) -> Option<Self> {
        let requirements = is_mapping(tree, node).then(|| equalities(tree, node)).flatten()?;
        (!requirements.is_empty()).then_some(Self { requirements })
    }

    /// Whether it matches the labels in a mapping, perhaps of another tree; `None` is no labels.
    #[must_use]
    pub fn matches(&self, tree: &Tree, labels: Option<NodeId>) -> bool {
        self.requirements.iter().all(|requirement| requirement.is_met(tree, labels))
    }
}

/// Value of a label; `None` where `labels` is no mapping.
pub(super) fn label<'t>(tree: &'t Tree, labels: NodeId, key: &str) -> Option<&'t str> {
    tree.get(labels, key).and_then(|node| label_text(tree, node))
}

/// A label's value. The API server refuses numbers and booleans here; they count as the text that was surely meant.
pub(super) fn label_text(tree: &Tree, node: NodeId) -> Option<&str> {
    match tree.kind(node) {
        kind::NULL => Some(""),
        kind::STRING | kind::INTEGER | kind::FLOAT | kind::BOOLEAN => tree.value(node),
        _ => None,
    }
}

fn is_mapping(tree: &Tree, node: NodeId) -> bool {
    (node as usize) < tree.len() && tree.kind(node) == kind::MAPPING
}

/// A field that is there and not null.
fn present(tree: &Tree, node: NodeId, key: &str) -> Option<NodeId> {
    tree.get(node, key).filter(|&field| tree.kind(field) != kind::NULL)
}

fn equalities(tree: &Tree, labels: NodeId) -> Option<Vec<Requirement<'_>>> {
    if tree.kind(labels) != kind::MAPPING {
        return None;
    }
    let read = |child| Some(Requirement::In(tree.key(child)?, vec![label_text(tree, child)?]));
    tree.children(labels).map(read).collect()
}

fn read_expression(tree: &Tree, node: NodeId) -> Option<Requirement<'_>> {
    let key = label(tree, node, "key").filter(|key| !key.is_empty())?;
    let values = match present(tree, node, "values") {
        Some(values) if tree.kind(values) == kind::SEQUENCE => {
            tree.children(values).map(|value| label_text(tree, value)).collect::<Option<Vec<_>>>()?
        }
        Some(_) => return None,
        None => Vec::new(),
    };
    match (tree.text(tree.get(node, "operator")?)?, values.is_empty()) {
        ("In", false) => Some(Requirement::In(key, values)),
        ("NotIn", false) => Some(Requirement::NotIn(key, values)),
        ("Exists", true) => Some(Requirement::Exists(key)),
        ("DoesNotExist", true) => Some(Requirement::DoesNotExist(key)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::tree_of;
    use super::*;

    fn selects(selector: Value, labels: Value) -> Option<bool> {
        let (selector, (labels, _)) = (tree_of(&selector).0, tree_of(&labels));
        Some(Selector::from_label_selector(&selector, 0)?.matches(&labels, Some(0)))
    }

    fn expression(operator: &str, values: Value) -> Value {
        json!({"matchExpressions": [{"key": "app", "operator": operator, "values": values}]})
    }

    #[test]
    fn what_the_api_server_refuses_matches_nothing() {
        for selector in [
            json!(null),
            json!("app"),
            json!([]),
            json!({"app": "web"}),
            json!({"matchLabels": "app"}),
            json!({"matchLabels": {"app": ["web"]}}),
            json!({"matchExpressions": {}}),
            json!({"matchExpressions": ["app"]}),
            json!({"matchExpressions": [{"operator": "Exists"}]}),
            json!({"matchExpressions": [{"key": "app"}]}),
            expression("in", json!(["web"])),
            expression("In", json!([])),
            expression("NotIn", json!(null)),
            expression("In", json!("web")),
            expression("Exists", json!(["web"])),
        ] {
            assert_eq!(selects(selector.clone(), json!({"app": "web"})), None, "{selector}");
        }
    }

    #[test]
    fn an_empty_selector_matches_even_no_labels() {
        let (tree, _) = tree_of(&json!({}));
        let selector = Selector::from_label_selector(&tree, 0).unwrap();
        assert!(selector.matches(&tree, None));
        assert_eq!(selects(json!({"matchLabels": null, "matchExpressions": []}), json!({"app": "web"})), Some(true));
    }

    #[test]
    fn all_labels_must_match() {
        let selector = json!({"matchLabels": {"app": "web", "tier": "front"}});
        assert_eq!(selects(selector.clone(), json!({"app": "web"})), Some(false));
        assert_eq!(selects(selector.clone(), json!({"app": "web", "tier": "Front"})), Some(false));
        assert_eq!(selects(selector, json!({"app": "web", "tier": "front", "more": ""})), Some(true));
    }

    #[test]
    fn expressions_follow_their_operator() {
        let web = || json!({"app": "web"});
        for (operator, values, with, without) in [
            ("In", json!(["web", "api"]), true, false),
            ("In", json!(["api"]), false, false),
            ("NotIn", json!(["web"]), false, true),
            ("NotIn", json!(["api"]), true, true),
            ("Exists", json!(null), true, false),
            ("DoesNotExist", json!([]), false, true),
        ] {
            assert_eq!(selects(expression(operator, values.clone()), web()), Some(with), "{operator} {values}");
            assert_eq!(selects(expression(operator, values.clone()), json!({})), Some(without), "{operator} {values}");
        }
    }

    #[test]
    fn labels_that_are_no_strings_count_as_their_text() {
        assert_eq!(selects(json!({"matchLabels": {"v": 1, "on": true}}), json!({"v": "1", "on": "true"})), Some(true));
        assert_eq!(selects(json!({"matchLabels": {"v": null}}), json!({"v": ""})), Some(true));
        assert_eq!(selects(json!({"matchLabels": {"v": 1}}), json!({"v": 10})), Some(false));
    }

    #[test]
    fn an_empty_plain_map_matches_nothing() {
        let (empty, _) = tree_of(&json!({}));
        assert_eq!(Selector::from_labels(&empty, 0), None);
        let (tree, _) = tree_of(&json!({"app": "web"}));
        assert!(Selector::from_labels(&tree, 0).is_some_and(|selector| selector.matches(&tree, Some(0))));
        assert_eq!(Selector::from_labels(&tree, 1), None, "a scalar");
        assert_eq!(Selector::from_labels(&tree, 99), None, "no node at all");
    }
}
