//! Where pods, labels and ports come from that the project does not write down: operators, patches, controllers. No
//! rule belongs here.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::rc::Rc;

use hullmark_sdk::prelude::*;

use crate::namespaces::{Homes, is_filled_by_cluster};
use crate::policies::pairs;

/// API groups that Kubernetes itself serves: their objects make no pods beyond those of the project.
const BUILT_IN: [&str; 22] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Groups of custom resources that configure what runs already and make no pods.
const WITHOUT_PODS: [&str; 9] = [
    "acme.cert-manager.io",
    "cert-manager.io",
    "cilium.io",
    "external-secrets.io",
    "kyverno.io",
    "networking.istio.io",
    "route.openshift.io",
    "security.istio.io",
    "traefik.io",
];

/// Kinds of Prometheus' operator that make no pods; others of its group do.
const MONITORS: [&str; 5] = ["PodMonitor", "Probe", "PrometheusRule", "ScrapeConfig", "ServiceMonitor"];

/// The group of the Gateway API, where only a Gateway makes pods.
const GATEWAY_API: &str = "gateway.networking.k8s.io";

/// Labels that controllers and the programs themselves put on pods while these run.
const LIVE_LABELS: [&str; 11] = [
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-generation",
    "pod-template-hash",
    "role",
    "statefulset.kubernetes.io/pod-name",
];

/// Kinds of workloads that hold a pod template in their spec.
const TEMPLATED: [&str; 7] =
    ["DaemonSet", "Deployment", "DeploymentConfig", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"];

/// Pods that a finding names, at most.
pub(crate) const MOST_RELATED: usize = 5;

/// What selects no pod of its namespace.
pub(crate) struct Dangling<'a> {
    /// Its words for messages.
    pub(crate) what: String,
    pub(crate) object: Object<'a>,
    pub(crate) selector: Node<'a>,
    /// What it selects by.
    pub(crate) labels: Vec<(&'a str, &'a str)>,
    /// Pods of other namespaces that it would select, as indexes into [`Project::pods`].
    pub(crate) strays: Vec<u32>,
}

/// A field with a value.
type Scalar = (String, String);

/// Labels of a pod template, with the namespace of its workload.
type Template<'a> = (Option<&'a str>, Vec<(&'a str, &'a str)>);

/// What the project says about pods, and other objects, that it does not hold. Gathered when it is first asked for, and
/// what needs no document any more once for all rules.
pub(crate) struct Elsewhere<'a> {
    project: &'a Project<'a>,
    unfinished: OnceCell<Vec<Template<'a>>>,
}

impl<'a> Elsewhere<'a> {
    pub(crate) const fn of(project: &'a Project<'a>) -> Self {
        Self { project, unfinished: OnceCell::new() }
    }

    /// Whether the project holds no pods that are surely of this object's namespace: then all of them may be elsewhere.
    pub(crate) fn may_hold_all_pods_of(&self, object: Object<'_>) -> bool {
        let homes = self.project.derived(0, || Homes::of_pods(self.project, self.project.pods()));
        !homes.share(object.namespace(), object.document().path())
    }

    /// Whether an object that selects pods by these labels may select pods that the project does not hold or not show:
    /// then that it selects none of the project's says nothing.
    pub(crate) fn may_hold_pods_of(&self, object: Object<'_>, labels: &[(&str, &str)]) -> bool {
        is_filled_by_cluster(object.namespace()) || labels.iter().any(|&(key, value)| self.may_set_label(key, value))
    }

