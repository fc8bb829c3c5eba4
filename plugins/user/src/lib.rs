//! Users and privileges: who a process is, and what it may do to the node.

mod context;
mod dockerfile_user;
mod insertion;
mod low_ids;

hullmark_sdk::plugin! {
    name: "user",
    summary: "Users and privileges: who a process is, and what it may do to the node.",
    rules: [
        added_capabilities,
        host_namespaces,
        image_user_refused,
        lax_pod_security_policy,
        low_gid,
        low_uid,
        missing_seccomp,
        missing_security_context,
        missing_user,
        namespace_without_pod_security,
        non_numeric_user,
        privilege_escalation,
        privileged_container,
        privileged_security_context_constraints,
        root_group,
        root_user,
        run_as_root,
        undropped_capabilities,
        unmasked_proc,
        unsafe_apparmor_profile,
        unsafe_selinux_options,
        unsafe_sysctls,
        writable_root_filesystem,
    ],
}
