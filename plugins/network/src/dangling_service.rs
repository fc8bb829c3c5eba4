use hullmark_sdk::prelude::*;

use crate::elsewhere::{Dangling, Elsewhere};
use crate::policies::pairs;
use crate::ports::service_selector;

rule! {
    /// The selector of the Service matches no pod, so the Service leads nowhere.
    ///
    /// ## What it checks
    ///
    /// Services with a selector that matches no pod of the project, while the project holds pods of the same namespace.
    /// Where a namespace is not written, pods of the same folder, of those above and of those below count as such, and
    /// a pod of any namespace may be the one that is meant. Services without a selector and those of type ExternalName
    /// have no pods to select.
    ///
    /// A selector that matches pods of other namespaces only is reported too, whether or not the project holds its own.
    ///
    /// It keeps silent where the pods may come from somewhere else: from the cluster itself (`kube-system` and its
    /// like), from an operator or a Helm release (a custom resource holds one of the labels); and where a label is set
    /// by a controller or a patch.
    ///
    /// ## Why it matters
    ///
    /// A Service without pods is no error for Kubernetes: its clients get their connections refused. A misspelt or
    /// changed label is the usual reason.
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
    /// ---
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     name: web
    ///   ports:
    ///     - port: 80
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
    /// ```
    ///
    /// ## How to fix
    ///
    /// Make the labels of the selector those of the pod template, or remove the Service if its pods are gone.
    ///
    /// ## Options
    ///
    /// - `labels`: keys of labels that are set on pods while they run. A Service that selects by one of them is passed
    ///   over.
    /// - `complete`: the project holds every pod of its namespaces, so whatever selects none of them is reported. By
    ///   default `false`.
    /// - `selectorless`: also report Services without a selector, whose endpoints someone else keeps. By default
    ///   `false`.
    ///
    /// ## Other tools
    ///
    /// kube-linter and kube-score also speak where the project holds no pods of the namespace, or an operator makes
    /// them; kube-linter speaks of Services without a selector.
    ///
    /// ## References
    ///
    /// - [Service](https://kubernetes.io/docs/concepts/services-networking/service/)
    /// - [Labels and selectors](https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/)
    tags: &["correctness"],
    precision: Medium,
    aliases: &["dangling-service", "service-targets-pod"],
    references: &[
        "https://kubernetes.io/docs/concepts/services-networking/service/",
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
    ],
    options: &[
        OptionSpec::texts("labels", &[], "Keys of labels that are set on pods while they run."),
        OptionSpec::flag("complete", false, "The project holds every pod of its namespaces."),
        OptionSpec::flag("selectorless", false, "Also report Services without a selector."),
    ],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let elsewhere = Elsewhere::of(project);
    for service in project.objects(&["Service"]) {
        let Some(selector) = service_selector(service) else {
            if is_selectorless(service) && report.options().flag("selectorless") {
                let message = format!("{} has no selector", service.title());
                report.finding(service.anchor(&["spec", "selector"]), message).aliases(&["dangling-service"]);
            }
            continue;
        };
        let Some(labels) = pairs(selector) else { continue };
        if !project.select_labels(selector, service.namespace()).is_empty()
            || report.options().texts("labels").any(|live| labels.iter().any(|(key, _)| *key == live))
        {
            continue;
        }
        let strays = project.select_labels(selector, None);
        let what = format!("the selector of {}", service.title());
        elsewhere.tell_dangling(Dangling { what, object: service, selector, labels, strays }, report);
    }
}

