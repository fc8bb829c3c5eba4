use hullmark_sdk::Finding;
use hullmark_sdk::prelude::*;

use crate::labels::{unmet, unmet_pairs};

rule! {
    /// The workload's selector does not match the labels of its own pods, so it cannot be created.
    ///
    /// ## What it checks
    ///
    /// `spec.selector` against the labels of the pod template, for Deployments, StatefulSets, DaemonSets, ReplicaSets,
    /// ReplicationControllers, DeploymentConfigs, and Jobs with `manualSelector: true`; `matchExpressions` too. In `apps/v1` a
    /// selector must not be empty; where the template has no labels either, a kustomization may set both. One that is not
    /// written at all is left to `api/missing-field`.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses such an object: its controller would make pods for ever and never know them for its own.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: website
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: web
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: nginx:1.29.1
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     matchLabels:
    ///       app: web
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: web
    ///         version: "4"
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the template every label that the selector asks for. The selector of an object that exists cannot be changed, so
    /// change the template where it does.
    ///
    /// ## Options
    ///
    /// - `required` (default `false`): report a selector that is missing or empty wherever it must be written.
    ///
    /// ## Other tools
    ///
    /// kube-linter wants a selector of ReplicationControllers and of `extensions/v1beta1` too, where it is taken from the template.
    /// kube-score looks at Deployments and StatefulSets of `apps/v1` only, and accepts an empty selector.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector>
    level: Error,
    tags: &["correctness"],
    aliases: &[
        "mismatching-selector",
        "deployment-pod-selector-labels-match-template-metadata-labels",
        "statefulset-pod-selector-labels-match-template-metadata-labels",
    ],
    references: &["https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector"],
    options: &[OptionSpec::flag(
        "required",
        false,
        "report a selector that is missing or empty wherever it must be written",
    )],
    checks: &[Pod(pod)],
}

/// How an object selects its pods.
enum Selector {
    /// By a LabelSelector that must be written.
    Required,
    /// By a LabelSelector that may be left out.
    Optional,
    /// By a map of labels that may be left out.
    Plain,
}

fn pod(pod: &Pod, report: &mut Report) {
    let object = pod.object();
    let Some(form) = form(&object) else { return };
    let labels = pod.template().at(&["metadata", "labels"]);
    let title = object.title();
    let selector = object.at(&["spec", "selector"]);
    let is_empty = selector.is_some_and(|selector| selector.children().next().is_none());
    let Some(selector) = selector.filter(|_| !is_empty) else {
        let is_labelled = labels.is_some_and(|labels| labels.children().next().is_some());
        // `api/missing-field` reports the field that is missing.
        let is_reported = is_empty && is_labelled || report.options().flag("required");
        if matches!(form, Selector::Required) && is_reported {
            let message = format!("{title} has no selector, so it knows no pods for its own");
            let place = object.anchor(&["spec", "selector"]);
            aliases(report.finding(place, message), &object, !is_empty);
        }
        return;
    };
    let unmet = match form {
        Selector::Plain => unmet_pairs(selector, labels),
        Selector::Required | Selector::Optional => unmet(selector, labels),
    };
    let Some((first, others)) = unmet.split_first() else { return };
    let message = format!("the selector of {title} does not match its pods: `{}`", requirement(*first));
    let finding = report.finding(*first, message);
    for other in others {
        finding.related(*other, "nor do they meet this");
    }
    if let Some(labels) = labels {
        finding.related(labels, "the labels of the pods");
    }
    aliases(finding, &object, true);
}

fn form(object: &Object) -> Option<Selector> {
    match (object.group(), object.kind()?) {
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => {
            // Versions before v1 took the template's labels.
            let is_old = object.api_version().is_some_and(|version| version.contains("beta"));
            Some(if is_old { Selector::Optional } else { Selector::Required })
        }
        ("extensions", "Deployment" | "DaemonSet" | "ReplicaSet") => Some(Selector::Optional),
        ("batch", "Job") => {
            let is_manual = object.at(&["spec", "manualSelector"]).and_then(Node::boolean) == Some(true);
            is_manual.then_some(Selector::Optional)
        }
        ("", "ReplicationController") | ("apps.openshift.io", "DeploymentConfig") => Some(Selector::Plain),
        _ => None,
    }
}

