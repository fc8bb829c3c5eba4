//! Ports of Services, policies and containers. No rule belongs here.

use hullmark_sdk::prelude::*;

/// The protocol of a port, TCP where none is written.
pub(crate) fn protocol(port: Node<'_>) -> &str {
    port.get("protocol").and_then(Node::text).unwrap_or("TCP")
}

/// The selector of a Service that has its pods chosen by one.
pub(crate) fn service_selector(service: Object<'_>) -> Option<Node<'_>> {
    // Knative has a kind Service too.
    if !service.group().is_empty() || service.at(&["spec", "type"]).and_then(Node::text) == Some("ExternalName") {
        return None;
    }
    let selector = service.at(&["spec", "selector"])?;
    (selector.kind() == Kind::Mapping && selector.children().next().is_some()).then_some(selector)
}
