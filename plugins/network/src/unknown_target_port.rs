use hullmark_sdk::prelude::*;

use crate::elsewhere::{Elsewhere, MOST_RELATED};
use crate::namespaces::Homes;
use crate::policies::pairs;
use crate::ports::{protocol, service_selector};

rule! {
    /// The Service sends to a port that none of its pods has.
    ///
    /// ## What it checks
    ///
    /// Ports of Services whose `targetPort` is a name that no container of any selected pod gives to a port of the same
    /// protocol. Sidecars count; init containers that end do not. Where one of the pods has such a port, it is
    /// accepted.
    ///
    /// It keeps silent where the project holds no pods of the Service's namespace that the selector matches, and where
    /// the pods or the port may come from somewhere else: an operator, a Helm release, a patch.
    ///
    /// ## Why it matters
    ///
    /// Kubernetes leaves a pod without the named port out of the Service, with no more than an event. Its clients get
    /// their connections refused.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.27.2
    ///       ports:
    ///         - name: http
    ///           containerPort: 8080
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     app: web
    ///   ports:
    ///     - port: 80
    ///       targetPort: web
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.27.2
    ///       ports:
    ///         - name: http
    ///           containerPort: 8080
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     app: web
    ///   ports:
    ///     - port: 80
    ///       targetPort: http
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the port of the container that name, or name a port that the container has.
    ///
    /// ## Options
    ///
    /// - `numeric`: also look at numbers. A port need not be declared for a container to listen on it; so a number is
    ///   reported only where every container of every selected pod declares ports, and none of them is it. By default
    ///   `false`.
    ///
    /// ## References
    ///
    /// - [Service: port definitions](https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports)
    level: Error,
    tags: &["correctness"],
    precision: High,
    references: &["https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports"],
    options: &[OptionSpec::flag("numeric", false, "Also look at ports given as numbers.")],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let elsewhere = Elsewhere::of(project);
    for service in project.objects(&["Service"]) {
        let Some(selector) = service_selector(service) else { continue };
        let targets: Vec<Target<'_>> = targets(service, report.options().flag("numeric"));
        if targets.is_empty() {
            continue;
        }
        let selected = project.select_labels(selector, service.namespace());
        let entries: Vec<&PodEntry> = selected.iter().filter_map(|&index| project.pods().get(index as usize)).collect();
        let homes = Homes::of_pods(project, entries.iter().copied());
        if !homes.share(service.namespace(), service.document().path()) {
            continue;
        }
        let pods: Vec<Pod<'_>> = entries.into_iter().filter_map(|entry| project.load(entry)).collect();
        let labels = pairs(selector).unwrap_or_default();
        for target in targets.iter().filter(|target| target.is_missing_in(&pods)) {
            let may_be_named = target.name().is_some_and(|name| elsewhere.is_patched("name", name));
            if !may_be_named && !elsewhere.may_hold_pods_of(service, &labels) {
                tell(service, target, &pods, report);
            }
        }
    }
}

/// Where a port of a Service leads.
struct Target<'a> {
    node: Node<'a>,
    protocol: &'a str,
}

fn targets<'a>(service: Object<'a>, numeric: bool) -> Vec<Target<'a>> {
    let ports = service.at(&["spec", "ports"]).into_iter().flat_map(Node::items);
    let target = |port: Node<'a>| {
        let node = port.get("targetPort").or_else(|| port.get("port"))?;
        Some(Target { node, protocol: protocol(port) })
    };
    ports
        .filter_map(target)
        .filter(|target| target.name().is_some() || (numeric && target.number().is_some()))
        .collect()
}

impl<'a> Target<'a> {
    /// Its name. A number in quotes is one that the API server refuses.
    fn name(&self) -> Option<&'a str> {
        self.node.text().filter(|name| name.bytes().any(|byte| byte.is_ascii_alphabetic()))
    }

    fn number(&self) -> Option<i64> {
        // Kubernetes takes 0 for a port that is not written.
        self.node.integer().filter(|&number| number != 0)
    }

    fn is_missing_in(&self, pods: &[Pod<'_>]) -> bool {
        let mut containers =
            pods.iter().flat_map(|pod| pod.containers()).filter(|container| container.is_long_running());
        match self.name() {
            Some(name) => !containers.any(|container| has_named_port(container, name, self.protocol)),
            None => containers.all(|container| declares_others(container, self.number())),
        }
    }
}

