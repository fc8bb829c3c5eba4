use std::collections::BTreeMap;

use hullmark_sdk::prelude::*;

use crate::services::{Backend, Services};

rule! {
    /// The Ingress sends requests to a Service, or a port of it, that does not exist.
    ///
    /// ## What it checks
    ///
    /// The backends of Ingresses, the default one included: a Service of that name must stand in the same namespace,
    /// and have the port, by its number or its name. Where a namespace is not written, a Service of any namespace may
    /// be the one that is meant. A Service that the project does not hold is reported only where it holds others of the
    /// namespace; without one, those of the same folder and of those below count as such.
    ///
    /// It keeps silent where the Service may come from somewhere else: from the cluster itself (`kube-system` and its
    /// like), from an operator or a Helm release (a custom resource holds the name, or its beginning), from a patch; and
    /// where the backend is an action of the AWS load balancer (`use-annotation`). Backends that are other resources
    /// are passed over.
    ///
    /// Each backend of an Ingress is reported once.
    ///
    /// ## Why it matters
    ///
    /// Kubernetes takes such an Ingress without a word. Clients of the path get an error, or the page of the
    /// controller's default backend.
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
    ///     - name: http
    ///       port: 80
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata:
    ///   name: shop
    /// spec:
    ///   rules:
    ///     - http:
    ///         paths:
    ///           - path: /
    ///             pathType: Prefix
    ///             backend:
    ///               service:
    ///                 name: web
    ///                 port:
    ///                   number: 8080
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
    ///     - name: http
    ///       port: 80
    /// ---
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata:
    ///   name: shop
    /// spec:
    ///   rules:
    ///     - http:
    ///         paths:
    ///           - path: /
    ///             pathType: Prefix
    ///             backend:
    ///               service:
    ///                 name: web
    ///                 port:
    ///                   name: http
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
    /// - `without-backend`: also report paths that name no backend in the form of their version, such as `serviceName`
    ///   in `networking.k8s.io/v1`, which the API server refuses. By default `false`: `api/unknown-field` and the API
    ///   server tell.
    ///
    /// ## Other tools
    ///
    /// kube-linter and kube-score also speak where the project holds no other Service of the namespace. kube-linter
    /// looks at `networking.k8s.io/v1` only. kube-score does not look at default backends, and reports backends that are
    /// other resources, such as a bucket.
    ///
    /// ## References
    ///
    /// - [Ingress](https://kubernetes.io/docs/concepts/services-networking/ingress/)
    tags: &["correctness"],
    precision: Medium,
    aliases: &["dangling-ingress", "ingress-targets-service"],
    references: &["https://kubernetes.io/docs/concepts/services-networking/ingress/"],
    options: &[
        OptionSpec::flag("complete", false, "The project holds every Service of its namespaces."),
        OptionSpec::flag("without-backend", false, "Also report paths that name no backend."),
    ],
    checks: &[Manifests(whole_project)],
}

/// What the AWS load balancer's controller takes for a port where an annotation says what to do.
const ACTION_PORT: &str = "use-annotation";

fn whole_project(project: &Project, report: &mut Report) {
    let services = Services::of(project);
    for ingress in project.objects(&["Ingress"]) {
        if !matches!(ingress.group(), "networking.k8s.io" | "extensions") {
            continue;
        }
        if report.options().flag("without-backend") {
            tell_without_backend(ingress, report);
        }
        for targets in distinct(ingress).values() {
            let Some((first, others)) = targets.split_first() else { continue };
            let Some(finding) = services.tell_dangling(ingress, first.backend, report) else { continue };
            finding.aliases_if(&[
                ("dangling-ingress", is_current(ingress)),
                ("ingress-targets-service", targets.iter().any(|target| target.of_path)),
            ]);
            for other in others {
                finding.related(other.backend.name, "here too");
            }
        }
    }
}

/// A reference of an Ingress to a Service.
struct Target<'a> {
    backend: Backend<'a>,
    /// Whether it belongs to a path, not to the whole Ingress.
    of_path: bool,
}

