//! What the host offers to a plugin: the functions of the interface `host`, answered by the document library, and paid
//! for. A plugin's fuel does not count what the host does for it, so each function charges for that here.

use std::sync::Arc;

use wasmtime::component::Resource;

use super::bindings::{host, types};
use super::limits::{Limiter, Limits};
use super::{convert, text};
use crate::document::{Document, ImageReference, NodeId, Project, Quantity, Span, Tree, commands, locate, to_json};

/// Stands for a document in a plugin's table of handles; its number is the document's id.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct DocumentHandle;

/// Stands for the project in a plugin's table of handles.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct ProjectHandle;

/// Id of the only document there is while a plugin checks one.
pub(super) const DOCUMENT: u32 = 0;

/// Id of the project: there is never a second.
pub(super) const PROJECT: u32 = 0;

/// What every call costs beside the bytes that it moves.
const CALL: usize = 1_000;

/// The plugin had more done for it than one call may.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the host does no more for this call")]
pub(super) struct HostWorkExhausted;

/// What a call is about.
#[derive(Debug, Default)]
pub(super) enum Subject {
    /// Nothing: the plugin describes or configures itself.
    #[default]
    Nothing,
    /// One document, under the id [`DOCUMENT`].
    Document(Arc<Document>),
    /// All documents, under the project's ids.
    Project(Arc<Project>),
}

impl Subject {
    /// Bytes of what it holds, of each file the documents alone.
    fn bytes(&self) -> u64 {
        let bytes = |document: &Arc<Document>| {
            let span = document.tree.span(0);
            u64::from(span.end - span.start)
        };
        match self {
            Self::Nothing => 0,
            Self::Document(document) => bytes(document),
            Self::Project(project) => project.documents().iter().map(bytes).sum(),
        }
    }
}

/// What belongs to one instance of a plugin on the host's side.
#[derive(Debug)]
pub(super) struct State {
    pub(super) limits: Limits,
    pub(super) limiter: Limiter,
    pub(super) subject: Subject,
    /// The last error that the plugin logged in this call.
    pub(super) last_error: Option<String>,
    /// What the plugin may do in this call.
    pub(super) fuel: u64,
    /// What the host may still do in this call.
    host_work: u64,
}

impl State {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            limiter: Limiter::default(),
            subject: Subject::Nothing,
            last_error: None,
            fuel: limits.fuel,
            host_work: limits.host_work,
        }
    }

    /// Begins a call.
    pub(super) fn begin(&mut self, subject: Subject, memory: usize) {
        self.limiter.begin(memory, self.limits.table_elements);
        self.fuel = self.limits.fuel + self.limits.fuel_per_byte * subject.bytes();
        self.subject = subject;
        self.last_error = None;
        self.host_work = self.limits.host_work;
    }

    /// Lets the plugin pay for a call that moves or reads so many bytes.
    fn charge(&mut self, bytes: usize) -> wasmtime::Result<()> {
        let cost = bytes.saturating_add(CALL) as u64;
        self.host_work = self.host_work.checked_sub(cost).ok_or(HostWorkExhausted)?;
        Ok(())
    }

    /// The document of an id, if the plugin may see it in this call.
    pub(super) fn document(&self, id: u32) -> Option<&Arc<Document>> {
        match &self.subject {
            Subject::Document(document) if id == DOCUMENT => Some(document),
            Subject::Project(project) => project.document(id),
            Subject::Document(_) | Subject::Nothing => None,
        }
    }

    fn project(&self) -> wasmtime::Result<Arc<Project>> {
        match &self.subject {
            Subject::Project(project) => Ok(Arc::clone(project)),
            Subject::Document(_) | Subject::Nothing => {
                Err(wasmtime::Error::msg("the project was used after the call that it was given to"))
            }
        }
    }

    fn get(&self, handle: &Resource<DocumentHandle>) -> wasmtime::Result<Arc<Document>> {
        let message = "a document was used after the call that it was given to";
        self.document(handle.rep()).cloned().ok_or_else(|| wasmtime::Error::msg(message))
    }
}

