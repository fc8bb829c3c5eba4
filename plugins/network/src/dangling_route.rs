use hullmark_sdk::prelude::*;

use crate::services::{Backend, Services};

rule! {
    /// The route of a Gateway sends requests to a Service, or a port of it, that does not exist.
    ///
    /// ## What it checks
    ///
    /// The backends of HTTPRoutes, GRPCRoutes, TLSRoutes, TCPRoutes and UDPRoutes of the Gateway API, those to which
    /// requests are mirrored included. A Service of that name must stand in the backend's namespace, which is the
    /// route's own where it is not written, and have the port. A Service that the project does not hold is reported only
    /// where it holds others of the namespace; without one, those of the same folder and of those below count as such.
    ///
    /// It keeps silent where the Service may come from somewhere else: from the cluster itself, from an operator or a
    /// Helm release (a custom resource holds the name, or its beginning), from a patch. Backends that are other
    /// resources are passed over. Whether a ReferenceGrant allows a backend in another namespace is not looked at: it
    /// belongs to the owner of that namespace, who may keep it elsewhere.
    ///
    /// ## Why it matters
    ///
    /// The Gateway takes such a route, and answers what it matches with an error.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   ports:
    ///     - port: 80
    /// ---
    /// apiVersion: gateway.networking.k8s.io/v1
    /// kind: HTTPRoute
    /// metadata:
    ///   name: shop
    /// spec:
    ///   rules:
    ///     - backendRefs:
    ///         - name: web
    ///           port: 8080
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   ports:
    ///     - port: 80
    /// ---
    /// apiVersion: gateway.networking.k8s.io/v1
    /// kind: HTTPRoute
    /// metadata:
    ///   name: shop
    /// spec:
    ///   rules:
    ///     - backendRefs:
    ///         - name: web
    ///           port: 80
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the Service, and its `port`: not the port of its containers.
    ///
    /// ## Options
    ///
    /// - `complete`: the project holds every Service of its namespaces, so each that it does not hold is reported. By
    ///   default `false`.
    ///
    /// ## References
    ///
    /// - [HTTPRoute](https://gateway-api.sigs.k8s.io/api-types/httproute/)
    tags: &["correctness"],
    precision: Medium,
    references: &["https://gateway-api.sigs.k8s.io/api-types/httproute/"],
    options: &[OptionSpec::flag("complete", false, "The project holds every Service of its namespaces.")],
    checks: &[Manifests(whole_project)],
}

const ROUTES: [&str; 5] = ["GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute"];

fn whole_project(project: &Project, report: &mut Report) {
    let services = Services::of(project);
    for route in project.objects(&ROUTES) {
        if route.group() != "gateway.networking.k8s.io" {
            continue;
        }
        for reference in references(route) {
            if let Some(backend) = backend(route, reference) {
                services.tell_dangling(route, backend, report);
            }
        }
    }
}

fn references(route: Object<'_>) -> impl Iterator<Item = Node<'_>> {
    let rules = route.at(&["spec", "rules"]).into_iter().flat_map(Node::items);
    rules.flat_map(|rule| {
        let backends = items(rule, "backendRefs").flat_map(|backend| std::iter::once(backend).chain(mirrors(backend)));
        backends.chain(mirrors(rule))
    })
}

/// Backends to which the filters of a rule, or of a backend, mirror requests.
fn mirrors(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    items(node, "filters").filter_map(|filter| filter.at(&["requestMirror", "backendRef"]))
}

fn items<'a>(node: Node<'a>, key: &str) -> impl Iterator<Item = Node<'a>> {
    node.get(key).into_iter().flat_map(Node::items)
}

/// The Service that a reference names; nothing where it names another resource.
fn backend<'a>(route: Object<'a>, reference: Node<'a>) -> Option<Backend<'a>> {
    let is_absent_or = |key, word| reference.get(key).is_none_or(|node| node.value() == Some(word));
    if !is_absent_or("group", "") || !is_absent_or("kind", "Service") {
        return None;
    }
    let namespace = match reference.get("namespace") {
        Some(namespace) => Some(namespace.text()?),
        None => route.namespace(),
    };
    Some(Backend { name: reference.get("name")?, namespace, port: reference.get("port") })
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const SERVICE: &str =
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{port: 80}]}\n";

    fn route(kind: &str, rule: &str) -> String {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: {kind}\nmetadata: {{name: shop, namespace: shop}}\n\
             spec: {{rules: [{{{rule}}}]}}\n"
        )
    }

    fn flagged(rule: &str) -> Vec<String> {
        project(&RULE, &[("a.yaml", SERVICE), ("b.yaml", &route("HTTPRoute", rule))])
    }

    #[test]
    fn what_leads_to_a_port_is_accepted() {
        assert_eq!(flagged("backendRefs: [{name: web, port: 80}]"), [""; 0]);
        assert_eq!(flagged("backendRefs: [{group: '', kind: Service, name: web, port: 80, weight: 0}]"), [""; 0]);
    }

    #[test]
    fn other_resources_are_passed_over() {
        assert_eq!(flagged("backendRefs: [{group: net.gke.io, kind: ServiceImport, name: api, port: 80}]"), [""; 0]);
        let knative =
            route("HTTPRoute", "backendRefs: [{name: api}]").replace("gateway.networking.k8s.io", "a.example");
        assert_eq!(project(&RULE, &[("a.yaml", SERVICE), ("b.yaml", &knative)]), [""; 0]);
    }

    #[test]
    fn another_namespace_is_known_by_its_own_services() {
        assert_eq!(flagged("backendRefs: [{name: web, namespace: bank, port: 80}]"), [""; 0]);
        let bank = SERVICE.replace("shop", "bank");
        let route = route("HTTPRoute", "backendRefs: [{name: api, namespace: bank, port: 80}]");
        assert_eq!(project(&RULE, &[("a/a.yaml", &bank), ("b/b.yaml", &route)]), ["api"]);
    }

    #[test]
    fn without_services_nothing_is_known_unless_they_are_said_to_be_complete() {
        let route = route("TCPRoute", "backendRefs: [{name: web, port: 80}]");
        assert_eq!(manifest(&RULE, &route), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"complete": true}"#).manifest(&route), ["web"]);
    }

    #[test]
    fn what_leads_nowhere_is_flagged() {
        assert_eq!(flagged("backendRefs: [{name: api, port: 80}, {name: web, port: 81}]"), ["api", "81"]);
        assert_eq!(flagged("filters: [{requestMirror: {backendRef: {name: copy, port: 80}}}]"), ["copy"]);
        for kind in ROUTES {
            let text = route(kind, "backendRefs: [{name: api, port: 80}]");
            assert_eq!(project(&RULE, &[("a.yaml", SERVICE), ("b.yaml", &text)]), ["api"], "{kind}");
        }
    }
}
