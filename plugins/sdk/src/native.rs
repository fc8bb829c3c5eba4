//! Rules without a component: documents and projects straight from the host's own document library. Used by tests of
//! rules and to measure what the sandbox costs.

use std::sync::Arc;

use hullmark::document as library;

use crate::bindings::hullmark::policy::types as wit;
use crate::document::Document;
use crate::host::{DocumentHost, ProjectHost};
use crate::project::Project;

/// A document of the library as a rule sees it. `id` is its number among the documents of the call.
#[must_use]
pub fn document(document: Arc<library::Document>, id: u32) -> Document<'static> {
    Document::new(Box::new(NativeDocument { document, id }))
}

/// A project of the library as a rule sees it.
#[must_use]
pub fn project(project: Arc<library::Project>) -> Project<'static> {
    Project::new(Box::new(NativeProject { project }))
}

struct NativeDocument {
    document: Arc<library::Document>,
    id: u32,
}

fn strings(table: &library::StringTable) -> wit::StringTable {
    wit::StringTable { bytes: table.bytes.clone(), ends: table.ends.clone() }
}

fn span(span: library::Span) -> wit::Span {
    wit::Span { start: span.start, end: span.end }
}

fn commands(commands: &library::Commands) -> wit::Commands {
    let library::Commands { scripts, commands: rows, words, assignments, redirections, strings: table, .. } = commands;
    wit::Commands {
        scripts: wit::ScriptColumns {
            nodes: scripts.nodes.clone(),
            commands: scripts.commands.clone(),
            shells: scripts.shells.clone(),
            options: scripts.options.clone(),
            states: scripts.states.clone(),
            starts: scripts.starts.clone(),
            ends: scripts.ends.clone(),
            known_ends: scripts.known_ends.clone(),
        },
        commands: wit::CommandColumns {
            scripts: rows.scripts.clone(),
            parents: rows.parents.clone(),
            contexts: rows.contexts.clone(),
            pipelines: rows.pipelines.clone(),
            joins: rows.joins.clone(),
            join_starts: rows.join_starts.clone(),
            join_ends: rows.join_ends.clone(),
            starts: rows.starts.clone(),
            ends: rows.ends.clone(),
            first_words: rows.first_words.clone(),
            last_words: rows.last_words.clone(),
        },
        words: wit::WordColumns {
            starts: words.starts.clone(),
            ends: words.ends.clone(),
            values: words.values.clone(),
            raws: words.raws.clone(),
            resolved: words.resolved.clone(),
            contents: words.contents.clone(),
        },
        assignments: wit::AssignmentColumns {
            commands: assignments.commands.clone(),
            names: assignments.names.clone(),
            starts: assignments.starts.clone(),
            words: assignments.words.clone(),
        },
        redirections: wit::RedirectionColumns {
            commands: redirections.commands.clone(),
            operators: redirections.operators.clone(),
            descriptors: redirections.descriptors.clone(),
            starts: redirections.starts.clone(),
            words: redirections.words.clone(),
            bodies: redirections.bodies.clone(),
        },
        strings: strings(table),
    }
}

fn shell_syntax(commands: &library::Commands) -> wit::ShellSyntax {
    let library::Commands { parts, compounds, .. } = commands;
    wit::ShellSyntax {
        parts: wit::PartColumns {
            words: parts.words.clone(),
            parents: parts.parents.clone(),
            kinds: parts.kinds.clone(),
            names: parts.names.clone(),
            operators: parts.operators.clone(),
            subscripts: parts.subscripts.clone(),
            resolved: parts.resolved.clone(),
            starts: parts.starts.clone(),
            ends: parts.ends.clone(),
            first_commands: parts.first_commands.clone(),
            last_commands: parts.last_commands.clone(),
        },
        compounds: wit::CompoundColumns {
            scripts: compounds.scripts.clone(),
            kinds: compounds.kinds.clone(),
            names: compounds.names.clone(),
            first_words: compounds.first_words.clone(),
            last_words: compounds.last_words.clone(),
            first_commands: compounds.first_commands.clone(),
            last_commands: compounds.last_commands.clone(),
            starts: compounds.starts.clone(),
            ends: compounds.ends.clone(),
            head_ends: compounds.head_ends.clone(),
        },
    }
}

impl DocumentHost for NativeDocument {
    fn id(&self) -> u32 {
        self.id
    }

    fn path(&self) -> String {
        self.document.source.path().to_owned()
    }

    fn language(&self) -> String {
        match self.document.language {
            library::Language::Dockerfile => "dockerfile",
            library::Language::Manifest => "manifest",
        }
        .to_owned()
    }

    fn traits(&self) -> Vec<String> {
        let traits = self.document.traits;
        [("declared", traits.declared), ("fragment", traits.fragment), ("template", traits.template)]
            .into_iter()
            .filter(|(_, set)| *set)
            .map(|(word, _)| word.to_owned())
            .collect()
    }

    fn text(&self) -> String {
        self.document.source.text().to_owned()
    }

    fn text_at(&self, at: wit::Span) -> String {
        self.document.source.slice(library::Span::new(at.start, at.end)).to_owned()
    }

