//! What holds at each place: which rules are on in a file, or for an object in it, at which level and with which options.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::Value;

use super::books::{Book, Books, Conditional, with_bases};
use super::format::Policy;
use super::located::Entry;
use super::names::nearest;
use super::scope::Scopes;
use super::settings::{RuleSettings, Statements, no_option};
use super::{
    NameError, Policies, PolicyError, RuleNames, Scope, ScopeKey, Selection, SuppressionSettings, schema, version,
};
use crate::document::{Document, Source};
use crate::finding::{Level, Plugin, Rule};

/// Name of the option that `kubernetes-version` gives.
const KUBERNETES: &str = "kubernetes-version";

/// What is chosen for one run, on top of policies and configurations.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Names of the only rules that are on, beside those on syntax; all that are on anyway where it is empty.
    pub select: Vec<String>,
    /// Names of rules that are off.
    pub ignore: Vec<String>,
    /// Full names of rules that are on whatever else is said, unless they are ignored.
    pub turn_on: Vec<String>,
    /// The version of Kubernetes, in place of any other.
    pub kubernetes_version: Option<String>,
    /// What is seen together, in place of what configurations say.
    pub scope: Option<Scope>,
    /// Least level that fails, in place of what configurations say.
    pub fail_on: Option<Level>,
}

/// Which rules are on where.
#[derive(Debug)]
pub struct Rulebook<'p> {
    plugins: Vec<&'p Plugin>,
    statements: Statements<'p>,
    books: Books,
    /// For each book the plugins that another one loads.
    hidden: Vec<BTreeSet<String>>,
    /// For each book what holds for rules that see the project, once that is asked for.
    projects: Vec<OnceLock<Selection>>,
    /// What was asked for already.
    known: Mutex<HashMap<ViewKey, Arc<Selection>>>,
    choice: Chosen,
    /// Rules that take the version of Kubernetes.
    versioned: Vec<&'p Rule>,
    scope: Option<Scopes>,
    fail_on: Option<Level>,
    /// The one selection that holds everywhere, where there is no more to say.
    uniform: Option<Selection>,
}

/// A [`Choice`] with its names looked up.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen {
    /// Full names with their default levels.
    pub(super) select: Option<Vec<(String, Level)>>,
    pub(super) ignore: HashSet<String>,
    pub(super) turn_on: Vec<(String, Level)>,
    pub(super) kubernetes_version: Option<String>,
}

/// A set of things that are said: places of equal keys are judged alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewKey {
    /// Index of the book.
    pub(super) book: usize,
    /// Indexes of its overrides that hold.
    holds: Vec<usize>,
}

impl<'p> Rulebook<'p> {
    /// Looks up all names. With `all_loaded`, a name that no rule or plugin has is an error; otherwise it may belong to a
    /// plugin that did not load.
    ///
    /// # Errors
    /// All that is wrong with names, options and versions.
    pub fn new(
        books: Books,
        plugins: Vec<&'p Plugin>,
        choice: &Choice,
        all_loaded: bool,
    ) -> Result<Self, Vec<PolicyError>> {
        let mut errors = Vec::new();
        let chosen = Chosen::new(&plugins, choice).unwrap_or_else(|error| {
            errors.push(PolicyError::new(error.to_string()).help("`hullmark rules` lists all rules"));
            Chosen::default()
        });
        let statements = Statements::new(&books.policies, plugins.iter().copied(), all_loaded);
        let rules = plugins.iter().flat_map(|plugin| &plugin.rules);
        let versioned: Vec<&Rule> = rules.filter(|rule| rule.options_schema.contains(KUBERNETES)).collect();
        for book in &books.books {
            errors.extend(plugin_errors(book, &plugins, all_loaded));
            if let Some(version) = &book.kubernetes_version {
                let error = unknown_version(&versioned, &version.value);
                errors.extend(error.map(|error| PolicyError { place: Some(version.place.clone()), ..error }));
            }
        }
        errors.extend(choice.kubernetes_version.as_deref().and_then(|version| unknown_version(&versioned, version)));
        let statements = match statements {
            Ok(statements) if errors.is_empty() => statements,
            Ok(_) => return Err(errors),
            Err(others) => return Err(others.into_iter().chain(errors).collect()),
        };
        let loaded_by = |book: &Book| -> BTreeSet<String> {
            let loaded = book.plugins.iter().filter(|(_, plugin)| plugin.file.is_some());
            loaded.map(|(name, _)| name.clone()).collect()
        };
        let all: BTreeSet<String> = books.books.iter().flat_map(loaded_by).collect();
        let hidden: Vec<_> = books.books.iter().map(|book| &all - &loaded_by(book)).collect();
        let projects = hidden.iter().map(|_| OnceLock::new()).collect();
        let scope = choice.scope.map(Scopes::Kind);
        let fail_on = choice.fail_on;
        Ok(Self {
            plugins,
            statements,
            books,
            hidden,
            projects,
            known: Mutex::default(),
            choice: chosen,
            versioned,
            scope,
            fail_on,
            uniform: None,
        })
    }

