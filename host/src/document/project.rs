//! All documents together, with indexes over their objects and pods. Nothing here knows rules, or reads files.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::builds::{ProjectBuilds, builds};
use super::selector::{Requirement, Selector, label_text};
use super::{Document, Interner, NONE, NodeId, StringTable};

/// The documents that rules about several of them see together. A document's id is its index.
#[derive(Debug, Default)]
pub struct Project {
    documents: Vec<Arc<Document>>,
    objects: OnceLock<ObjectIndex>,
    pods: OnceLock<PodIndex>,
}

/// Objects of the project in columns; the fields are those of `project-objects` in the plugin interface.
#[derive(Clone, Debug, Default)]
pub struct ProjectObjects {
    /// Ids of documents.
    pub documents: Vec<u32>,
    /// Nodes in the tree of their document.
    pub nodes: Vec<NodeId>,
    /// String numbers.
    pub api_versions: Vec<u32>,
    /// String numbers.
    pub kinds: Vec<u32>,
    /// String numbers.
    pub names: Vec<u32>,
    /// String numbers.
    pub namespaces: Vec<u32>,
    /// The strings.
    pub strings: StringTable,
}

/// Pods of the project in columns; the fields are those of `project-pods` in the plugin interface.
#[derive(Clone, Debug, Default)]
pub struct ProjectPods {
    /// Ids of documents.
    pub documents: Vec<u32>,
    /// Indexes in the pods of the document.
    pub indexes: Vec<u32>,
    /// Nodes of the objects that hold them.
    pub object_nodes: Vec<NodeId>,
    /// Nodes of their specs.
    pub specs: Vec<NodeId>,
    /// String numbers: kinds of the objects.
    pub kinds: Vec<u32>,
    /// String numbers: names of the objects.
    pub names: Vec<u32>,
    /// String numbers: namespaces of the objects.
    pub namespaces: Vec<u32>,
    /// The strings.
    pub strings: StringTable,
}

/// Where the objects are: pairs of a document's id and an index into its objects, in order.
#[derive(Debug, Default)]
struct ObjectIndex {
    all: Vec<(u32, u32)>,
    by_kind: HashMap<Box<str>, Vec<(u32, u32)>>,
}

type PodsByValue = HashMap<Box<str>, Vec<u32>>;

#[derive(Debug, Default)]
struct PodIndex {
    columns: ProjectPods,
    /// Number of each namespace in the columns' strings.
    namespaces: HashMap<Box<str>, u32>,
    /// Node of each pod's labels, or [`NONE`].
    labels: Vec<NodeId>,
    /// The pods that have a label, by its key and by its value, in order.
    by_label: HashMap<Box<str>, PodsByValue>,
}

impl Project {
    /// A project of documents in any order; their ids follow their path and their place in the file.
    #[must_use]
    pub fn new(mut documents: Vec<Arc<Document>>) -> Self {
        let start = |document: &Document| document.tree.starts.first().copied().unwrap_or(0);
        documents.sort_by(|one, other| {
            one.source.path().cmp(other.source.path()).then_with(|| start(one).cmp(&start(other)))
        });
        Self { documents, ..Self::default() }
    }

    /// Its documents; ids are indexes.
    #[must_use]
    pub fn documents(&self) -> &[Arc<Document>] {
        &self.documents
    }

    /// A document by its id.
    #[must_use]
    pub fn document(&self, id: u32) -> Option<&Arc<Document>> {
        self.documents.get(id as usize)
    }

    /// The objects of these kinds, in order; of every kind where the list is empty. Fragments and templates are left out.
    #[must_use]
    pub fn objects(&self, kinds: &[&str]) -> ProjectObjects {
        let index = self.objects.get_or_init(|| ObjectIndex::new(&self.documents));
        match kinds {
            [] => self.object_columns(&index.all),
            [kind] => self.object_columns(index.by_kind.get(*kind).map_or(&[], Vec::as_slice)),
            kinds => {
                let mut places: Vec<_> =
                    kinds.iter().filter_map(|&kind| index.by_kind.get(kind)).flatten().copied().collect();
                places.sort_unstable();
                places.dedup();
                self.object_columns(&places)
            }
        }
    }

    fn object_columns(&self, places: &[(u32, u32)]) -> ProjectObjects {
        let mut columns = ProjectObjects::default();
        let mut strings = Interner::default();
        for &(id, index) in places {
            let objects = &self.documents[id as usize].objects;
            let mut number = |column: &[u32]| {
                let number = column.get(index as usize).copied().unwrap_or(NONE);
                strings.intern_option(objects.strings.get(number))
            };
            columns.documents.push(id);
            columns.nodes.push(objects.nodes[index as usize]);
            columns.api_versions.push(number(&objects.api_versions));
            columns.kinds.push(number(&objects.kinds));
            columns.names.push(number(&objects.names));
            columns.namespaces.push(number(&objects.namespaces));
        }
        columns.strings = strings.finish();
        columns
    }

