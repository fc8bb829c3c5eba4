use hullmark_sdk::prelude::*;

use crate::scaling::{Autoscalers, is_scaled, replicas};

rule! {
    /// Nothing keeps the pods of the workload apart, so one node may hold all of them.
    ///
    /// ## What it checks
    ///
    /// Every Deployment, StatefulSet, ReplicaSet, ReplicationController and DeploymentConfig that has two or more pods, by
    /// `replicas` or by an autoscaler. Accepted are a `podAntiAffinity`, preferred or required, that selects the workload's
    /// own pods, and `topologySpreadConstraints` that do. The rule is off unless it is selected: without either the scheduler
    /// still prefers to part the pods of a workload, but promises nothing.
    ///
    /// ## Why it matters
    ///
    /// The loss or the upgrade of one node is an outage if all pods are on it.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata:
    ///   name: web
    /// spec:
    ///   replicas: 3
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
    ///   replicas: 3
    ///   selector:
    ///     matchLabels:
    ///       app: web
    ///   template:
    ///     metadata:
    ///       labels:
    ///         app: web
    ///     spec:
    ///       topologySpreadConstraints:
    ///         - maxSkew: 1
    ///           topologyKey: kubernetes.io/hostname
    ///           whenUnsatisfiable: ScheduleAnyway
    ///           labelSelector:
    ///             matchLabels:
    ///               app: web
    ///       containers:
    ///         - name: web
    ///           image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add a topology spread constraint over nodes or zones that selects the pods by their own labels.
    ///
    /// ## Options
    ///
    /// - `ways` (default: `anti-affinity`, `topology-spread`): what counts as keeping pods apart.
    /// - `topology-keys` (default: empty, which is any): the labels of nodes over which pods may be spread.
    /// - `implicit` (default `false`): whether workloads that do not say how many pods they have are looked at, too.
    /// - `every` (default `false`): whether every pod is looked at that does not belong to a Job, such as those of
    ///   DaemonSets.
    ///
    /// ## Other tools
    ///
    /// kube-linter and kube-score do not know topology spread constraints, Polaris does not know anti-affinity. kube-linter
    /// wants nodes as places, kube-score takes zones and regions too. kube-score looks at Deployments and StatefulSets only,
    /// also at those without `replicas`. Polaris takes any constraint, and wants one of DaemonSets and single pods too.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/>
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#affinity-and-anti-affinity>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &[
        "no-anti-affinity",
        "deployment-has-host-podantiaffinity",
        "statefulset-has-host-podantiaffinity",
        "topologySpreadConstraint",
    ],
    references: &[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#affinity-and-anti-affinity",
    ],
    options: &[
        OptionSpec::words("ways", &WAYS, &WAYS, "what counts as keeping pods apart"),
        OptionSpec::texts("topology-keys", &[], "the labels of nodes over which pods may be spread; any where empty"),
        OptionSpec::flag("implicit", false, "whether workloads that do not say how many pods they have count"),
        OptionSpec::flag("every", false, "whether every pod is looked at that does not belong to a Job"),
    ],
    checks: &[Manifests(whole_project)],
}

const WAYS: [&str; 2] = ["anti-affinity", "topology-spread"];
/// What kube-linter takes for a place of its own.
const HOST: [&str; 1] = ["kubernetes.io/hostname"];
/// What kube-score takes for one.
const PLACES: [&str; 5] = [
    "kubernetes.io/hostname",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
];

fn whole_project(project: &Project, report: &mut Report) {
    let autoscalers = Autoscalers::of(project);
    for (number, entry) in (0..).zip(project.pods()) {
        let Some(pod) = project.load(entry).filter(|pod| is_subject(pod, &autoscalers, report)) else { continue };
        judge(&Spread { project, pod, number }, report);
    }
}

/// Whether the workload has several pods, or the options ask for it nonetheless.
fn is_subject(pod: &Pod, autoscalers: &Autoscalers, report: &Report) -> bool {
    let object = pod.object();
    if report.options().flag("every") {
        return !matches!(object.kind(), Some("Job" | "CronJob"));
    }
    if !is_scaled(object) {
        return false;
    }
    let is_implicit = object.at(&["spec", "replicas"]).is_none() && report.options().flag("implicit");
    let is_several = |count: Option<i64>| count.is_some_and(|count| count >= 2);
    is_implicit
        || is_several(replicas(object))
        || autoscalers.scaling(object).is_some_and(|autoscaler| is_several(autoscaler.least()))
}

