//! Settings of security contexts, and which of them hold for a container. What a rule thinks of them is its own business.

use hullmark_sdk::prelude::*;

/// A setting that holds for a container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) node: Node<'a>,
    /// Whether it is the pod's, for all its containers.
    pub(crate) of_pod: bool,
}

impl<'a> Setting<'a> {
    /// What holds for a container at a path below `securityContext`: its own, else its pod's. Only for fields that a
    /// container takes from its pod.
    pub(crate) fn of(container: &Container<'a>, path: &[&str]) -> Option<Self> {
        let in_context = |context: Option<Node<'a>>| context.and_then(|context| context.at(path));
        let own = in_context(container.get("securityContext")).map(|node| Self { node, of_pod: false });
        own.or_else(|| Some(Self { node: in_context(container.pod().get("securityContext"))?, of_pod: true }))
    }

    /// What a pod sets at a path below `securityContext`, whether a container takes it or not.
    pub(crate) fn of_pod(pod: &Pod<'a>, path: &[&str]) -> Option<Self> {
        Some(Self { node: pod.get("securityContext")?.at(path)?, of_pod: true })
    }

    /// What the container that it concerns is for; what is the pod's always concerns a main one too.
    pub(crate) fn role(self, container: &Container) -> Role {
        if self.of_pod { Role::Main } else { container.role() }
    }

    /// Whom it concerns, for messages.
    pub(crate) fn title(self, container: &Container) -> String {
        if self.of_pod { container.pod().object().title() } else { container.title() }
    }
}

/// Lets a setting of the pod be reported once, not for every container that takes it.
#[derive(Debug, Default)]
pub(crate) struct Once(Vec<Place>);

impl Once {
    pub(crate) fn is_first(&mut self, setting: Setting) -> bool {
        let place = setting.node.place();
        if setting.of_pod && self.0.contains(&place) {
            return false;
        }
        self.0.push(place);
        true
    }
}

/// Containers of a pod that runs on Linux, as far as their security contexts can be read. The API server refuses the
/// settings of Linux in pods of Windows.
pub(crate) fn linux_containers<'a>(pod: &Pod<'a>) -> impl Iterator<Item = Container<'a>> + use<'a> {
    let pod = *pod;
    let is_readable = |context: Option<Node>| context.is_none_or(|context| context.kind() == Kind::Mapping);
    let pod_is_readable = !pod.is_windows() && is_readable(pod.get("securityContext"));
    pod.containers().filter(move |container| pod_is_readable && is_readable(container.get("securityContext")))
}

/// Whether the container is privileged: it then has every capability and no seccomp profile, whatever else is set.
pub(crate) fn is_privileged(container: &Container) -> bool {
    container.at(&["securityContext", "privileged"]).and_then(Node::boolean) == Some(true)
}

/// A capability without the prefix that some runtimes allow, in capitals as the kernel's names are.
pub(crate) fn capability(written: &str) -> String {
    let name = written.to_ascii_uppercase();
    name.strip_prefix("CAP_").map(str::to_owned).unwrap_or(name)
}
