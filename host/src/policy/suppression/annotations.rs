//! Annotations of Kubernetes objects and of their pod templates that keep findings from being reported.

use super::pragma::Pragma;
use super::{Exceptions, Malformed, Suppression, checkov, hullmark, kube_linter, kube_score, polaris};
use crate::document::{Document, NodeId, Span};

/// Adds what the annotations of a document say.
pub(super) fn read(document: &Document, found: &mut Exceptions) {
    let pods = &document.pods;
    for (index, &object) in document.objects.nodes.iter().enumerate() {
        let pod = pods.objects.iter().position(|&of| of as usize == index);
        let template = pod.map(|pod| pods.templates[pod]).filter(|&template| template != object);
        let asked_for = template.and_then(|template| value(document, template, kube_score::ENABLE)).unwrap_or_default();
        for annotation in annotations(document, object) {
            let Annotation { key, value, .. } = annotation;
            let one_each = [
                kube_linter::read(key, value),
                polaris::read(key, value),
                checkov::annotation(key, value),
                kube_score::read(key, value, asked_for),
            ];
            one_each.into_iter().flatten().for_each(|pragma| found.annotation(document, object, &annotation, pragma));
            found.own_annotation(document, object, pod, &annotation);
        }
        let Some(template) = template else { continue };
        for annotation in annotations(document, template) {
            if let Some(pragma) = kube_score::read(annotation.key, annotation.value, "") {
                found.annotation(document, object, &annotation, pragma);
            }
            found.own_annotation(document, template, pod, &annotation);
        }
    }
}

/// One annotation of an object or a pod template.
struct Annotation<'t> {
    key: &'t str,
    value: &'t str,
    /// From its key to the end of its value.
    span: Span,
    /// The lines that it has to itself.
    removal: Option<Span>,
}

fn annotations<'d>(document: &'d Document, of: NodeId) -> impl Iterator<Item = Annotation<'d>> {
    let tree = &document.tree;
    let parent = tree.at(of, &["metadata", "annotations"]);
    parent.into_iter().flat_map(|parent| tree.children(parent)).filter_map(move |node| {
        let (key, value, key_span) = (tree.key(node)?, tree.value(node)?, tree.key_span(node)?);
        let span = Span::new(key_span.start, tree.span(node).end.max(key_span.end));
        Some(Annotation { key, value, span, removal: removal(document, node, span) })
    })
}

/// The lines of an annotation, where it shares them with nothing and others remain beside it. What an alias brings stands
/// elsewhere.
fn removal(document: &Document, node: NodeId, span: Span) -> Option<Span> {
    let (tree, source) = (&document.tree, &document.source);
    let is_only_one = tree.parent(node).is_none_or(|parent| tree.children(parent).nth(1).is_none());
    if is_only_one || tree.alias(node).is_some() {
        return None;
    }
    // A block scalar ends after its last line end.
    let (first, last) = (source.line(span.start), source.line(span.end.max(span.start + 1) - 1));
    let start = source.line_span(first).start;
    let end = source.line_span(last);
    let alone = source.slice(Span::new(start, span.start)).trim().is_empty()
        && source.slice(Span::new(span.end.min(end.end), end.end)).trim().is_empty();
    let end = if last < source.line_count() { source.line_span(last + 1).start } else { end.end };
    alone.then_some(Span::new(start, end))
}

/// The value of an annotation of an object or a pod template.
fn value<'d>(document: &'d Document, of: NodeId, key: &str) -> Option<&'d str> {
    let tree = &document.tree;
    tree.value(tree.at(of, &["metadata", "annotations", key])?)
}

impl Exceptions {
    fn annotation(&mut self, document: &Document, of: NodeId, annotation: &Annotation<'_>, pragma: Pragma<'_>) {
        let covers = Some(document.tree.span(of));
        self.suppressions.push(Suppression::new(&document.source, annotation.span, covers, annotation.removal, pragma));
    }

    /// hullmark's own: each line of its value by itself.
    fn own_annotation(&mut self, document: &Document, of: NodeId, pod: Option<usize>, annotation: &Annotation<'_>) {
        if annotation.key != hullmark::ANNOTATION {
            return;
        }
        let lines: Vec<&str> = annotation.value.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let removal = annotation.removal.filter(|_| lines.len() == 1);
        if lines.is_empty() {
            let message = "the annotation names no rule".to_owned();
            self.malformed.push(Malformed { place: annotation.span, message });
        }
        for line in lines {
            let (source, place) = (&document.source, annotation.span);
            let read = hullmark::annotation(line).and_then(|(container, pragma)| {
                let covers = match container {
                    Some(name) => container_of(document, pod, name)?,
                    None => document.tree.span(of),
                };
                Ok(Suppression::new(source, place, Some(covers), removal, pragma))
            });
            match read {
                Ok(suppression) => self.suppressions.push(suppression),
                Err(message) => self.malformed.push(Malformed { place, message }),
            }
        }
    }
}

/// The container of that name in a pod.
fn container_of(document: &Document, pod: Option<usize>, name: &str) -> Result<Span, String> {
    let (tree, pods) = (&document.tree, &document.pods);
    let of_pod = pods.container_pods.iter().zip(&pods.container_nodes).filter(|(of, _)| pod == Some(**of as usize));
    let mut named = of_pod.filter(|(_, node)| tree.get(**node, "name").and_then(|text| tree.text(text)) == Some(name));
    named.next().map(|(_, &node)| tree.span(node)).ok_or_else(|| format!("there is no container `{name}` here"))
}
