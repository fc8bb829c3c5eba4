//! Documents, and the Kubernetes objects, pods and containers in them.

use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;

use serde_core::Deserialize;

use crate::bindings::hullmark::policy::types as wit;
use crate::decode::DecodeError;
use crate::derived::Derived;
use crate::dockerfile::Dockerfile;
use crate::host::DocumentHost;
use crate::image::Image;
use crate::report::Place;
use crate::shell::CommandTables;
use crate::tree::{Node, Span, Strings, Tree};
use crate::variables::VariableTable;

/// One Dockerfile, or one YAML document of a file.
pub struct Document<'h> {
    host: Box<dyn DocumentHost + 'h>,
    id: u32,
    path: OnceCell<String>,
    text: OnceCell<String>,
    traits: OnceCell<Vec<String>>,
    is_dockerfile: OnceCell<bool>,
    tree: OnceCell<Tree>,
    stages: OnceCell<(wit::Stages, Strings)>,
    commands: OnceCell<CommandTables>,
    syntax: OnceCell<wit::ShellSyntax>,
    objects: OnceCell<(wit::Objects, Strings)>,
    pods: OnceCell<wit::Pods>,
    variables: OnceCell<VariableTable>,
    ignore_file: OnceCell<Option<IgnoreFile>>,
    derived: Derived,
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "document {} at {}", self.id, self.path())
    }
}

pub(crate) fn no_strings() -> wit::StringTable {
    wit::StringTable { bytes: Vec::new(), ends: Vec::new() }
}

impl<'h> Document<'h> {
    pub(crate) fn new(host: Box<dyn DocumentHost + 'h>) -> Self {
        let id = host.id();
        Self {
            host,
            id,
            path: OnceCell::new(),
            text: OnceCell::new(),
            traits: OnceCell::new(),
            is_dockerfile: OnceCell::new(),
            tree: OnceCell::new(),
            stages: OnceCell::new(),
            commands: OnceCell::new(),
            syntax: OnceCell::new(),
            objects: OnceCell::new(),
            pods: OnceCell::new(),
            variables: OnceCell::new(),
            ignore_file: OnceCell::new(),
            derived: Derived::default(),
        }
    }

