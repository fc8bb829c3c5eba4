use hullmark_sdk::prelude::*;

use crate::probe::{Port, ports};

/// The probes of a container, each with kube-linter's name for this condition.
const PROBES: [(&str, &str); 3] =
    [("livenessProbe", "liveness-port"), ("readinessProbe", "readiness-port"), ("startupProbe", "startup-port")];

rule! {
    /// A probe asks a port that its container does not have, so it always fails.
    ///
    /// ## What it checks
    ///
    /// The `port` of `httpGet` and `tcpSocket` in liveness, readiness and startup probes, where it is a name: a port of
    /// the same container must have that name. Ports of other containers of the pod do not count. A number in quotes is
    /// a name to Kubernetes, and one that it refuses, because a name needs a letter.
    ///
    /// A port given by its number is not looked at by default: `ports` of a container only inform, and a container that
    /// listens on a port need not declare it.
    ///
    /// ## Why it matters
    ///
    /// The kubelet cannot find out which port is meant, and the probe fails for ever: the container is restarted again
    /// and again, or never gets ready.
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
    ///         - name: http
    ///           containerPort: 8080
    ///       readinessProbe:
    ///         httpGet:
    ///           path: /ready
    ///           port: web
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
    ///         - name: http
    ///           containerPort: 8080
    ///       readinessProbe:
    ///         httpGet:
    ///           path: /ready
    ///           port: http
    ///       livenessProbe:
    ///         tcpSocket:
    ///           port: 9090
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name a port of the container, or write the port's number without quotes.
    ///
    /// ## Options
    ///
    /// `numeric`: whether every port must be declared: numbers that no port of the container has, and ports that are
    /// declared for another protocol than TCP, are then flagged too.
    ///
    /// ## Other tools
    ///
    /// kube-linter always does what `numeric` does, and so flags containers that declare no ports. It does not look at
    /// sidecars.
    level: Error,
    tags: &["correctness"],
    aliases: &["liveness-port", "readiness-port", "startup-port"],
    references: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port",
    ],
    options: &[OptionSpec::flag(
        "numeric",
        false,
        "Whether every port must be declared, for TCP, even where it is a number.",
    )],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    // Ports that cannot be read may be any.
    if container.get("ports").is_some_and(|ports| ports.kind() != Kind::Sequence) {
        return;
    }
    for (probe, alias) in PROBES {
        for handler in ["httpGet", "tcpSocket", "grpc"] {
            let Some(node) = container.at(&[probe, handler, "port"]) else { continue };
            match Port::of(node) {
                Some(Port::Name(name)) if handler != "grpc" => named(container, probe, alias, node, name, report),
                // An address of its own may be another host's.
                Some(Port::Number(number)) if container.at(&[probe, handler, "host"]).is_none() => {
                    numbered(container, probe, alias, node, number, report);
                }
                _ => {}
            }
        }
    }
}

fn named(container: &Container, probe: &str, alias: &'static str, at: Node, name: &str, report: &mut Report) {
    // Another program fills it in.
    if name.contains(['$', '{', '<', '%', '@']) {
        return;
    }
    if let Some(port) = find(container, name) {
        if report.options().flag("numeric") && !is_tcp(port) {
            let message = format!("{probe} of {} asks port `{name}`, which is not declared for TCP", container.title());
            tell(container, alias, at, message, report).related(port, "the port");
        }
        return;
    }
    let title = container.title();
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("{probe} of {title} asks port `{name}` in quotes, which is a name to Kubernetes");
        let fix = Fix::safe(format!("write `{name}` without quotes")).replace(at, name);
        tell(container, alias, at, message, report).fix(fix);
        return;
    }
    let message = format!("{probe} of {title} asks port `{name}`, but no port of the container has that name");
    let finding = tell(container, alias, at, message, report);
    let elsewhere =
        container.pod().containers().find_map(|other| Some((other.title(), find(&other, name)?.get("name")?)));
    if let Some((other, port)) = elsewhere {
        finding.related(port, format!("the port of {other}, which a probe of another container cannot name"));
    }
}

