use hullmark_sdk::prelude::*;

use crate::definitions::{COMPLETE, Definitions, EXISTING};
use crate::labels::unmet_pairs;

rule! {
    /// The StatefulSet names a Service that does not exist, or that gives its pods no names.
    ///
    /// ## What it checks
    ///
    /// `serviceName` of every StatefulSet: a Service by that name must be headless (`clusterIP: None`), and its selector match the
    /// pods. One that the project does not hold is reported where it holds others of the same namespace, or in the same folder
    /// where a namespace is not written.
    ///
    /// ## Why it matters
    ///
    /// The names of the pods (`db-0.db.shop.svc`) come from that Service. Without it each pod starts, and none finds the others.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: db
    /// spec:
    ///   selector:
    ///     app: db
    ///   ports:
    ///     - port: 5432
    /// ---
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata:
    ///   name: db
    /// spec:
    ///   serviceName: db
    ///   selector:
    ///     matchLabels:
    ///       app: db
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: db
    ///     spec:
    ///       containers:
    ///         - name: db
    ///           image: postgres:17.5
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: db
    /// spec:
    ///   clusterIP: None
    ///   selector:
    ///     app: db
    ///   ports:
    ///     - port: 5432
    /// ---
    /// apiVersion: apps/v1
    /// kind: StatefulSet
    /// metadata:
    ///   name: db
    /// spec:
    ///   serviceName: db
    ///   selector:
    ///     matchLabels:
    ///       app: db
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: db
    ///     spec:
    ///       containers:
    ///         - name: db
    ///           image: postgres:17.5
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name a headless Service that selects the pods. Add one beside a Service that clients use.
    ///
    /// ## Options
    ///
    /// - `existing` (default: empty): names of Services that are in the cluster though the project does not hold them; `*` stands
    ///   for anything.
    /// - `complete` (default `false`): the project holds every Service of its namespaces, so each that it does not hold is reported.
    /// - `required` (default `false`): also report StatefulSets that name no Service, whose pods have no names of their own.
    ///
    /// ## Other tools
    ///
    /// kube-score wants a Service of every StatefulSet, and takes what it is given for complete. A headless Service without a
    /// selector, whose endpoints somebody else keeps, is accepted here.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id>
    level: Warning,
    tags: &["correctness"],
    precision: Medium,
    aliases: &["statefulset-has-servicename"],
    references: &["https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id"],
    options: &[
        EXISTING,
        COMPLETE,
        OptionSpec::flag("required", false, "also report StatefulSets that name no Service"),
    ],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let services = Definitions::of(project, "Service");
    for set in project.objects(&["StatefulSet"]).into_iter().filter(|set| set.group() == "apps") {
        match set.at(&["spec", "serviceName"]) {
            Some(name) if name.value() != Some("") => named(set, name, &services, report),
            _ if report.options().flag("required") => {
                let message = format!("{} names no Service, so its pods have no names of their own", set.title());
                report.finding(set.anchor(&["spec", "serviceName"]), message);
            }
            _ => {}
        }
    }
}

fn named(set: Object, node: Node, services: &Definitions, report: &mut Report) {
    let Some(name) = node.text() else { return };
    let found = services.named(name, set.namespace());
    let title = set.title();
    if found.is_empty() {
        if services.is_missing(name, set, report) {
            let finding = report.finding(node, format!("{title} names the Service `{name}`, which does not exist"));
            for stray in services.strays(name, set.namespace()) {
                finding.related(stray.name_place(), "one by that name, of another namespace");
            }
        }
        return;
    }
    if found.iter().any(|service| service.document().is_declared()) {
        return;
    }
    let headless: Vec<Object> = found.iter().copied().filter(|service| is_headless(*service)).collect();
    if headless.iter().any(|service| selects_pods_of(*service, set)) {
        return;
    }
    let (service, why) = match (headless.first(), found.first()) {
        (Some(service), _) => (service, "does not select its pods"),
        (None, Some(service)) => (service, "is not headless"),
        (None, None) => return,
    };
    let finding = report.finding(node, format!("{title} names the Service `{name}`, which {why}"));
    let cause =
        if headless.is_empty() { service.at(&["spec", "clusterIP"]) } else { service.at(&["spec", "selector"]) };
    finding.related(cause.map_or_else(|| service.name_place(), Node::place), "the Service");
}

fn is_headless(service: Object) -> bool {
    service.at(&["spec", "clusterIP"]).and_then(Node::text) == Some("None")
}

/// Whether the Service selects the pods of an object, or has no selector.
fn selects_pods_of(service: Object, set: Object) -> bool {
    let Some(selector) = service.at(&["spec", "selector"]) else { return true };
    unmet_pairs(selector, set.at(&["spec", "template", "metadata", "labels"])).is_empty()
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const SET: &str = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\n\
                       spec: {serviceName: db, template: {metadata: {labels: {app: db}}, spec: {containers: []}}}\n";

    fn flagged(metadata: &str, spec: &str) -> Vec<String> {
        let service = format!("apiVersion: v1\nkind: Service\nmetadata: {{{metadata}}}\nspec: {{{spec}}}\n");
        project(&RULE, &[("k/set.yaml", SET), ("k/service.yaml", &service)])
    }

    #[test]
    fn a_headless_service_of_the_pods_is_accepted() {
        assert_eq!(flagged("name: db, namespace: shop", "clusterIP: None, selector: {app: db}"), [""; 0]);
        assert_eq!(flagged("name: db", "clusterIP: None, selector: {app: db}"), [""; 0]);
        assert_eq!(flagged("name: db", "clusterIP: None"), [""; 0]);
    }

    #[test]
    fn without_services_beside_it_nothing_is_known() {
        assert_eq!(manifest(&RULE, SET), [""; 0]);
        assert_eq!(flagged("name: web, namespace: bank", "clusterIP: None"), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"complete": true}"#).manifest(SET), ["db"]);
        assert_eq!(Trial::with(&RULE, r#"{"complete": true, "existing": ["db"]}"#).manifest(SET), [""; 0]);
    }

    #[test]
    fn a_service_that_gives_no_names_is_flagged() {
        assert_eq!(flagged("name: web, namespace: shop", "clusterIP: None, selector: {app: db}"), ["db"]);
        assert_eq!(flagged("name: db, namespace: shop", "selector: {app: db}"), ["db"]);
        assert_eq!(flagged("name: db, namespace: shop", "clusterIP: None, selector: {app: web}"), ["db"]);
    }

    #[test]
    fn one_may_ask_for_a_service() {
        let text = SET.replace("serviceName: db, ", "");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
        let trial = Trial::with(&RULE, r#"{"required": true}"#);
        assert_eq!(trial.manifest(&text), ["spec"]);
        assert_eq!(trial.manifest(&SET.replace("serviceName: db", "serviceName: ''")), ["serviceName"]);
    }
}