/// A pod, with what is asked for its neighbours.
struct Spread<'a> {
    project: &'a Project<'a>,
    pod: Pod<'a>,
    /// Its number in the project.
    number: u32,
}

impl<'a> Spread<'a> {
    /// Terms of the anti-affinity, the required ones first.
    fn terms(&self) -> Vec<Node<'a>> {
        let list = |key| self.pod.at(&["affinity", "podAntiAffinity", key]).into_iter().flat_map(Node::items);
        let preferred = list("preferredDuringSchedulingIgnoredDuringExecution");
        list("requiredDuringSchedulingIgnoredDuringExecution")
            .chain(preferred.filter_map(|weighted| weighted.get("podAffinityTerm")))
            .collect()
    }

    fn constraints(&self) -> impl Iterator<Item = Node<'a>> {
        self.pod.get("topologySpreadConstraints").into_iter().flat_map(Node::items)
    }

    /// Whether a term or a constraint selects the pod itself.
    fn selects_itself(&self, term: Node) -> bool {
        let namespace = self.pod.object().namespace();
        let mut namespaces = term.get("namespaces").into_iter().flat_map(Node::items).peekable();
        let is_elsewhere = namespaces.peek().is_some()
            && namespace.is_some_and(|own| namespaces.all(|listed| listed.text() != Some(own)));
        !is_elsewhere
            && term
                .get("labelSelector")
                .is_some_and(|selector| self.project.select(selector, namespace).contains(&self.number))
    }

    /// Whether a term or a constraint keeps the pod apart from its likes, over one of the keys; over any where there is none.
    fn parts(&self, term: Node, keys: &[&str]) -> bool {
        let is_listed = |key: Node| key.text().is_some_and(|key| keys.is_empty() || keys.contains(&key));
        term.get("topologyKey").is_some_and(is_listed) && self.selects_itself(term)
    }
}

fn judge(spread: &Spread, report: &mut Report) {
    let (pod, terms) = (spread.pod, spread.terms());
    let options = report.options();
    let counts = |way: &str| options.texts("ways").any(|one| one == way);
    let keys: Vec<&str> = options.texts("topology-keys").collect();
    let is_parted = counts("anti-affinity") && terms.iter().any(|term| spread.parts(*term, &keys))
        || counts("topology-spread") && spread.constraints().any(|constraint| spread.parts(constraint, &keys));
    if is_parted {
        return;
    }
    let (object, title) = (pod.object(), pod.object().title());
    let faults: Vec<(Place, String)> = if terms.is_empty() || !counts("anti-affinity") {
        let way: &[&str] =
            if counts("anti-affinity") { &["affinity", "podAntiAffinity"] } else { &["topologySpreadConstraints"] };
        vec![(pod.anchor(way), format!("nothing keeps the pods of {title} apart"))]
    } else {
        terms.iter().map(|term| fault(spread, *term, &title)).collect()
    };
    let written = object.at(&["spec", "replicas"]).and_then(Node::integer);
    let is_kube_score = |kind: &str| {
        object.api_version() == Some("apps/v1")
            && object.kind() == Some(kind)
            && written.is_none_or(|replicas| replicas >= 2)
            && !terms.iter().any(|term| spread.parts(*term, &PLACES))
    };
    for (number, (place, message)) in faults.into_iter().enumerate() {
        // kube-linter speaks of each term, the others of the pod.
        let is_first = number == 0;
        report.finding(place, message).aliases_if(&[
            (
                "no-anti-affinity",
                is_scaled(object)
                    && written.is_some_and(|replicas| replicas >= 2)
                    && !terms.iter().any(|term| spread.parts(*term, &HOST)),
            ),
            ("deployment-has-host-podantiaffinity", is_first && is_kube_score("Deployment")),
            ("statefulset-has-host-podantiaffinity", is_first && is_kube_score("StatefulSet")),
            ("topologySpreadConstraint", is_first && spread.constraints().next().is_none()),
        ]);
    }
}