    /// All pods, in order. Fragments and templates are left out.
    #[must_use]
    pub fn pods(&self) -> &ProjectPods {
        &self.pod_index().columns
    }

    fn pod_index(&self) -> &PodIndex {
        self.pods.get_or_init(|| PodIndex::new(&self.documents))
    }

    /// The pods, as indexes into [`Self::pods`], that the selector at this node matches and whose namespace may be
    /// `namespace`. `plain` reads the node as a map of labels, as a Service's selector is; otherwise it is a
    /// LabelSelector. What is no selector, and a document that does not exist, matches none.
    #[must_use]
    pub fn select(&self, document: u32, node: NodeId, namespace: Option<&str>, plain: bool) -> Vec<u32> {
        let Some(tree) = self.document(document).map(|document| &document.tree) else { return Vec::new() };
        let selector =
            if plain { Selector::from_labels(tree, node) } else { Selector::from_label_selector(tree, node) };
        let Some(selector) = selector else { return Vec::new() };
        let pods = self.pod_index();
        // A namespace that no pod has written still meets the pods without one.
        let namespace = written(namespace).map(|name| pods.namespaces.get(name).copied());
        let is_selected = |&pod: &u32| {
            let id = pods.columns.documents[pod as usize] as usize;
            let labels = pods.labels[pod as usize];
            let own = pods.columns.namespaces[pod as usize];
            (own == NONE || namespace.is_none_or(|namespace| namespace == Some(own)))
                && selector.matches(&self.documents[id].tree, (labels != NONE).then_some(labels))
        };
        match pods.candidates(&selector) {
            Some(candidates) => candidates.into_iter().filter(is_selected).collect(),
            None => (0..pods.labels.len() as u32).filter(is_selected).collect(),
        }
    }

    /// The containers whose image a Dockerfile of the project builds, as far as names tell. `declared` holds repositories
    /// with the paths of their Dockerfiles, for what names do not tell. Fragments and templates are left out.
    #[must_use]
    pub fn builds(&self, declared: &[(&str, &str)]) -> ProjectBuilds {
        builds(&self.documents, declared)
    }

    /// Whether two namespaces may be the same: they are equal, or one is not written and so set elsewhere.
    #[must_use]
    pub fn may_share_namespace(one: Option<&str>, other: Option<&str>) -> bool {
        match (written(one), written(other)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }
}

/// An empty namespace is one that is not written.
fn written(namespace: Option<&str>) -> Option<&str> {
    namespace.filter(|name| !name.is_empty())
}

/// The documents whose objects and pods exist as they are written.
pub(super) fn whole(documents: &[Arc<Document>]) -> impl Iterator<Item = (u32, &Document)> {
    let whole = |document: &Document| !document.traits.fragment && !document.traits.template;
    (0..).zip(documents.iter().map(AsRef::as_ref)).filter(move |(_, document)| whole(document))
}

impl ObjectIndex {
    fn new(documents: &[Arc<Document>]) -> Self {
        let mut index = Self::default();
        for (id, document) in whole(documents) {
            let objects = &document.objects;
            for at in 0..objects.nodes.len() {
                let place = (id, at as u32);
                index.all.push(place);
                let kind = objects.kinds.get(at).and_then(|&number| objects.strings.get(number));
                if let Some(kind) = kind {
                    update(&mut index.by_kind, kind, |places| places.push(place));
                }
            }
        }
        index
    }
}

impl PodIndex {
    fn new(documents: &[Arc<Document>]) -> Self {
        let mut index = Self::default();
        let mut strings = Interner::default();
        for (id, document) in whole(documents) {
            for at in 0..document.pods.specs.len() {
                index.push(id, document, at, &mut strings);
            }
        }
        index.columns.strings = strings.finish();
        index
    }

