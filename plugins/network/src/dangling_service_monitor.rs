use hullmark_sdk::prelude::*;

use crate::namespaces::is_filled_by_cluster;
use crate::policies::{is_empty_selector, selector_labels};
use crate::services::Services;

rule! {
    /// The ServiceMonitor selects no Service, so Prometheus reads no metrics by it.
    ///
    /// ## What it checks
    ///
    /// ServiceMonitors of Prometheus' operator whose `selector` matches the labels of no Service of the project, while
    /// the project holds Services of the namespaces that are looked at: those that `namespaceSelector` names, all with
    /// `any: true`, else the ServiceMonitor's own. Where a namespace is not written, Services of the same folder, of
    /// those above and of those below count as such, and a Service of any namespace may be the one that is meant.
    ///
    /// A selector that matches Services of other namespaces only is reported too.
    ///
    /// It keeps silent where the Services may come from somewhere else: from the cluster itself (`kube-system` and its
    /// like), from an operator or a Helm release (a custom resource holds one of the labels), from a patch.
    ///
    /// ## Why it matters
    ///
    /// Prometheus takes a ServiceMonitor without Services without a word. The metrics are missing, and so are the
    /// alerts that are made of them. A usual reason is that the labels are those of the pods: a ServiceMonitor selects
    /// by the labels of the Service itself.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     app: web
    ///   ports:
    ///     - name: metrics
    ///       port: 9090
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: web
    ///   endpoints:
    ///     - port: metrics
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app: web
    /// spec:
    ///   selector:
    ///     app: web
    ///   ports:
    ///     - name: metrics
    ///       port: 9090
    /// ---
    /// apiVersion: monitoring.coreos.com/v1
    /// kind: ServiceMonitor
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: web
    ///   endpoints:
    ///     - port: metrics
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the Service the labels that the ServiceMonitor asks for, or name the namespace of the Service under
    /// `namespaceSelector`.
    ///
    /// ## Options
    ///
    /// - `complete`: the project holds every Service of its namespaces, and each is of the namespace that is written; so
    ///   whatever selects none of them is reported. By default `false`.
    /// - `selectorless`: also report ServiceMonitors that select neither by labels nor by namespaces, and so take every
    ///   Service of their own namespace. By default `false`.
    ///
    /// ## Other tools
    ///
    /// kube-linter also speaks where the project holds no Services of the namespace. It takes Services of every namespace
    /// where none is named, and does not read `matchExpressions`.
    ///
    /// ## References
    ///
    /// - [ServiceMonitor](https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor)
    tags: &["correctness"],
    precision: Medium,
    aliases: &["dangling-servicemonitor"],
    references: &["https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor"],
    options: &[
        OptionSpec::flag("complete", false, "The project holds every Service of its namespaces."),
        OptionSpec::flag("selectorless", false, "Also report ServiceMonitors that select by nothing."),
    ],
    checks: &[Manifests(whole_project)],
}

/// Labels of the Service `kubernetes`, which every cluster makes by itself.
const API_SERVER: [(&str, &str); 2] = [("component", "apiserver"), ("provider", "kubernetes")];

fn whole_project(project: &Project, report: &mut Report) {
    let services = Services::of(project);
    let monitors = project.objects(&["ServiceMonitor"]);
    for monitor in monitors.into_iter().filter(|object| object.group() == "monitoring.coreos.com") {
        let scope = Scope::of(monitor);
        let selector = monitor.at(&["spec", "selector"]);
        match selector.filter(|selector| !is_empty_selector(*selector)) {
            Some(selector) => by_labels(project, &services, monitor, &scope, selector, report),
            None => by_namespaces(project, &services, monitor, &scope, report),
        }
    }
}

/// The namespaces in which a ServiceMonitor looks for Services.
enum Scope<'a> {
    Every,
    Named(Vec<&'a str>),
    Own,
}

impl<'a> Scope<'a> {
    fn of(monitor: Object<'a>) -> Self {
        let Some(selector) = monitor.at(&["spec", "namespaceSelector"]) else { return Self::Own };
        if selector.get("any").and_then(Node::boolean) == Some(true) {
            return Self::Every;
        }
        let names: Vec<&str> =
            selector.get("matchNames").into_iter().flat_map(Node::items).filter_map(Node::text).collect();
        if names.is_empty() { Self::Own } else { Self::Named(names) }
    }

