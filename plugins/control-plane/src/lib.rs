//! Components of Kubernetes itself: how the API server, etcd, the kubelet and others are set up.
//!
//! Who owns the files of a node, and who may read them, no manifest says: what other tools ask of that (Trivy's KCV-0048 to
//! KCV-0078) has no rule.

#[cfg(test)]
mod samples;
mod setup;

hullmark_sdk::plugin! {
    name: "control-plane",
    summary: "Components of Kubernetes itself: how the API server, etcd, the kubelet and others are set up.",
    rules: [
        always_admit,
        always_allow,
        anonymous_requests,
        disabled_admission_plugin,
        endless_stream,
        exposed_bind_address,
        high_event_rate,
        insecure_port,
        kept_terminated_pods,
        long_request_timeout,
        missing_account_key,
        missing_admission_plugin,
        missing_audit_log,
        missing_authorizer,
        missing_certificate,
        missing_encryption,
        missing_iptables_chains,
        overridden_hostname,
        overwritten_kernel_settings,
        plain_kubelet_connection,
        profiling_enabled,
        read_only_port,
        self_signed_etcd,
        shared_controller_account,
        short_audit_log,
        static_credentials,
        unauthenticated_etcd,
        unchecked_account_token,
        unrotated_certificates,
        weak_ciphers,
    ],
}
