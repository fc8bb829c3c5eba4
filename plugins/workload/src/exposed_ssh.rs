use hullmark_sdk::prelude::*;

use crate::ports::{number, protocol};

rule! {
    /// The container serves the port of SSH.
    ///
    /// ## What it checks
    ///
    /// `containerPort` of every container against the option `ports`.
    ///
    /// ## Why it matters
    ///
    /// A container with an SSH server has a second way in, with keys or passwords that must be managed and a server that must be
    /// patched. `kubectl exec` gives a shell without one, under the cluster's own rules of access. A git server that speaks SSH
    /// is served on another port, and the Service turns 22 into it.
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
    ///         - containerPort: 22
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
    /// Remove the port and the server behind it.
    ///
    /// ## Options
    ///
    /// - `ports` (default: `22/tcp`): ports that no container may serve, each a number, or a number, a slash and the protocol.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/debug/debug-application/get-shell-running-container/>
    level: Warning,
    tags: &["security", "external/cwe/cwe-1125"],
    security_severity: Some("4.0"),
    precision: Medium,
    aliases: &["ssh-port"],
    references: &["https://kubernetes.io/docs/tasks/debug/debug-application/get-shell-running-container/"],
    fragments: true,
    options: &[OptionSpec::texts("ports", &["22/tcp"], "ports that no container may serve, such as `22/tcp` or `23`")],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    for port in container.get("ports").into_iter().flat_map(Node::items) {
        let Some((value, number)) = number(port, "containerPort") else { continue };
        let (number, protocol) = (number.to_string(), protocol(port).to_ascii_lowercase());
        let is_meant = |listed: &str| match listed.split_once('/') {
            Some((listed, of)) => listed == number && of.eq_ignore_ascii_case(&protocol),
            None => listed == number,
        };
        if !report.options().texts("ports").any(is_meant) {
            continue;
        }
        let is_ssh = number == "22" && protocol == "tcp";
        let what = if is_ssh { "the port of SSH" } else { "a port that no container may serve" };
        let finding = report.finding(value, format!("{} serves `{number}`, {what}", container.title()));
        finding.aliases_if(&[("ssh-port", is_ssh)]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(port: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {{name: web, ports: [{{{port}}}]}}\n")
    }

    #[test]
    fn other_ports_and_protocols_are_accepted() {
        for port in ["containerPort: 2222", "containerPort: 22, protocol: UDP", "hostPort: 22", "containerPort: '22'"] {
            assert_eq!(manifest(&RULE, &pod(port)), [""; 0], "{port}");
        }
    }

    #[test]
    fn the_port_of_ssh_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("containerPort: 22")), ["22"]);
        assert_eq!(manifest(&RULE, &pod("containerPort: 22, protocol: TCP")), ["22"]);
    }

    #[test]
    fn one_may_list_others() {
        let trial = Trial::with(&RULE, r#"{"ports": ["23"]}"#);
        assert_eq!(trial.manifest(&pod("containerPort: 23, protocol: UDP")), ["23"]);
        assert_eq!(trial.manifest(&pod("containerPort: 22")), [""; 0]);
    }
}
