//! The API of Kubernetes: fields, types and versions that it takes.

mod custom;
mod enumerations;
mod faults;
mod removals;
mod schema;
mod tables;
mod version;

hullmark_sdk::plugin! {
    name: "api",
    summary: "The API of Kubernetes: fields, types and versions that it takes.",
    rules: [
        deprecated_version,
        duplicate_key,
        invalid_label,
        invalid_name,
        invalid_value,
        missing_field,
        removed_version,
        unknown_field,
        wrong_type,
    ],
}
