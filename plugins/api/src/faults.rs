//! What is wrong with an object by its schema. All rules on fields share one walk over it.

use std::collections::BTreeMap;

use hullmark_sdk::prelude::*;
use hullmark_sdk::{Finding, nearest};

use crate::custom;
use crate::schema::{Field, Schema, Shape};
use crate::tables::{self, Builtin};
use crate::version::Version;

/// Where an object has so much wrong that nobody reads it all.
const MOST: usize = 1000;

/// Something wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: Place,
    pub(crate) what: What,
    pub(crate) message: String,
    pub(crate) fix: Option<Fix>,
    /// Whether it is the first of its object: tools that judge an object as a whole speak once.
    pub(crate) is_first: bool,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A key that names no field.
    Unknown,
    /// A value of the wrong type.
    Type,
    /// A field that must be there.
    Missing,
    /// A text that is none of those that are allowed.
    Value,
    /// A name that is missing: no schema asks for it, the API server does.
    Name,
}

/// Reports what is wrong in this way with an object of a kind that Kubernetes itself has.
pub(crate) fn report_object(what: What, object: &Object, report: &mut Report) {
    let version = Version::chosen(report.options());
    let document = object.document();
    let all = document.derived(u32::from(version.minor), || of_document(document, version));
    let faults = all.get(&object.node().span().start).into_iter().flatten();
    for fault in faults.filter(|fault| fault.what == what) {
        fault.report(report);
    }
}

/// Reports what is wrong in this way with custom resources, by the CustomResourceDefinitions of the project.
pub(crate) fn report_project(what: What, project: &Project, report: &mut Report) {
    let version = Version::chosen(report.options());
    let all = project.derived(u32::from(version.minor), || custom::faults(project, version));
    for fault in all.iter().filter(|fault| fault.what == what) {
        fault.report(report).aliases(&[]);
    }
}

/// Faults by where their object begins.
fn of_document(document: &Document, version: Version) -> BTreeMap<u32, Vec<Fault>> {
    let mut all = BTreeMap::new();
    for object in document.objects() {
        let (Some(api_version), Some(kind)) = (object.api_version(), object.kind()) else { continue };
        let Some(schema) = tables::kind(api_version, kind, version) else { continue };
        let mut walk = Walk::new(&object);
        walk.name(schema);
        let faults = walk.all(schema);
        if !faults.is_empty() {
            all.insert(object.node().span().start, faults);
        }
    }
    all
}

impl Fault {
    fn report<'r>(&self, report: &'r mut Report<'_>) -> &'r mut Finding {
        let finding = report.finding(self.at, self.message.clone());
        if !self.is_first {
            finding.aliases(&[]);
        }
        if let Some(fix) = &self.fix {
            finding.fix(fix.clone());
        }
        finding
    }
}

/// A walk over one object.
pub(crate) struct Walk<'o> {
    object: Object<'o>,
    faults: Vec<Fault>,
}

impl<'o> Walk<'o> {
    pub(crate) const fn new(object: &Object<'o>) -> Self {
        Self { object: *object, faults: Vec::new() }
    }

