//! Runs one rule alone, through the real components, on files whose content is at hand.

use std::path::PathBuf;
use std::sync::Arc;

use hullmark::document::{KustomizeIndex, Language, Source, kustomization};
use hullmark::finding::Outcome;
use hullmark::plugin::{Limits, Registry};
use hullmark::policy::{Rulebook, Selection};
use hullmark::run::{File, Settings, run};

/// Options of one rule.
pub(crate) type Options = serde_json::Map<String, serde_json::Value>;

/// The built-in plugins, or those of files.
pub(crate) fn registry(files: &[PathBuf]) -> Registry {
    let (registry, notifications) = Registry::load(files.is_empty(), files, Limits::default());
    assert_eq!(notifications, []);
    registry
}

/// The options that a text gives in its first line: `# options: {…}`.
pub(crate) fn options(text: &str) -> Option<Options> {
    let first = text.lines().next()?;
    let options = first.strip_prefix("# options:")?;
    Some(serde_json::from_str(options).unwrap_or_else(|error| panic!("`{first}`: {error}")))
}

/// The files of a repository; kustomizations and what builds ignore are read and left out. The latter holds for all its
/// Dockerfiles.
pub(crate) fn texts(files: &[(String, Vec<u8>)]) -> Vec<File> {
    let sources: Vec<Arc<Source>> =
        files.iter().map(|(path, bytes)| Arc::new(Source::new(path.clone(), bytes.clone()))).collect();
    let (kustomizations, others): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|source| source.path().ends_with("kustomization.yaml"));
    let (ignore_files, others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|source| source.path().ends_with(".dockerignore"));
    let read = |source: &Arc<Source>| (source.path().to_owned(), kustomization(source).unwrap());
    let index = KustomizeIndex::new(kustomizations.iter().map(read));
    let file = |source: Arc<Source>| File {
        language: language(source.path()),
        context: index.context(source.path()),
        ignore_file: ignore_files.first().cloned(),
        source,
        reported: true,
    };
    others.into_iter().map(file).collect()
}

/// What a run with that rule (or all of a plugin: `image/*`) alone yields, or why it cannot be chosen.
pub(crate) fn run_alone(
    registry: &Registry,
    rule: &str,
    options: Option<Options>,
    texts: &[File],
) -> Result<Outcome, String> {
    let plugins: Vec<_> = registry.plugins().iter().map(|plugin| plugin.info()).collect();
    let mut selection =
        Selection::new(plugins.iter().copied(), &[rule.to_owned()], &[]).map_err(|error| error.to_string())?;
    if let Some(options) = options {
        selection = selection.with_options(rule, options);
    }
    Ok(run(
        texts,
        Settings {
            registry,
            rulebook: &Rulebook::uniform(selection),
            jobs: 1,
            fresh: false,
            suppress_on: None,
            progress: None,
        },
    ))
}

fn language(path: &str) -> Language {
    let manifest = [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending));
    if manifest { Language::Manifest } else { Language::Dockerfile }
}