    fn push(&mut self, id: u32, document: &Document, at: usize, strings: &mut Interner) {
        let (pods, objects, tree) = (&document.pods, &document.objects, &document.tree);
        let object = pods.objects[at] as usize;
        let text = |column: &[u32]| column.get(object).and_then(|&number| objects.strings.get(number));
        let pod = self.labels.len() as u32;
        let namespace = written(text(&objects.namespaces));
        let namespace_number = strings.intern_option(namespace);
        if let Some(name) = namespace.filter(|&name| !self.namespaces.contains_key(name)) {
            self.namespaces.insert(name.into(), namespace_number);
        }
        let columns = &mut self.columns;
        columns.documents.push(id);
        columns.indexes.push(at as u32);
        columns.object_nodes.push(objects.nodes.get(object).copied().unwrap_or(NONE));
        columns.specs.push(pods.specs[at]);
        columns.kinds.push(strings.intern_option(text(&objects.kinds)));
        columns.names.push(strings.intern_option(text(&objects.names)));
        columns.namespaces.push(namespace_number);
        let labels = tree.at(pods.templates[at], &["metadata", "labels"]);
        self.labels.push(labels.unwrap_or(NONE));
        for label in labels.into_iter().flat_map(|labels| tree.children(labels)) {
            let (Some(key), Some(value)) = (tree.key(label), label_text(tree, label)) else { continue };
            update(&mut self.by_label, key, |by_value| update(by_value, value, |pods| pods.push(pod)));
        }
    }

    /// The smallest set of pods known to hold all that the selector matches, in order; `None` for all pods.
    fn candidates(&self, selector: &Selector<'_>) -> Option<Vec<u32>> {
        let lists = selector.requirements.iter().filter_map(|requirement| self.lists(requirement));
        let smallest = lists.min_by_key(|lists| lists.iter().map(|list| list.len()).sum::<usize>())?;
        let mut pods: Vec<u32> = smallest.into_iter().flatten().copied().collect();
        pods.sort_unstable();
        pods.dedup();
        Some(pods)
    }

    /// The lists of pods that together hold all that meet a requirement; `None` where it can be met without the label.
    fn lists(&self, requirement: &Requirement<'_>) -> Option<Vec<&Vec<u32>>> {
        let by_value = |key: &str| self.by_label.get(key);
        match requirement {
            Requirement::In(key, values) => {
                Some(values.iter().filter_map(|&value| by_value(key)?.get(value)).collect())
            }
            Requirement::Exists(key) => Some(by_value(key).into_iter().flat_map(HashMap::values).collect()),
            Requirement::NotIn(..) | Requirement::DoesNotExist(_) => None,
        }
    }
}

/// Changes the entry for a key; the key is copied only where it is new.
fn update<T: Default>(map: &mut HashMap<Box<str>, T>, key: &str, change: impl FnOnce(&mut T)) {
    match map.get_mut(key) {
        Some(entry) => change(entry),
        None => change(map.entry(key.into()).or_default()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::manifest;
    use super::super::{Traits, locate};
    use super::*;

    fn deployment(name: &str, namespace: Option<&str>, labels: Value) -> Value {
        let template = json!({"metadata": {"labels": labels}, "spec": {"containers": []}});
        let mut metadata = json!({"name": name});
        if let Some(namespace) = namespace {
            metadata["namespace"] = json!(namespace);
        }
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}})
    }

    fn project(objects: Vec<Value>) -> Project {
        let number = |(at, object)| Arc::new(manifest(&format!("{at:05}.yaml"), object));
        Project::new(objects.iter().enumerate().map(number).collect())
    }

    /// Names of the pods that a policy, the last document of the project, selects.
    fn selected(pods: Vec<Value>, selector: Value, namespace: Option<&str>, plain: bool) -> Vec<String> {
        let policy =
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": {"podSelector": selector}});
        let project = project(pods.into_iter().chain([policy]).collect());
        let last = project.documents().len() as u32 - 1;
        let node = project.documents()[last as usize].tree.at(0, &["spec", "podSelector"]).unwrap();
        let columns = project.pods();
        let name = |pod: u32| columns.strings.get(columns.names[pod as usize]).unwrap().to_owned();
        project.select(last, node, namespace, plain).into_iter().map(name).collect()
    }

    fn three() -> Vec<Value> {
        vec![
            deployment("a", Some("one"), json!({"app": "web", "tier": "front"})),
            deployment("b", Some("two"), json!({"app": "web"})),
            deployment("c", None, json!({"app": "api", "tier": "back"})),
        ]
    }

    #[test]
    fn what_is_no_selector_selects_nothing() {
        assert!(selected(three(), json!(null), None, false).is_empty());
        assert!(selected(three(), json!({"app": "web"}), None, false).is_empty());
        assert!(selected(three(), json!({}), None, true).is_empty());
        let project = project(three());
        assert!(project.select(99, 0, None, false).is_empty());
        assert!(project.select(0, 9999, None, false).is_empty());
    }

    #[test]
    fn an_empty_selector_selects_every_pod_of_the_namespace() {
        assert_eq!(selected(three(), json!({}), None, false), ["a", "b", "c"]);
        assert_eq!(selected(three(), json!({}), Some("one"), false), ["a", "c"]);
        assert_eq!(selected(three(), json!({}), Some("elsewhere"), false), ["c"]);
    }