    fn holds(&self, project: &Project<'_>, monitor: Object<'_>, namespace: Option<&str>, complete: bool) -> bool {
        match self {
            Self::Every => true,
            Self::Named(names) if complete => namespace.is_some_and(|namespace| names.contains(&namespace)),
            Self::Named(names) => names.iter().any(|&name| project.may_share_namespace(namespace, Some(name))),
            Self::Own => project.may_share_namespace(namespace, monitor.namespace()),
        }
    }

    /// Whether the project surely holds the Services of all these namespaces.
    fn is_known(&self, services: &Services<'_>, monitor: Object<'_>) -> bool {
        let path = monitor.document().path();
        match self {
            Self::Every => false,
            Self::Named(names) => names.iter().all(|&name| services.are_known(Some(name), path)),
            Self::Own => services.are_known(monitor.namespace(), path),
        }
    }

    /// Whether a namespace that the cluster fills with Services of its own is among them.
    fn is_filled_by_cluster(&self, monitor: Object<'_>) -> bool {
        match self {
            Self::Every => true,
            Self::Named(names) => names.iter().any(|&name| is_filled_by_cluster(Some(name))),
            Self::Own => is_filled_by_cluster(monitor.namespace()),
        }
    }
}

fn by_namespaces<'a>(
    project: &Project<'a>,
    services: &Services<'a>,
    monitor: Object<'a>,
    scope: &Scope<'a>,
    report: &mut Report<'_>,
) {
    let title = monitor.title();
    if matches!(scope, Scope::Own) {
        if report.options().flag("selectorless") {
            let place = monitor.anchor(&["spec", "selector"]);
            report.finding(place, format!("{title} selects every Service of its namespace"));
        }
        return;
    }
    let is_within = |entry: &ObjectEntry| scope.holds(project, monitor, entry.namespace.as_deref(), true);
    if report.options().flag("complete") && services.which(is_within).is_empty() {
        let place = monitor.anchor(&["spec", "namespaceSelector"]);
        report.finding(place, format!("the namespaces of {title} hold no Service"));
    }
}

fn by_labels<'a>(
    project: &Project<'a>,
    services: &Services<'a>,
    monitor: Object<'a>,
    scope: &Scope<'a>,
    selector: Node<'a>,
    report: &mut Report<'_>,
) {
    let Some(labels) = selector_labels(selector) else { return };
    let complete = report.options().flag("complete");
    let holds = |service: Object<'_>| scope.holds(project, monitor, service.namespace(), complete);
    let matching = services.which(|_| true).into_iter().filter(|service| selects(selector, *service));
    let (within, strays): (Vec<Object<'_>>, Vec<Object<'_>>) = matching.partition(|service| holds(*service));
    if !within.is_empty() {
        return;
    }
    let is_known = !strays.is_empty() || scope.is_known(services, monitor);
    let may_be_set = labels.iter().any(|&(key, value)| services.elsewhere().may_set_label(key, value));
    let is_api_server = !labels.is_empty() && labels.iter().all(|label| API_SERVER.contains(label));
    if !complete && (!is_known || may_be_set || is_api_server || scope.is_filled_by_cluster(monitor)) {
        return;
    }
    let found = if strays.is_empty() { "no Service" } else { "Services of other namespaces only" };
    let finding = report.finding(selector, format!("the selector of {} matches {found}", monitor.title()));
    // kube-linter takes a ServiceMonitor without namespaces for one of all.
    finding.aliases_if(&[("dangling-servicemonitor", strays.is_empty() || !matches!(scope, Scope::Own))]);
    for stray in strays {
        let namespace = stray.namespace().unwrap_or_default();
        finding.related(stray.name_place(), format!("matches, but is of the namespace `{namespace}`"));
    }
}

