//! Ports of containers. No rule belongs here.

use hullmark_sdk::prelude::*;

/// A port that is written as a number, with its value.
pub(crate) fn number<'a>(port: Node<'a>, field: &str) -> Option<(Node<'a>, i64)> {
    let value = port.get(field)?;
    Some((value, value.integer()?))
}

/// The protocol of a port, TCP where none is written.
pub(crate) fn protocol(port: Node<'_>) -> &str {
    port.get("protocol").and_then(Node::text).unwrap_or("TCP")
}