fn numbered(container: &Container, probe: &str, alias: &'static str, at: Node, number: i64, report: &mut Report) {
    let is_declared = |port: Node| is_tcp(port) && port.get("containerPort").and_then(Node::integer) == Some(number);
    if !report.options().flag("numeric") || ports(container).any(is_declared) {
        return;
    }
    let message =
        format!("{probe} of {} asks port `{number}`, which the container does not declare", container.title());
    tell(container, alias, at, message, report);
}

fn tell<'r>(
    container: &Container,
    alias: &'static str,
    at: Node,
    message: String,
    report: &'r mut Report,
) -> &'r mut hullmark_sdk::Finding {
    let finding = report.finding(at, message);
    // kube-linter looks at main containers only.
    if container.role() == Role::Main { finding.aliases(&[alias]) } else { finding.aliases(&[]) }
}

fn find<'a>(container: &Container<'a>, name: &str) -> Option<Node<'a>> {
    ports(container).find(|port| port.get("name").and_then(Node::text) == Some(name))
}

fn is_tcp(port: Node) -> bool {
    port.get("protocol").is_none_or(|protocol| protocol.text() == Some("TCP"))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn probe(probe: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      \
             ports: [{{name: http, containerPort: 80}}, {{name: dns, containerPort: 53, protocol: UDP}}]\n      \
             readinessProbe: {probe}\n    - name: log\n      ports: [{{name: metrics, containerPort: 9090}}]\n"
        )
    }

    #[test]
    fn ports_only_inform() {
        for accepted in [
            "{httpGet: {port: http}}",
            "{httpGet: {port: dns}}",
            "{httpGet: {port: 80}}",
            "{httpGet: {port: 9999}}",
            "{tcpSocket: {port: 9999}}",
            "{grpc: {port: 9999}}",
            "{exec: {command: [port]}}",
        ] {
            assert_eq!(manifest(&RULE, &probe(accepted)), [""; 0], "{accepted}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        for accepted in ["{httpGet: {port: '${PORT}'}}", "{httpGet: {port: [web]}}", "{httpGet: }", "later"] {
            assert_eq!(manifest(&RULE, &probe(accepted)), [""; 0], "{accepted}");
        }
    }

    #[test]
    fn names_that_no_port_has_are_flagged() {
        for (flagged, token) in [
            ("{httpGet: {port: web}}", "web"),
            ("{tcpSocket: {port: HTTP}}", "HTTP"),
            ("{httpGet: {port: metrics}}", "metrics"),
        ] {
            assert_eq!(manifest(&RULE, &probe(flagged)), [token], "{flagged}");
        }
    }

    #[test]
    fn a_number_in_quotes_is_a_name() {
        let found = Trial::of(&RULE).found(&[("pod.yaml", &probe("{httpGet: {port: \"80\"}}"))]);
        assert_eq!(found.len(), 1);
        assert!(found[0].finding.message().ends_with("asks port `80` in quotes, which is a name to Kubernetes"));
    }

    #[test]
    fn every_port_must_be_declared_where_that_is_wanted() {
        let trial = Trial::with(&RULE, r#"{"numeric": true}"#);
        for (text, flagged) in [
            ("{httpGet: {port: 80}}", vec![]),
            ("{httpGet: {port: http}}", vec![]),
            ("{httpGet: {port: 9999, host: example.org}}", vec![]),
            ("{httpGet: {port: 9999}}", vec!["9999"]),
            ("{tcpSocket: {port: 53}}", vec!["53"]),
            ("{tcpSocket: {port: dns}}", vec!["dns"]),
            ("{grpc: {port: 9090}}", vec!["9090"]),
        ] {
            assert_eq!(trial.manifest(&probe(text)), flagged, "{text}");
        }
    }
}