    /// Reports what selects no pod of its namespace, unless the pods may be elsewhere.
    pub(crate) fn tell_dangling(&self, dangling: Dangling<'_>, report: &mut Report<'_>) {
        let Dangling { what, object, selector, labels, strays } = dangling;
        if self.is_for_unfinished(object, &labels) {
            return;
        }
        let is_known = !strays.is_empty() || !self.may_hold_all_pods_of(object);
        if !report.options().flag("complete") && (!is_known || self.may_hold_pods_of(object, &labels)) {
            return;
        }
        if strays.is_empty() {
            report.finding(selector, format!("{what} matches no pod"));
            return;
        }
        let finding = report.finding(selector, format!("{what} matches pods of other namespaces only"));
        for &stray in strays.iter().take(MOST_RELATED) {
            let pod = self.project.pods().get(stray as usize).and_then(|entry| self.project.load(entry));
            if let Some(workload) = pod.map(Pod::object) {
                let namespace = workload.namespace().unwrap_or_default();
                finding.related(workload.name_place(), format!("matches, but is of the namespace `{namespace}`"));
            }
        }
    }

    /// Whether a workload of its namespace has a template with all of these labels, but no spec in it as yet: then it is
    /// no pod of the project, and still the one that is meant.
    fn is_for_unfinished(&self, object: Object<'_>, labels: &[(&str, &str)]) -> bool {
        let unfinished = self.unfinished.get_or_init(|| {
            let workloads = self.project.objects(&TEMPLATED).into_iter();
            let without_pods = workloads.filter(|workload| workload.is_workload() && workload.pods().next().is_none());
            let templates = without_pods.filter_map(|workload| {
                let labels = workload.at(&["spec", "template", "metadata", "labels"])?;
                Some((workload.namespace(), pairs(labels)?))
            });
            templates.filter(|(_, labels)| !labels.is_empty()).collect()
        });
        unfinished.iter().any(|(namespace, written)| {
            self.project.may_share_namespace(*namespace, object.namespace())
                && labels.iter().all(|label| written.contains(label))
        })
    }

    /// Whether somebody else may make an object of this kind and name: a patch changes one that the project does not
    /// hold, or a custom resource holds the name, or the release that it begins with.
    pub(crate) fn may_make(&self, kind: &str, name: &str) -> bool {
        let custom = self.custom();
        let mut releases = name.match_indices('-').map(|(at, _)| &name[..at]);
        let mut patched = self.patches().flat_map(Document::objects);
        custom.contains(name)
            || releases.any(|release| custom.contains(release))
            || patched.any(|patch| patch.kind() == Some(kind) && patch.name() == Some(name))
    }

    fn patches(&self) -> impl Iterator<Item = &'a Document<'a>> {
        self.project.documents().filter(|document| document.is_fragment())
    }

    pub(crate) fn may_set_label(&self, key: &str, value: &str) -> bool {
        LIVE_LABELS.contains(&key) || self.custom().contains(value) || self.is_patched(key, value)
    }

    /// Whether a patch holds this field with this value.
    pub(crate) fn is_patched(&self, key: &str, value: &str) -> bool {
        let patched: Rc<HashSet<Scalar>> = self.project.derived(0, || {
            let nodes = self.patches().flat_map(|patch| patch.root().descendants());
            nodes.filter_map(|node| Some((node.key()?.to_owned(), node.value()?.to_owned()))).collect()
        });
        patched.contains(&(key.to_owned(), value.to_owned()))
    }

    /// Every text in custom resources that may make pods. What they call them follows no common rule; but an operator
    /// takes the labels of its pods from the resource, mostly from its name or its labels.
    fn custom(&self) -> Rc<HashSet<String>> {
        self.project.derived(0, || {
            let entries = self.project.object_entries(&[]);
            let objects = entries.iter().filter(|entry| may_make_pods(entry));
            let nodes = objects.filter_map(|entry| Some(self.project.object(entry)?.node()));
            nodes.flat_map(Node::descendants).filter_map(|node| Some(node.text()?.to_owned())).collect()
        })
    }
}

fn may_make_pods(entry: &ObjectEntry) -> bool {
    let group = entry.group();
    let is_monitor =
        group == "monitoring.coreos.com" && entry.kind.as_deref().is_some_and(|kind| MONITORS.contains(&kind));
    let is_route = group == GATEWAY_API && entry.kind.as_deref() != Some("Gateway");
    !BUILT_IN.contains(&group) && !WITHOUT_PODS.contains(&group) && !is_monitor && !is_route
}
