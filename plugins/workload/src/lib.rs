//! Workloads: how they are written down, and whether their parts fit together.

hullmark_sdk::plugin! {
    name: "workload",
    summary: "Workloads: how they are written down, and whether their parts fit together.",
    rules: [
        duplicate_env,
    ],
}
