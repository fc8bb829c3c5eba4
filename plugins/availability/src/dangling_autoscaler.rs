use std::collections::HashMap;

use hullmark_sdk::Finding;
use hullmark_sdk::prelude::*;

use crate::scaling::{AUTOSCALERS, Autoscaler, SCALED, group};

rule! {
    /// The autoscaler scales a workload that does not exist, so nothing is scaled.
    ///
    /// ## What it checks
    ///
    /// `scaleTargetRef` of every HorizontalPodAutoscaler, and of every ScaledObject of KEDA, that names a Deployment,
    /// StatefulSet, ReplicaSet, ReplicationController or DeploymentConfig. One that the project does not hold is reported where it
    /// holds others of that kind in the same namespace, or in the same folder where a namespace is not written. One that it
    /// holds must be of the API group that is named.
    ///
    /// ## Why it matters
    ///
    /// Nobody refuses such an autoscaler. It is noticed under load, when the pods do not become more.
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
    ///       app: web
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: web
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: nginx:1.29.1
    /// ---
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata:
    ///   name: web
    /// spec:
    ///   scaleTargetRef:
    ///     apiVersion: apps/v1
    ///     kind: Deployment
    ///     name: website
    ///   maxReplicas: 8
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
    ///     spec:
    ///       containers:
    ///         - name: web
    ///           image: nginx:1.29.1
    /// ---
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata:
    ///   name: web
    /// spec:
    ///   scaleTargetRef:
    ///     apiVersion: apps/v1
    ///     kind: Deployment
    ///     name: web
    ///   maxReplicas: 8
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the workload as its manifest does, or remove the autoscaler if the workload is gone.
    ///
    /// ## Options
    ///
    /// - `complete` (default `false`): the project holds every workload of its namespaces, so each that it does not hold is
    ///   reported.
    ///
    /// ## Other tools
    ///
    /// kube-linter and kube-score take what they are given for complete, and report targets of other kinds, which an operator may
    /// bring. kube-linter does not compare namespaces. Neither looks at KEDA.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/>
    tags: &["correctness", "reliability"],
    precision: Medium,
    aliases: &["dangling-horizontalpodautoscaler", "horizontalpodautoscaler-has-target"],
    references: &["https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/"],
    options: &[OptionSpec::flag("complete", false, "the project holds every workload of its namespaces")],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let autoscalers = project.objects(&AUTOSCALERS);
    if autoscalers.is_empty() {
        return;
    }
    let workloads = Workloads::of(project);
    for autoscaler in autoscalers.into_iter().filter_map(Autoscaler::of) {
        target(autoscaler, &workloads, project, report);
    }
}

/// Workloads that can be scaled, by kind and name.
#[derive(Default)]
struct Workloads(HashMap<String, HashMap<String, Vec<ObjectEntry>>>);

impl Workloads {
    fn of(project: &Project) -> Self {
        let mut workloads = Self::default();
        for entry in project.object_entries(&SCALED) {
            if let (Some(kind), Some(name)) = (entry.kind.clone(), entry.name.clone()) {
                workloads.0.entry(kind).or_default().entry(name).or_default().push(entry);
            }
        }
        workloads
    }

