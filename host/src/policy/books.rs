//! Which configuration governs which files, and all that it says beside rules. Names of rules and plugins are not looked up
//! here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Lock;
use super::format::{Name, ObjectPatterns, PluginEntry, ScopesEntry, SuppressionEntry};
use super::load::{CONFIGURATION, ConfigurationFile, Policies, Read};
use super::located::Entry;
use super::pattern::{Paths, matches, rooted};
use super::scope::Scopes;
use crate::document::{Document, Source, Span, declared};
use crate::finding::{Level, Place};

/// A value, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

impl<T> Placed<T> {
    fn new(source: &Arc<Source>, span: Span, value: T) -> Self {
        Self { value, place: Place { source: Arc::clone(source), span } }
    }
}

/// What holds for the files of one configuration, or for those that have none.
#[derive(Debug)]
pub(super) struct Book {
    /// The folder whose files it governs, from the root, where no other one is nearer.
    pub(super) folder: String,
    /// The configuration's file, as reports name it.
    pub(super) file: Option<String>,
    /// Indexes of the policies that say which rules are on; nothing where rules are what they are by themselves.
    pub(super) rules: Option<Vec<usize>>,
    /// In order.
    pub(super) overrides: Vec<Conditional>,
    pub(super) exclude: Vec<Placed<String>>,
    excluded: Option<Paths>,
    pub(super) scopes: Option<(Scopes, Place)>,
    /// Documents of declared objects.
    pub(super) cluster: Vec<Arc<Document>>,
    pub(super) kubernetes_version: Option<Placed<String>>,
    pub(super) fail_on: Option<Placed<Level>>,
    pub(super) suppressions: SuppressionEntry,
    /// By name.
    pub(super) plugins: BTreeMap<String, BookPlugin>,
}

/// What holds for some files or objects only.
#[derive(Debug)]
pub(super) struct Conditional {
    /// Index of its policy, and its number there.
    pub(super) policy: usize,
    pub(super) number: usize,
    pub(super) place: Place,
    /// Nothing where any path is meant.
    paths: Option<Paths>,
    pub(super) objects: ObjectPatterns,
}

impl Conditional {
    pub(super) fn holds_for_file(&self, path: &str) -> bool {
        self.paths.as_ref().is_none_or(|paths| paths.hold(path))
    }

    /// Whether it holds for an object of a document that lies in a file for which it holds.
    pub(super) fn holds_for_object(&self, document: &Document, index: usize) -> bool {
        let (objects, tree) = (&document.objects, &document.tree);
        let one_of = |patterns: &[String], column: &[u32]| {
            let name = column.get(index).and_then(|&number| objects.strings.get(number));
            patterns.is_empty() || name.is_some_and(|name| patterns.iter().any(|pattern| matches(pattern, name)))
        };
        let has_label = |(key, pattern): &(String, String)| {
            let label = tree.at(objects.nodes[index], &["metadata", "labels", key]);
            label.and_then(|label| tree.value(label)).is_some_and(|value| matches(pattern, value))
        };
        let ObjectPatterns { kinds, labels, names, namespaces } = &self.objects;
        one_of(kinds, &objects.kinds)
            && one_of(names, &objects.names)
            && one_of(namespaces, &objects.namespaces)
            && labels.iter().all(has_label)
    }
}

/// What is said of a plugin.
#[derive(Debug)]
pub(super) struct BookPlugin {
    /// Where its name stands.
    pub(super) place: Place,
    /// Its file; nothing where it is loaded anyway.
    pub(super) file: Option<BookFile>,
    /// Options with the text in which they stand, later ones last.
    pub(super) options: Vec<(Arc<Source>, Entry)>,
}

/// The file of a plugin.
#[derive(Clone, Debug)]
pub(super) struct BookFile {
    pub(super) path: PathBuf,
    /// The pins beside the text that names it.
    pub(super) lock: Arc<Lock>,
}

/// All configurations of a run, read but with no name looked up.
#[derive(Debug)]
pub struct Books {
    pub(super) policies: Policies,
    /// Nearer ones first; the last one takes what is left.
    pub(super) books: Vec<Book>,
    /// Whether no other configuration is read.
    is_fixed: bool,
}

/// A plugin that a configuration loads.
#[derive(Clone, Debug)]
pub struct PluginFile {
    /// What it must be called.
    pub name: String,
    /// Where that stands.
    pub place: Place,
    /// Its file.
    pub path: PathBuf,
    /// What that must be.
    pub lock: Arc<Lock>,
}

