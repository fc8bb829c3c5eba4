//! Services that others refer to by name, and what the project tells about those that it does not hold. No rule belongs
//! here.

use hullmark_sdk::Finding;
use hullmark_sdk::prelude::*;

use crate::elsewhere::Elsewhere;
use crate::namespaces::{Homes, is_filled_by_cluster};

/// A reference to a port of a Service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backend<'a> {
    /// Name of the Service.
    pub(crate) name: Node<'a>,
    /// Its namespace.
    pub(crate) namespace: Option<&'a str>,
    /// Number or name of the port.
    pub(crate) port: Option<Node<'a>>,
}

/// The Services that the project holds.
pub(crate) struct Services<'a> {
    project: &'a Project<'a>,
    entries: Vec<ObjectEntry>,
    homes: Homes,
    elsewhere: Elsewhere<'a>,
}

impl<'a> Services<'a> {
    pub(crate) fn of(project: &'a Project<'a>) -> Self {
        let mut entries = project.object_entries(&["Service"]);
        // Knative has a kind Service too.
        entries.retain(|entry| entry.group().is_empty());
        // That some are declared to be elsewhere does not say that all are.
        let is_declared = |entry: &ObjectEntry| project.document(entry.document).is_some_and(Document::is_declared);
        let homes = Homes::of_entries(project, entries.iter().filter(|entry| !is_declared(entry)));
        Self { project, entries, homes, elsewhere: Elsewhere::of(project) }
    }

    /// Those whose entry is so.
    pub(crate) fn which(&self, is_so: impl Fn(&ObjectEntry) -> bool) -> Vec<Object<'a>> {
        let entries = self.entries.iter().filter(|entry| is_so(entry));
        entries.filter_map(|entry| self.project.object(entry)).collect()
    }

    /// Whether the project surely holds the Services of a namespace that a file speaks of.
    pub(crate) fn are_known(&self, namespace: Option<&str>, path: &str) -> bool {
        !is_filled_by_cluster(namespace) && self.homes.share(namespace, path)
    }

    /// What the project says about objects that it does not hold.
    pub(crate) const fn elsewhere(&self) -> &Elsewhere<'a> {
        &self.elsewhere
    }

    /// Reports a reference that leads nowhere: to no Service, or to a port that it lacks.
    pub(crate) fn tell_dangling<'r>(
        &self,
        from: Object<'a>,
        backend: Backend<'a>,
        report: &'r mut Report<'_>,
    ) -> Option<&'r mut Finding> {
        // Anything else is a placeholder, or refused by the API server.
        let name = backend.name.text().filter(|name| is_label(name))?;
        let is_named = |entry: &ObjectEntry| entry.name.as_deref() == Some(name);
        let may_be_meant = |entry: &ObjectEntry| {
            is_named(entry) && self.project.may_share_namespace(entry.namespace.as_deref(), backend.namespace)
        };
        let named = self.which(may_be_meant);
        if named.is_empty() {
            if !self.is_missing(name, from, backend, report) {
                return None;
            }
            let message = format!("{} sends to the Service `{name}`, which does not exist", from.title());
            let finding = report.finding(backend.name, message);
            for stray in self.which(is_named) {
                let namespace = stray.namespace().unwrap_or_default();
                finding.related(stray.name_place(), format!("one by that name, of the namespace `{namespace}`"));
            }
            return Some(finding);
        }
        let port = backend.port?;
        if named.iter().any(|service| may_have_port(*service, port)) || self.is_patched_in(port) {
            return None;
        }
        let number = port.value().unwrap_or_default();
        let message =
            format!("{} sends to the port `{number}`, which the Service `{name}` does not have", from.title());
        let finding = report.finding(port, message);
        for service in named {
            finding.related(service.name_place(), format!("has {}", listed_ports(service)));
        }
        Some(finding)
    }

    /// Whether a Service that the project does not hold is surely missing: it holds others of the namespace, and nothing
    /// says that somebody else makes this one.
    fn is_missing(&self, name: &str, from: Object<'_>, backend: Backend<'_>, report: &Report<'_>) -> bool {
        let path = from.document().path();
        let is_known = if from.namespace() == backend.namespace {
            !is_filled_by_cluster(backend.namespace) && self.homes.share_downwards(backend.namespace, path)
        } else {
            self.homes.share_strictly(backend.namespace, path)
        };
        report.options().flag("complete") || is_known && !self.elsewhere.may_make("Service", name)
    }

    /// Whether a patch brings the port.
    fn is_patched_in(&self, port: Node<'_>) -> bool {
        let value = port.value().unwrap_or_default();
        ["name", "port", "value"].iter().any(|key| self.elsewhere.is_patched(key, value))
    }
}

fn is_label(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether a Service has a port by this number or name. One that lists none, as those with an external name, may have
/// any.
fn may_have_port(service: Object<'_>, wanted: Node<'_>) -> bool {
    let mut ports = service.at(&["spec", "ports"]).into_iter().flat_map(Node::items).peekable();
    if ports.peek().is_none() {
        return true;
    }
    let value = wanted.value();
    match wanted.integer() {
        Some(number) => {
            ports.any(|port| port.get("port").is_none_or(|port| port.integer().is_none_or(|own| own == number)))
        }
        // Ingresses of old versions give numbers as texts too.
        None => ports.any(|port| ["name", "port"].iter().any(|key| port.get(key).and_then(Node::value) == value)),
    }
}

fn listed_ports(service: Object<'_>) -> String {
    let ports = service.at(&["spec", "ports"]).into_iter().flat_map(Node::items);
    let listed = ports.filter_map(|port| {
        let number = port.get("port")?.value()?;
        let name = port.get("name").and_then(Node::text);
        Some(name.map_or_else(|| format!("`{number}`"), |name| format!("`{number}` (`{name}`)")))
    });
    listed.collect::<Vec<_>>().join(", ")
}