    fn named(&self, kind: &str, name: &str) -> impl Iterator<Item = &ObjectEntry> {
        self.0.get(kind).and_then(|names| names.get(name)).into_iter().flatten()
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &ObjectEntry> {
        self.0.get(kind).into_iter().flat_map(HashMap::values).flatten()
    }
}

fn target(autoscaler: Autoscaler, workloads: &Workloads, project: &Project, report: &mut Report) {
    let (Some(kind), Some(node)) = (autoscaler.kind(), autoscaler.name()) else { return };
    let Some(name) = node.text().filter(|_| SCALED.contains(&kind)) else { return };
    let object = autoscaler.object;
    let title = object.title();
    let (meant, strays): (Vec<_>, Vec<_>) = workloads
        .named(kind, name)
        .partition(|entry| project.may_share_namespace(entry.namespace.as_deref(), object.namespace()));
    if let Some(found) = meant.first() {
        let Some((node, version)) = autoscaler.version().and_then(|node| Some((node, node.text()?))) else { return };
        if meant.iter().all(|entry| entry.api_version.is_some() && entry.group() != group(version)) {
            let message = format!("{title} looks for {kind} `{name}` in `{version}`, where it is not");
            let finding = report.finding(node, message);
            if let Some(found) = project.object(found) {
                finding.related(found.name_place(), "the one by that name");
            }
            aliases(autoscaler, finding);
        }
        return;
    }
    if !report.options().flag("complete") && !has_siblings(kind, object, workloads, project) {
        return;
    }
    let finding = report.finding(node, format!("{title} scales {kind} `{name}`, which does not exist"));
    for stray in strays.into_iter().filter_map(|entry| project.object(entry)) {
        finding.related(stray.name_place(), "one by that name, of another namespace");
    }
    aliases(autoscaler, finding);
}

/// Whether the project holds workloads of the kind in the namespace of the autoscaler, or in its folder where a namespace is
/// not written. That some are declared to be elsewhere does not say that all are.
fn has_siblings(kind: &str, autoscaler: Object, workloads: &Workloads, project: &Project) -> bool {
    let here = (autoscaler.document(), autoscaler.namespace());
    workloads.of_kind(kind).any(|entry| project.is_beside((entry.document, entry.namespace.as_deref()), here))
}

fn aliases(autoscaler: Autoscaler, finding: &mut Finding) {
    finding.aliases_if(&[
        ("dangling-horizontalpodautoscaler", autoscaler.is_native()),
        ("horizontalpodautoscaler-has-target", autoscaler.is_native()),
    ]);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n";

    fn autoscaler(metadata: &str, target: &str) -> String {
        format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web{metadata}}}\n\
             spec: {{scaleTargetRef: {{{target}}}, maxReplicas: 8}}\n"
        )
    }

    fn flagged(metadata: &str, target: &str) -> Vec<String> {
        project(&RULE, &[("k/a.yaml", WEB), ("k/b.yaml", &autoscaler(metadata, target))])
    }

    #[test]
    fn what_exists_is_accepted() {
        assert_eq!(flagged("", "apiVersion: apps/v1, kind: Deployment, name: web"), [""; 0]);
        assert_eq!(flagged(", namespace: shop", "kind: Deployment, name: web"), [""; 0]);
    }

    #[test]
    fn what_is_kept_elsewhere_is_accepted() {
        assert_eq!(flagged(", namespace: bank", "apiVersion: apps/v1, kind: Deployment, name: api"), [""; 0]);
        assert_eq!(flagged("", "apiVersion: apps/v1, kind: StatefulSet, name: db"), [""; 0]);
        assert_eq!(flagged("", "apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: web"), [""; 0]);
        let api = autoscaler("", "apiVersion: apps/v1, kind: Deployment, name: api");
        assert_eq!(manifest(&RULE, &api), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"complete": true}"#).manifest(&api), ["api"]);
    }

    #[test]
    fn what_is_missing_is_flagged() {
        assert_eq!(flagged("", "apiVersion: apps/v1, kind: Deployment, name: api"), ["api"]);
        assert_eq!(flagged(", namespace: shop", "apiVersion: apps/v1, kind: Deployment, name: api"), ["api"]);
        let keda = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: api}\nspec: {scaleTargetRef: {name: api}}\n";
        assert_eq!(project(&RULE, &[("a.yaml", WEB), ("b.yaml", keda)]), ["api"]);
    }

    #[test]
    fn another_group_is_flagged() {
        assert_eq!(flagged("", "apiVersion: extensions/v1beta1, kind: Deployment, name: web"), ["extensions/v1beta1"]);
        assert_eq!(flagged("", "apiVersion: v1, kind: Deployment, name: web"), ["v1"]);
    }
}
