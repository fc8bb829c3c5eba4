//! All documents that a project rule sees together.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use crate::derived::Derived;
use crate::dockerfile::Dockerfile;
use crate::document::{Container, Document, Object, Pod};
use crate::host::ProjectHost;
use crate::options::OptionValues;
use crate::tree::{Node, Strings};

/// All documents that a project rule sees together. Documents are loaded when they are asked for.
pub struct Project<'h> {
    host: Box<dyn ProjectHost + 'h>,
    numbers: HashMap<u32, usize>,
    ids: Vec<u32>,
    documents: Vec<OnceCell<Option<Document<'static>>>>,
    pods: OnceCell<Vec<PodEntry>>,
    derived: Derived,
}

impl fmt::Debug for Project<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "project of {} documents", self.ids.len())
    }
}

/// A pod of the project, before its document is loaded.
#[derive(Clone, Debug)]
pub struct PodEntry {
    /// Number of its document.
    pub document: u32,
    /// Its number in that document.
    pub index: u32,
    /// Kind of the object that holds it.
    pub kind: Option<String>,
    /// Name of that object.
    pub name: Option<String>,
    /// Namespace of that object.
    pub namespace: Option<String>,
}

/// An object of the project, before its document is loaded.
#[derive(Clone, Debug)]
pub struct ObjectEntry {
    /// Number of its document.
    pub document: u32,
    /// Its mapping's number in the tree of that document.
    pub node: u32,
    /// `apiVersion`.
    pub api_version: Option<String>,
    /// `kind`.
    pub kind: Option<String>,
    /// `metadata.name`.
    pub name: Option<String>,
    /// `metadata.namespace`, or what the kustomization that lists the file sets.
    pub namespace: Option<String>,
}

/// A container that runs what a Dockerfile of the project builds.
#[derive(Clone, Copy, Debug)]
pub struct Build<'a> {
    /// The Dockerfile.
    pub dockerfile: Dockerfile<'a>,
    /// The container.
    pub container: Container<'a>,
}

impl ObjectEntry {
    /// API group: `apps` of `apps/v1`, empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        self.api_version.as_deref().and_then(|version| version.split_once('/')).map_or("", |(group, _)| group)
    }
}

/// Texts that custom resources and annotations hold.
struct ToldToOperators(HashSet<String>);

impl<'h> Project<'h> {
    pub(crate) fn new(host: Box<dyn ProjectHost + 'h>) -> Self {
        let ids = host.documents();
        let numbers = ids.iter().enumerate().map(|(number, &id)| (id, number)).collect();
        let documents = ids.iter().map(|_| OnceCell::new()).collect();
        Self { host, numbers, ids, documents, pods: OnceCell::new(), derived: Derived::default() }
    }

