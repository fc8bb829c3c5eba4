//! Documents for tests, made from a JSON literal: JSON is YAML, so they are read like any other text.

use std::sync::Arc;

use serde_json::Value;

use super::{Document, ManifestContext, Source, Tree, parse_manifests, yaml};

/// A manifest that holds one object.
pub(crate) fn manifest(path: &str, value: &Value) -> Document {
    let source = Arc::new(Source::new(path, value.to_string().into_bytes()));
    let mut documents = parse_manifests(&source, &ManifestContext::default()).documents;
    assert_eq!(documents.len(), 1, "{value} is no manifest");
    documents.remove(0)
}

/// The tree of a literal and the text that it spans.
pub(crate) fn tree_of(value: &Value) -> (Tree, String) {
    let text = value.to_string();
    let mut documents = yaml::parse(&text).documents;
    assert_eq!(documents.len(), 1, "{value} is no YAML");
    (documents.remove(0).tree, text)
}
