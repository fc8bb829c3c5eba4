//! What one organisation asks of its images and workloads, as a plugin of its own.

hullmark_sdk::plugin! {
    name: "acme",
    summary: "What acme asks of its images and workloads.",
    homepage: "https://platform.acme.example/policy",
    rules: [
        foreign_pods,
        foreign_registry,
        large_memory,
        npm_install,
        unowned_workload,
        unreachable_service,
    ],
}
