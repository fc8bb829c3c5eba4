//! Custom resources, by the CustomResourceDefinitions of the project.

use std::collections::{HashMap, HashSet};

use hullmark_sdk::prelude::*;

use crate::faults::{Fault, Walk, object_meta};
use crate::schema::{Field, Schema, Shape};
use crate::tables::Builtin;
use crate::version::Version;

/// Fields that every object has, whatever its schema says of them.
const IDENTITY: [&str; 2] = ["apiVersion", "kind"];

/// Faults of all custom resources whose definition is there.
pub(crate) fn faults(project: &Project, version: Version) -> Vec<Fault> {
    let mut faults = Vec::new();
    let definitions = project.object_entries(&["CustomResourceDefinition"]);
    if definitions.is_empty() {
        return faults;
    }
    let objects = project.object_entries(&[]);
    let groups: HashSet<&str> = objects.iter().map(ObjectEntry::group).collect();
    // Definitions are large: those that no object is of are not loaded. They are named `<plural>.<group>`.
    let used = definitions.iter().filter(|entry| {
        let name = entry.name.as_deref().and_then(|name| name.split_once('.'));
        entry.group() == "apiextensions.k8s.io" && name.is_some_and(|(_, group)| groups.contains(group))
    });
    let mut schemas: HashMap<(String, String), Option<Custom>> = HashMap::new();
    for definition in used.filter_map(|entry| project.object(entry)) {
        for (api_version, kind, schema) in versions(definition) {
            // Of two definitions of one kind, nobody knows which one holds.
            let known = schemas.entry((api_version, kind.to_owned()));
            known.and_modify(|schema| *schema = None).or_insert(Some(Custom::root(schema, kind, version)));
        }
    }
    for entry in &objects {
        let (Some(api_version), Some(kind)) = (&entry.api_version, &entry.kind) else { continue };
        let Some(Some(schema)) = schemas.get(&(api_version.clone(), kind.clone())) else { continue };
        let Some(object) = project.object(entry) else { continue };
        faults.extend(Walk::new(&object).all(*schema));
    }
    faults
}

/// `apiVersion`, kind and schema of the versions that a definition brings.
fn versions<'a>(definition: Object<'a>) -> Vec<(String, &'a str, Node<'a>)> {
    let text = |path: &[&str]| definition.at(path).and_then(Node::text);
    let (Some(group), Some(kind)) = (text(&["spec", "group"]), text(&["spec", "names", "kind"])) else {
        return Vec::new();
    };
    // Fields that no schema names are kept, as before `apiextensions.k8s.io/v1`.
    if definition.at(&["spec", "preserveUnknownFields"]).and_then(Node::boolean) == Some(true) {
        return Vec::new();
    }
    let shared = definition.at(&["spec", "validation", "openAPIV3Schema"]);
    let each = definition.at(&["spec", "versions"]).into_iter().flat_map(Node::items);
    each.filter_map(|version| {
        let schema = version.at(&["schema", "openAPIV3Schema"]).or(shared)?;
        Some((format!("{group}/{}", version.get("name")?.text()?), kind, schema))
    })
    .collect()
}

/// A schema in a CustomResourceDefinition.
#[derive(Clone, Copy)]
pub(crate) enum Custom<'a> {
    /// Of a whole object, which has metadata.
    Object {
        schema: Node<'a>,
        kind: &'a str,
        version: Version,
    },
    Value {
        schema: Node<'a>,
        version: Version,
    },
    /// A part that is Kubernetes' own.
    Builtin(Builtin),
}

impl<'a> Custom<'a> {
    const fn root(schema: Node<'a>, kind: &'a str, version: Version) -> Self {
        Self::Object { schema, kind, version }
    }

    fn value(schema: Node<'a>, version: Version) -> Self {
        if is_set(schema, "x-kubernetes-embedded-resource") {
            Self::Object { schema, kind: "object", version }
        } else {
            Self::Value { schema, version }
        }
    }

    const fn schema(self) -> Option<(Node<'a>, Version)> {
        match self {
            Self::Object { schema, version, .. } | Self::Value { schema, version } => Some((schema, version)),
            Self::Builtin(_) => None,
        }
    }
}

fn is_set(schema: Node, key: &str) -> bool {
    schema.get(key).and_then(Node::boolean) == Some(true)
}

fn texts<'a>(schema: Node<'a>, key: &str) -> Vec<&'a str> {
    schema.get(key).into_iter().flat_map(Node::items).filter_map(Node::text).collect()
}