    /// Its number in this call.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// Path relative to the root, with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path.get_or_init(|| self.host.path())
    }

    /// Its folder relative to the root, empty at the root.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.path().rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Text of the whole source file. Bytes that are no UTF-8 stand as `?`.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| self.host.text())
    }

    /// A part of the text; cheaper than [`Document::text`] for a few parts.
    #[must_use]
    pub fn text_at(&self, at: Span) -> String {
        self.host.text_at(wit::Span { start: at.start, end: at.end })
    }

    /// Whether it is a patch of a larger object, where absence means nothing.
    #[must_use]
    pub fn is_fragment(&self) -> bool {
        self.has_trait("fragment")
    }

    /// Whether its objects are declared in the user's configuration: they exist outside the project, and what they hold
    /// besides kind, name and perhaps namespace is not known. Nothing is reported there.
    #[must_use]
    pub fn is_declared(&self) -> bool {
        self.has_trait("declared")
    }

    /// Whether it carries this word of the interface's list of traits.
    #[must_use]
    pub fn has_trait(&self, name: &str) -> bool {
        self.traits.get_or_init(|| self.host.traits()).iter().any(|word| word == name)
    }

    /// What the plugin derives from the document, once for all of its rules that ask by this type and number.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    ///
    /// use hullmark_sdk::testing::parsed;
    ///
    /// let document = parsed("FROM x\nEXPOSE 80 443\n");
    /// let make = || document.root().descendants().filter_map(|node| node.value()?.parse::<u16>().ok()).collect::<BTreeSet<_>>();
    /// assert_eq!(document.derived(0, make).len(), 2);
    /// ```
    pub fn derived<T: 'static>(&self, number: u32, make: impl FnOnce() -> T) -> Rc<T> {
        self.derived.get(number, make)
    }

    pub(crate) fn tree(&self) -> &Tree {
        self.tree.get_or_init(|| Tree::new(self.host.tree()))
    }

    /// The root of its tree.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        self.node(0)
    }

    pub(crate) fn node(&self, index: u32) -> Node<'_> {
        Node { document: self, index }
    }

    /// A place in it.
    #[must_use]
    pub const fn place(&self, span: Span) -> Place {
        Place { document: self.id, span }
    }

    /// It as a Dockerfile, if it is one.
    #[must_use]
    pub fn dockerfile(&self) -> Option<Dockerfile<'_>> {
        let is = *self.is_dockerfile.get_or_init(|| self.host.language() == "dockerfile");
        is.then(|| Dockerfile::new(self))
    }

    pub(crate) fn stage_columns(&self) -> &(wit::Stages, Strings) {
        self.stages.get_or_init(|| {
            let mut stages = self.host.stages();
            let strings = std::mem::replace(&mut stages.strings, no_strings());
            (stages, Strings::new(strings))
        })
    }

    pub(crate) fn variables(&self) -> &VariableTable {
        self.variables.get_or_init(|| VariableTable::new(self.host.variables()))
    }

    /// For a Dockerfile, the file that says what its build does not see: the first that exists of `<its name>.dockerignore`
    /// and `.dockerignore` beside it, and `.dockerignore` at the root.
    #[must_use]
    pub fn ignore_file(&self) -> Option<&IgnoreFile> {
        let read = || self.host.ignore_file().map(|file| IgnoreFile { path: file.path, text: file.text });
        self.ignore_file.get_or_init(read).as_ref()
    }

    pub(crate) fn command_tables(&self) -> &CommandTables {
        self.commands.get_or_init(|| CommandTables::new(self.host.commands()))
    }

    pub(crate) fn shell_syntax(&self) -> &wit::ShellSyntax {
        self.syntax.get_or_init(|| self.host.shell_syntax())
    }

    fn object_columns(&self) -> &(wit::Objects, Strings) {
        self.objects.get_or_init(|| {
            let mut objects = self.host.objects();
            let strings = std::mem::replace(&mut objects.strings, no_strings());
            (objects, Strings::new(strings))
        })
    }

    fn pod_columns(&self) -> &wit::Pods {
        self.pods.get_or_init(|| self.host.pods())
    }

    /// Its Kubernetes objects: one, or the items of a List.
    pub fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        (0..self.object_columns().0.nodes.len() as u32).map(|index| Object { document: self, index })
    }

    /// The object whose mapping is this node.
    #[must_use]
    pub fn object_at(&self, node: u32) -> Option<Object<'_>> {
        let index = self.object_columns().0.nodes.iter().position(|&at| at == node)? as u32;
        Some(Object { document: self, index })
    }

    /// The pods that its objects describe.
    pub fn pods(&self) -> impl Iterator<Item = Pod<'_>> {
        (0..self.pod_columns().specs.len() as u32).map(|index| Pod { document: self, index })
    }

    /// Pod number `index` of [`Document::pods`].
    #[must_use]
    pub fn pod(&self, index: u32) -> Option<Pod<'_>> {
        ((index as usize) < self.pod_columns().specs.len()).then_some(Pod { document: self, index })
    }

    /// Container number `index` of all its pods.
    pub(crate) fn container(&self, index: u32) -> Option<Container<'_>> {
        ((index as usize) < self.pod_columns().container_nodes.len()).then_some(Container { document: self, index })
    }
}

/// What a Dockerfile's build does not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreFile {
    /// Path relative to the root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A Kubernetes object.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    document: &'a Document<'a>,
    index: u32,
}

