//! Workloads: how they are written down, and whether their parts fit together.

mod definitions;
mod host_paths;
mod labels;
mod pattern;
mod placeholder;
mod ports;
mod references;

hullmark_sdk::plugin! {
    name: "workload",
    summary: "Workloads: how they are written down, and whether their parts fit together.",
    rules: [
        dangling_config_map,
        dangling_secret,
        dangling_service_account,
        dangling_service_name,
        dangling_volume_claim,
        default_namespace,
        duplicate_env,
        exposed_ssh,
        finished_job_kept,
        forbidden_annotation,
        foreign_instance_label,
        git_sync_program,
        host_aliases,
        host_path_volume,
        implicit_restart_policy,
        invalid_port,
        missing_annotation,
        missing_dns_option,
        missing_labels,
        privileged_port,
        refused_restart_policy,
        restricted_volume_type,
        runtime_socket_mount,
        selector_mismatch,
        sensitive_host_mount,
        system_namespace,
        ttl_in_cron_job,
        unannotated_volume_claim,
        unbounded_cron_job,
        unsorted_keys,
        writable_host_mount,
    ],
}
