use hullmark_sdk::prelude::*;

rule! {
    /// The pod sets a kernel parameter that is not known to be kept apart from the node and from other pods.
    ///
    /// ## What it checks
    ///
    /// `securityContext.sysctls` of every pod against the option `allowed`.
    ///
    /// ## Why it matters
    ///
    /// An unsafe parameter can slow down or break other pods, or lift limits of the node. The kubelet refuses the pod unless
    /// whoever runs the node has allowed that very parameter.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   securityContext:
    ///     sysctls:
    ///       - name: kernel.msgmax
    ///         value: "65536"
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   securityContext:
    ///     sysctls:
    ///       - name: net.ipv4.ip_unprivileged_port_start
    ///         value: "0"
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the parameter, or add it to `allowed` where the nodes allow it.
    ///
    /// ## Options
    ///
    /// - `allowed` (default: the parameters that Kubernetes 1.37 calls safe): parameters that pods may set.
    ///
    /// ## Other tools
    ///
    /// The default is that of the Pod Security Standard "baseline". kube-linter reports everything below `net.` and
    /// `kernel.shm`, safe parameters included; with an empty list this rule does the same. Trivy reports the two parameters that
    /// became safe in 1.37.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls>
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>
    level: Warning,
    tags: &["security", "pod-security-baseline"],
    security_severity: Some("5.0"),
    aliases: &["unsafe-sysctls", "KSV-0026"],
    references: &[
        "https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
    ],
    fragments: true,
    options: &[OptionSpec::texts("allowed", &SAFE, "parameters that pods may set")],
    checks: &[Pod(pod)],
}

/// The parameters that Kubernetes calls safe, in the order in which they became so.
const SAFE: [&str; 14] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_syncookies",
    // 1.27
    "net.ipv4.ip_local_reserved_ports",
    // 1.29
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    // 1.32
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
    // 1.37
    "net.ipv4.tcp_notsent_lowat",
    "net.ipv4.tcp_slow_start_after_idle",
];

/// Beginnings of what kube-linter takes for unsafe.
const PREFIXES: [&str; 5] = ["kernel.msg", "kernel.sem", "kernel.shm", "fs.mqueue.", "net."];

fn pod(pod: &Pod, report: &mut Report) {
    for sysctl in pod.at(&["securityContext", "sysctls"]).into_iter().flat_map(Node::items) {
        let Some(node) = sysctl.get("name") else { continue };
        let Some(name) = node.text().filter(|name| !report.options().texts("allowed").any(|safe| safe == *name)) else {
            continue;
        };
        let message = format!("{} sets the kernel parameter `{name}`, which is not a safe one", pod.object().title());
        report.finding(node, message).aliases_if(&[
            ("unsafe-sysctls", PREFIXES.iter().any(|prefix| name.starts_with(prefix))),
            ("KSV-0026", !SAFE.contains(&name)),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(sysctls: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [], securityContext: {{sysctls: {sysctls}}}}}\n"
        )
    }

    #[test]
    fn safe_parameters_are_accepted() {
        for name in SAFE {
            assert_eq!(manifest(&RULE, &pod(&format!("[{{name: {name}, value: '1'}}]"))), [""; 0], "{name}");
        }
        assert_eq!(manifest(&RULE, &pod("{name: kernel.msgmax}")), [""; 0]);
    }

    #[test]
    fn other_parameters_are_flagged() {
        let names = pod("[{name: kernel.msgmax}, {name: net.ipv4.tcp_rmem}, {name: net.core.somaxconn}]");
        assert_eq!(manifest(&RULE, &names), ["kernel.msgmax", "net.core.somaxconn"]);
    }

    #[test]
    fn the_list_can_be_set() {
        let trial = Trial::with(&RULE, r#"{"allowed": ["net.core.somaxconn"]}"#);
        let names = pod("[{name: net.core.somaxconn}, {name: net.ipv4.tcp_rmem}]");
        assert_eq!(trial.manifest(&names), ["net.ipv4.tcp_rmem"]);
    }
}
