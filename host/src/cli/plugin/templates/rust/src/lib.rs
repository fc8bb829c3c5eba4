//! The policy plugin `{{name}}`.

hullmark_sdk::plugin! {
    name: "{{name}}",
    summary: "What {{name}} asks of Dockerfiles and manifests.",
    // A rule is a file in this folder and a line here.
    rules: [
        npm_install,
    ],
}