    /// What is wrong with the object.
    pub(crate) fn all<'a>(mut self, schema: impl Schema<'a>) -> Vec<Fault> {
        self.fields(self.object.node(), schema);
        self.faults.sort_by_key(|fault| fault.at.span);
        // Through aliases, one text may stand in several places.
        self.faults.dedup();
        let first = self.faults.iter_mut().find(|fault| !matches!(fault.what, What::Value | What::Name));
        if let Some(first) = first {
            first.is_first = true;
        }
        self.faults
    }

    fn add(&mut self, at: impl Into<Place>, what: What, message: String, fix: Option<Fix>) {
        if self.faults.len() < MOST {
            self.faults.push(Fault { at: at.into(), what, message, fix, is_first: false });
        }
    }

    /// Looks for the name that every object has. What is asked of the API server and never stored needs none.
    fn name<'a>(&mut self, schema: impl Schema<'a>) {
        let object = self.object;
        let is_asked = matches!(object.group(), "authentication.k8s.io" | "authorization.k8s.io");
        let is_named = matches!(schema.field("metadata"), Field::Known(metadata) if metadata.title() == "`ObjectMeta`");
        let has_name = ["name", "generateName"].iter().any(|field| object.at(&["metadata", field]).is_some());
        if is_named && !is_asked && !has_name && !object.document().is_fragment() {
            let message = format!("{} has no `name`, and no `generateName` either", schema.title());
            self.add(object.anchor(&["metadata", "name"]), What::Name, message, None);
        }
    }

    /// Looks at the fields of a mapping.
    fn fields<'a, S: Schema<'a>>(&mut self, mapping: Node<'o>, schema: S) {
        for (key, value) in mapping.entries() {
            let elsewhere = match schema.field(key) {
                Field::Known(of) => {
                    self.value(value, of);
                    continue;
                }
                Field::Open => continue,
                // A directive of a patch.
                Field::Unknown if key.starts_with('$') => continue,
                Field::Unknown => {
                    self.unknown(mapping, key, value, schema);
                    continue;
                }
                Field::Since(minor) => format!("is a field of {} only since Kubernetes 1.{minor}", schema.title()),
                Field::Until(minor) => format!("was a field of {} until Kubernetes 1.{minor}", schema.title()),
            };
            self.add(value.key_place(), What::Unknown, format!("`{key}` {elsewhere}"), None);
        }
        if mapping.document().is_fragment() || self.is_status(mapping) {
            return;
        }
        for field in schema.required() {
            if mapping.get(field).is_none() && !(field == "selector" && is_labelled_later(mapping)) {
                let message = format!("{} lacks `{field}`, which it must have", schema.title());
                self.add(self.holder(mapping, field), What::Missing, message, None);
            }
        }
    }

    /// Whether a mapping lies in the object's status, which the cluster writes and nobody applies.
    fn is_status(&self, mapping: Node<'o>) -> bool {
        let root = self.object.node();
        let mut above = std::iter::successors(Some(mapping), |node| node.parent());
        above.any(|node| node.key() == Some("status") && node.parent() == Some(root))
    }

    /// What should hold a missing field: its key where that is there without a value, the name of an item, the mapping's key.
    fn holder(&self, mapping: Node<'o>, field: &str) -> Place {
        if let Some(written) = mapping.written(field) {
            return written.key_place();
        }
        if mapping == self.object.node() {
            return self.object.name_place();
        }
        if mapping.key_span().is_some() {
            return mapping.key_place();
        }
        mapping.get("name").filter(|name| name.text().is_some()).map_or_else(|| mapping.place(), Node::place)
    }

    fn unknown<'a, S: Schema<'a>>(&mut self, mapping: Node<'o>, key: &str, value: Node<'o>, schema: S) {
        let mut message = format!("`{key}` is no field of {}", schema.title());
        let free = schema.fields().into_iter().filter(|field| mapping.written(field).is_none());
        let mut fix = None;
        if let Some(meant) = near(key, free.collect()) {
            message.push_str(&format!("; did you mean `{meant}`?"));
            let fits = matches!(schema.field(meant), Field::Known(of) if takes(of.shape(), value));
            let at = value.key_place();
            let written = value.document().text_at(at.span);
            if fits && unquoted(&written) == key {
                fix = Some(Fix::safe(format!("write `{meant}`")).replace(at, written.replace(key, meant)));
            }
        }
        self.add(value.key_place(), What::Unknown, message, fix);
    }

    /// Looks at a value. Null is as good as no value.
    fn value<'a, S: Schema<'a>>(&mut self, value: Node<'o>, schema: S) {
        let shape = schema.shape();
        match (shape, value.kind()) {
            (Shape::Any, _) | (_, Kind::Null) => {}
            (Shape::Struct, Kind::Mapping) => self.fields(value, schema),
            (Shape::Map(of), Kind::Mapping) => value.entries().for_each(|(_, entry)| self.value(entry, of)),
            (Shape::List(of), Kind::Sequence) => value.items().for_each(|item| self.value(item, of)),
            (Shape::String, Kind::String) => self.text(value, schema),
            // Another program puts something else there before Kubernetes sees it.
            _ if takes(shape, value) || is_filled_in(value) => {}
            _ => {
                let message = format!("{} takes {}, not {}", label(value), expected(shape), found(value, shape));
                self.add(value, What::Type, message, requoted(value, shape));
            }
        }
    }

    fn text<'a, S: Schema<'a>>(&mut self, value: Node<'o>, schema: S) {
        let allowed = schema.allowed();
        let text = value.text().unwrap_or_default();
        // Kubernetes takes an empty text for none.
        if allowed.is_empty() || text.is_empty() || allowed.contains(&text) || is_filled_in(value) {
            return;
        }
        let meant = near(text, allowed.clone());
        let choice = allowed.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let message = match meant {
            Some(meant) => format!("{} cannot be `{text}`; did you mean `{meant}`?", label(value)),
            None => format!("{} cannot be `{text}`; it takes {choice}", label(value)),
        };
        let written = value.document().text_at(value.span());
        let fix = meant.filter(|_| unquoted(&written) == text);
        let fix = fix.map(|meant| Fix::safe(format!("write `{meant}`")).replace(value.part(0, text), meant));
        self.add(value, What::Value, message, fix);
    }
}

/// Whether a workload leaves its labels to Kustomize, which adds the selector with them.
fn is_labelled_later(spec: Node) -> bool {
    spec.get("template").is_some_and(|template| template.at(&["metadata", "labels"]).is_none())
}

/// The schema of metadata.
pub(crate) fn object_meta(version: Version) -> Option<Builtin> {
    tables::definition("apimachinery.pkg.apis.meta.v1.ObjectMeta", version)
}