impl Books {
    /// What policies and configurations say. Of a configuration, the policies replace what it says of rules. With
    /// `everywhere` the one configuration, or none, governs all files, wherever it lies.
    #[must_use]
    pub fn new(policies: Policies, files: &[ConfigurationFile], everywhere: bool) -> Self {
        let mut books = Vec::new();
        for (&index, file) in policies.configurations.iter().zip(files) {
            let named = if policies.named.is_empty() { vec![index] } else { policies.named.clone() };
            let all: Vec<usize> = [index].into_iter().chain(policies.named.iter().copied()).collect();
            let mut book = Book::new(&policies, Some(named), &all, &file.folder);
            if !everywhere {
                book.folder.clone_from(&file.folder);
            }
            book.file = Some(file.shown.clone());
            books.push(book);
        }
        if !everywhere || books.is_empty() {
            let named = (!policies.named.is_empty()).then(|| policies.named.clone());
            books.push(Book::new(&policies, named, &policies.named, ""));
        }
        // The one without a configuration comes last among those of the root.
        books.sort_by_key(|book| std::cmp::Reverse(book.folder.len()));
        Self { policies, books, is_fixed: everywhere }
    }

    /// Plugins that configurations load, each file once for each text that pins it.
    #[must_use]
    pub fn plugin_files(&self) -> Vec<PluginFile> {
        let plugins = self.books.iter().flat_map(|book| &book.plugins);
        let files = plugins.filter_map(|(name, plugin)| {
            let BookFile { path, lock } = plugin.file.clone()?;
            Some(PluginFile { name: name.clone(), place: plugin.place.clone(), path, lock })
        });
        let mut files: Vec<PluginFile> = files.collect();
        let mut known = BTreeSet::new();
        files.retain(|file| known.insert((file.name.clone(), file.path.clone(), file.lock.path())));
        files
    }

    /// A sentence for each pin of a plugin that is no longer loaded.
    pub(super) fn unused_pins(&self) -> Vec<String> {
        let unused = |read: &Read| {
            let files = read.policy.plugins.iter().filter(|plugin| plugin.path.is_some());
            let names = files.map(|plugin| plugin.name.text.as_str()).collect();
            read.lock.as_ref().map(|lock| lock.unused(&names)).unwrap_or_default()
        };
        self.policies.read.iter().flat_map(unused).collect()
    }

    /// Whether a file, by its path from the root, is a configuration that was not read, though configurations are.
    #[must_use]
    pub fn lacks(&self, path: &str) -> bool {
        let is_configuration = path.rsplit('/').next() == Some(CONFIGURATION);
        is_configuration && !self.is_fixed && !self.books.iter().any(|book| book.file.as_deref() == Some(path))
    }

    /// Patterns of paths that are passed over, from the root.
    #[must_use]
    pub fn excludes(&self) -> Vec<String> {
        self.books.iter().flat_map(|book| &book.exclude).map(|pattern| pattern.value.clone()).collect()
    }

    /// Whether a file is passed over.
    #[must_use]
    pub fn excludes_path(&self, path: &str) -> bool {
        self.books.iter().filter_map(|book| book.excluded.as_ref()).any(|paths| paths.hold(path))
    }

    /// Index of the book that governs a file.
    pub(super) fn of(&self, path: &str) -> usize {
        let below =
            |folder: &str| folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        self.books.iter().position(|book| below(&book.folder)).unwrap_or_default()
    }
}

impl Book {
    /// What `rules` say of rules, and `all` of everything else; patterns are those of the folder `base`.
    fn new(policies: &Policies, rules: Option<Vec<usize>>, all: &[usize], base: &str) -> Self {
        let mut book = Self {
            folder: String::new(),
            file: None,
            overrides: Vec::new(),
            exclude: Vec::new(),
            excluded: None,
            scopes: None,
            cluster: Vec::new(),
            kubernetes_version: None,
            fail_on: None,
            suppressions: SuppressionEntry::default(),
            plugins: BTreeMap::new(),
            rules,
        };
        for index in with_bases(policies, book.rules.as_deref().unwrap_or_default()) {
            book.add_overrides(index, &policies.read[index], base);
        }
        for index in with_bases(policies, all) {
            book.add(&policies.read[index], base);
        }
        // Each pattern was tried when it was read.
        book.excluded = (!book.exclude.is_empty())
            .then(|| Paths::new("", book.exclude.iter().map(|pattern| pattern.value.as_str())).ok())
            .flatten();
        book
    }

