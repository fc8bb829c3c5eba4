//! Rights: what roles allow, to whom they are bound, and which accounts pods run as.

mod access;
mod accounts;

hullmark_sdk::plugin! {
    name: "rbac",
    summary: "Rights: what roles allow, to whom they are bound, and which accounts pods run as.",
    rules: [
        anonymous_binding,
        automounted_token,
        aws_auth_writing,
        binding_writing,
        certificate_approval,
        cluster_admin_binding,
        config_map_writing,
        dangling_binding,
        default_account_binding,
        default_account_token,
        default_service_account,
        deprecated_account_field,
        impersonation,
        kubernetes_dashboard,
        log_deletion,
        masters_binding,
        network_writing,
        node_proxy,
        pod_creation,
        pod_exec,
        role_escalation,
        secret_access,
        service_status_writing,
        tiller,
        webhook_control,
        wildcard_rule,
    ],
}