/// The word that is meant: the same in other letters (`image_pull_policy`, `ImagePullPolicy`), or one that is near.
fn near<'a>(word: &str, known: Vec<&'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.replace(['_', '-', ' '], "").to_lowercase();
    let same = known.iter().find(|known| plain(known) == plain(word)).copied();
    same.or_else(|| nearest(word, known))
}

/// Whether a type takes a value, as far as the value itself goes.
fn takes<S>(shape: Shape<S>, value: Node) -> bool {
    // A number such as `3.0` reaches Kubernetes as `3`.
    let whole = || number(value).filter(|number| number.fract() == 0.0);
    match shape {
        Shape::Any => true,
        Shape::Struct | Shape::Map(_) => value.kind() == Kind::Mapping,
        Shape::List(_) => value.kind() == Kind::Sequence,
        Shape::String => value.kind() == Kind::String,
        Shape::Boolean => value.kind() == Kind::Boolean,
        Shape::Number => number(value).is_some(),
        Shape::Integer => whole().is_some(),
        Shape::Integer32 => whole().is_some_and(|number| !is_large(number)),
        Shape::IntOrString => value.kind() == Kind::String || whole().is_some(),
        Shape::Quantity => value.kind() == Kind::String || number(value).is_some(),
    }
}

fn number(value: Node) -> Option<f64> {
    matches!(value.kind(), Kind::Integer | Kind::Float).then(|| value.value()?.parse().ok()).flatten()
}

fn is_large(number: f64) -> bool {
    number > f64::from(i32::MAX) || number < f64::from(i32::MIN)
}

/// Whether another program replaces the value, or a part of it, before Kubernetes sees it.
pub(crate) fn is_filled_in(value: Node) -> bool {
    let text = value.text().unwrap_or_default();
    text.contains(['$', '{', '<', '%', '@', '#']) || text.contains("__")
}

/// What the value of a field is called: its key, or whose item it is.
fn label(value: Node) -> String {
    if let Some(key) = value.key() {
        return format!("`{key}`");
    }
    let list = std::iter::successors(value.parent(), |node| node.parent()).find_map(Node::key);
    list.map_or_else(|| "the item".to_owned(), |key| format!("an item of `{key}`"))
}

fn found<S>(value: Node, shape: Shape<S>) -> &'static str {
    match value.kind() {
        Kind::Mapping => "a mapping",
        Kind::Sequence => "a list",
        Kind::Boolean => "a boolean",
        Kind::Integer if matches!(shape, Shape::Integer32) => "a larger one",
        Kind::Integer => "a whole number",
        Kind::Float => "a fraction",
        _ => "a text",
    }
}

fn expected<S>(shape: Shape<S>) -> &'static str {
    match shape {
        Shape::Any => "anything",
        Shape::String => "a text",
        Shape::Integer32 => "a whole number of 32 bits",
        Shape::Integer => "a whole number",
        Shape::Number => "a number",
        Shape::Boolean => "`true` or `false`",
        Shape::IntOrString => "a whole number or a text",
        Shape::Quantity => "a number or a text",
        Shape::List(_) => "a list",
        Shape::Map(_) | Shape::Struct => "a mapping",
    }
}

/// Puts quotes around a scalar that must be a text, or takes them from one that must be none.
fn requoted<S>(value: Node, shape: Shape<S>) -> Option<Fix> {
    let written = value.document().text_at(value.span());
    let text = value.value()?;
    let fix = match shape {
        Shape::String if matches!(value.kind(), Kind::Integer | Kind::Float | Kind::Boolean) => {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte);
            let text = written.bytes().all(is_plain).then(|| format!("\"{written}\""))?;
            Fix::safe("put it in quotes").replace(value, text)
        }
        Shape::Boolean | Shape::Integer32 | Shape::Integer | Shape::Number => {
            let is_number = || text.parse::<i32>().is_ok_and(|number| number.to_string() == text);
            let fits = if matches!(shape, Shape::Boolean) { matches!(text, "true" | "false") } else { is_number() };
            if !fits || value.kind() != Kind::String || written == text || unquoted(&written) != text {
                return None;
            }
            Fix::safe("remove the quotes").replace(value, text)
        }
        _ => return None,
    };
    Some(fix)
}

/// The text between quotes.
fn unquoted(written: &str) -> &str {
    let within = |quote| written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_word_in_other_letters_is_meant() {
        assert_eq!(near("image_pull_policy", vec!["image", "imagePullPolicy"]), Some("imagePullPolicy"));
        assert_eq!(near("ImagePullPolicy", vec!["image", "imagePullPolicy"]), Some("imagePullPolicy"));
        assert_eq!(near("containrs", vec!["containers", "initContainers"]), Some("containers"));
        assert_eq!(near("hello", vec!["containers", "initContainers"]), None);
    }
}