    fn add_overrides(&mut self, index: usize, read: &Read, base: &str) {
        for (number, other) in read.policy.overrides.iter().enumerate() {
            let texts = other.paths.iter().map(|path| path.text.as_str());
            self.overrides.push(Conditional {
                policy: index,
                number,
                place: Place { source: Arc::clone(&read.policy.source), span: other.span },
                paths: (!other.paths.is_empty()).then(|| Paths::new(base, texts).ok()).flatten(),
                objects: other.objects.clone(),
            });
        }
    }

    /// Adds what a later policy says.
    fn add(&mut self, read: &Read, base: &str) {
        let (policy, source) = (&read.policy, &read.policy.source);
        let rooted = |pattern: &Name| Placed::new(source, pattern.span, rooted(base, &pattern.text));
        self.exclude.extend(policy.exclude.iter().map(rooted));
        match &policy.scopes {
            Some(ScopesEntry::Kind(scope, span)) => {
                self.scopes = Some((Scopes::Kind(*scope), Place { source: Arc::clone(source), span: *span }));
            }
            Some(ScopesEntry::Folders(folders)) => {
                let span = folders.first().map(|folder| folder.span).unwrap_or_default();
                let paths = Paths::new(base, folders.iter().map(|folder| folder.text.as_str())).ok();
                let place = Place { source: Arc::clone(source), span };
                self.scopes = paths.map(|paths| (Scopes::Folders(paths), place));
            }
            None => {}
        }
        if !policy.cluster.is_empty() {
            self.cluster.push(Arc::new(declared(source, &policy.cluster)));
        }
        if let Some(version) = &policy.kubernetes_version {
            self.kubernetes_version = Some(Placed::new(source, version.span, version.text.clone()));
        }
        if let Some((level, span)) = policy.fail_on {
            self.fail_on = Some(Placed::new(source, span, level));
        }
        let SuppressionEntry { require_reason, unsuppressible } = &policy.suppressions;
        self.suppressions.require_reason = require_reason.or(self.suppressions.require_reason);
        self.suppressions.unsuppressible.extend(unsuppressible.iter().cloned());
        for plugin in &policy.plugins {
            self.add_plugin(read, plugin);
        }
    }

    fn add_plugin(&mut self, read: &Read, plugin: &PluginEntry) {
        let source = &read.policy.source;
        let place = Place { source: Arc::clone(source), span: plugin.name.span };
        let new = || BookPlugin { place, file: None, options: Vec::new() };
        let known = self.plugins.entry(plugin.name.text.clone()).or_insert_with(new);
        if let (Some(path), Some(lock)) = (&plugin.path, &read.lock) {
            known.file = Some(BookFile { path: read.folder.join(&path.text), lock: Arc::clone(lock) });
        }
        known.options.extend(plugin.options.iter().map(|option| (Arc::clone(source), option.clone())));
    }
}

/// Policies with all that they extend, each once, weaker ones first.
pub(super) fn with_bases(policies: &Policies, named: &[usize]) -> Vec<usize> {
    fn add(policies: &Policies, index: usize, found: &mut Vec<usize>) {
        if !found.contains(&index) {
            policies.read[index].extends.iter().for_each(|&base| add(policies, base, found));
            found.push(index);
        }
    }
    let mut found = Vec::new();
    named.iter().for_each(|&index| add(policies, index, &mut found));
    found
}

/// The configurations that govern these paths: each one's nearest, not above the root. All paths are absolute.
#[must_use]
pub fn configurations_above(root: &Path, paths: &[PathBuf]) -> Vec<ConfigurationFile> {
    let mut known = BTreeMap::new();
    for path in paths {
        let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
        let folders = folder.into_iter().flat_map(Path::ancestors).take_while(|folder| folder.starts_with(root));
        if let Some(file) = { folders }.map(|folder| folder.join(CONFIGURATION)).find(|file| file.is_file()) {
            known.insert(file.clone(), configuration(root, file));
        }
    }
    known.into_values().collect()
}

/// A configuration's file, by its absolute path.
#[must_use]
pub fn configuration(root: &Path, path: PathBuf) -> ConfigurationFile {
    let inside = |path: &Path| {
        let parts = path.strip_prefix(root).ok()?.components();
        Some(parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
    };
    let folder = path.parent().and_then(inside).unwrap_or_default();
    ConfigurationFile { shown: inside(&path).unwrap_or_else(|| path.display().to_string()), folder, path }
}