impl<'a> Object<'a> {
    fn string(self, column: impl Fn(&wit::Objects) -> &Vec<u32>) -> Option<&'a str> {
        let (objects, strings) = self.document.object_columns();
        strings.get(*column(objects).get(self.index as usize)?)
    }

    /// Its mapping.
    #[must_use]
    pub fn node(self) -> Node<'a> {
        self.document.node(self.document.object_columns().0.nodes[self.index as usize])
    }

    /// `apiVersion`.
    #[must_use]
    pub fn api_version(self) -> Option<&'a str> {
        self.string(|objects| &objects.api_versions)
    }

    /// API group: `apps` of `apps/v1`, empty for the core group.
    #[must_use]
    pub fn group(self) -> &'a str {
        self.api_version().and_then(|version| version.split_once('/')).map_or("", |(group, _)| group)
    }

    /// `kind`.
    #[must_use]
    pub fn kind(self) -> Option<&'a str> {
        self.string(|objects| &objects.kinds)
    }

    /// `metadata.name`.
    #[must_use]
    pub fn name(self) -> Option<&'a str> {
        self.string(|objects| &objects.names)
    }

    /// `metadata.namespace`, or what the kustomization that lists the file sets.
    #[must_use]
    pub fn namespace(self) -> Option<&'a str> {
        self.string(|objects| &objects.namespaces)
    }

    /// `Deployment web`, for messages.
    #[must_use]
    pub fn title(self) -> String {
        let kind = self.kind().unwrap_or("object");
        self.name().map_or_else(|| kind.to_owned(), |name| format!("{kind} `{name}`"))
    }

    /// Value at a path of keys.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Option<Node<'a>> {
        self.node().at(path)
    }

    /// Where a missing field is reported: the deepest key on the way that exists, else the object's name, else its kind.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed_manifest;
    ///
    /// let document = parsed_manifest("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {securityContext: {}}\n");
    /// let pod = document.objects().next().unwrap();
    /// let token = |path: &[&str]| document.text_at(pod.anchor(path).span);
    /// assert_eq!(token(&["spec", "securityContext", "runAsUser"]), "securityContext");
    /// assert_eq!(token(&["data"]), "a");
    /// ```
    #[must_use]
    pub fn anchor(self, path: &[&str]) -> Place {
        anchor(self.node(), path).unwrap_or_else(|| self.name_place())
    }

    /// The object's name, or its kind where it has none.
    #[must_use]
    pub fn name_place(self) -> Place {
        let name = self.at(&["metadata", "name"]).or_else(|| self.at(&["metadata", "generateName"]));
        name.or_else(|| self.node().get("kind")).unwrap_or_else(|| self.node()).place()
    }

    /// The object as a type: one of the crate `k8s-openapi`, whose features name the version of Kubernetes, or any other
    /// that serde can read. See [`Node::decode`].
    ///
    /// ```
    /// use hullmark_sdk::prelude::*;
    /// use k8s_openapi::api::apps::v1::Deployment;
    ///
    /// fn deployment(object: &Object, report: &mut Report) {
    ///     let deployment = match object.decode::<Deployment>() {
    ///         Ok(deployment) => deployment,
    ///         Err(error) => {
    ///             report.finding(error.place(), error.to_string());
    ///             return;
    ///         }
    ///     };
    ///     let spec = deployment.spec;
    ///     if spec.paused == Some(true) && spec.replicas != Some(0) {
    ///         report.finding(object.anchor(&["spec", "paused"]), "the Deployment is paused");
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// Where the type does not take what is written; the error knows the place.
    pub fn decode<T: Deserialize<'a>>(self) -> Result<T, DecodeError> {
        self.node().decode()
    }

    /// Whether its kind is one that describes pods, even where this object does not (yet) hold their template.
    #[must_use]
    pub fn is_workload(self) -> bool {
        let Some(kind) = self.kind() else { return false };
        matches!(
            (self.group(), kind),
            ("", "Pod" | "PodTemplate" | "ReplicationController" | "DeploymentConfig")
                | ("apps" | "extensions", "Deployment" | "DaemonSet" | "ReplicaSet")
                | ("apps", "StatefulSet")
                | ("batch", "Job" | "CronJob")
                | ("argoproj.io", "Rollout")
                | ("apps.openshift.io", "DeploymentConfig")
                | ("serving.knative.dev", "Service" | "Configuration")
        )
    }

    /// The pods it describes.
    pub fn pods(self) -> impl Iterator<Item = Pod<'a>> {
        self.document.pods().filter(move |pod| pod.object().index == self.index)
    }

    /// The document it stands in.
    #[must_use]
    pub fn document(self) -> &'a Document<'a> {
        self.document
    }
}

/// Key of the deepest node on the path that exists; nothing where not even the first does.
fn anchor(from: Node<'_>, path: &[&str]) -> Option<Place> {
    let mut node = from;
    for key in path {
        // A key whose value is null is still the key that should hold the field.
        let Some(below) = node.written(key) else { break };
        node = below;
    }
    (node != from).then(|| node.key_place())
}

/// A pod that a workload describes.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'a> {
    document: &'a Document<'a>,
    index: u32,
}

