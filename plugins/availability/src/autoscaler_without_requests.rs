use std::collections::HashMap;

use hullmark_sdk::prelude::*;

use crate::scaling::{AUTOSCALERS, Autoscaler, group};

rule! {
    /// The autoscaler scales on a share of requests that the containers do not make.
    ///
    /// ## What it checks
    ///
    /// HorizontalPodAutoscalers that scale on the utilisation of CPU or memory, of the whole pod or of one container, and so
    /// do those without any metric. Where the project holds the workload, each container that counts must have a request of
    /// that resource; a limit is as good, since Kubernetes takes it for the request, and so is a request of the whole pod
    /// (`spec.resources`).
    ///
    /// Defaults that a LimitRange of the cluster sets are not known to a manifest.
    ///
    /// ## Why it matters
    ///
    /// Utilisation is a share of what was requested. Where one container of the pod requests nothing there is no such share:
    /// the autoscaler reports `FailedGetResourceMetric` and never scales.
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
    ///     name: web
    ///   maxReplicas: 8
    ///   metrics:
    ///     - type: Resource
    ///       resource:
    ///         name: cpu
    ///         target:
    ///           type: Utilization
    ///           averageUtilization: 70
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
    ///           resources:
    ///             requests:
    ///               cpu: 200m
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
    ///   metrics:
    ///     - type: Resource
    ///       resource:
    ///         name: cpu
    ///         target:
    ///           type: Utilization
    ///           averageUtilization: 70
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give each container of the pod a request of the resource, or scale on an amount (`averageValue`).
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details>
    tags: &["reliability"],
    precision: High,
    references: &[
        "https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details",
    ],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let autoscalers: Vec<Autoscaler> =
        project.objects(&AUTOSCALERS).into_iter().filter_map(Autoscaler::of).filter(|one| one.is_native()).collect();
    if autoscalers.is_empty() {
        return;
    }
    let mut workloads: HashMap<(&str, &str), Vec<&PodEntry>> = HashMap::new();
    for entry in project.pods() {
        if let (Some(kind), Some(name)) = (entry.kind.as_deref(), entry.name.as_deref()) {
            workloads.entry((kind, name)).or_default().push(entry);
        }
    }
    for autoscaler in autoscalers {
        let (Some(kind), Some(name)) = (autoscaler.kind(), autoscaler.name().and_then(Node::text)) else { continue };
        let namespace = autoscaler.object.namespace();
        let version = autoscaler.version().and_then(Node::text);
        let named = workloads.get(&(kind, name)).into_iter().flatten();
        let pods: Vec<Pod> = named
            .filter(|entry| project.may_share_namespace(entry.namespace.as_deref(), namespace))
            .filter_map(|entry| project.load(entry))
            .filter(|pod| version.is_none_or(|version| group(version) == pod.object().group()))
            .collect();
        for metric in metrics(autoscaler.object) {
            judge(autoscaler.object, &metric, &pods, report);
        }
    }
}

/// A share of a resource's requests that is asked for.
struct Metric<'a> {
    resource: &'a str,
    place: Place,
    /// The only container that counts.
    container: Option<&'a str>,
}