/// References by the name and the port that they give.
fn distinct(ingress: Object<'_>) -> BTreeMap<(Option<&str>, Option<&str>), Vec<Target<'_>>> {
    let defaults = ["defaultBackend", "backend"].into_iter().filter_map(|field| ingress.at(&["spec", field]));
    let of_paths = paths(ingress).filter_map(|path| path.get("backend"));
    let mut distinct: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (node, of_path) in defaults.map(|node| (node, false)).chain(of_paths.map(|node| (node, true))) {
        let Some(backend) = backend(ingress, node) else { continue };
        let port = backend.port.and_then(Node::value);
        if port != Some(ACTION_PORT) {
            distinct.entry((backend.name.text(), port)).or_default().push(Target { backend, of_path });
        }
    }
    distinct
}

fn paths(ingress: Object<'_>) -> impl Iterator<Item = Node<'_>> {
    let rules = ingress.at(&["spec", "rules"]).into_iter().flat_map(Node::items);
    rules.filter_map(|rule| rule.at(&["http", "paths"])).flat_map(Node::items)
}

/// Whether it is of the version that Kubernetes serves today.
fn is_current(ingress: Object<'_>) -> bool {
    ingress.api_version() == Some("networking.k8s.io/v1")
}

/// The Service that a backend names in the form of the Ingress' version.
fn backend<'a>(ingress: Object<'a>, backend: Node<'a>) -> Option<Backend<'a>> {
    let namespace = ingress.namespace();
    if !is_current(ingress) {
        return Some(Backend { name: backend.get("serviceName")?, namespace, port: backend.get("servicePort") });
    }
    let service = backend.get("service")?;
    let port = service.get("port").and_then(|port| port.get("number").or_else(|| port.get("name")));
    Some(Backend { name: service.get("name")?, namespace, port })
}

fn tell_without_backend(ingress: Object<'_>, report: &mut Report<'_>) {
    for path in paths(ingress) {
        let node = path.get("backend");
        let is_given = |node: Node<'_>| backend(ingress, node).is_some() || node.get("resource").is_some();
        if !node.is_some_and(is_given) {
            let place = node.map_or_else(|| path.place(), Node::key_place);
            let version = ingress.api_version().unwrap_or_default();
            let message = format!("a path of {} names no backend in the form of `{version}`", ingress.title());
            report.finding(place, message).aliases(&["ingress-targets-service"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{name: http, port: 80, targetPort: 8080}]}\n";

    fn ingress(backend: &str) -> String {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: shop}}\n\
             spec: {{rules: [{{http: {{paths: [{{path: /, backend: {backend}}}]}}}}]}}\n"
        )
    }

    fn flagged(backend: &str) -> Vec<String> {
        project(&RULE, &[("a.yaml", SERVICE), ("b.yaml", &ingress(backend))])
    }

    #[test]
    fn what_leads_to_a_port_is_accepted() {
        for port in ["{number: 80}", "{name: http}", "{}"] {
            assert_eq!(flagged(&format!("{{service: {{name: web, port: {port}}}}}")), [""; 0], "{port}");
        }
    }

    #[test]
    fn other_backends_are_passed_over() {
        for backend in [
            "{resource: {kind: Bucket, name: assets}}",
            "{service: {name: redirect, port: {name: use-annotation}}}",
            "{service: {name: '${SERVICE}', port: {number: 80}}}",
            "{serviceName: api, servicePort: 80}",
            "web",
        ] {
            assert_eq!(flagged(backend), [""; 0], "{backend}");
        }
    }

    #[test]
    fn without_services_of_the_namespace_nothing_is_known() {
        let api = ingress("{service: {name: api, port: {number: 80}}}");
        assert_eq!(manifest(&RULE, &api), [""; 0]);
        assert_eq!(project(&RULE, &[("a/a.yaml", SERVICE), ("b/b.yaml", &api)]), [""; 0]);
        assert_eq!(project(&RULE, &[("a/a.yaml", SERVICE), ("a/b/b.yaml", &api)]), [""; 0]);
        assert_eq!(project(&RULE, &[("a/b/a.yaml", SERVICE), ("a/b.yaml", &api)]), ["api"]);
        let bank = SERVICE.replace("name: web", "namespace: bank, name: web");
        let shop = api.replace("name: shop", "namespace: shop, name: shop");
        assert_eq!(project(&RULE, &[("a.yaml", &bank), ("b.yaml", &shop)]), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"complete": true}"#).manifest(&api), ["api"]);
    }

    #[test]
    fn services_of_releases_are_unknown() {
        let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: grafana}\n";
        let backend = ingress("{service: {name: grafana-web, port: {number: 80}}}");
        assert_eq!(project(&RULE, &[("a.yaml", SERVICE), ("b.yaml", &backend), ("c.yaml", release)]), [""; 0]);
    }

    #[test]
    fn a_service_without_ports_may_have_any() {
        let external = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: ExternalName}\n";
        let backend = ingress("{service: {name: web, port: {number: 81}}}");
        assert_eq!(project(&RULE, &[("a.yaml", external), ("b.yaml", &backend)]), [""; 0]);
    }

    #[test]
    fn what_leads_nowhere_is_flagged() {
        assert_eq!(flagged("{service: {name: api, port: {number: 80}}}"), ["api"]);
        assert_eq!(flagged("{service: {name: web, port: {number: 8080}}}"), ["8080"]);
        assert_eq!(flagged("{service: {name: web, port: {name: https}}}"), ["https"]);
    }

    #[test]
    fn old_versions_have_their_own_form() {
        for version in ["networking.k8s.io/v1beta1", "extensions/v1beta1"] {
            let old = |backend| ingress(backend).replace("networking.k8s.io/v1", version);
            let flagged = |backend| project(&RULE, &[("a.yaml", SERVICE), ("b.yaml", &old(backend))]);
            assert_eq!(flagged("{serviceName: web, servicePort: http}"), [""; 0], "{version}");
            assert_eq!(flagged("{serviceName: web, servicePort: '80'}"), [""; 0], "{version}");
            assert_eq!(flagged("{serviceName: api, servicePort: 80}"), ["api"], "{version}");
        }
    }

    #[test]
    fn one_backend_is_told_once() {
        let text = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec:\n  \
                    defaultBackend: &api {service: {name: api, port: {number: 80}}}\n  \
                    rules: [{http: {paths: [{backend: *api}, {backend: {service: {name: api, port: {number: 80}}}}]}}]\n";
        assert_eq!(project(&RULE, &[("a.yaml", SERVICE), ("b.yaml", text)]), ["api"]);
    }

    #[test]
    fn a_path_without_a_backend_is_flagged_if_asked_for() {
        let trial = Trial::with(&RULE, r#"{"without-backend": true}"#);
        let flagged = |backend| trial.manifest(&ingress(backend));
        assert_eq!(flagged("{resource: {kind: Bucket, name: assets}}"), [""; 0]);
        assert_eq!(flagged("{serviceName: api, servicePort: 80}"), ["backend"]);
    }
}
