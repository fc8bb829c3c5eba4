//! Rights: what roles allow, to whom they are bound, and which accounts pods run as.

mod access;
mod accounts;

hullmark_sdk::plugin! {
    name: "rbac",
    summary: "Rights: what roles allow, to whom they are bound, and which accounts pods run as.",
    rules: [
        automounted_token,
        cluster_admin_binding,
        default_account_binding,
        default_service_account,
        impersonation,
        node_proxy,
        pod_creation,
        pod_exec,
        role_escalation,
        secret_access,
        wildcard_rule,
    ],
}
