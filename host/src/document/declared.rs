//! Objects that exist outside the repository, as a text declares them: no more is known of them than what they are called.

use std::sync::{Arc, OnceLock};

use super::tree::Interner;
use super::{
    Document, Language, NewNode, NodeId, Objects, Pods, Source, Span, Stages, Traits, TreeBuilder, Variables, kind,
};

/// A word of a text with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What it says.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// An object that is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// `kind`.
    pub kind: Word,
    /// `metadata.name`.
    pub name: Word,
    /// `metadata.namespace`; nothing where the object may be in any.
    pub namespace: Option<Word>,
}

impl Declaration {
    fn words(&self) -> impl Iterator<Item = &Word> {
        [&self.kind, &self.name].into_iter().chain(&self.namespace)
    }

    fn span(&self) -> Span {
        let start = self.words().map(|word| word.span.start).min().unwrap_or_default();
        let end = self.words().map(|word| word.span.end).max().unwrap_or_default();
        Span::new(start, end)
    }
}

/// A document of declared objects, each a mapping with `kind` and `metadata`, in the order of the text.
#[must_use]
pub fn declared(source: &Arc<Source>, declarations: &[Declaration]) -> Document {
    let mut declarations: Vec<&Declaration> = declarations.iter().collect();
    declarations.sort_by_key(|declaration| declaration.span());
    let whole = Span::new(0, source.text().len() as u32);
    let mut builder = TreeBuilder::default();
    let root = builder.push(None, NewNode { kind: kind::SEQUENCE, span: whole, ..NewNode::default() });
    let mut objects = Objects::default();
    let mut strings = Interner::default();
    for declaration in declarations {
        let node = push(&mut builder, root, declaration);
        objects.nodes.push(node);
        objects.api_versions.push(strings.intern_option(None));
        objects.kinds.push(strings.intern(&declaration.kind.text));
        objects.names.push(strings.intern(&declaration.name.text));
        let namespace = declaration.namespace.as_ref().map(|word| word.text.as_str());
        objects.namespaces.push(strings.intern_option(namespace));
    }
    objects.strings = strings.finish();
    Document {
        source: Arc::clone(source),
        language: Language::Manifest,
        traits: Traits { declared: true, ..Traits::default() },
        tree: builder.finish(),
        comments: Vec::new(),
        stages: Stages::default(),
        variables: Variables::default(),
        ignore_file: None,
        objects,
        pods: Pods::default(),
        commands: OnceLock::new(),
    }
}

/// Appends the mapping of a declared object; what no text has, as `metadata`, spans the whole of it.
fn push(builder: &mut TreeBuilder, root: NodeId, declaration: &Declaration) -> NodeId {
    let mapping = NewNode { kind: kind::MAPPING, span: declaration.span(), ..NewNode::default() };
    let scalar =
        |key, word: &Word| NewNode { kind: kind::STRING, key: Some(key), span: word.span, ..NewNode::default() };
    let object = builder.push(Some(root), mapping);
    let Declaration { kind, name, namespace } = declaration;
    builder.push(Some(object), NewNode { value: Some(&kind.text), ..scalar("kind", kind) });
    let metadata = builder.push(Some(object), NewNode { key: Some("metadata"), ..mapping });
    builder.push(Some(metadata), NewNode { value: Some(&name.text), ..scalar("name", name) });
    if let Some(namespace) = namespace {
        builder.push(Some(metadata), NewNode { value: Some(&namespace.text), ..scalar("namespace", namespace) });
    }
    object
}

#[cfg(test)]
mod tests {
    use super::super::Project;
    use super::*;

    fn word(source: &Source, text: &str) -> Word {
        let start = source.text().find(text).unwrap() as u32;
        Word { text: text.to_owned(), span: Span::new(start, start + text.len() as u32) }
    }

    #[test]
    fn declared_objects_stand_in_the_project_with_the_places_of_their_words() {
        let source = Arc::new(Source::new(
            "hullmark.yaml",
            b"- {name: tls, kind: Secret}\n- {kind: ConfigMap, namespace: shop, name: web}\n".to_vec(),
        ));
        let word = |text| word(&source, text);
        let map = Declaration { kind: word("ConfigMap"), name: word("web"), namespace: Some(word("shop")) };
        let secret = Declaration { kind: word("Secret"), name: word("tls"), namespace: None };
        let document = declared(&source, &[map, secret]);
        let tree = &document.tree;
        let name = |index: usize| tree.at(document.objects.nodes[index], &["metadata", "name"]).unwrap();
        assert_eq!([tree.value(name(0)), tree.value(name(1))], [Some("tls"), Some("web")]);
        assert_eq!(source.slice(tree.span(name(1))), "web");
        assert_eq!(source.slice(tree.span(document.objects.nodes[1])), "ConfigMap, namespace: shop, name: web");
        let project = Project::new(vec![Arc::new(document)]);
        let maps = project.objects(&["ConfigMap"]);
        assert_eq!(maps.strings.get(maps.namespaces[0]), Some("shop"));
        assert!(project.pods().documents.is_empty());
    }
}
