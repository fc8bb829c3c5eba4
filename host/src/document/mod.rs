//! Texts with their structure and the byte span of every token. Nothing here knows rules, plugins or formats, does
//! input or output, or fails: a parser returns what it understood, and its problems beside it.

pub mod dockerfile;
mod image;
mod json;
mod project;
mod quantity;
mod selector;
mod source;
mod span;
#[cfg(test)]
mod testing;
mod tree;

use std::sync::Arc;

pub use dockerfile::parse as parse_dockerfile;
pub use image::ImageReference;
pub use json::{locate, to_json};
pub use project::{Project, ProjectObjects, ProjectPods};
pub use quantity::{Quantity, QuantityError};
pub use selector::{Requirement, Selector};
pub use source::{Region, Source};
pub use span::Span;
pub use tree::{Interner, NONE, NewNode, NodeId, StringTable, Tree, TreeBuilder, kind};

/// What a document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// A Dockerfile, of which a source file holds exactly one.
    Dockerfile,
    /// One document of a YAML stream (JSON included) that holds Kubernetes objects.
    Manifest,
}

/// What a rule must know of a document beyond its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// A patch of a larger object: absence means nothing in it.
    pub fragment: bool,
    /// Part of a Helm chart's `templates/`.
    pub template: bool,
}

/// One Dockerfile, or one YAML document of a file.
#[derive(Debug)]
pub struct Document {
    /// The file it stands in; every span counts that file's bytes.
    pub source: Arc<Source>,
    /// Its language.
    pub language: Language,
    /// What else a rule must know.
    pub traits: Traits,
    /// Its tree, with the kinds of the plugin interface.
    pub tree: Tree,
    /// Stages of a Dockerfile.
    pub stages: Stages,
    /// Objects of a manifest.
    pub objects: Objects,
    /// Pods of a manifest.
    pub pods: Pods,
}

/// Stages of a Dockerfile in columns, in order; the fields are those of `stages` in the plugin interface.
#[derive(Clone, Debug, Default)]
pub struct Stages {
    pub nodes: Vec<NodeId>,
    pub froms: Vec<NodeId>,
    pub parents: Vec<u32>,
    pub bases: Vec<u32>,
    pub shipped: Vec<u8>,
    pub strings: StringTable,
}

/// Objects of a manifest in columns; the fields are those of `objects` in the plugin interface.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    pub nodes: Vec<NodeId>,
    pub api_versions: Vec<u32>,
    pub kinds: Vec<u32>,
    pub names: Vec<u32>,
    pub namespaces: Vec<u32>,
    pub strings: StringTable,
}

/// Pods of a manifest in columns; the fields are those of `pods` in the plugin interface.
#[derive(Clone, Debug, Default)]
pub struct Pods {
    pub objects: Vec<u32>,
    pub templates: Vec<NodeId>,
    pub specs: Vec<NodeId>,
    pub container_pods: Vec<u32>,
    pub container_nodes: Vec<NodeId>,
    pub container_roles: Vec<u8>,
}

/// A syntax error, at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where; never empty where the text has a character to point at.
    pub span: Span,
    /// One sentence, lower case, without a full stop.
    pub message: String,
}

/// What a parser made of one source.
#[derive(Debug, Default)]
pub struct Parsed {
    /// In the order of the text.
    pub documents: Vec<Document>,
    /// In the order of the text.
    pub problems: Vec<Problem>,
}
