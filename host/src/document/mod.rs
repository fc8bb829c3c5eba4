//! Texts with their structure and the byte span of every token. Nothing here knows rules, plugins or formats, does
//! input or output, or fails: a parser returns what it understood, and its problems beside it.

mod builds;
mod declared;
pub mod dockerfile;
mod image;
#[cfg(test)]
pub(crate) mod invariants;
mod json;
mod manifest;
mod project;
mod quantity;
mod selector;
mod shell;
mod source;
mod span;
#[cfg(test)]
mod testing;
mod tree;
mod yaml;

use std::sync::{Arc, OnceLock};

pub use builds::ProjectBuilds;
pub use declared::{Declaration, Word, declared};
pub use dockerfile::parse as parse_dockerfile;
pub use image::ImageReference;
pub use json::{locate, to_json};
pub use manifest::{
    Kustomization, KustomizeIndex, ManifestContext, kustomization, looks_like_manifest, parse_manifests,
};
pub use project::{Project, ProjectObjects, ProjectPods};
pub use quantity::{Quantity, QuantityError};
pub use selector::{Requirement, Selector};
pub use shell::{
    AssignmentColumns, CommandColumns, Commands, CompoundColumns, PartColumns, RedirectionColumns, ScriptColumns,
    ShellText, WordColumns, commands, compound, content, context, join, part, shell_texts, state,
};
pub use source::{Region, Source};
pub use span::Span;
pub use tree::{Interner, NONE, NewNode, NodeId, StringTable, Tree, TreeBuilder, kind};
pub use yaml::{Broken as BrokenYaml, Stream as YamlStream, YamlDocument, parse as parse_yaml};

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
    /// Its objects are declared to exist outside the repository, and nothing else is known of them.
    pub declared: bool,
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
    /// Spans of a manifest's comments in the order of the text, each from its `#` to the end of the line. Comments
    /// before the first document of a stream, and after the last, are theirs.
    pub comments: Vec<Span>,
    /// Stages of a Dockerfile.
    pub stages: Stages,
    /// Words of a Dockerfile in which BuildKit replaces variables.
    pub variables: Variables,
    /// The file that says what a Dockerfile's build does not see, where one was found.
    pub ignore_file: Option<Arc<Source>>,
    /// Objects of a manifest.
    pub objects: Objects,
    /// Pods of a manifest.
    pub pods: Pods,
    /// Commands of a Dockerfile, once [`commands`] was asked for them.
    pub commands: OnceLock<Commands>,
}

/// Stages of a Dockerfile in columns, in order; the fields are those of `stages` in the plugin interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stages {
    /// Node of the stage.
    pub nodes: Vec<NodeId>,
    /// Node of its FROM instruction.
    pub froms: Vec<NodeId>,
    /// Index of the earlier stage it is built from, or [`NONE`].
    pub parents: Vec<u32>,
    /// String number of its image with defaults of global ARGs filled in, or [`NONE`].
    pub bases: Vec<u32>,
    /// 1 where the final stage needs it.
    pub shipped: Vec<u8>,
    /// What the string numbers stand for.
    pub strings: StringTable,
}

/// Words of a Dockerfile in which BuildKit replaces variables, in columns; the fields are those of `variables` in the
/// plugin interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// Nodes of words with variables, quotes or escapes.
    pub nodes: Vec<NodeId>,
    /// String number of what each comes to, with nothing in the place of a variable that has no value.
    pub values: Vec<u32>,
    /// 1 where the file tells all of it.
    pub complete: Vec<u8>,
    /// Node that holds each variable.
    pub reference_nodes: Vec<NodeId>,
    /// String number of its name.
    pub reference_names: Vec<u32>,
    /// Offset of its `$`.
    pub reference_starts: Vec<u32>,
    /// Offset after its last byte.
    pub reference_ends: Vec<u32>,
    /// How it stands: 0 known, 1 declared without a default, 2 known at build time only, 3 brought by the image or by
    /// nothing, 4 brought by nothing.
    pub reference_states: Vec<u8>,
    /// 1 where the form says what holds without a value.
    pub reference_defaults: Vec<u8>,
    /// What the string numbers stand for.
    pub strings: StringTable,
}

/// Objects of a manifest in columns; the fields are those of `objects` in the plugin interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objects {
    /// Node of the object's mapping.
    pub nodes: Vec<NodeId>,
    /// String number of `apiVersion`, or [`NONE`].
    pub api_versions: Vec<u32>,
    /// String number of `kind`, or [`NONE`].
    pub kinds: Vec<u32>,
    /// String number of `metadata.name`, or [`NONE`].
    pub names: Vec<u32>,
    /// String number of `metadata.namespace` or of what a kustomization sets, or [`NONE`].
    pub namespaces: Vec<u32>,
    /// What the string numbers stand for.
    pub strings: StringTable,
}

/// Pods of a manifest in columns; the fields are those of `pods` in the plugin interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pods {
    /// Index of the object that holds the pod.
    pub objects: Vec<u32>,
    /// Node of the pod template, or of the Pod itself.
    pub templates: Vec<NodeId>,
    /// Node of the pod's `spec`.
    pub specs: Vec<NodeId>,
    /// For each container the index of its pod.
    pub container_pods: Vec<u32>,
    /// Node of the container's mapping.
    pub container_nodes: Vec<NodeId>,
    /// 0 container, 1 init container, 2 sidecar, 3 ephemeral container.
    pub container_roles: Vec<u8>,
}

/// A syntax error, at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where; never empty where the text has a character to point at.
    pub span: Span,
    /// One sentence, lower case, without a full stop.
    pub message: String,
    /// The ids of other tools that would report this very occurrence.
    pub aliases: &'static [&'static str],
}

/// What a parser made of one source.
#[derive(Debug, Default)]
pub struct Parsed {
    /// In the order of the text.
    pub documents: Vec<Document>,
    /// In the order of the text.
    pub problems: Vec<Problem>,
    /// Whether part of the text is no YAML yet, because a template language is still in it; nobody's problem.
    pub template: bool,
}