/// Why a term of the anti-affinity does not keep the pods apart.
fn fault(spread: &Spread, term: Node, title: &str) -> (Place, String) {
    if spread.selects_itself(term) {
        let key = term.get("topologyKey");
        let message = format!("the anti-affinity of {title} is not over nodes, zones or other places that count");
        return (key.unwrap_or(term).place(), message);
    }
    let selector = term.get("labelSelector").unwrap_or(term);
    (selector.place(), format!("the anti-affinity of {title} does not select its own pods"))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn workload(kind: &str, spec: &str, pod: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\nspec: {{{spec}template: \
             {{metadata: {{labels: {{app: web}}}}, spec: {{{pod}containers: []}}}}}}\n"
        )
    }

    fn term(key: &str, app: &str) -> String {
        format!(
            "affinity: {{podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: \
             [{{topologyKey: {key}, labelSelector: {{matchLabels: {{app: {app}}}}}}}]}}}}, "
        )
    }

    fn constraint(app: &str) -> String {
        format!(
            "topologySpreadConstraints: [{{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, \
             whenUnsatisfiable: ScheduleAnyway, labelSelector: {{matchLabels: {{app: {app}}}}}}}], "
        )
    }

    fn flagged(pod: &str) -> Vec<String> {
        manifest(&RULE, &workload("Deployment", "replicas: 2, ", pod))
    }

    #[test]
    fn what_keeps_the_pods_apart_is_accepted() {
        assert_eq!(flagged(&term("kubernetes.io/hostname", "web")), [""; 0]);
        assert_eq!(flagged(&constraint("web")), [""; 0]);
        let preferred = term("rack", "web")
            .replace("required", "preferred")
            .replace("[{", "[{weight: 1, podAffinityTerm: {")
            .replace("}}}]", "}}}}]");
        assert_eq!(flagged(&preferred), [""; 0]);
    }

    #[test]
    fn who_is_alone_needs_no_room() {
        assert_eq!(manifest(&RULE, &workload("Deployment", "", "")), [""; 0]);
        assert_eq!(manifest(&RULE, &workload("StatefulSet", "replicas: 1, ", "")), [""; 0]);
        assert_eq!(manifest(&RULE, &workload("DaemonSet", "", "")), [""; 0]);
    }

    #[test]
    fn what_keeps_others_apart_is_flagged() {
        assert_eq!(flagged(""), ["web"]);
        assert_eq!(flagged("affinity: {nodeAffinity: {}}, "), ["affinity"]);
        assert_eq!(flagged(&term("kubernetes.io/hostname", "api")), ["labelSelector"]);
        assert_eq!(flagged(&constraint("api")), ["web"]);
        let elsewhere = term("rack", "web").replace("[{", "[{namespaces: [bank], ");
        let text =
            workload("Deployment", "replicas: 2, ", &elsewhere).replace("{name: web}", "{name: web, namespace: shop}");
        assert_eq!(manifest(&RULE, &text), ["labelSelector"]);
    }

    #[test]
    fn an_autoscaler_may_make_several() {
        let scaler = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec: \
                      {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 8}\n";
        assert_eq!(manifest(&RULE, &format!("{}{scaler}", workload("Deployment", "", ""))), ["web"]);
    }

    #[test]
    fn one_may_ask_for_more() {
        let with = |options: &str, text: &str| Trial::with(&RULE, options).manifest(text);
        let several = |pod: &str| workload("Deployment", "replicas: 2, ", pod);
        assert_eq!(with(r#"{"ways": ["anti-affinity"]}"#, &several(&constraint("web"))), ["web"]);
        assert_eq!(with(r#"{"ways": ["topology-spread"]}"#, &several(&term("rack", "web"))), ["web"]);
        let keys = r#"{"topology-keys": ["kubernetes.io/hostname"]}"#;
        assert_eq!(with(keys, &several(&term("rack", "web"))), ["rack"]);
        assert_eq!(with(r#"{"implicit": true}"#, &workload("Deployment", "", "")), ["web"]);
        assert_eq!(with(r#"{"every": true}"#, &workload("DaemonSet", "", "")), ["web"]);
        assert_eq!(with(r#"{"every": true}"#, &workload("Job", "", "").replace("apps/v1", "batch/v1")), [""; 0]);
    }
}