    fn tree(&self) -> wit::Tree {
        let tree = &self.document.tree;
        wit::Tree {
            kinds: tree.kinds.clone(),
            parents: tree.parents.clone(),
            keys: tree.keys.clone(),
            values: tree.values.clone(),
            starts: tree.starts.clone(),
            ends: tree.ends.clone(),
            key_starts: tree.key_starts.clone(),
            key_ends: tree.key_ends.clone(),
            aliases: tree.aliases.clone(),
            alias_starts: tree.alias_starts.clone(),
            alias_ends: tree.alias_ends.clone(),
            strings: strings(&tree.strings),
        }
    }

    fn stages(&self) -> wit::Stages {
        let stages = &self.document.stages;
        wit::Stages {
            nodes: stages.nodes.clone(),
            froms: stages.froms.clone(),
            parents: stages.parents.clone(),
            bases: stages.bases.clone(),
            shipped: stages.shipped.clone(),
            strings: strings(&stages.strings),
        }
    }

    fn commands(&self) -> wit::Commands {
        commands(library::commands(&self.document))
    }

    fn shell_syntax(&self) -> wit::ShellSyntax {
        shell_syntax(library::commands(&self.document))
    }

    fn objects(&self) -> wit::Objects {
        let objects = &self.document.objects;
        wit::Objects {
            nodes: objects.nodes.clone(),
            api_versions: objects.api_versions.clone(),
            kinds: objects.kinds.clone(),
            names: objects.names.clone(),
            namespaces: objects.namespaces.clone(),
            strings: strings(&objects.strings),
        }
    }

    fn pods(&self) -> wit::Pods {
        let pods = &self.document.pods;
        wit::Pods {
            objects: pods.objects.clone(),
            templates: pods.templates.clone(),
            specs: pods.specs.clone(),
            container_pods: pods.container_pods.clone(),
            container_nodes: pods.container_nodes.clone(),
            container_roles: pods.container_roles.clone(),
        }
    }

    fn variables(&self) -> wit::Variables {
        let variables = &self.document.variables;
        wit::Variables {
            nodes: variables.nodes.clone(),
            values: variables.values.clone(),
            complete: variables.complete.clone(),
            reference_nodes: variables.reference_nodes.clone(),
            reference_names: variables.reference_names.clone(),
            reference_starts: variables.reference_starts.clone(),
            reference_ends: variables.reference_ends.clone(),
            reference_states: variables.reference_states.clone(),
            reference_defaults: variables.reference_defaults.clone(),
            strings: strings(&variables.strings),
        }
    }

    fn ignore_file(&self) -> Option<wit::IgnoreFile> {
        let file = self.document.ignore_file.as_ref()?;
        Some(wit::IgnoreFile { path: file.path().to_owned(), text: file.text().to_owned() })
    }
}

struct NativeProject {
    project: Arc<library::Project>,
}

impl ProjectHost for NativeProject {
    fn documents(&self) -> Vec<u32> {
        (0..self.project.documents().len() as u32).collect()
    }

    fn document(&self, id: u32) -> Option<Box<dyn DocumentHost>> {
        let document = Arc::clone(self.project.documents().get(id as usize)?);
        Some(Box::new(NativeDocument { document, id }))
    }

    fn objects(&self, kinds: &[String]) -> wit::ProjectObjects {
        let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
        let objects = self.project.objects(&kinds);
        wit::ProjectObjects {
            documents: objects.documents,
            nodes: objects.nodes,
            api_versions: objects.api_versions,
            kinds: objects.kinds,
            names: objects.names,
            namespaces: objects.namespaces,
            strings: strings(&objects.strings),
        }
    }

    fn pods(&self) -> wit::ProjectPods {
        let pods = self.project.pods().clone();
        wit::ProjectPods {
            documents: pods.documents,
            indexes: pods.indexes,
            object_nodes: pods.object_nodes,
            specs: pods.specs,
            kinds: pods.kinds,
            names: pods.names,
            namespaces: pods.namespaces,
            strings: strings(&pods.strings),
        }
    }

    fn select(&self, document: u32, node: u32, namespace: Option<&str>, plain: bool) -> Vec<u32> {
        self.project.select(document, node, namespace, plain)
    }

    fn may_share_namespace(&self, one: Option<&str>, other: Option<&str>) -> bool {
        library::Project::may_share_namespace(one, other)
    }

    fn builds(&self, declared: &[(&str, &str)]) -> wit::ProjectBuilds {
        let builds = self.project.builds(declared);
        wit::ProjectBuilds {
            dockerfiles: builds.dockerfiles,
            documents: builds.documents,
            containers: builds.containers,
        }
    }
}

pub(crate) fn parse_image(text: &str) -> Option<wit::ImageReference> {
    let image = library::ImageReference::parse(text)?;
    Some(wit::ImageReference {
        registry: image.registry,
        repository: image.repository,
        tag: image.tag,
        digest: image.digest,
        explicit_registry: image.explicit_registry,
        name_at: span(image.name_at),
        tag_at: span(image.tag_at),
        digest_at: span(image.digest_at),
    })
}

pub(crate) fn parse_quantity(text: &str) -> Result<wit::Quantity, String> {
    let quantity = library::Quantity::parse(text).map_err(|error| error.to_string())?;
    Ok(wit::Quantity { units: quantity.units, nanos: quantity.nanos })
}
