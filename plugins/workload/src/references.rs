//! What containers and volumes take from ConfigMaps and Secrets. No rule belongs here.

use std::collections::BTreeSet;

use hullmark_sdk::prelude::*;

use crate::definitions::Definitions;

/// Of so many objects that a pod lacks, somebody else makes all: nobody forgets as many.
const MANY: usize = 3;

/// How one kind of object is referred to.
pub(crate) struct Target {
    pub(crate) kind: &'static str,
    /// Field of `valueFrom`.
    pub(crate) key_ref: &'static str,
    /// Field of an entry of `envFrom`.
    pub(crate) env_ref: &'static str,
    /// Field of a volume, and of a source of a projected one.
    pub(crate) volume: &'static str,
    /// Field of that volume which holds the name.
    pub(crate) volume_name: &'static str,
    /// Fields of the object that hold its entries.
    pub(crate) data: &'static [&'static str],
}

/// One reference that must be met.
struct Reference<'a> {
    name: Node<'a>,
    keys: Vec<Node<'a>>,
    is_variable: bool,
}

/// Reports what pods take from objects that are not there, or that lack the entry.
pub(crate) fn check(project: &Project, target: &Target, report: &mut Report) {
    let definitions = Definitions::of(project, target.kind);
    if definitions.is_empty() && !report.options().flag("complete") {
        return;
    }
    for pod in project.pods().iter().filter_map(|entry| project.load(entry)) {
        let mut references = target.references(pod);
        if !report.options().flag("complete") {
            leave_out_many(&mut references, &definitions, pod.object().namespace());
        }
        for reference in references {
            judge(project, target, &definitions, pod.object(), &reference, report);
        }
    }
}

/// Leaves out what is missing where that is [`MANY`], and more than what is there.
fn leave_out_many(references: &mut Vec<Reference>, definitions: &Definitions, namespace: Option<&str>) {
    let is_missing = |name: &str| definitions.named(name, namespace).is_empty();
    let names: BTreeSet<&str> = references.iter().filter_map(|reference| reference.name.text()).collect();
    let missing: BTreeSet<&str> = names.iter().copied().filter(|name| is_missing(name)).collect();
    if missing.len() >= MANY && missing.len() * 2 > names.len() {
        references.retain(|reference| reference.name.text().is_none_or(|name| !missing.contains(name)));
    }
}

fn judge(
    project: &Project,
    target: &Target,
    definitions: &Definitions,
    object: Object,
    reference: &Reference,
    report: &mut Report,
) {
    let Some(name) = reference.name.text() else { return };
    let kind = target.kind;
    let named = definitions.named(name, object.namespace());
    if named.is_empty() {
        if definitions.is_missing(name, object, report) {
            let strays = definitions.strays(name, object.namespace());
            let message = format!("{} takes values from the {kind} `{name}`, which does not exist", object.title());
            let finding = report.finding(reference.name, message);
            // kube-linter compares names alone.
            finding.aliases_if(&[("env-value-from", reference.is_variable && strays.is_empty())]);
            for stray in strays {
                finding.related(stray.name_place(), "one by that name, of another namespace");
            }
        }
        return;
    }
    for key in &reference.keys {
        let Some(text) = key.value() else { continue };
        let has = |object: Object| target.data.iter().any(|field| object.at(&[field, text]).is_some());
        // One without any entry is filled by somebody else.
        let is_empty = |object: Object| target.data.iter().all(|field| object.at(&[field]).is_none());
        let is_known = !named.iter().any(|object| is_empty(*object)) || report.options().flag("complete");
        if is_known && !named.iter().any(|object| has(*object)) && !is_patched_in(project, target, name, text) {
            let message =
                format!("{} takes `{text}` from the {kind} `{name}`, which has no such entry", object.title());
            let finding = report.finding(*key, message);
            finding.aliases_if(&[("env-value-from", reference.is_variable)]);
            for object in &named {
                finding.related(object.name_place(), format!("the {kind}"));
            }
        }
    }
}

/// Whether a patch of an object by this name holds an entry by that key.
fn is_patched_in(project: &Project, target: &Target, name: &str, key: &str) -> bool {
    let patches = project.documents().filter(|document| document.is_fragment()).flat_map(Document::objects);
    let mut patches = patches.filter(|patch| patch.kind() == Some(target.kind) && patch.name() == Some(name));
    patches.any(|patch| target.data.iter().any(|field| patch.at(&[field, key]).is_some()))
}

impl Target {
    fn references<'a>(&self, pod: Pod<'a>) -> Vec<Reference<'a>> {
        let mut found = Vec::new();
        for container in pod.containers() {
            for variable in container.get("env").into_iter().flat_map(Node::items) {
                let Some(from) = variable.at(&["valueFrom", self.key_ref]) else { continue };
                let keys = from.get("key").into_iter().collect();
                found.extend(reference(from, "name", keys, true));
            }
            for source in container.get("envFrom").into_iter().flat_map(Node::items) {
                found.extend(source.get(self.env_ref).and_then(|from| reference(from, "name", Vec::new(), false)));
            }
        }
        for volume in pod.get("volumes").into_iter().flat_map(Node::items) {
            if let Some(from) = volume.get(self.volume) {
                found.extend(reference(from, self.volume_name, item_keys(from), false));
            }
            for source in volume.at(&["projected", "sources"]).into_iter().flat_map(Node::items) {
                let Some(from) = source.get(self.volume) else { continue };
                found.extend(reference(from, "name", item_keys(from), false));
            }
        }
        found
    }
}

fn item_keys(volume: Node<'_>) -> Vec<Node<'_>> {
    volume.get("items").into_iter().flat_map(Node::items).filter_map(|item| item.get("key")).collect()
}

/// A reference, unless it may stay unmet.
fn reference<'a>(from: Node<'a>, name: &str, keys: Vec<Node<'a>>, is_variable: bool) -> Option<Reference<'a>> {
    let is_optional = from.get("optional").and_then(Node::boolean) == Some(true);
    (!is_optional).then_some(Reference { name: from.get(name)?, keys, is_variable })
}
