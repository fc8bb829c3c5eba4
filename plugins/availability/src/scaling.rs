//! How many pods a workload has, and who decides it. No rule belongs here.

use std::collections::{HashMap, HashSet};

use hullmark_sdk::prelude::*;

/// Kinds of workloads that have a number of replicas.
pub(crate) const SCALED: [&str; 5] =
    ["Deployment", "DeploymentConfig", "ReplicaSet", "ReplicationController", "StatefulSet"];

/// Kinds of autoscalers.
pub(crate) const AUTOSCALERS: [&str; 2] = ["HorizontalPodAutoscaler", "ScaledObject"];

/// Whether an object is a workload of Kubernetes or OpenShift with a number of replicas.
pub(crate) fn is_scaled(object: Object) -> bool {
    match object.kind() {
        Some("Deployment" | "ReplicaSet") => matches!(object.group(), "apps" | "extensions"),
        Some("StatefulSet") => object.group() == "apps",
        Some("ReplicationController") => object.group().is_empty(),
        Some("DeploymentConfig") => matches!(object.group(), "" | "apps.openshift.io"),
        _ => false,
    }
}

/// Workloads that are selected by these labels but hold no pods as yet: their template is not written, or has no spec. They
/// are taken by the labels of the template, else by those of their own selector.
pub(crate) fn unfinished<'a>(project: &'a Project<'a>, selector: Node<'_>, namespace: Option<&str>) -> Vec<Object<'a>> {
    let Some(wanted) = selector.get("matchLabels").filter(|_| selector.get("matchExpressions").is_none()) else {
        return Vec::new();
    };
    let is_selected = |workload: &Object| {
        let of_template = workload.at(&["spec", "template", "metadata", "labels"]);
        let labels = of_template.or_else(|| workload.at(&["spec", "selector", "matchLabels"]));
        labels.is_some_and(|labels| {
            wanted.entries().all(|(key, value)| labels.get(key).and_then(Node::value) == value.value())
        })
    };
    let is_meant = |workload: &Object| {
        is_scaled(*workload)
            && workload.pods().next().is_none()
            && project.may_share_namespace(workload.namespace(), namespace)
    };
    project.objects(&SCALED).into_iter().filter(|workload| is_meant(workload) && is_selected(workload)).collect()
}

/// The workloads whose pods a Service selects, by the place of each.
pub(crate) fn served(project: &Project) -> HashSet<Place> {
    let services = project.objects(&["Service"]).into_iter();
    let selectors = services.filter_map(|service| Some((service.at(&["spec", "selector"])?, service.namespace())));
    selectors
        .flat_map(|(selector, namespace)| project.select_labels(selector, namespace))
        .filter_map(|pod| Some(project.load(project.pods().get(pod as usize)?)?.object().node().place()))
        .collect()
}

/// How many pods a workload asks for by itself; nothing where the text does not tell.
pub(crate) fn replicas(object: Object) -> Option<i64> {
    object.at(&["spec", "replicas"]).map_or(Some(1), Node::integer)
}

/// A HorizontalPodAutoscaler, or a ScaledObject of KEDA.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Autoscaler<'a> {
    pub(crate) object: Object<'a>,
    target: Node<'a>,
}

impl<'a> Autoscaler<'a> {
    pub(crate) fn of(object: Object<'a>) -> Option<Self> {
        let is_known = matches!(
            (object.kind()?, object.group()),
            ("HorizontalPodAutoscaler", "autoscaling") | ("ScaledObject", "keda.sh")
        );
        let target = object.at(&["spec", "scaleTargetRef"]).filter(|_| is_known)?;
        Some(Self { object, target })
    }

    /// Whether it is of Kubernetes itself.
    pub(crate) fn is_native(self) -> bool {
        self.object.group() == "autoscaling"
    }

    /// Kind of what it scales. KEDA takes Deployments where nothing is written.
    pub(crate) fn kind(self) -> Option<&'a str> {
        match self.target.get("kind") {
            Some(kind) => kind.text(),
            None => (!self.is_native()).then_some("Deployment"),
        }
    }

    /// Name of what it scales.
    pub(crate) fn name(self) -> Option<Node<'a>> {
        self.target.get("name")
    }

    /// `apiVersion` of what it scales.
    pub(crate) fn version(self) -> Option<Node<'a>> {
        self.target.get("apiVersion")
    }

    /// The fewest pods that it leaves; nothing where the text does not tell.
    pub(crate) fn least(self) -> Option<i64> {
        let (field, default) = if self.is_native() { ("minReplicas", 1) } else { ("minReplicaCount", 0) };
        self.object.at(&["spec", field]).map_or(Some(default), Node::integer)
    }
}

/// API group of a version: `apps` of `apps/v1`, empty for the core group.
pub(crate) fn group(version: &str) -> &str {
    version.split_once('/').map_or("", |(group, _)| group)
}

/// The autoscalers of the project, by kind and name of what they scale.
pub(crate) struct Autoscalers<'a> {
    project: &'a Project<'a>,
    by_target: HashMap<(&'a str, &'a str), Vec<Autoscaler<'a>>>,
}

impl<'a> Autoscalers<'a> {
    pub(crate) fn of(project: &'a Project<'a>) -> Self {
        let mut by_target: HashMap<_, Vec<_>> = HashMap::new();
        for autoscaler in project.objects(&AUTOSCALERS).into_iter().filter_map(Autoscaler::of) {
            if let (Some(kind), Some(name)) = (autoscaler.kind(), autoscaler.name().and_then(Node::text)) {
                by_target.entry((kind, name)).or_default().push(autoscaler);
            }
        }
        Self { project, by_target }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_target.is_empty()
    }

    /// The one that scales a workload.
    pub(crate) fn scaling(&self, workload: Object) -> Option<Autoscaler<'a>> {
        let named = self.by_target.get(&(workload.kind()?, workload.name()?))?;
        let meant = |autoscaler: &&Autoscaler| {
            let version = autoscaler.version().and_then(Node::text);
            version.is_none_or(|version| group(version) == workload.group())
                && self.project.may_share_namespace(autoscaler.object.namespace(), workload.namespace())
        };
        named.iter().find(meant).copied()
    }
}