/// Whether a selector that the API server takes matches the labels of an object.
fn selects(selector: Node<'_>, object: Object<'_>) -> bool {
    let label = |key: &str| object.at(&["metadata", "labels", key]).and_then(Node::value);
    let mut equal = selector.get("matchLabels").into_iter().flat_map(Node::entries);
    let mut expressions = selector.get("matchExpressions").into_iter().flat_map(Node::items);
    equal.all(|(key, value)| label(key).is_some_and(|own| value.value() == Some(own)))
        && expressions.all(|expression| {
            let own = expression.get("key").and_then(Node::text).and_then(label);
            let mut values = expression.get("values").into_iter().flat_map(Node::items).filter_map(Node::value);
            match expression.get("operator").and_then(Node::text) {
                Some("In") => own.is_some_and(|own| values.any(|value| value == own)),
                Some("NotIn") => own.is_none_or(|own| values.all(|value| value != own)),
                Some("Exists") => own.is_some(),
                _ => own.is_none(),
            }
        })
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {app: web}}\nspec: {}\n";

    fn monitor(spec: &str) -> String {
        format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {{name: web}}\nspec: {{{spec}}}\n"
        )
    }

    fn flagged(spec: &str) -> Vec<String> {
        project(&RULE, &[("a.yaml", SERVICE), ("b.yaml", &monitor(spec))])
    }

    #[test]
    fn what_selects_a_service_is_accepted() {
        for selector in [
            "{matchLabels: {app: web}}",
            "{matchExpressions: [{key: app, operator: In, values: [api, web]}]}",
            "{matchExpressions: [{key: app, operator: NotIn, values: [api]}]}",
            "{matchExpressions: [{key: app, operator: Exists}, {key: db, operator: DoesNotExist}]}",
            "{}",
            "{app: api}",
        ] {
            assert_eq!(flagged(&format!("selector: {selector}")), [""; 0], "{selector}");
        }
    }

    #[test]
    fn without_services_of_the_namespace_nothing_is_known() {
        let api = monitor("selector: {matchLabels: {app: api}}");
        assert_eq!(manifest(&RULE, &api), [""; 0]);
        assert_eq!(flagged("selector: {matchLabels: {app: api}}, namespaceSelector: {any: true}"), [""; 0]);
        assert_eq!(project(&RULE, &[("a/a.yaml", SERVICE), ("b/b.yaml", &api)]), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"complete": true}"#).manifest(&api), ["selector"]);
    }

    #[test]
    fn every_cluster_has_the_service_of_its_api_server() {
        assert_eq!(flagged("selector: {matchLabels: {component: apiserver, provider: kubernetes}}"), [""; 0]);
        assert_eq!(flagged("selector: {matchLabels: {component: apiserver, app: api}}"), ["selector"]);
    }

    #[test]
    fn labels_of_operators_are_unknown() {
        let kafka = "apiVersion: kafka.strimzi.io/v1\nkind: Kafka\nmetadata: {name: main}\n";
        let files =
            [("a.yaml", SERVICE), ("b.yaml", &monitor("selector: {matchLabels: {app: main}}")), ("c.yaml", kafka)];
        assert_eq!(project(&RULE, &files), [""; 0]);
    }

    #[test]
    fn what_selects_no_service_is_flagged() {
        assert_eq!(flagged("selector: {matchLabels: {app: wbe}}"), ["selector"]);
        assert_eq!(flagged("selector: {matchExpressions: [{key: db, operator: Exists}]}"), ["selector"]);
    }

    #[test]
    fn services_of_other_namespaces_are_not_looked_at() {
        let service = SERVICE.replace("name: web", "namespace: shop, name: web");
        let monitor = |spec: &str| monitor(spec).replace("name: web", "namespace: monitoring, name: web");
        let flagged = |spec: &str| project(&RULE, &[("a/a.yaml", &service), ("b/b.yaml", &monitor(spec))]);
        let labels = "selector: {matchLabels: {app: web}}";
        assert_eq!(flagged(&format!("{labels}, namespaceSelector: {{matchNames: [shop]}}")), [""; 0]);
        assert_eq!(flagged(&format!("{labels}, namespaceSelector: {{any: true}}")), [""; 0]);
        assert_eq!(flagged(labels), ["selector"]);
        assert_eq!(flagged(&format!("{labels}, namespaceSelector: {{matchNames: [bank]}}")), ["selector"]);
    }

    #[test]
    fn without_labels_the_namespaces_count_if_all_is_known() {
        let spec = "selector: {}, namespaceSelector: {matchNames: [bank]}";
        assert_eq!(flagged(spec), [""; 0]);
        let complete = Trial::with(&RULE, r#"{"complete": true}"#);
        assert_eq!(complete.project(&[("a.yaml", SERVICE), ("b.yaml", &monitor(spec))]), ["namespaceSelector"]);
    }

    #[test]
    fn what_selects_by_nothing_is_flagged_if_asked_for() {
        let trial = Trial::with(&RULE, r#"{"selectorless": true}"#);
        assert_eq!(trial.manifest(&monitor("selector: {}")), ["selector"]);
        assert_eq!(trial.manifest(&monitor("selector: {}, namespaceSelector: {any: true}")), [""; 0]);
    }
}
