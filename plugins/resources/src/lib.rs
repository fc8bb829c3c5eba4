//! Resources: what containers ask of their node, and how much they may take.

mod requirements;

hullmark_sdk::plugin! {
    name: "resources",
    summary: "Resources: what containers ask of their node, and how much they may take.",
    rules: [
        incomplete_limit_range,
        incomplete_resource_quota,
        malformed_quantity,
        missing_cpu_limit,
        missing_cpu_request,
        missing_ephemeral_storage_limit,
        missing_ephemeral_storage_request,
        missing_memory_limit,
        missing_memory_request,
        request_below_limit,
        request_exceeds_limit,
    ],
}