fn ports(container: Container<'_>) -> impl Iterator<Item = Node<'_>> {
    container.get("ports").into_iter().flat_map(Node::items)
}

fn has_named_port(container: Container<'_>, name: &str, of: &str) -> bool {
    ports(container).any(|port| port.get("name").and_then(Node::text) == Some(name) && protocol(port) == of)
}

/// Whether a container declares ports, and not this one.
fn declares_others(container: Container<'_>, number: Option<i64>) -> bool {
    let mut declared = ports(container).map(|port| port.get("containerPort").and_then(Node::integer)).peekable();
    declared.peek().is_some() && declared.all(|port| port.is_some() && port != number)
}

fn tell(service: Object<'_>, target: &Target<'_>, pods: &[Pod<'_>], report: &mut Report) {
    let (title, value) = (service.title(), target.node.value().unwrap_or_default());
    let message = match target.name() {
        Some(_) => format!("no pod that {title} selects has a {} port named `{value}`", target.protocol),
        None => format!("no container that {title} selects declares the port `{value}`"),
    };
    let finding = report.finding(target.node, message);
    for pod in pods.iter().take(MOST_RELATED) {
        finding.related(pod.object().name_place(), declared(*pod));
    }
}

/// What the pod has instead, for the reader.
fn declared(pod: Pod<'_>) -> String {
    let containers = pod.containers().filter(|container| container.is_long_running());
    let names = containers.flat_map(ports).filter_map(|port| {
        let of = protocol(port);
        let name = port.get("name").or_else(|| port.get("containerPort"))?.value()?;
        Some(if of == "TCP" { format!("`{name}`") } else { format!("`{name}` ({of})") })
    });
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        "selected, and declares no port".to_owned()
    } else {
        format!("selected, with {}", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(name: &str, containers: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{app: web}}}}\nspec: {{{containers}}}\n---\n"
        )
    }

    fn service(port: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: web}}, ports: [{{{port}}}]}}\n"
        )
    }

    const HTTP: &str = "containers: [{name: web, ports: [{name: http, containerPort: 8080}]}]";

    fn flagged(containers: &str, port: &str) -> Vec<String> {
        manifest(&RULE, &(pod("web", containers) + &service(port)))
    }

    #[test]
    fn a_port_that_a_pod_has_is_accepted() {
        assert_eq!(flagged(HTTP, "port: 80, targetPort: http"), [""; 0]);
        let sidecar = "containers: [{name: a}], initContainers: [{name: b, restartPolicy: Always, ports: [{name: http, containerPort: 1}]}]";
        assert_eq!(flagged(sidecar, "port: 80, targetPort: http"), [""; 0]);
        let two = pod("a", HTTP) + &pod("b", "containers: []") + &service("port: 80, targetPort: http");
        assert_eq!(manifest(&RULE, &two), [""; 0]);
    }

    #[test]
    fn numbers_are_for_information_unless_asked_for() {
        assert_eq!(flagged(HTTP, "port: 80"), [""; 0]);
        assert_eq!(flagged(HTTP, "port: 80, targetPort: 9090"), [""; 0]);
        assert_eq!(flagged(HTTP, "port: 80, targetPort: \"9090\""), [""; 0]);
        let numeric = Trial::with(&RULE, r#"{"numeric": true}"#);
        let flagged = |containers: &str, port: &str| numeric.manifest(&(pod("web", containers) + &service(port)));
        assert_eq!(flagged(HTTP, "port: 80, targetPort: 8080"), [""; 0]);
        assert_eq!(flagged("containers: [{name: web}]", "port: 80"), [""; 0]);
        assert_eq!(flagged(HTTP, "port: 80, targetPort: 9090"), ["9090"]);
        assert_eq!(flagged(HTTP, "port: 80"), ["80"]);
    }

    #[test]
    fn without_pods_nothing_is_known() {
        assert_eq!(manifest(&RULE, &service("port: 80, targetPort: http")), [""; 0]);
    }

    #[test]
    fn a_name_that_no_pod_has_is_flagged() {
        assert_eq!(flagged(HTTP, "port: 80, targetPort: web"), ["web"]);
        assert_eq!(flagged("containers: [{name: web}]", "port: 80, targetPort: http"), ["http"]);
        let init = "containers: [{name: a}], initContainers: [{name: b, ports: [{name: http, containerPort: 1}]}]";
        assert_eq!(flagged(init, "port: 80, targetPort: http"), ["http"]);
    }

    #[test]
    fn the_protocol_must_be_the_same() {
        assert_eq!(flagged(HTTP, "port: 80, targetPort: http, protocol: UDP"), ["http"]);
    }
}