    #[test]
    fn labels_select_through_the_index() {
        assert_eq!(selected(three(), json!({"app": "web"}), None, true), ["a", "b"]);
        assert_eq!(selected(three(), json!({"app": "web", "tier": "back"}), None, true), [""; 0]);
        let selector =
            json!({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]});
        assert_eq!(selected(three(), selector, None, false), ["b"]);
        let selector =
            json!({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["back", "front", "back"]}]});
        assert_eq!(selected(three(), selector, None, false), ["a", "c"]);
        let selector = json!({"matchExpressions": [{"key": "tier", "operator": "Exists"}]});
        assert_eq!(selected(three(), selector, Some("one"), false), ["a", "c"]);
    }

    #[test]
    fn a_namespace_that_is_not_written_may_be_any() {
        assert!(Project::may_share_namespace(None, Some("one")));
        assert!(Project::may_share_namespace(Some(""), Some("one")));
        assert!(Project::may_share_namespace(Some("one"), Some("one")));
        assert!(!Project::may_share_namespace(Some("default"), Some("one")));
    }

    #[test]
    fn ids_follow_path_and_place() {
        let object = deployment("a", None, json!({}));
        let (one, other) = (manifest("b.yaml", &object), manifest("a.yaml", &object));
        let project = Project::new(vec![Arc::new(one), Arc::new(other)]);
        assert_eq!(project.document(0).map(|document| document.source.path()), Some("a.yaml"));
        assert!(project.document(2).is_none());
    }

    #[test]
    fn fragments_and_templates_have_no_objects_or_pods() {
        let mut documents = three().iter().map(|object| manifest("x.yaml", object)).collect::<Vec<_>>();
        documents[0].traits = Traits { fragment: true, ..Traits::default() };
        documents[1].traits = Traits { template: true, ..Traits::default() };
        let project = Project::new(documents.into_iter().map(Arc::new).collect());
        assert_eq!(project.documents().len(), 3);
        assert_eq!(project.objects(&[]).nodes.len(), 1);
        assert_eq!(project.pods().documents, [2]);
    }

    #[test]
    fn objects_come_by_kind_in_the_order_of_documents() {
        let kind = |kind: &str| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}});
        let project = project(vec![kind("Service"), kind("Job"), kind("Service"), kind("Pod")]);
        let of = |kinds: &[&str]| project.objects(kinds).documents;
        assert_eq!(of(&["service"]), [0; 0]);
        assert_eq!(of(&["Service"]), [0, 2]);
        assert_eq!(of(&["Service", "Job", "Service"]), [0, 1, 2]);
        assert_eq!(of(&[]), [0, 1, 2, 3]);
        let columns = project.objects(&["Job"]);
        assert_eq!(columns.strings.get(columns.kinds[0]), Some("Job"));
        assert_eq!(columns.namespaces, [NONE]);
    }

    #[test]
    fn pods_name_the_object_that_holds_them() {
        let project = project(three());
        let pods = project.pods();
        assert_eq!(pods.strings.get(pods.kinds[1]), Some("Deployment"));
        assert_eq!(pods.strings.get(pods.namespaces[1]), Some("two"));
        assert_eq!((pods.object_nodes[1], pods.indexes[1]), (0, 0));
        let tree = &project.documents()[1].tree;
        assert_eq!(Some(tree.span(pods.specs[1])), locate(tree, 0, "/spec/template/spec", false));
    }

    #[test]
    fn many_policies_over_many_pods_select_quickly() {
        let mut objects: Vec<_> = (0..7000)
            .map(|at| {
                deployment("x", Some("one"), json!({"app": format!("app-{}", at % 1000), "tier": "front", "v": at}))
            })
            .collect();
        let labels = json!({"app": "app-7", "tier": "front"});
        objects.push(json!({"apiVersion": "v1", "kind": "Service", "spec": {"selector": labels}}));
        let project = project(objects);
        let expected: Vec<u32> = (0..7).map(|at| at * 1000 + 7).collect();
        let examined = |selector: &Selector<'_>| project.pod_index().candidates(selector).map_or(0, |pods| pods.len());
        let tree = &project.documents()[7000].tree;
        let labels = tree.at(0, &["spec", "selector"]).unwrap();
        let selector = Selector::from_labels(tree, labels).unwrap();
        assert_eq!(examined(&selector), 7, "only the pods with the rarest label are looked at");
        for _ in 0..500 {
            assert_eq!(project.select(7000, labels, Some("one"), true), expected);
        }
    }
}
