use hullmark_sdk::prelude::*;

use crate::elsewhere::{Dangling, Elsewhere};
use crate::policies::{Policies, selector_labels};

rule! {
    /// The NetworkPolicy selects no pod, so it protects nothing.
    ///
    /// ## What it checks
    ///
    /// NetworkPolicies whose `podSelector` is not empty and matches no pod of the project, while the project holds pods
    /// of the same namespace. Where a namespace is not written, pods of the same folder, of those above and of those
    /// below count as such, and a pod of any namespace may be the one that is meant.
    ///
    /// A selector that matches pods of other namespaces only is reported too, whether or not the project holds its own.
    ///
    /// It keeps silent where the pods may come from somewhere else: from an operator or a Helm release (a custom
    /// resource holds one of the labels); and where a label is set by a controller or a patch.
    ///
    /// ## Why it matters
    ///
    /// A policy that selects nothing is no error for Kubernetes: the pods that it was written for stay open, and nobody
    /// is told. A misspelt or changed label is the usual reason.
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
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata:
    ///   name: web
    /// spec:
    ///   podSelector:
    ///     matchLabels:
    ///       name: web
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
    /// apiVersion: networking.k8s.io/v1
    /// kind: NetworkPolicy
    /// metadata:
    ///   name: web
    /// spec:
    ///   podSelector:
    ///     matchLabels:
    ///       app: web
    /// ```
    ///
    /// ## How to fix
    ///
    /// Make the labels of the selector those of the pod template, or remove the policy if its pods are gone.
    ///
    /// ## Options
    ///
    /// - `complete`: the project holds every pod of its namespaces, so whatever selects none of them is reported. By
    ///   default `false`.
    ///
    /// ## Other tools
    ///
    /// kube-linter and kube-score also speak where the project holds no pods of the namespace, or an operator makes
    /// them.
    ///
    /// ## References
    ///
    /// - [Network Policies](https://kubernetes.io/docs/concepts/services-networking/network-policies/)
    /// - [Labels and selectors](https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/)
    tags: &["security", "correctness", "external/cwe/cwe-284"],
    security_severity: Some("5.0"),
    precision: Medium,
    aliases: &["dangling-networkpolicy", "networkpolicy-targets-pod"],
    references: &[
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
    ],
    options: &[OptionSpec::flag("complete", false, "The project holds every pod of its namespaces.")],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let elsewhere = Elsewhere::of(project);
    for policy in Policies::of(project).own {
        if !policy.pods.is_empty() {
            continue;
        }
        let Some(selector) = policy.object.at(&["spec", "podSelector"]) else { continue };
        let Some(labels) = selector_labels(selector) else { continue };
        let strays = project.select(selector, None);
        let what = format!("the `podSelector` of {}", policy.object.title());
        elsewhere.tell_dangling(Dangling { what, object: policy.object, selector, labels, strays }, report);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: []}\n";

    fn flagged(selector: &str) -> Vec<String> {
        flagged_beside(selector, "")
    }

    fn flagged_beside(selector: &str, other: &str) -> Vec<String> {
        let head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: policy}\n";
        manifest(&RULE, &format!("{POD}---\n{head}spec: {{podSelector: {selector}}}\n---\n{other}"))
    }

    #[test]
    fn what_selects_a_pod_is_accepted() {
        for selector in [
            "{}",
            "{matchLabels: {}}",
            "{matchLabels: {app: web}}",
            "{matchExpressions: [{key: app, operator: In, values: [web, db]}]}",
            "{matchExpressions: [{key: db, operator: DoesNotExist}]}",
        ] {
            assert_eq!(flagged(selector), [""; 0], "{selector}");
        }
    }

    #[test]
    fn what_is_no_selector_is_passed_over() {
        for selector in ["web", "[web]", "{app: web}", "{matchLabels: [web]}", "{matchExpressions: [{key: db}]}"] {
            assert_eq!(flagged(selector), [""; 0], "{selector}");
        }
    }

    #[test]
    fn pods_of_operators_are_unknown() {
        let kafka = "apiVersion: kafka.strimzi.io/v1beta2\nkind: Kafka\nmetadata: {name: main}\n";
        assert_eq!(flagged_beside("{matchLabels: {strimzi.io/cluster: main}}", kafka), [""; 0]);
        let monitor = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: main}\n";
        assert_eq!(flagged_beside("{matchLabels: {strimzi.io/cluster: main}}", monitor), ["podSelector"]);
    }

    #[test]
    fn without_pods_of_the_namespace_nothing_is_known() {
        let head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n";
        let policy = format!(
            "{head}metadata: {{name: p, namespace: shop}}\nspec: {{podSelector: {{matchLabels: {{app: db}}}}}}\n"
        );
        assert_eq!(manifest(&RULE, &policy), [""; 0]);
        let bank = POD.replace("name: web", "namespace: bank, name: web");
        assert_eq!(project(&RULE, &[("a.yaml", &bank), ("b.yaml", &policy)]), [""; 0]);
        assert_eq!(project(&RULE, &[("a/a.yaml", POD), ("b/b.yaml", &policy)]), [""; 0]);
        assert_eq!(project(&RULE, &[("a/a.yaml", POD), ("a/b.yaml", &policy)]), ["podSelector"]);
    }

    #[test]
    fn a_complete_project_leaves_no_excuse() {
        let trial = Trial::with(&RULE, r#"{"complete": true}"#);
        let head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n";
        assert_eq!(
            trial.manifest(&format!("{head}spec: {{podSelector: {{matchLabels: {{app: db}}}}}}\n")),
            ["podSelector"]
        );
    }

    #[test]
    fn what_selects_no_pod_is_flagged() {
        assert_eq!(flagged("{matchLabels: {app: wbe}}"), ["podSelector"]);
        assert_eq!(flagged("{matchExpressions: [{key: db, operator: Exists}]}"), ["podSelector"]);
    }
}
