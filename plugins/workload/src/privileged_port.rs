use hullmark_sdk::prelude::*;

use crate::ports::number;

rule! {
    /// The container serves a port below 1024, which on many systems only root may.
    ///
    /// ## What it checks
    ///
    /// `containerPort` of every container: from 1 to 1023. The rule is off unless it is selected, since the container runtimes of
    /// today let every process of a container open these ports.
    ///
    /// ## Why it matters
    ///
    /// With an older runtime, or in the network of the node, the process needs root or `NET_BIND_SERVICE` for such a port. That is
    /// a right that it would not need behind a Service, which offers port 80 whatever the container serves.
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
    ///       image: registry.example/web:1.4
    ///       ports:
    ///         - containerPort: 80
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
    ///       image: registry.example/web:1.4
    ///       ports:
    ///         - containerPort: 8080
    /// ```
    ///
    /// ## How to fix
    ///
    /// Let the process serve a port from 1024 up, and name it as `targetPort` of the Service.
    ///
    /// ## Other tools
    ///
    /// Trivy reports one such port of a pod, kube-linter all of them.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/>
    level: Note,
    enabled: false,
    tags: &["security"],
    security_severity: Some("3.0"),
    precision: Low,
    aliases: &["privileged-ports", "KSV-0117"],
    references: &["https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/"],
    fragments: true,
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let mut is_first = true;
    for container in pod.containers() {
        let ports = container.get("ports").into_iter().flat_map(Node::items);
        for (value, number) in ports.filter_map(|port| number(port, "containerPort")) {
            if (1..1024).contains(&number) {
                let message = format!("{} serves port `{number}`, which is below 1024", container.title());
                let finding = report.finding(value, message);
                finding.aliases_if(&[("privileged-ports", true), ("KSV-0117", is_first)]);
                is_first = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(ports: &str) -> Vec<String> {
        let text = format!("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {{name: web, ports: {ports}}}\n");
        manifest(&RULE, &text)
    }

    #[test]
    fn high_ports_and_none_are_accepted() {
        for ports in ["[{containerPort: 1024}]", "[{containerPort: 0}]", "[{hostPort: 80}]", "80", "[80]"] {
            assert_eq!(flagged(ports), [""; 0], "{ports}");
        }
    }

    #[test]
    fn every_low_port_is_flagged() {
        assert_eq!(flagged("[{containerPort: 80}, {containerPort: 8080}, {containerPort: 1023}]"), ["80", "1023"]);
    }
}
