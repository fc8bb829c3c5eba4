//! Probes as the kubelet reads them, and the containers that should have some. Rules decide what to say about it.

use hullmark_sdk::prelude::*;

/// The fields that hold probes.
pub(crate) const PROBES: [&str; 3] = ["livenessProbe", "readinessProbe", "startupProbe"];

/// Kinds whose pods run until somebody stops them. Pods of Jobs end by themselves, and what other kinds do is not
/// known.
const LONG_RUNNING: [&str; 8] = [
    "DaemonSet",
    "Deployment",
    "DeploymentConfig",
    "Pod",
    "ReplicaSet",
    "ReplicationController",
    "Rollout",
    "StatefulSet",
];

/// Whether the rules on missing probes look at a container: one that runs as long as its pod, in a pod that is to run
/// until somebody stops it. A pod whose containers are not always restarted is a task, which the rule's options may count.
pub(crate) fn is_subject(container: &Container, report: &Report) -> bool {
    let looked_at = match container.role() {
        Role::Main => true,
        Role::Sidecar => report.options().flag("sidecars"),
        Role::Init | Role::Ephemeral => false,
    };
    if !looked_at || report.options().flag("tasks") {
        return looked_at;
    }
    let pod = container.pod();
    pod.object().kind().is_some_and(|kind| LONG_RUNNING.contains(&kind))
        && pod.get("restartPolicy").is_none_or(|policy| policy.text() == Some("Always"))
}

/// Whether a container belongs to a Job or a CronJob.
pub(crate) fn is_of_job(container: &Container) -> bool {
    matches!(container.pod().object().kind(), Some("Job" | "CronJob"))
}

/// The port of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port<'a> {
    /// A number.
    Number(i64),
    /// The name of a port of the same container.
    Name(&'a str),
}

impl<'a> Port<'a> {
    /// The port that a node holds.
    pub(crate) fn of(node: Node<'a>) -> Option<Self> {
        node.integer().map(Self::Number).or_else(|| node.text().map(Self::Name))
    }

    /// With the number that the container gives to the name, if it does.
    fn resolved(self, container: &Container) -> Self {
        let Self::Name(name) = self else { return self };
        let port = ports(container).find(|port| port.get("name").and_then(Node::text) == Some(name));
        port.and_then(|port| port.get("containerPort")?.integer()).map_or(self, Self::Number)
    }
}

/// The ports that a container declares.
pub(crate) fn ports<'a>(container: &Container<'a>) -> impl Iterator<Item = Node<'a>> {
    container.get("ports").into_iter().flat_map(Node::items)
}

/// What a probe does, with everything that Kubernetes adds where it is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Handler<'a> {
    /// Asks for a page.
    HttpGet { port: Port<'a>, path: &'a str, host: &'a str, scheme: &'a str, headers: Vec<(&'a str, &'a str)> },
    /// Opens a connection.
    TcpSocket { port: Port<'a>, host: &'a str },
    /// Runs a command.
    Exec(Vec<&'a str>),
    /// Asks the gRPC health service.
    Grpc { port: Port<'a>, service: &'a str },
}

impl<'a> Handler<'a> {
    /// What a probe of a container does; nothing where it is not certain.
    pub(crate) fn of(probe: Node<'a>, container: &Container<'a>) -> Option<Self> {
        if let Some(http) = probe.get("httpGet") {
            return Some(Self::HttpGet {
                port: Port::of(http.get("port")?)?.resolved(container),
                path: text(http, "path", "/")?,
                host: text(http, "host", "")?,
                scheme: text(http, "scheme", "HTTP")?,
                headers: headers(http)?,
            });
        }
        if let Some(tcp) = probe.get("tcpSocket") {
            let port = Port::of(tcp.get("port")?)?.resolved(container);
            return Some(Self::TcpSocket { port, host: text(tcp, "host", "")? });
        }
        if let Some(exec) = probe.get("exec") {
            return exec.get("command")?.items().map(Node::text).collect::<Option<Vec<_>>>().map(Self::Exec);
        }
        let grpc = probe.get("grpc")?;
        Some(Self::Grpc { port: Port::of(grpc.get("port")?)?, service: text(grpc, "service", "")? })
    }
}

/// A text field, or its default where it is empty or not written; nothing where it is no text.
fn text<'a>(node: Node<'a>, key: &str, default: &'a str) -> Option<&'a str> {
    let written = node.get(key).map_or(Some(""), Node::text)?;
    Some(if written.is_empty() { default } else { written })
}

fn headers(http: Node<'_>) -> Option<Vec<(&str, &str)>> {
    let Some(headers) = http.get("httpHeaders") else { return Some(Vec::new()) };
    headers.items().map(|header| Some((header.get("name")?.text()?, header.get("value")?.text()?))).collect()
}

/// Seconds in which a probe must fail again and again until Kubernetes acts; nothing where it is not certain.
pub(crate) fn patience(probe: Node) -> Option<i64> {
    let number = |key, default| probe.get(key).map_or(Some(default), Node::integer);
    // Zero counts as not written.
    let positive = |key, default| number(key, default).map(|number| if number == 0 { default } else { number });
    positive("failureThreshold", 3)?.checked_mul(positive("periodSeconds", 10)?)
}
