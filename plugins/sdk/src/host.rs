//! What the SDK asks of a host, so that rules run the same in a component and natively.

use crate::bindings::hullmark::policy::types as wit;

/// One document, as a host gives it.
pub(crate) trait DocumentHost {
    /// Its number in this call.
    fn id(&self) -> u32;
    /// Path relative to the root.
    fn path(&self) -> String;
    /// `dockerfile` or `manifest`.
    fn language(&self) -> String;
    /// `fragment`, `template` and whatever comes.
    fn traits(&self) -> Vec<String>;
    /// Text of the whole source file.
    fn text(&self) -> String;
    /// A part of it.
    fn text_at(&self, at: wit::Span) -> String;
    /// The tree in columns.
    fn tree(&self) -> wit::Tree;
    /// Stages in columns.
    fn stages(&self) -> wit::Stages;
    /// Commands in columns.
    fn commands(&self) -> wit::Commands;
    /// Parts of words, and compound commands, in columns.
    fn shell_syntax(&self) -> wit::ShellSyntax;
    /// Objects in columns.
    fn objects(&self) -> wit::Objects;
    /// Pods in columns.
    fn pods(&self) -> wit::Pods;
    /// Words with variables in columns.
    fn variables(&self) -> wit::Variables;
    /// What a Dockerfile's build does not see.
    fn ignore_file(&self) -> Option<wit::IgnoreFile>;
}

/// A project, as a host gives it.
pub(crate) trait ProjectHost {
    /// Ids of its documents.
    fn documents(&self) -> Vec<u32>;
    /// One of them.
    fn document(&self, id: u32) -> Option<Box<dyn DocumentHost>>;
    /// Objects of these kinds.
    fn objects(&self, kinds: &[String]) -> wit::ProjectObjects;
    /// All pods.
    fn pods(&self) -> wit::ProjectPods;
    /// Pods that a selector matches.
    fn select(&self, document: u32, node: u32, namespace: Option<&str>, plain: bool) -> Vec<u32>;
    /// Whether two namespaces may be the same.
    fn may_share_namespace(&self, one: Option<&str>, other: Option<&str>) -> bool;
    /// Containers whose image a Dockerfile of the project builds.
    fn builds(&self, declared: &[(&str, &str)]) -> wit::ProjectBuilds;
}
