//! The document library's columns as the interface's records. Both have the same fields, so this only copies. The
//! sizes are what a copy costs, in bytes.

use super::bindings::types;
use crate::document::{self, Document};

/// Bytes of a column of numbers.
const NUMBER: usize = size_of::<u32>();

fn strings(table: &document::StringTable) -> types::StringTable {
    types::StringTable { bytes: table.bytes.clone(), ends: table.ends.clone() }
}

fn strings_size(table: &document::StringTable) -> usize {
    table.bytes.len() + table.ends.len() * NUMBER
}

pub(super) fn span(span: document::Span) -> types::Span {
    types::Span { start: span.start, end: span.end }
}

pub(super) fn tree(tree: &document::Tree) -> types::Tree {
    types::Tree {
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

pub(super) fn tree_size(tree: &document::Tree) -> usize {
    tree.len() * (1 + 8 * NUMBER) + tree.alias_starts.len() * 2 * NUMBER + strings_size(&tree.strings)
}

pub(super) fn stages(stages: &document::Stages) -> types::Stages {
    types::Stages {
        nodes: stages.nodes.clone(),
        froms: stages.froms.clone(),
        parents: stages.parents.clone(),
        bases: stages.bases.clone(),
        shipped: stages.shipped.clone(),
        strings: strings(&stages.strings),
    }
}

pub(super) fn stages_size(stages: &document::Stages) -> usize {
    stages.nodes.len() * (1 + 4 * NUMBER) + strings_size(&stages.strings)
}

pub(super) fn variables(variables: &document::Variables) -> types::Variables {
    types::Variables {
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

pub(super) fn variables_size(variables: &document::Variables) -> usize {
    let references = variables.reference_nodes.len() * (2 + 4 * NUMBER);
    variables.nodes.len() * (1 + 2 * NUMBER) + references + strings_size(&variables.strings)
}

pub(super) fn commands(commands: &document::Commands) -> types::Commands {
    let document::Commands { scripts, commands: rows, words, assignments, redirections, strings: table, .. } = commands;
    types::Commands {
        scripts: types::ScriptColumns {
            nodes: scripts.nodes.clone(),
            commands: scripts.commands.clone(),
            shells: scripts.shells.clone(),
            options: scripts.options.clone(),
            states: scripts.states.clone(),
            starts: scripts.starts.clone(),
            ends: scripts.ends.clone(),
            known_ends: scripts.known_ends.clone(),
        },
        commands: types::CommandColumns {
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
        words: types::WordColumns {
            starts: words.starts.clone(),
            ends: words.ends.clone(),
            values: words.values.clone(),
            raws: words.raws.clone(),
            resolved: words.resolved.clone(),
            contents: words.contents.clone(),
        },
        assignments: types::AssignmentColumns {
            commands: assignments.commands.clone(),
            names: assignments.names.clone(),
            starts: assignments.starts.clone(),
            words: assignments.words.clone(),
        },
        redirections: types::RedirectionColumns {
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

pub(super) fn commands_size(commands: &document::Commands) -> usize {
    let rows = commands.scripts.nodes.len() * 8
        + commands.commands.scripts.len() * 11
        + commands.words.starts.len() * 6
        + commands.assignments.commands.len() * 4
        + commands.redirections.commands.len() * 6;
    rows * NUMBER + strings_size(&commands.strings)
}

pub(super) fn shell_syntax(commands: &document::Commands) -> types::ShellSyntax {
    let document::Commands { parts, compounds, .. } = commands;
    types::ShellSyntax {
        parts: types::PartColumns {
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
        compounds: types::CompoundColumns {
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

pub(super) fn shell_syntax_size(commands: &document::Commands) -> usize {
    let (parts, compounds) = (commands.parts.words.len(), commands.compounds.scripts.len());
    parts * (1 + 10 * NUMBER) + compounds * (1 + 9 * NUMBER)
}

pub(super) fn objects(objects: &document::Objects) -> types::Objects {
    types::Objects {
        nodes: objects.nodes.clone(),
        api_versions: objects.api_versions.clone(),
        kinds: objects.kinds.clone(),
        names: objects.names.clone(),
        namespaces: objects.namespaces.clone(),
        strings: strings(&objects.strings),
    }
}

pub(super) fn objects_size(objects: &document::Objects) -> usize {
    objects.nodes.len() * 5 * NUMBER + strings_size(&objects.strings)
}

pub(super) fn pods(pods: &document::Pods) -> types::Pods {
    types::Pods {
        objects: pods.objects.clone(),
        templates: pods.templates.clone(),
        specs: pods.specs.clone(),
        container_pods: pods.container_pods.clone(),
        container_nodes: pods.container_nodes.clone(),
        container_roles: pods.container_roles.clone(),
    }
}

pub(super) fn pods_size(pods: &document::Pods) -> usize {
    pods.objects.len() * 3 * NUMBER + pods.container_nodes.len() * (1 + 2 * NUMBER)
}

pub(super) fn project_objects(objects: document::ProjectObjects) -> types::ProjectObjects {
    types::ProjectObjects {
        documents: objects.documents,
        nodes: objects.nodes,
        api_versions: objects.api_versions,
        kinds: objects.kinds,
        names: objects.names,
        namespaces: objects.namespaces,
        strings: types::StringTable { bytes: objects.strings.bytes, ends: objects.strings.ends },
    }
}

pub(super) fn project_objects_size(objects: &document::ProjectObjects) -> usize {
    objects.nodes.len() * 6 * NUMBER + strings_size(&objects.strings)
}

pub(super) fn project_pods(pods: &document::ProjectPods) -> types::ProjectPods {
    types::ProjectPods {
        documents: pods.documents.clone(),
        indexes: pods.indexes.clone(),
        object_nodes: pods.object_nodes.clone(),
        specs: pods.specs.clone(),
        kinds: pods.kinds.clone(),
        names: pods.names.clone(),
        namespaces: pods.namespaces.clone(),
        strings: strings(&pods.strings),
    }
}

pub(super) fn project_pods_size(pods: &document::ProjectPods) -> usize {
    pods.documents.len() * 7 * NUMBER + strings_size(&pods.strings)
}

pub(super) fn project_builds(builds: document::ProjectBuilds) -> types::ProjectBuilds {
    types::ProjectBuilds { dockerfiles: builds.dockerfiles, documents: builds.documents, containers: builds.containers }
}

/// The word for a document's language.
pub(super) const fn language(document: &Document) -> &'static str {
    match document.language {
        document::Language::Dockerfile => "dockerfile",
        document::Language::Manifest => "manifest",
    }
}

/// The words for what else a rule must know of a document.
pub(super) fn traits(traits: document::Traits) -> Vec<String> {
    let words = [(traits.declared, "declared"), (traits.fragment, "fragment"), (traits.template, "template")];
    words.into_iter().filter(|(set, _)| *set).map(|(_, word)| word.to_owned()).collect()
}

pub(super) fn image_reference(reference: document::ImageReference) -> types::ImageReference {
    types::ImageReference {
        registry: reference.registry,
        repository: reference.repository,
        tag: reference.tag,
        digest: reference.digest,
        explicit_registry: reference.explicit_registry,
        name_at: span(reference.name_at),
        tag_at: span(reference.tag_at),
        digest_at: span(reference.digest_at),
    }
}

pub(super) const fn quantity(quantity: document::Quantity) -> types::Quantity {
    types::Quantity { units: quantity.units, nanos: quantity.nanos }
}
