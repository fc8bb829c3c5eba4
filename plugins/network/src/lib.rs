//! The network: what may reach a pod, what a pod may reach, and whether Services lead anywhere.

mod elsewhere;
mod namespaces;
mod policies;
mod ports;
mod services;

hullmark_sdk::plugin! {
    name: "network",
    summary: "The network: what may reach a pod, what a pod may reach, and whether Services lead anywhere.",
    rules: [
        allow_all_policy,
        blocked_dns,
        dangling_ingress,
        dangling_policy,
        dangling_policy_peer,
        dangling_route,
        dangling_service,
        dangling_service_monitor,
        exposed_service,
        external_ip,
        host_network,
        host_port,
        implicit_pod_selector,
        ingress_injection,
        ingress_snippet,
        ingress_without_tls,
        missing_default_deny,
        uncovered_workload,
        unexposed_port,
        unknown_target_port,
    ],
}