impl<'a> Pod<'a> {
    /// The object that holds it: the Deployment, Job, … or the Pod itself.
    #[must_use]
    pub fn object(self) -> Object<'a> {
        Object { document: self.document, index: self.document.pod_columns().objects[self.index as usize] }
    }

    /// The pod template, or the Pod itself; its `metadata` is the pod's.
    #[must_use]
    pub fn template(self) -> Node<'a> {
        self.document.node(self.document.pod_columns().templates[self.index as usize])
    }

    /// The pod's `spec`.
    #[must_use]
    pub fn spec(self) -> Node<'a> {
        self.document.node(self.document.pod_columns().specs[self.index as usize])
    }

    /// A field of the pod's spec.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        self.spec().get(key)
    }

    /// Value at a path of keys below the spec.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Option<Node<'a>> {
        self.spec().at(path)
    }

    /// Whether the pod says that it runs on Windows (`spec.os.name`).
    #[must_use]
    pub fn is_windows(self) -> bool {
        self.at(&["os", "name"]).and_then(Node::text) == Some("windows")
    }

    /// Where a missing field of the spec is reported: the deepest key on the way that exists, else the object's name.
    #[must_use]
    pub fn anchor(self, path: &[&str]) -> Place {
        anchor(self.spec(), path).unwrap_or_else(|| self.object().name_place())
    }

    /// Its containers: main ones, init containers, sidecars and ephemeral ones, in the order of the text.
    pub fn containers(self) -> impl Iterator<Item = Container<'a>> {
        let columns = self.document.pod_columns();
        (0..columns.container_nodes.len() as u32)
            .filter(move |&index| columns.container_pods[index as usize] == self.index)
            .map(move |index| Container { document: self.document, index })
    }

    /// The document it stands in.
    #[must_use]
    pub fn document(self) -> &'a Document<'a> {
        self.document
    }
}

/// What a container is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// One of `containers`.
    Main,
    /// One of `initContainers` that ends before the others start.
    Init,
    /// One of `initContainers` with `restartPolicy: Always`: it runs beside the others.
    Sidecar,
    /// One of `ephemeralContainers`.
    Ephemeral,
}

/// Fields of the security context that a container takes from its pod where it lacks them itself.
const INHERITED: [&str; 7] = [
    "runAsUser",
    "runAsGroup",
    "runAsNonRoot",
    "seccompProfile",
    "appArmorProfile",
    "seLinuxOptions",
    "windowsOptions",
];

/// A container of a pod.
#[derive(Clone, Copy, Debug)]
pub struct Container<'a> {
    document: &'a Document<'a>,
    index: u32,
}

impl<'a> Container<'a> {
    /// Its mapping.
    #[must_use]
    pub fn node(self) -> Node<'a> {
        self.document.node(self.document.pod_columns().container_nodes[self.index as usize])
    }

    /// The pod it belongs to.
    #[must_use]
    pub fn pod(self) -> Pod<'a> {
        Pod { document: self.document, index: self.document.pod_columns().container_pods[self.index as usize] }
    }

    /// What it is for. Roles newer than this SDK count as main.
    #[must_use]
    pub fn role(self) -> Role {
        match self.document.pod_columns().container_roles[self.index as usize] {
            1 => Role::Init,
            2 => Role::Sidecar,
            3 => Role::Ephemeral,
            _ => Role::Main,
        }
    }

    /// Whether it runs as long as the pod does: a main container or a sidecar.
    #[must_use]
    pub fn is_long_running(self) -> bool {
        matches!(self.role(), Role::Main | Role::Sidecar)
    }

    /// `name`.
    #[must_use]
    pub fn name(self) -> Option<&'a str> {
        self.node().get("name").and_then(Node::text)
    }

    /// container `web`, for messages.
    #[must_use]
    pub fn title(self) -> String {
        self.name().map_or_else(|| "a container without a name".to_owned(), |name| format!("container `{name}`"))
    }

    /// A field of the container.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        self.node().get(key)
    }

    /// Value at a path of keys.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Option<Node<'a>> {
        self.node().at(path)
    }

    /// The image it runs; nothing where Docker would refuse the reference or it is not written.
    #[must_use]
    pub fn image(self) -> Option<Image<'a>> {
        Image::of(self.get("image")?)
    }

    /// The effective value of a field of the security context: the container's own, else the pod's where Kubernetes lets a
    /// container inherit it.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed_manifest;
    ///
    /// let document = parsed_manifest("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  securityContext: {runAsUser: 5}\n  containers: [{name: b}]\n");
    /// let container = document.pods().next().unwrap().containers().next().unwrap();
    /// assert_eq!(container.security("runAsUser").and_then(|user| user.integer()), Some(5));
    /// ```
    #[must_use]
    pub fn security(self, field: &str) -> Option<Node<'a>> {
        self.at(&["securityContext", field])
            .or_else(|| INHERITED.contains(&field).then(|| self.pod().at(&["securityContext", field])).flatten())
    }

    /// Where a missing field is reported: the deepest key on the way that exists, else the container's name.
    #[must_use]
    pub fn anchor(self, path: &[&str]) -> Place {
        anchor(self.node(), path)
            .unwrap_or_else(|| self.get("name").or_else(|| self.get("image")).unwrap_or_else(|| self.node()).place())
    }

    /// The document it stands in.
    #[must_use]
    pub fn document(self) -> &'a Document<'a> {
        self.document
    }
}
