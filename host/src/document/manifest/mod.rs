//! What a YAML stream is about: Kubernetes objects, the pods they describe, and the kustomizations around them. How YAML
//! is written is [`super::yaml`]'s concern.

mod detect;
mod kustomize;
mod objects;
mod pods;

use std::sync::{Arc, OnceLock};

pub use detect::looks_like_manifest;
pub use kustomize::{Kustomization, KustomizeIndex, kustomization};

use super::{Document, Language, Parsed, Source, Span, Stages, Traits, Tree, Variables, yaml};

/// What the repository around a file says of the manifests in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestContext {
    /// The namespace that the kustomization which lists the file sets.
    pub namespace: Option<String>,
    /// Whether a kustomization names the file as a patch.
    pub fragment: bool,
    /// Whether the file is one of a Helm chart's templates.
    pub template: bool,
}

/// Reads the manifests of a stream: every document that is a Kubernetes object, or a list of them. Other documents pass
/// silently, and so do syntax errors in files that hold no manifest.
#[must_use]
pub fn parse_manifests(source: &Arc<Source>, context: &ManifestContext) -> Parsed {
    let text = source.text();
    let stream = yaml::parse(text);
    let manifest = !stream.broken.is_empty() && detect::has_top_level_keys(text);
    let mut parsed = Parsed::default();
    for broken in stream.broken {
        if broken.template {
            parsed.template = true;
        } else if manifest {
            parsed.problems.push(broken.problem);
        }
    }
    let starts: Vec<u32> = stream.documents.iter().map(|document| document.start).collect();
    for (index, yaml) in stream.documents.into_iter().enumerate() {
        let from = if index == 0 { 0 } else { yaml.start };
        let to = starts.get(index + 1).copied().unwrap_or(u32::MAX);
        let before = |offset| stream.comments.partition_point(|comment| comment.start < offset);
        let comments = &stream.comments[before(from)..before(to)];
        if let Some(document) = document(source, yaml.tree, comments, context) {
            parsed.documents.push(document);
        }
    }
    parsed
}

fn document(source: &Arc<Source>, tree: Tree, comments: &[Span], context: &ManifestContext) -> Option<Document> {
    let objects = objects::of(&tree, context.namespace.as_deref());
    if objects.nodes.is_empty() {
        return None;
    }
    let pods = pods::of(&tree, &objects);
    let fragment = context.fragment || objects.nodes.iter().any(|&node| objects::is_patch(&tree, node));
    Some(Document {
        source: Arc::clone(source),
        language: Language::Manifest,
        traits: Traits { fragment, template: context.template, declared: false },
        tree,
        comments: comments.to_vec(),
        stages: Stages::default(),
        variables: Variables::default(),
        ignore_file: None,
        objects,
        pods,
        commands: OnceLock::new(),
    })
}

#[cfg(test)]
mod tests;
