use hullmark_sdk::prelude::*;

use crate::policies::uses_host_network;

rule! {
    /// The container takes a port of the node: one such pod fits on a node, and who reaches the node reaches the
    /// container.
    ///
    /// ## What it checks
    ///
    /// Ports of containers with a `hostPort` other than 0. Pods with `hostNetwork: true` are left out: there every port
    /// is a port of the node, and `network/host-network` speaks.
    ///
    /// ## Why it matters
    ///
    /// Two pods with the same host port cannot run on one node, so the scheduler has fewer places for them, and a
    /// rolling update can get stuck. The port is open on the node's addresses, past the Services and often past the
    /// firewall that was made for them.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.27.2
    ///       ports:
    ///         - containerPort: 8080
    ///           hostPort: 80
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
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.27.2
    ///       ports:
    ///         - containerPort: 8080
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove `hostPort`, and let clients reach the container through a Service.
    ///
    /// ## Options
    ///
    /// - `host-network-pods`: also look at pods with `hostNetwork: true`. By default `false`.
    ///
    /// ## Other tools
    ///
    /// Checkov, Trivy and Polaris also look at pods with `hostNetwork: true`. Checkov also flags `hostPort: 0`, which
    /// is the same as none. Trivy may name a container of the pod that has no host port.
    ///
    /// ## References
    ///
    /// - [Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    /// - [Configuration good practices](https://kubernetes.io/docs/concepts/configuration/overview/)
    tags: &["security", "external/cwe/cwe-653"],
    security_severity: Some("5.0"),
    aliases: &["CKV_K8S_26", "KSV-0024", "hostPortSet"],
    references: &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        "https://kubernetes.io/docs/concepts/configuration/overview/",
    ],
    fragments: true,
    options: &[OptionSpec::flag("host-network-pods", false, "Also look at pods with `hostNetwork: true`.")],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    if uses_host_network(container.pod()) && !report.options().flag("host-network-pods") {
        return;
    }
    for port in container.get("ports").into_iter().flat_map(Node::items) {
        let Some(value) = port.get("hostPort") else { continue };
        if let Some(number) = value.integer().filter(|&number| number != 0) {
            report.finding(value, format!("{} takes the port `{number}` of its node", container.title()));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(spec: &str, port: &str) -> Vec<String> {
        let container = format!("{{name: web, ports: [{{containerPort: 8080, {port}}}]}}");
        manifest(&RULE, &format!("apiVersion: v1\nkind: Pod\nspec:\n  {spec}\n  containers:\n  - {container}\n"))
    }

    #[test]
    fn no_port_of_the_node_is_accepted() {
        for port in ["hostPort: 0", "hostPort: null", "hostPort: \"80\"", "hostIP: 127.0.0.1", "protocol: UDP"] {
            assert_eq!(flagged("dnsPolicy: Default", port), [""; 0], "{port}");
        }
    }

    #[test]
    fn the_network_of_the_node_is_another_rule() {
        assert_eq!(flagged("hostNetwork: true", "hostPort: 8080"), [""; 0]);
    }

    #[test]
    fn a_port_of_the_node_is_flagged() {
        assert_eq!(flagged("hostNetwork: false", "hostPort: 8080"), ["8080"]);
    }
}
