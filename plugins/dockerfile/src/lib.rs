//! Dockerfiles: stages, variables, and what is copied from where.

hullmark_sdk::plugin! {
    name: "dockerfile",
    summary: "Dockerfiles: stages, variables, and what is copied from where.",
    rules: [
        stage_name_casing,
    ],
}