    /// What the plugin derives from the project, once for all of its rules that ask by this type and number.
    pub fn derived<T: 'static>(&self, number: u32, make: impl FnOnce() -> T) -> Rc<T> {
        self.derived.get(number, make)
    }

    /// A document by its number.
    #[must_use]
    pub fn document(&self, id: u32) -> Option<&Document<'_>> {
        let number = *self.numbers.get(&id)?;
        self.documents[number].get_or_init(|| self.host.document(id).map(Document::new)).as_ref()
    }

    /// All documents, in the order of their paths. Loads every one: prefer [`Project::objects`].
    pub fn documents(&self) -> impl Iterator<Item = &Document<'_>> {
        self.ids.iter().filter_map(|&id| self.document(id))
    }

    /// Objects of these kinds, of every kind where there is none. Fragments are left out.
    #[must_use]
    pub fn objects(&self, kinds: &[&str]) -> Vec<Object<'_>> {
        let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
        let columns = self.host.objects(&kinds);
        columns
            .documents
            .iter()
            .zip(&columns.nodes)
            .filter_map(|(&document, &node)| self.document(document)?.object_at(node))
            .collect()
    }

    /// The same, with no document loaded: for many objects of which few are looked into.
    #[must_use]
    pub fn object_entries(&self, kinds: &[&str]) -> Vec<ObjectEntry> {
        let kinds: Vec<String> = kinds.iter().map(|&kind| kind.to_owned()).collect();
        let columns = self.host.objects(&kinds);
        let strings = Strings::new(columns.strings);
        let text = |number: u32| strings.get(number).map(str::to_owned);
        (0..columns.documents.len())
            .map(|at| ObjectEntry {
                document: columns.documents[at],
                node: columns.nodes[at],
                api_version: text(columns.api_versions[at]),
                kind: text(columns.kinds[at]),
                name: text(columns.names[at]),
                namespace: text(columns.namespaces[at]),
            })
            .collect()
    }

    /// The object of an entry, with its document loaded.
    #[must_use]
    pub fn object(&self, entry: &ObjectEntry) -> Option<Object<'_>> {
        self.document(entry.document)?.object_at(entry.node)
    }

    /// All pods. Fragments are left out.
    #[must_use]
    pub fn pods(&self) -> &[PodEntry] {
        self.pods.get_or_init(|| {
            let columns = self.host.pods();
            let strings = Strings::new(columns.strings);
            let text = |number: u32| strings.get(number).map(str::to_owned);
            (0..columns.documents.len())
                .map(|at| PodEntry {
                    document: columns.documents[at],
                    index: columns.indexes[at],
                    kind: text(columns.kinds[at]),
                    name: text(columns.names[at]),
                    namespace: text(columns.namespaces[at]),
                })
                .collect()
        })
    }

    /// The pod of an entry, with its document loaded.
    #[must_use]
    pub fn load(&self, entry: &PodEntry) -> Option<Pod<'_>> {
        self.document(entry.document)?.pod(entry.index)
    }

    /// The pods (as indexes into [`Project::pods`]) that a LabelSelector matches in a namespace. An empty selector matches
    /// every pod of the namespace. A namespace that is not written may be any.
    ///
    /// ```
    /// use hullmark_sdk::prelude::*;
    ///
    /// fn budgets(project: &Project, report: &mut Report) {
    ///     for budget in project.objects(&["PodDisruptionBudget"]) {
    ///         let Some(selector) = budget.at(&["spec", "selector"]) else { continue };
    ///         for index in project.select(selector, budget.namespace()) {
    ///             let Some(pod) = project.load(&project.pods()[index as usize]) else { continue };
    ///             report.finding(selector, "a budget").related(pod.object().name_place(), "of these pods");
    ///         }
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn select(&self, selector: Node<'_>, namespace: Option<&str>) -> Vec<u32> {
        self.host.select(selector.document().id(), selector.index, namespace, false)
    }

    /// The same for a map of labels, as a Service's selector is. An empty map matches none.
    #[must_use]
    pub fn select_labels(&self, labels: Node<'_>, namespace: Option<&str>) -> Vec<u32> {
        self.host.select(labels.document().id(), labels.index, namespace, true)
    }

    /// The containers whose image a Dockerfile of the project builds, as far as names tell: the last part of the image's
    /// repository is the folder (`web/Dockerfile`) or the suffix (`Dockerfile.web`, `web.Dockerfile`) of one Dockerfile
    /// alone. What names do not tell is given by the rule's option [`OptionSpec::IMAGES`](crate::OptionSpec::IMAGES). Fragments are left out.
    pub fn builds<'a>(&'a self, options: &OptionValues) -> impl Iterator<Item = Build<'a>> + use<'a, 'h> {
        let builds = self.host.builds(&options.images());
        let builds = builds.dockerfiles.into_iter().zip(builds.documents).zip(builds.containers);
        builds.filter_map(|((dockerfile, document), container)| {
            let dockerfile = self.document(dockerfile)?.dockerfile()?;
            Some(Build { dockerfile, container: self.document(document)?.container(container)? })
        })
    }

    /// All Dockerfiles, in the order of their paths.
    pub fn dockerfiles(&self) -> impl Iterator<Item = Dockerfile<'_>> {
        self.documents().filter_map(Document::dockerfile)
    }

    /// Whether what stands in document number `document`, in this namespace, is beside what stands in `other` in another: in the
    /// same namespace, or in the same folder where one is not written. A project that holds one object of a kind there is likely
    /// to hold all; what is only declared to exist tells nothing of others.
    #[must_use]
    pub fn is_beside(
        &self,
        (document, namespace): (u32, Option<&str>),
        (other, other_namespace): (&Document<'_>, Option<&str>),
    ) -> bool {
        self.document(document).is_some_and(|document| {
            !document.is_declared()
                && match (namespace, other_namespace) {
                    (Some(one), Some(other)) => one == other,
                    _ => document.folder() == other.folder(),
                }
        })
    }

    /// Whether a custom resource or an annotation of the project holds this text. Operators take from there what they make, so an
    /// object by such a name, or pods with such a label, may exist though nothing declares them.
    ///
    /// ```
    /// use hullmark_sdk::prelude::*;
    ///
    /// fn is_missing(project: &Project, claim: &str) -> bool {
    ///     let mut claims = project.object_entries(&["PersistentVolumeClaim"]).into_iter();
    ///     !claims.any(|entry| entry.name.as_deref() == Some(claim)) && !project.may_be_made(claim)
    /// }
    /// ```
    #[must_use]
    pub fn may_be_made(&self, text: &str) -> bool {
        self.derived.get(0, || ToldToOperators(self.told_to_operators())).0.contains(text)
    }

    fn told_to_operators(&self) -> HashSet<String> {
        let entries = self.object_entries(&[]);
        let told = entries.iter().filter_map(|entry| self.object(entry)).flat_map(|object| {
            let is_custom = object.group().contains('.') && !object.group().ends_with(".k8s.io");
            let from = if is_custom { Some(object.node()) } else { object.at(&["metadata", "annotations"]) };
            from.into_iter().flat_map(Node::descendants)
        });
        told.filter_map(|node| Some(node.text()?.to_owned())).collect()
    }

    /// Whether two namespaces may be the same: equal, or one of them not written.
    #[must_use]
    pub fn may_share_namespace(&self, one: Option<&str>, other: Option<&str>) -> bool {
        self.host.may_share_namespace(one, other)
    }
}
