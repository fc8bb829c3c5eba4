//! Probes: how Kubernetes and Docker learn whether a container works.

mod probe;

hullmark_sdk::plugin! {
    name: "probes",
    summary: "Probes: how Kubernetes and Docker learn whether a container works.",
    rules: [
        host_in_probe,
        identical_probes,
        missing_healthcheck,
        missing_liveness,
        missing_readiness,
        missing_startup,
        probe_port_unknown,
        unused_healthcheck,
    ],
}