    /// What is judged by a later version of Kubernetes than the one that is said, because the rules know nothing older, and
    /// pins of plugins that are not loaded: a sentence each.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let of_books =
            self.books.books.iter().filter_map(|book| Some(book.kubernetes_version.as_ref()?.value.as_str()));
        let chosen = self.choice.kubernetes_version.as_deref();
        let versions: BTreeSet<&str> = chosen.map_or_else(|| of_books.collect(), |chosen| BTreeSet::from([chosen]));
        let mut remarks = BTreeSet::new();
        for rule in &self.versioned {
            let options: Value = serde_json::from_str(&rule.options_schema).unwrap_or_default();
            let option = schema::property(&options, KUBERNETES);
            let Some(oldest) = option.and_then(|option| option["x-facts-from"].as_str()) else { continue };
            let older = versions.iter().filter(|version| version::parse(version) < version::parse(oldest));
            remarks.extend(older.map(|version| {
                let plugin = rule.plugin();
                format!(
                    "`{plugin}` judges fields of Kubernetes {version} as those of {oldest}, the oldest that it knows"
                )
            }));
        }
        remarks.extend(self.books.unused_pins());
        remarks.into_iter().collect()
    }

    /// One selection for every place.
    #[must_use]
    pub fn uniform(selection: Selection) -> Self {
        let books = Books::new(Policies::default(), &[], false);
        Self {
            plugins: Vec::new(),
            statements: Statements::default(),
            hidden: vec![BTreeSet::new()],
            projects: vec![OnceLock::new()],
            known: Mutex::default(),
            books,
            choice: Chosen::default(),
            versioned: Vec::new(),
            scope: None,
            fail_on: None,
            uniform: Some(selection),
        }
    }

    /// The same with another scope of rules that compare files.
    #[must_use]
    pub fn with_scope(self, scope: Scope) -> Self {
        Self { scope: Some(Scopes::Kind(scope)), ..self }
    }

    /// What holds for a file as a whole.
    #[must_use]
    pub fn of_file(&self, path: &str) -> ViewKey {
        let holds = |other: &Conditional| other.objects.is_empty();
        self.key(path, holds)
    }

    /// What holds for an object of a document, by its index.
    #[must_use]
    pub fn of_object(&self, document: &Document, index: usize) -> ViewKey {
        let holds = |other: &Conditional| other.objects.is_empty() || other.holds_for_object(document, index);
        self.key(document.source.path(), holds)
    }

    fn key(&self, path: &str, holds: impl Fn(&Conditional) -> bool) -> ViewKey {
        let book = self.books.of(path);
        let overrides = self.books.books[book].overrides.iter().enumerate();
        let holds = overrides.filter(|(_, other)| holds(other) && other.holds_for_file(path));
        ViewKey { book, holds: holds.map(|(index, _)| index).collect() }
    }

    /// Whether objects of a file may differ.
    #[must_use]
    pub fn tells_objects_apart(&self, path: &str) -> bool {
        let overrides = &self.books.books[self.books.of(path)].overrides;
        overrides.iter().any(|other| !other.objects.is_empty() && other.holds_for_file(path))
    }

    /// The rules that are on where these things are said.
    #[must_use]
    pub fn selection(&self, key: &ViewKey) -> Arc<Selection> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let new =
            |key: &ViewKey| Arc::new(self.uniform.clone().unwrap_or_else(|| self.select(key, &self.settings(key))));
        Arc::clone(known.entry(key.clone()).or_insert_with_key(new))
    }

    fn select(&self, key: &ViewKey, settings: &RuleSettings) -> Selection {
        let book = &self.books.books[key.book];
        let suppressions = SuppressionSettings {
            require_reason: book.suppressions.require_reason.unwrap_or_default(),
            unsuppressible: book.suppressions.unsuppressible.iter().map(|name| name.text.clone()).collect(),
        };
        let mut selection = Selection::chosen(settings, &self.choice);
        selection.set_suppressions(suppressions);
        for (name, plugin) in &book.plugins {
            let options = plugin.options.iter().map(|(_, option)| (option.key.clone(), option.value.json()));
            selection.set_plugin_options(name, options.collect());
        }
        let version = book.kubernetes_version.as_ref().map(|version| &version.value);
        for rule in &self.versioned {
            match (&self.choice.kubernetes_version, version) {
                (Some(chosen), _) => selection.set_option(&rule.id, KUBERNETES, chosen.as_str().into()),
                (None, Some(version)) if !selection.has_option(&rule.id, KUBERNETES) => {
                    selection.set_option(&rule.id, KUBERNETES, version.as_str().into());
                }
                _ => {}
            }
        }
        selection
    }

    /// The book of a view.
    pub(super) fn book_of(&self, key: &ViewKey) -> &Book {
        &self.books.books[key.book]
    }

    /// The policies that say which rules are on, weaker ones first.
    pub(super) fn policies_of(&self, key: &ViewKey) -> impl Iterator<Item = &Policy> {
        let named = self.book_of(key).rules.as_deref().unwrap_or_default();
        let policies = &self.books.policies;
        with_bases(policies, named).into_iter().map(|index| &policies.read[index].policy)
    }

    /// What is said of each rule.
    pub(super) fn settings(&self, key: &ViewKey) -> RuleSettings {
        let book = &self.books.books[key.book];
        let Some(rules) = &book.rules else {
            return self.visible(key.book, RuleSettings::defaults(self.plugins.iter().copied()));
        };
        let holds = |policy: usize, number: usize| {
            key.holds
                .iter()
                .any(|&index| (book.overrides[index].policy, book.overrides[index].number) == (policy, number))
        };
        self.visible(key.book, self.statements.settings(rules, &holds))
    }

    fn visible(&self, book: usize, settings: RuleSettings) -> RuleSettings {
        let hidden = &self.hidden[book];
        if hidden.is_empty() { settings } else { settings.without(hidden) }
    }

    /// The plain view of a book, and one for each of its overrides alone: what is on anywhere is on in one of them.
    fn views(&self, book: usize) -> impl Iterator<Item = ViewKey> + '_ {
        let alone = (0..self.books.books[book].overrides.len()).map(move |index| ViewKey { book, holds: vec![index] });
        std::iter::once(ViewKey { book, holds: Vec::new() }).chain(alone)
    }

    /// Indexes of the books that govern these files, in order.
    #[must_use]
    pub fn books<'f>(&self, paths: impl IntoIterator<Item = &'f str>) -> BTreeSet<usize> {
        if self.books.books.len() == 1 {
            return BTreeSet::from([0]);
        }
        paths.into_iter().map(|path| self.books.of(path)).collect()
    }

    /// The book of a file.
    #[must_use]
    pub fn book(&self, path: &str) -> usize {
        self.books.of(path)
    }

    /// What holds in a book for rules that see the project, whose options are the same everywhere: the plain view, with
    /// every rule on that is on for some file or object.
    #[must_use]
    pub fn of_project(&self, book: usize) -> &Selection {
        self.projects[book].get_or_init(|| {
            let mut all = Selection::clone(&self.selection(&ViewKey { book, holds: Vec::new() }));
            let overrides = &self.books.books[book].overrides;
            let turned_on = overrides.iter().flat_map(|other| self.statements.turned_on(other.policy, other.number));
            let hidden = |rule: &Rule| self.hidden[book].contains(rule.plugin());
            all.turn_on_chosen(turned_on.filter(|rule| !hidden(rule)), &self.choice);
            all
        })
    }

    /// Whether a rule is on for any file or object.
    #[must_use]
    pub fn is_on_anywhere(&self, rule: &str) -> bool {
        (0..self.projects.len()).any(|book| self.of_project(book).level(rule).is_some())
    }

    /// All sets of options that a book has for single views, with the settings that they come from.
    #[must_use]
    pub fn option_sets(&self) -> Vec<(Selection, RuleSettings)> {
        let keys = (0..self.books.books.len()).flat_map(|book| self.views(book));
        keys.map(|key| {
            let settings = self.settings(&key);
            (self.select(&key, &settings), settings)
        })
        .collect()
    }

    /// What is seen together with a file.
    #[must_use]
    pub fn scope(&self, path: &str) -> ScopeKey {
        let book = &self.books.books[self.books.of(path)];
        let scopes = self.scope.as_ref().or(book.scopes.as_ref().map(|(scopes, _)| scopes));
        scopes.unwrap_or(&Scopes::Kind(Scope::Root)).of(path)
    }

    /// Documents of the objects that a book declares.
    #[must_use]
    pub fn cluster(&self, book: usize) -> &[Arc<Document>] {
        &self.books.books[book].cluster
    }

    /// Least level of a finding in a file that fails the run.
    #[must_use]
    pub fn fail_on(&self, path: &str) -> Level {
        let book = &self.books.books[self.books.of(path)];
        self.fail_on.or(book.fail_on.as_ref().map(|level| level.value)).unwrap_or(Level::Warning)
    }

    /// Whether a file is passed over.
    #[must_use]
    pub fn is_excluded(&self, path: &str) -> bool {
        self.books.excludes_path(path)
    }
}

