//! Resources: what containers ask of their node, and how much they may take.

mod requirements;

hullmark_sdk::plugin! {
    name: "resources",
    summary: "Resources: what containers ask of their node, and how much they may take.",
    rules: [
        malformed_quantity,
        missing_cpu_limit,
        missing_cpu_request,
        missing_memory_limit,
        missing_memory_request,
        request_exceeds_limit,
    ],
}