/// A shape of Kubernetes' own among those of a custom resource.
fn widen<'a>(shape: Shape<Builtin>) -> Shape<Custom<'a>> {
    match shape {
        Shape::Any => Shape::Any,
        Shape::String => Shape::String,
        Shape::Integer32 => Shape::Integer32,
        Shape::Integer => Shape::Integer,
        Shape::Number => Shape::Number,
        Shape::Boolean => Shape::Boolean,
        Shape::IntOrString => Shape::IntOrString,
        Shape::Quantity => Shape::Quantity,
        Shape::List(of) => Shape::List(Custom::Builtin(of)),
        Shape::Map(of) => Shape::Map(Custom::Builtin(of)),
        Shape::Struct => Shape::Struct,
    }
}

impl<'a> Schema<'a> for Custom<'a> {
    fn shape(self) -> Shape<Self> {
        let (schema, version) = match self {
            Self::Builtin(builtin) => return widen(builtin.shape()),
            Self::Object { .. } => return Shape::Struct,
            Self::Value { schema, version } => (schema, version),
        };
        if is_set(schema, "x-kubernetes-int-or-string") {
            return Shape::IntOrString;
        }
        match schema.get("type").and_then(Node::text) {
            Some("string") => Shape::String,
            Some("integer") if schema.get("format").and_then(Node::text) == Some("int32") => Shape::Integer32,
            Some("integer") => Shape::Integer,
            Some("number") => Shape::Number,
            Some("boolean") => Shape::Boolean,
            Some("array") => schema.get("items").map_or(Shape::Any, |items| Shape::List(Self::value(items, version))),
            Some("object") => match schema.get("additionalProperties") {
                Some(of) if of.kind() == Kind::Mapping => Shape::Map(Self::value(of, version)),
                _ => Shape::Struct,
            },
            _ => Shape::Any,
        }
    }

    fn field(self, name: &str) -> Field<Self> {
        let (schema, version) = match self {
            Self::Builtin(builtin) => {
                return match builtin.field(name) {
                    Field::Known(of) => Field::Known(Self::Builtin(of)),
                    Field::Since(minor) => Field::Since(minor),
                    Field::Until(minor) => Field::Until(minor),
                    Field::Unknown => Field::Unknown,
                    Field::Open => Field::Open,
                };
            }
            Self::Object { .. } if IDENTITY.contains(&name) => return Field::Open,
            Self::Object { version, .. } if name == "metadata" => {
                return object_meta(version).map_or(Field::Open, |meta| Field::Known(Self::Builtin(meta)));
            }
            Self::Object { schema, version, .. } | Self::Value { schema, version } => (schema, version),
        };
        let properties = schema.get("properties");
        if let Some(of) = properties.and_then(|properties| properties.get(name)) {
            return Field::Known(Self::value(of, version));
        }
        // A schema without properties says that there are none, but hardly ever means it.
        let is_open = properties.is_none()
            || is_set(schema, "x-kubernetes-preserve-unknown-fields")
            || schema.get("additionalProperties").is_some();
        if is_open { Field::Open } else { Field::Unknown }
    }

    fn fields(self) -> Vec<&'a str> {
        match self {
            Self::Builtin(builtin) => builtin.fields(),
            Self::Object { schema, .. } | Self::Value { schema, .. } => {
                schema.get("properties").into_iter().flat_map(Node::entries).map(|(name, _)| name).collect()
            }
        }
    }

    fn required(self) -> Vec<&'a str> {
        let Some((schema, _)) = self.schema() else {
            return match self {
                Self::Builtin(builtin) => builtin.required(),
                _ => Vec::new(),
            };
        };
        // A default is filled in before anybody asks.
        let has_default = |field: &str| schema.at(&["properties", field, "default"]).is_some();
        let mut required = texts(schema, "required");
        required.retain(|field| !IDENTITY.contains(field) && !has_default(field));
        required
    }

    fn title(self) -> String {
        match self {
            Self::Builtin(builtin) => builtin.title(),
            Self::Object { kind, .. } => format!("`{kind}`"),
            Self::Value { schema, .. } => {
                // The property that it describes; above an item's schema stands that of its list.
                let names = ["items", "additionalProperties", "properties", "openAPIV3Schema"];
                let mut above = std::iter::successors(Some(schema), |node| node.parent());
                let name = above.find_map(|node| node.key().filter(|key| !names.contains(key)));
                format!("`{}`", name.unwrap_or("object"))
            }
        }
    }

    fn allowed(self) -> Vec<&'a str> {
        match self {
            Self::Builtin(builtin) => builtin.allowed(),
            Self::Object { schema, .. } | Self::Value { schema, .. } => texts(schema, "enum"),
        }
    }
}