impl ViewKey {
    /// The same where one more override holds.
    pub(super) fn with(&self, other: usize) -> Self {
        let mut holds: Vec<usize> = self.holds.iter().copied().chain([other]).collect();
        holds.sort_unstable();
        Self { holds, ..*self }
    }
}

impl Chosen {
    pub(super) fn new(plugins: &[&Plugin], choice: &Choice) -> Result<Self, NameError> {
        let rules = || plugins.iter().flat_map(|plugin| &plugin.rules);
        let turn_on = rules().filter(|rule| choice.turn_on.contains(&rule.id));
        let turn_on = turn_on.map(|rule| (rule.id.clone(), rule.default_level())).collect();
        let mut chosen = Self { kubernetes_version: choice.kubernetes_version.clone(), turn_on, ..Self::default() };
        if choice.select.is_empty() && choice.ignore.is_empty() {
            return Ok(chosen);
        }
        let names = RuleNames::new(plugins.iter().copied());
        if !choice.select.is_empty() {
            let mut selected = HashSet::new();
            for name in &choice.select {
                selected.extend(names.resolve(name)?);
            }
            let rules = rules().filter(|rule| selected.contains(rule.id.as_str()));
            chosen.select = Some(rules.map(|rule| (rule.id.clone(), rule.default_level())).collect());
        }
        for name in &choice.ignore {
            chosen.ignore.extend(names.resolve(name)?.into_iter().map(str::to_owned));
        }
        Ok(chosen)
    }
}