fn metrics(object: Object<'_>) -> Vec<Metric<'_>> {
    // Version 1 keeps other metrics in an annotation.
    if object.at(&["metadata", "annotations", "autoscaling.alpha.kubernetes.io/metrics"]).is_some() {
        return Vec::new();
    }
    let Some(list) = object.at(&["spec", "metrics"]).filter(|list| list.children().next().is_some()) else {
        // Version 1 knows the CPU alone, and each version scales on it where nothing is written.
        let place = object
            .at(&["spec", "targetCPUUtilizationPercentage"])
            .map_or_else(|| object.anchor(&["spec", "metrics"]), Node::key_place);
        return vec![Metric { resource: "cpu", place, container: None }];
    };
    list.items().filter_map(metric).collect()
}

fn metric(entry: Node<'_>) -> Option<Metric<'_>> {
    let (metric, is_one) = match entry.get("type")?.text()? {
        "Resource" => (entry.get("resource")?, false),
        "ContainerResource" => (entry.get("containerResource")?, true),
        _ => return None,
    };
    let is_share =
        metric.at(&["target", "averageUtilization"]).is_some() || metric.get("targetAverageUtilization").is_some();
    let name = metric.get("name").filter(|_| is_share)?;
    let resource = name.text().filter(|resource| matches!(*resource, "cpu" | "memory"))?;
    let container = if is_one { Some(metric.get("container")?.text()?) } else { None };
    Some(Metric { resource, place: name.place(), container })
}

fn judge(autoscaler: Object, metric: &Metric, pods: &[Pod], report: &mut Report) {
    let lacking: Vec<Option<Container>> = pods.iter().map(|pod| lacking(*pod, metric)).collect();
    // Of several by that name, one that has what it takes is enough.
    let Some(Some(first)) = lacking.first().filter(|_| lacking.iter().all(Option::is_some)) else { return };
    let (title, resource) = (autoscaler.title(), metric.resource);
    let message = format!("{title} scales on a share of the {resource} that {} does not request", first.title());
    report.finding(metric.place, message).related(first.anchor(&["resources", "requests", resource]), "the container");
}

/// The first container that counts and does not request the resource.
fn lacking<'a>(pod: Pod<'a>, metric: &Metric) -> Option<Container<'a>> {
    let asks = |holder: Node| {
        let is_written = |kind| holder.at(&["resources", kind, metric.resource]).is_some();
        // What another program fills in may hold anything.
        let is_unknown = holder.get("resources").is_some_and(|resources| {
            let list = ["requests", "limits"].into_iter().filter_map(|kind| resources.get(kind));
            std::iter::once(resources).chain(list).any(|node| node.kind() != Kind::Mapping)
        });
        is_unknown || is_written("requests") || is_written("limits")
    };
    if metric.container.is_none() && asks(pod.spec()) {
        return None;
    }
    let counts = |container: &Container| match metric.container {
        Some(name) => container.name() == Some(name),
        None => container.role() == Role::Main,
    };
    pod.containers().filter(counts).find(|container| !asks(container.node()))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(metrics: &str, pod: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!(
                "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web}}\nspec: \
                 {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, maxReplicas: 8{metrics}}}\n\
                 ---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{{pod}}}}}}}\n"
            ),
        )
    }

    const CPU: &str =
        ", metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]";
    const ONE: &str = ", metrics: [{type: ContainerResource, containerResource: {name: memory, container: web, \
                       target: {type: Utilization, averageUtilization: 70}}}]";

    #[test]
    fn who_requests_it_is_accepted() {
        assert_eq!(flagged(CPU, "containers: [{name: web, resources: {requests: {cpu: 1}}}]"), [""; 0]);
        assert_eq!(flagged(CPU, "containers: [{name: web, resources: {limits: {cpu: 1}}}]"), [""; 0]);
        assert_eq!(flagged(CPU, "resources: {requests: {cpu: 1}}, containers: [{name: web}]"), [""; 0]);
        let first = "initContainers: [{name: first}], containers: [{name: web, resources: {requests: {cpu: 1}}}]";
        assert_eq!(flagged(CPU, first), [""; 0]);
        assert_eq!(
            flagged(ONE, "containers: [{name: web, resources: {requests: {memory: 1Gi}}}, {name: log}]"),
            [""; 0]
        );
    }

    #[test]
    fn what_is_no_share_or_not_known_is_accepted() {
        let amount = CPU.replace("averageUtilization: 70", "averageValue: 2");
        assert_eq!(flagged(&amount, "containers: [{name: web}]"), [""; 0]);
        assert_eq!(flagged(CPU, "containers: [{name: web, resources: '${RESOURCES}'}]"), [""; 0]);
        assert_eq!(flagged(&CPU.replace("Resource,", "Pods,"), "containers: [{name: web}]"), [""; 0]);
    }

    #[test]
    fn who_requests_nothing_is_flagged() {
        assert_eq!(flagged(CPU, "containers: [{name: web}]"), ["cpu"]);
        assert_eq!(flagged("", "containers: [{name: web}]"), ["spec"]);
        assert_eq!(flagged(CPU, "containers: [{name: web, resources: {requests: {cpu: 1}}}, {name: log}]"), ["cpu"]);
        assert_eq!(flagged(ONE, "containers: [{name: web}]"), ["memory"]);
        assert_eq!(
            flagged(", targetCPUUtilizationPercentage: 50", "containers: [{name: web}]"),
            ["targetCPUUtilizationPercentage"]
        );
    }
}