/// Number of nodes from a node to its last descendant; none for a node that does not exist.
fn subtree(tree: &Tree, node: NodeId) -> usize {
    if (node as usize) < tree.len() { (tree.subtree_end(node) - node) as usize } else { 0 }
}

impl types::Host for State {}

impl host::Host for State {
    fn parse_image(&mut self, text: String) -> wasmtime::Result<Option<types::ImageReference>> {
        self.charge(text.len())?;
        Ok(ImageReference::parse(&text).map(convert::image_reference))
    }

    fn parse_quantity(&mut self, text: String) -> wasmtime::Result<Result<types::Quantity, String>> {
        self.charge(text.len())?;
        Ok(Quantity::parse(&text).map(convert::quantity).map_err(|error| error.to_string()))
    }

    fn log(&mut self, level: String, message: String) -> wasmtime::Result<()> {
        self.charge(message.len())?;
        if level == "error" {
            self.last_error = Some(text::line(&message, text::MESSAGE));
        }
        Ok(())
    }
}

impl host::HostDocument for State {
    fn id(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<u32> {
        self.charge(0)?;
        Ok(this.rep())
    }

    fn path(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<String> {
        let document = self.get(&this)?;
        self.charge(document.source.path().len())?;
        Ok(document.source.path().to_owned())
    }

    fn language(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<String> {
        self.charge(0)?;
        Ok(convert::language(&*self.get(&this)?).to_owned())
    }

    fn traits(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<Vec<String>> {
        self.charge(0)?;
        Ok(convert::traits(self.get(&this)?.traits))
    }

    fn text(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<String> {
        let document = self.get(&this)?;
        self.charge(document.source.text().len())?;
        Ok(document.source.text().to_owned())
    }

    fn text_at(&mut self, this: Resource<DocumentHandle>, at: types::Span) -> wasmtime::Result<String> {
        let document = self.get(&this)?;
        let text = document.source.slice(Span::new(at.start, at.end));
        self.charge(text.len())?;
        Ok(text.to_owned())
    }

    fn tree(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<types::Tree> {
        let document = self.get(&this)?;
        self.charge(convert::tree_size(&document.tree))?;
        Ok(convert::tree(&document.tree))
    }

    fn stages(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<types::Stages> {
        let document = self.get(&this)?;
        self.charge(convert::stages_size(&document.stages))?;
        Ok(convert::stages(&document.stages))
    }

    fn objects(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<types::Objects> {
        let document = self.get(&this)?;
        self.charge(convert::objects_size(&document.objects))?;
        Ok(convert::objects(&document.objects))
    }

    fn pods(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<types::Pods> {
        let document = self.get(&this)?;
        self.charge(convert::pods_size(&document.pods))?;
        Ok(convert::pods(&document.pods))
    }

    fn to_json(&mut self, this: Resource<DocumentHandle>, node: u32) -> wasmtime::Result<String> {
        let document = self.get(&this)?;
        let json = to_json(&document.tree, node);
        self.charge(json.len().saturating_mul(4))?;
        Ok(json)
    }

    fn locate(
        &mut self,
        this: Resource<DocumentHandle>,
        node: u32,
        pointer: String,
        nearest: bool,
    ) -> wasmtime::Result<Option<types::Span>> {
        let document = self.get(&this)?;
        self.charge(pointer.len().saturating_add(subtree(&document.tree, node)))?;
        Ok(locate(&document.tree, node, &pointer, nearest).map(convert::span))
    }

    fn variables(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<types::Variables> {
        let document = self.get(&this)?;
        self.charge(convert::variables_size(&document.variables))?;
        Ok(convert::variables(&document.variables))
    }

    fn ignore_file(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<Option<types::IgnoreFile>> {
        let document = self.get(&this)?;
        let file = document.ignore_file.as_ref();
        self.charge(file.map_or(0, |file| file.path().len() + file.text().len()))?;
        Ok(file.map(|file| types::IgnoreFile { path: file.path().to_owned(), text: file.text().to_owned() }))
    }

    fn commands(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<types::Commands> {
        let document = self.get(&this)?;
        let commands = commands(&document);
        self.charge(convert::commands_size(commands))?;
        Ok(convert::commands(commands))
    }

    fn shell_syntax(&mut self, this: Resource<DocumentHandle>) -> wasmtime::Result<types::ShellSyntax> {
        let document = self.get(&this)?;
        let commands = commands(&document);
        self.charge(convert::shell_syntax_size(commands))?;
        Ok(convert::shell_syntax(commands))
    }

    fn drop(&mut self, _this: Resource<DocumentHandle>) -> wasmtime::Result<()> {
        Ok(())
    }
}

impl host::HostProject for State {
    fn documents(&mut self, _this: Resource<ProjectHandle>) -> wasmtime::Result<Vec<u32>> {
        let count = self.project()?.documents().len();
        self.charge(count * size_of::<u32>())?;
        Ok((0..count as u32).collect())
    }

    fn document(
        &mut self,
        _this: Resource<ProjectHandle>,
        id: u32,
    ) -> wasmtime::Result<Option<Resource<DocumentHandle>>> {
        self.charge(0)?;
        Ok(self.project()?.document(id).map(|_| Resource::new_own(id)))
    }

    fn objects(
        &mut self,
        _this: Resource<ProjectHandle>,
        kinds: Vec<String>,
    ) -> wasmtime::Result<types::ProjectObjects> {
        let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
        let objects = self.project()?.objects(&kinds);
        // The columns are gathered anew in each call, which costs several times as much as a copy.
        self.charge(convert::project_objects_size(&objects).saturating_mul(8))?;
        Ok(convert::project_objects(objects))
    }

    fn pods(&mut self, _this: Resource<ProjectHandle>) -> wasmtime::Result<types::ProjectPods> {
        let project = self.project()?;
        let pods = project.pods();
        self.charge(convert::project_pods_size(pods))?;
        Ok(convert::project_pods(pods))
    }

    fn select(
        &mut self,
        _this: Resource<ProjectHandle>,
        document: u32,
        node: u32,
        namespace: Option<String>,
        plain: bool,
    ) -> wasmtime::Result<Vec<u32>> {
        let project = self.project()?;
        let requirements = project.document(document).map_or(0, |document| subtree(&document.tree, node));
        // An index leaves few of the pods to be compared.
        self.charge(requirements.saturating_mul(1 + project.pods().documents.len() / 16))?;
        let pods = project.select(document, node, namespace.as_deref(), plain);
        self.charge(pods.len() * size_of::<u32>())?;
        Ok(pods)
    }

    fn may_share_namespace(
        &mut self,
        _this: Resource<ProjectHandle>,
        one: Option<String>,
        other: Option<String>,
    ) -> wasmtime::Result<bool> {
        self.charge(0)?;
        Ok(Project::may_share_namespace(one.as_deref(), other.as_deref()))
    }

    fn builds(
        &mut self,
        _this: Resource<ProjectHandle>,
        declared: Vec<types::Property>,
    ) -> wasmtime::Result<types::ProjectBuilds> {
        let project = self.project()?;
        // Every name of a Dockerfile and of a container is looked at.
        self.charge((project.documents().len() + project.pods().documents.len()) * 64)?;
        let declared: Vec<(&str, &str)> =
            declared.iter().map(|property| (property.name.as_str(), property.value.as_str())).collect();
        Ok(convert::project_builds(project.builds(&declared)))
    }

    fn drop(&mut self, _this: Resource<ProjectHandle>) -> wasmtime::Result<()> {
        Ok(())
    }
}