/// Whether a rule's options say nothing of this version of Kubernetes.
fn unknown_version(versioned: &[&Rule], version: &str) -> Option<PolicyError> {
    versioned.iter().find_map(|rule| {
        let options: Value = serde_json::from_str(&rule.options_schema).unwrap_or_default();
        let known = schema::property(&options, KUBERNETES)?["enum"].as_array()?;
        let known: Vec<&str> = known.iter().filter_map(Value::as_str).collect();
        let ([oldest, .., newest], false) = (&known[..], known.contains(&version)) else { return None };
        let error = PolicyError::new(format!("Kubernetes {version} is not known to `{}`", rule.id));
        Some(error.help(format!("it knows {oldest} to {newest}")))
    })
}

/// Plugins that there are not, and options that they do not have or take.
fn plugin_errors(book: &Book, plugins: &[&Plugin], all_loaded: bool) -> Vec<PolicyError> {
    let mut errors = Vec::new();
    for (name, entry) in &book.plugins {
        let Some(plugin) = plugins.iter().find(|plugin| plugin.name == *name) else {
            if all_loaded && entry.file.is_none() {
                let near = nearest(name, plugins.iter().map(|plugin| plugin.name.clone()));
                let error = PolicyError::new(format!("there is no plugin `{name}`"));
                let error = error.suggest(near, "name its file with `path`");
                errors.push(PolicyError { place: Some(entry.place.clone()), ..error });
            }
            continue;
        };
        for (source, option) in &entry.options {
            errors.extend(option_errors(plugin, source, option));
        }
    }
    errors
}

/// What is wrong with an option of a plugin.
pub(super) fn option_errors(plugin: &Plugin, source: &Arc<Source>, option: &Entry) -> Vec<PolicyError> {
    let name = &plugin.name;
    let options: Value = serde_json::from_str(&plugin.options_schema).unwrap_or_default();
    if let Some(schema) = schema::property(&options, &option.key) {
        let error = |fault: schema::Fault| {
            let error = PolicyError::at(source, fault.span, fault.message);
            error.suggest(fault.near, format!("the plugin `{name}` says so itself"))
        };
        return schema::faults(&option.key, schema, &option.value).into_iter().map(error).collect();
    }
    if schema::is_open(&options) {
        return Vec::new();
    }
    let message = format!("the plugin `{name}` has no option `{}`", option.key);
    let known = schema::names(&options).map(str::to_owned).collect();
    vec![no_option(source, option, message, known)]
}