/// Whether a Service that could select pods does not.
fn is_selectorless(service: Object<'_>) -> bool {
    let is_empty = |selector: Node<'_>| selector.kind() == Kind::Mapping && selector.children().next().is_none();
    service.group().is_empty()
        && service.at(&["spec", "type"]).and_then(Node::text) != Some("ExternalName")
        && service.at(&["spec", "selector"]).is_none_or(is_empty)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: []}\n";

    fn service(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{{spec}}}\n")
    }

    fn flagged(spec: &str) -> Vec<String> {
        project(&RULE, &[("a.yaml", POD), ("b.yaml", &service(spec))])
    }

    #[test]
    fn what_selects_by_nothing_is_accepted() {
        for spec in ["selector: {}", "selector:", "selector: [web]", "selector: {app: [web]}", "type: ClusterIP"] {
            assert_eq!(flagged(spec), [""; 0], "{spec}");
        }
        assert_eq!(flagged("type: ExternalName, externalName: a.example, selector: {app: wbe}"), [""; 0]);
    }

    #[test]
    fn what_selects_a_pod_is_accepted() {
        assert_eq!(flagged("selector: {app: web}"), [""; 0]);
    }

    #[test]
    fn labels_set_by_controllers_are_unknown() {
        assert_eq!(flagged("selector: {statefulset.kubernetes.io/pod-name: web-0}"), [""; 0]);
        let trial = Trial::with(&RULE, r#"{"labels": ["shard"]}"#);
        assert_eq!(trial.project(&[("a.yaml", POD), ("b.yaml", &service("selector: {app: web, shard: a}"))]), [""; 0]);
    }

    #[test]
    fn a_service_of_knative_is_another_thing() {
        let knative = service("selector: {app: wbe}").replace("v1", "serving.knative.dev/v1");
        assert_eq!(project(&RULE, &[("a.yaml", POD), ("b.yaml", &knative)]), [""; 0]);
    }

    #[test]
    fn pods_of_operators_are_unknown() {
        let rollout = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r}\n\
                       spec: {template: {metadata: {labels: {app: api}}}}\n";
        let files = [("a.yaml", POD), ("b.yaml", &service("selector: {app: api}")), ("c.yaml", rollout)];
        assert_eq!(project(&RULE, &files), [""; 0]);
    }

    #[test]
    fn labels_set_by_patches_are_unknown() {
        let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
                     spec: {$patch: merge, template: {metadata: {labels: {tier: front}}}}\n";
        let files = |patch| {
            [("a.yaml", POD), ("b.yaml", service("selector: {app: web, tier: front}").leak()), ("c.yaml", patch)]
        };
        assert_eq!(project(&RULE, &files(patch)), [""; 0]);
        assert_eq!(project(&RULE, &files(patch.replace("front", "back").leak())), ["selector"]);
    }

    #[test]
    fn without_pods_of_the_namespace_nothing_is_known() {
        assert_eq!(manifest(&RULE, &service("selector: {app: api}")), [""; 0]);
        let files = [("a/a.yaml", POD), ("b/b.yaml", &service("selector: {app: api}"))];
        assert_eq!(project(&RULE, &files), [""; 0]);
    }

    #[test]
    fn a_complete_project_leaves_no_excuse() {
        let trial = Trial::with(&RULE, r#"{"complete": true}"#);
        assert_eq!(trial.manifest(&service("selector: {app: api}")), ["selector"]);
    }

    #[test]
    fn services_without_a_selector_are_flagged_if_asked_for() {
        let trial = Trial::with(&RULE, r#"{"selectorless": true}"#);
        assert_eq!(trial.manifest(&service("type: ExternalName, externalName: a.example")), [""; 0]);
        assert_eq!(trial.manifest(&service("selector: {}")), ["selector"]);
        assert_eq!(trial.manifest(&service("type: ClusterIP")), ["spec"]);
    }

    #[test]
    fn a_template_counts_before_its_spec_is_written() {
        let trial = Trial::with(&RULE, r#"{"complete": true}"#);
        let workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\n\
                        spec: {template: {metadata: {labels: {app: api, tier: back}}}}\n";
        let flagged = |spec: &str| trial.manifest(&format!("{workload}---\n{}", service(spec)));
        assert_eq!(flagged("selector: {app: api}"), [""; 0]);
        assert_eq!(flagged("selector: {app: api, tier: front}"), ["selector"]);
    }

    #[test]
    fn pods_of_another_namespace_are_not_its_own() {
        let (bank, shop) = (POD.replace("name: web", "namespace: bank, name: web"), service("selector: {app: web}"));
        let shop = shop.replace("name: web", "namespace: shop, name: web");
        let found = Trial::of(&RULE).found(&[("a/a.yaml", &bank), ("b/b.yaml", &shop)]);
        let messages: Vec<_> = found.iter().map(|found| found.finding.message()).collect();
        assert_eq!(messages, ["the selector of Service `web` matches pods of other namespaces only"]);
    }

    #[test]
    fn what_selects_no_pod_is_flagged() {
        assert_eq!(flagged("selector: {app: wbe}"), ["selector"]);
        assert_eq!(flagged("selector: {app: web, tier: front}"), ["selector"]);
    }
}