fn aliases(finding: &mut Finding, object: &Object, for_kube_score: bool) {
    let is = |kind: &str| for_kube_score && object.api_version() == Some("apps/v1") && object.kind() == Some(kind);
    finding.aliases_if(&[
        ("mismatching-selector", true),
        ("deployment-pod-selector-labels-match-template-metadata-labels", is("Deployment")),
        ("statefulset-pod-selector-labels-match-template-metadata-labels", is("StatefulSet")),
    ]);
}

/// A requirement for messages: `app=web`, or the key of an expression.
fn requirement(node: Node) -> String {
    let value = node.value().unwrap_or_default();
    match node.key() {
        Some("key") | None => value.to_owned(),
        Some(key) => format!("{key}={value}"),
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn object(version: &str, kind: &str, spec: &str, labels: &str) -> String {
        let template = format!("template: {{metadata: {{labels: {labels}}}, spec: {{containers: []}}}}");
        format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{{spec}{template}}}\n")
    }

    fn flagged(selector: &str) -> Vec<String> {
        let spec = format!("selector: {selector}, ");
        manifest(&RULE, &object("apps/v1", "Deployment", &spec, "{app: web, tier: front}"))
    }

    #[test]
    fn what_the_pods_have_is_accepted() {
        assert_eq!(flagged("{matchLabels: {app: web}}"), [""; 0]);
        assert_eq!(flagged("{matchLabels: {app: web, tier: front}}"), [""; 0]);
        assert_eq!(flagged("{matchLabels: {app: '${APP}'}}"), [""; 0]);
        for expression in [
            "{key: app, operator: In, values: [api, web]}",
            "{key: app, operator: NotIn, values: [api]}",
            "{key: app, operator: Exists}",
            "{key: zone, operator: DoesNotExist}",
            "{key: zone, operator: Unknown}",
        ] {
            assert_eq!(flagged(&format!("{{matchExpressions: [{expression}]}}")), [""; 0], "{expression}");
        }
    }

    #[test]
    fn a_selector_may_be_left_to_the_template_in_old_versions() {
        for (version, kind) in
            [("extensions/v1beta1", "Deployment"), ("apps/v1beta2", "StatefulSet"), ("v1", "ReplicationController")]
        {
            assert_eq!(manifest(&RULE, &object(version, kind, "", "{app: web}")), [""; 0], "{version}");
        }
        assert_eq!(manifest(&RULE, &object("batch/v1", "Job", "", "{app: web}")), [""; 0]);
        assert_eq!(manifest(&RULE, &object("argoproj.io/v1alpha1", "Rollout", "", "{app: web}")), [""; 0]);
    }

    #[test]
    fn what_the_pods_lack_is_flagged_once() {
        assert_eq!(flagged("{matchLabels: {app: wbe}}"), ["wbe"]);
        assert_eq!(flagged("{matchLabels: {zone: a, app: wbe}}"), ["a"]);
        for expression in [
            "{key: app, operator: In, values: [api]}",
            "{key: app, operator: NotIn, values: [web]}",
            "{key: app, operator: DoesNotExist}",
        ] {
            assert_eq!(flagged(&format!("{{matchExpressions: [{expression}]}}")), ["app"], "{expression}");
        }
        assert_eq!(flagged("{matchExpressions: [{key: zone, operator: Exists}]}"), ["zone"]);
        let spec = "selector: {app: web}, ";
        assert_eq!(manifest(&RULE, &object("v1", "ReplicationController", spec, "{app: api}")), ["web"]);
        let spec = "manualSelector: true, selector: {matchLabels: {app: web}}, ";
        assert_eq!(manifest(&RULE, &object("batch/v1", "Job", spec, "{app: api}")), ["web"]);
    }

    #[test]
    fn a_kustomization_may_set_selector_and_labels() {
        let text = object("apps/v1", "Deployment", "", "{}");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"required": true}"#).manifest(&text), ["spec"]);
    }

    #[test]
    fn no_selector_is_flagged_where_it_belongs() {
        assert_eq!(flagged("{}"), ["selector"]);
        let trial = Trial::with(&RULE, r#"{"required": true}"#);
        for selector in ["", "selector: , "] {
            let text = object("apps/v1", "DaemonSet", selector, "{app: web}");
            assert_eq!(manifest(&RULE, &text), [""; 0], "{selector}");
            assert_eq!(trial.manifest(&text).len(), 1, "{selector}");
        }
    }
}
