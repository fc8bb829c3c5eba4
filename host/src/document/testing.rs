//! Documents for tests, made from a JSON literal: the text is the literal's JSON, so every span is a real one.

use std::sync::OnceLock;

use serde_json::Value;

use super::{
    Document, Interner, Language, NewNode, NodeId, Objects, Pods, Source, Span, Stages, Traits, Tree, Variables,
};
use super::{TreeBuilder, kind};

/// A manifest that holds one object; a `spec.template` or a Pod's own `spec` gives its pod.
pub(crate) fn manifest(path: &str, value: &Value) -> Document {
    let (tree, text) = tree_of(value);
    let (objects, pods) = (objects_of(&tree), pods_of(&tree));
    Document {
        source: Source::new(path, text.into_bytes()).into(),
        language: Language::Manifest,
        traits: Traits::default(),
        tree,
        comments: Vec::new(),
        stages: Stages::default(),
        variables: Variables::default(),
        ignore_file: None,
        objects,
        pods,
        commands: OnceLock::new(),
    }
}

/// The tree of a literal and the text that it spans.
pub(crate) fn tree_of(value: &Value) -> (Tree, String) {
    let mut writer = Writer::default();
    writer.write(None, None, Span::default(), value);
    (writer.builder.finish(), writer.text)
}

#[derive(Default)]
struct Writer {
    builder: TreeBuilder,
    text: String,
}

impl Writer {
    fn at(&self) -> u32 {
        self.text.len() as u32
    }

    fn write(&mut self, parent: Option<NodeId>, key: Option<&str>, key_span: Span, value: &Value) {
        let (kind, scalar) = match value {
            Value::Object(_) => (kind::MAPPING, None),
            Value::Array(_) => (kind::SEQUENCE, None),
            Value::String(text) => (kind::STRING, Some(text.clone())),
            Value::Number(number) if number.is_f64() => (kind::FLOAT, Some(number.to_string())),
            Value::Number(number) => (kind::INTEGER, Some(number.to_string())),
            Value::Bool(value) => (kind::BOOLEAN, Some(value.to_string())),
            Value::Null => (kind::NULL, Some("null".to_owned())),
        };
        let span = Span::new(self.at(), self.at());
        let node =
            self.builder.push(parent, NewNode { kind, key, value: scalar.as_deref(), span, key_span, alias: None });
        match value {
            Value::Object(fields) => {
                self.text.push('{');
                for (key, value) in fields {
                    self.separate('{');
                    let start = self.at();
                    self.text.push_str(&Value::from(key.as_str()).to_string());
                    let key_span = Span::new(start, self.at());
                    self.text.push(':');
                    self.write(Some(node), Some(key), key_span, value);
                }
                self.text.push('}');
            }
            Value::Array(items) => {
                self.text.push('[');
                for item in items {
                    self.separate('[');
                    self.write(Some(node), None, Span::default(), item);
                }
                self.text.push(']');
            }
            scalar => self.text.push_str(&scalar.to_string()),
        }
        self.builder.set_end(node, self.at());
    }

    fn separate(&mut self, open: char) {
        if !self.text.ends_with(open) {
            self.text.push(',');
        }
    }
}

fn objects_of(tree: &Tree) -> Objects {
    let mut strings = Interner::default();
    let mut number = |path: &[&str]| strings.intern_option(tree.at(0, path).and_then(|node| tree.text(node)));
    Objects {
        nodes: vec![0],
        api_versions: vec![number(&["apiVersion"])],
        kinds: vec![number(&["kind"])],
        names: vec![number(&["metadata", "name"])],
        namespaces: vec![number(&["metadata", "namespace"])],
        strings: strings.finish(),
    }
}

fn pods_of(tree: &Tree) -> Pods {
    let is_pod = tree.get(0, "kind").and_then(|kind| tree.text(kind)) == Some("Pod");
    let template = if is_pod { Some(0) } else { tree.at(0, &["spec", "template"]) };
    let spec = template.and_then(|template| tree.get(template, "spec"));
    let (Some(template), Some(spec)) = (template, spec) else { return Pods::default() };
    Pods { objects: vec![0], templates: vec![template], specs: vec![spec], ..Pods::default() }
}
