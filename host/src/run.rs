//! Documents times rules gives findings. Pure: texts come in, an outcome goes out, the same for any number of threads.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::document::{
    Document, Language, ManifestContext, Parsed, Project, Source, Span, kind, parse_dockerfile, parse_manifests,
};
use crate::finding::{Counts, Finding, Level, Notification, ObjectName, Outcome, Place};
use crate::plugin::{Checked, PluginError, RawFinding, Registry, Worker};
use crate::policy::suppression::{self, Exceptions, InFile};
use crate::policy::{Date, Rulebook, ScopeKey, Selection, ViewKey};
use crate::{fingerprint, own, syntax};

/// A plugin that uses up a budget on so many documents is skipped for the rest.
const PATIENCE: usize = 10;
/// Stack of a thread that checks: room for a plugin's own stack and for the host's calls above it.
const STACK: usize = 8 << 20;

/// A text to check.
#[derive(Clone, Debug)]
pub struct File {
    /// The text under its path.
    pub source: Arc<Source>,
    /// What it is written in.
    pub language: Language,
    /// What the repository around it says of a manifest.
    pub context: ManifestContext,
    /// What the build of a Dockerfile does not see, where the repository says so.
    pub ignore_file: Option<Arc<Source>>,
    /// Whether findings in it are wanted; otherwise it is there for project rules to see.
    pub reported: bool,
}

/// How to run.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// The plugins.
    pub registry: &'a Registry,
    /// The rules that are on, and what project rules see together.
    pub rulebook: &'a Rulebook<'a>,
    /// Number of threads, at least one.
    pub jobs: usize,
    /// Whether every call gets a new instance; the outcome is the same.
    pub fresh: bool,
    /// The day on which exceptions in the files must hold; `None` where they do not count.
    pub suppress_on: Option<Date>,
    /// Told how many files are checked, and of how many, each time that another one is; by any thread.
    pub progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
}

/// Checks files, which are in the order of their paths.
#[must_use]
pub fn run(files: &[File], settings: Settings<'_>) -> Outcome {
    run_beside(files, settings, Vec::new())
}

/// The same, with findings that another program has on these files: those that no rule reports as well, which shows by
/// its having an alias of theirs and a byte of their place.
#[must_use]
pub fn run_beside(files: &[File], settings: Settings<'_>, others: Vec<Finding>) -> Outcome {
    let views = Views::new(settings);
    let books = settings.rulebook.books(files.iter().filter(|file| file.reported).map(|file| file.source.path()));
    let compared: BTreeMap<usize, Vec<Wanted>> =
        books.into_iter().map(|book| (book, wanted(settings, settings.rulebook.of_project(book)))).collect();
    let keeps_documents = compared.values().flatten().any(|plugin| !plugin.project.is_empty());
    let exhausted = Exhausted::new(settings.registry.plugins().len());
    let done = AtomicUsize::new(0);
    let checked = spread(settings, files.len(), |worker, index| {
        let checked = check_file(worker, &files[index], index, &views, &exhausted, keeps_documents);
        if let Some(progress) = settings.progress {
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, files.len());
        }
        checked
    });

    let mut outcome = Outcome { plugins: own::plugins().into_iter().map(Arc::new).collect(), ..Outcome::default() };
    outcome.plugins.extend(settings.registry.plugins().iter().map(|plugin| Arc::clone(plugin.shared_info())));
    let mut documents: Vec<(usize, Arc<Document>)> = Vec::new();
    let mut gathering = Gathering { settings, views: &views, outcome: &mut outcome, exceptions: Vec::new() };
    let last = exhausted.last_calls();
    for (index, checked) in checked.into_iter().enumerate() {
        let file = &files[index];
        match checked {
            Ok(checked) => {
                gathering.count(file, &checked);
                gathering.problems(file, &checked.problems);
                gathering.exceptions(file, checked.exceptions);
                for call in checked.calls {
                    if last[call.plugin].is_none_or(|last| (index, call.document) <= last) {
                        gathering.errors(call.plugin, Some(file.source.path()), call.checked.errors);
                        gathering.findings(call.plugin, &call.view, call.checked.findings);
                    }
                }
                documents.extend(checked.documents.into_iter().map(|document| (index, document)));
            }
            Err(message) => gathering.failure(file.source.path(), message),
        }
    }
    gathering.skipped(&last);

    let projects = projects(files, documents, settings.rulebook);
    let calls: Vec<ProjectCall<'_>> =
        projects.iter().flat_map(|seen| project_calls(seen, &compared, settings)).collect();
    let checked = spread(settings, calls.len(), |worker, index| {
        let ProjectCall { seen, plugin, rules, options, .. } = &calls[index];
        worker.check_project(*plugin, &seen.project, rules, options)
    });
    for (call, checked) in calls.iter().zip(checked) {
        match checked {
            Ok(Checked { findings, errors }) => {
                gathering.errors(call.plugin, None, errors);
                for finding in findings {
                    let path = finding.document.source.path();
                    if call.seen.reported.contains(path) && call.books.contains(&settings.rulebook.book(path)) {
                        let view = views.at(&finding.document, finding.span);
                        gathering.findings(call.plugin, &view, vec![finding]);
                    }
                }
            }
            Err(message) => gathering.failure("", message),
        }
    }
    let exceptions = gathering.exceptions;
    let others: Vec<Finding> = others.into_iter().filter(|other| !is_said(&outcome.findings, other)).collect();
    outcome.findings.extend(others);
    finish(outcome, &exceptions, settings)
}

/// What a rule looks at.
enum Subject {
    Dockerfile,
    Instruction(String),
    Manifest,
    Kind(String),
    Workload,
}

/// A rule that is on.
struct WantedRule {
    index: u32,
    fragments: bool,
    subjects: Vec<Subject>,
}

/// The rules of one plugin that are on.
struct Wanted {
    document: Vec<WantedRule>,
    /// Rules that see the project, with the only language that they report in.
    project: Vec<(u32, Option<Language>)>,
    levels: BTreeMap<u32, Level>,
    /// Options of its rules, as the interface has them.
    options: String,
}

/// The rules of all plugins that are on.
fn wanted(settings: Settings<'_>, selection: &Selection) -> Vec<Wanted> {
    settings.registry.plugins().iter().map(|plugin| Wanted::of(plugin.info(), selection)).collect()
}

/// What holds at some places.
struct View {
    selection: Arc<Selection>,
    wanted: Vec<Wanted>,
}

/// What holds at every place, found out when it is first asked for.
struct Views<'a> {
    settings: Settings<'a>,
    known: Mutex<HashMap<ViewKey, Arc<View>>>,
}

impl<'a> Views<'a> {
    fn new(settings: Settings<'a>) -> Self {
        Self { settings, known: Mutex::default() }
    }

    fn get(&self, key: ViewKey) -> Arc<View> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let new = |key: &ViewKey| {
            let selection = self.settings.rulebook.selection(key);
            Arc::new(View { wanted: wanted(self.settings, &selection), selection })
        };
        Arc::clone(known.entry(key).or_insert_with_key(new))
    }

    /// What holds for a file as a whole.
    fn of_file(&self, path: &str) -> Arc<View> {
        self.get(self.settings.rulebook.of_file(path))
    }

    /// What holds in the parts of a document.
    fn of_document(&self, document: &Document, file: &Arc<View>) -> Zones {
        let mut zones = Zones { views: vec![Arc::clone(file)], objects: Vec::new() };
        if !self.settings.rulebook.tells_objects_apart(document.source.path()) {
            return zones;
        }
        for (index, &node) in document.objects.nodes.iter().enumerate() {
            let view = self.get(self.settings.rulebook.of_object(document, index));
            let known = zones.views.iter().position(|known| Arc::ptr_eq(known, &view));
            let number = known.unwrap_or_else(|| {
                zones.views.push(view);
                zones.views.len() - 1
            });
            zones.objects.push((document.tree.span(node), number));
        }
        // A document of one object is that object, its comments included.
        if let [(_, number)] = zones.objects[..] {
            zones = Zones { views: vec![zones.views.swap_remove(number)], objects: Vec::new() };
        }
        zones
    }

    /// What holds at a place.
    fn at(&self, document: &Document, span: Span) -> Arc<View> {
        let zones = self.of_document(document, &self.of_file(document.source.path()));
        Arc::clone(&zones.views[zones.at(span)])
    }
}

/// Views of the parts of a document.
struct Zones {
    /// The first one is that of what is in no object.
    views: Vec<Arc<View>>,
    /// Spans of objects with the indexes of their views; none where one view is that of the whole.
    objects: Vec<(Span, usize)>,
}

impl Zones {
    /// Index of the view of a place.
    fn at(&self, span: Span) -> usize {
        self.objects.iter().find(|(object, _)| object.contains(span)).map_or(0, |(_, view)| *view)
    }
}

impl Wanted {
    fn of(plugin: &crate::finding::Plugin, selection: &Selection) -> Self {
        let options = selection.options(&plugin.name);
        let mut wanted = Self { document: Vec::new(), project: Vec::new(), levels: BTreeMap::new(), options };
        for (index, rule) in plugin.rules.iter().enumerate() {
            let Some(level) = selection.level(&rule.id) else { continue };
            let index = index as u32;
            wanted.levels.insert(index, level);
            for subject in &rule.subjects {
                match subject.as_str() {
                    "project" => wanted.project.push((index, None)),
                    "project:dockerfile" => wanted.project.push((index, Some(Language::Dockerfile))),
                    "project:manifest" => wanted.project.push((index, Some(Language::Manifest))),
                    _ => {}
                }
            }
            let subjects: Vec<Subject> = rule.subjects.iter().filter_map(|word| subject(word)).collect();
            if !subjects.is_empty() {
                wanted.document.push(WantedRule { index, fragments: rule.fragments, subjects });
            }
        }
        wanted
    }

    /// Rules that look at something in this document.
    fn rules(&self, document: &Document, contents: &Contents<'_>) -> Vec<u32> {
        let applies = |rule: &&WantedRule| {
            (rule.fragments || !document.traits.fragment)
                && rule.subjects.iter().any(|subject| contents.hold(document, subject))
        };
        self.document.iter().filter(applies).map(|rule| rule.index).collect()
    }

    fn project_rules(&self, reported: &HashSet<Language>) -> Vec<u32> {
        let speaks = |language: &Option<Language>| match language {
            Some(language) => reported.contains(language),
            None => !reported.is_empty(),
        };
        let mut rules: Vec<u32> =
            self.project.iter().filter(|(_, language)| speaks(language)).map(|(index, _)| *index).collect();
        rules.dedup();
        rules
    }
}

/// A word of the interface; nothing for `project` and for words newer than this host.
fn subject(word: &str) -> Option<Subject> {
    match word.split_once(':') {
        None if word == "dockerfile" => Some(Subject::Dockerfile),
        None if word == "manifest" => Some(Subject::Manifest),
        None if word == "workload" => Some(Subject::Workload),
        Some(("dockerfile", name)) => Some(Subject::Instruction(name.to_owned())),
        Some(("manifest", name)) => Some(Subject::Kind(name.to_owned())),
        _ => None,
    }
}

/// What a document holds, in the words of subjects.
struct Contents<'d> {
    names: HashSet<&'d str>,
}

impl<'d> Contents<'d> {
    fn of(document: &'d Document) -> Self {
        let names = match document.language {
            Language::Dockerfile => {
                let tree = &document.tree;
                let nodes = (0..tree.len() as u32).filter(|&node| tree.kind(node) == kind::INSTRUCTION);
                nodes.filter_map(|node| tree.key(node)).collect()
            }
            Language::Manifest => {
                let objects = &document.objects;
                objects.kinds.iter().filter_map(|&number| objects.strings.get(number)).collect()
            }
        };
        Self { names }
    }

    fn hold(&self, document: &Document, subject: &Subject) -> bool {
        match (document.language, subject) {
            (Language::Dockerfile, Subject::Dockerfile) | (Language::Manifest, Subject::Manifest) => true,
            (Language::Dockerfile, Subject::Instruction(name)) | (Language::Manifest, Subject::Kind(name)) => {
                self.names.contains(name.as_str())
            }
            (Language::Manifest, Subject::Workload) => !document.pods.specs.is_empty(),
            _ => false,
        }
    }
}

/// Numbers of a plugin's rules that look at a document, on or not.
#[must_use]
pub fn rules_for(plugin: &crate::finding::Plugin, document: &Document) -> Vec<u32> {
    let contents = Contents::of(document);
    let looks = |rule: &crate::finding::Rule| {
        (rule.fragments || !document.traits.fragment)
            && rule.subjects.iter().filter_map(|word| subject(word)).any(|subject| contents.hold(document, &subject))
    };
    (0..).zip(&plugin.rules).filter(|(_, rule)| looks(rule)).map(|(index, _)| index).collect()
}

/// Numbers of a plugin's rules that look at all documents together, on or not.
#[must_use]
pub fn project_rules(plugin: &crate::finding::Plugin) -> Vec<u32> {
    let looks = |rule: &crate::finding::Rule| {
        rule.subjects.iter().any(|word| matches!(word.as_str(), "project" | "project:dockerfile" | "project:manifest"))
    };
    (0..).zip(&plugin.rules).filter(|(_, rule)| looks(rule)).map(|(index, _)| index).collect()
}

/// What plugins are given of a file.
fn parse(file: &File) -> Parsed {
    let parsed = match file.language {
        Language::Dockerfile => parse_dockerfile(&file.source),
        Language::Manifest => parse_manifests(&file.source, &file.context),
    };
    let with_ignore_file = |document| Document { ignore_file: file.ignore_file.clone(), ..document };
    Parsed { documents: parsed.documents.into_iter().map(with_ignore_file).collect(), ..parsed }
}

/// The documents of a file.
#[must_use]
pub fn documents(file: &File) -> Vec<Arc<Document>> {
    parse(file).documents.into_iter().map(Arc::new).collect()
}

/// What came of one file.
struct CheckedFile {
    problems: Vec<crate::document::Problem>,
    exceptions: Exceptions,
    calls: Vec<Call>,
    documents: Vec<Arc<Document>>,
    manifests: usize,
    template: bool,
}

/// One call of a plugin for one document of a file.
struct Call {
    plugin: usize,
    document: usize,
    view: Arc<View>,
    checked: Checked,
}

fn check_file(
    worker: &mut Worker<'_>,
    file: &File,
    index: usize,
    views: &Views<'_>,
    exhausted: &Exhausted,
    keeps_documents: bool,
) -> CheckedFile {
    let Parsed { documents, problems, template } = parse(file);
    let documents: Vec<Arc<Document>> = documents.into_iter().map(Arc::new).collect();
    let mut calls = Vec::new();
    let mut exceptions = Exceptions::default();
    let of_file = file.reported.then(|| views.of_file(file.source.path()));
    for (number, document) in documents.iter().enumerate() {
        let Some(of_file) = &of_file else { break };
        exceptions.extend(suppression::exceptions(document));
        let contents = Contents::of(document);
        let zones = views.of_document(document, of_file);
        for (zone, view) in zones.views.iter().enumerate() {
            for (plugin, wanted) in view.wanted.iter().enumerate() {
                let rules = wanted.rules(document, &contents);
                if rules.is_empty() || exhausted.is_past(plugin, (index, number)) {
                    continue;
                }
                let mut checked = worker.check(plugin, document, &rules, &wanted.options);
                if checked.is_exhausted() {
                    exhausted.add(plugin, (index, number));
                }
                checked.findings.retain(|finding| zones.at(finding.span) == zone);
                calls.push(Call { plugin, document: number, view: Arc::clone(view), checked });
            }
        }
    }
    let manifests = if file.language == Language::Manifest { documents.len() } else { 0 };
    let documents = if keeps_documents { documents } else { Vec::new() };
    CheckedFile { problems, exceptions, calls, documents, manifests, template }
}

/// A document's number in a run: file, then place in the file.
type Number = (usize, usize);

/// On which documents each plugin used up a budget.
///
/// Threads take files in order but finish in any. A plugin is given up after its tenth exhausting document *in path order*:
/// a thread may only skip a document once ten earlier ones are known, and results of documents after the tenth are
/// dropped in the end, so that every machine reports the same.
struct Exhausted {
    plugins: Vec<Mutex<Vec<Number>>>,
}

impl Exhausted {
    fn new(plugins: usize) -> Self {
        Self { plugins: (0..plugins).map(|_| Mutex::default()).collect() }
    }

    fn is_past(&self, plugin: usize, number: Number) -> bool {
        let known = self.plugins[plugin].lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().filter(|&&other| other < number).count() >= PATIENCE
    }

    fn add(&self, plugin: usize, number: Number) {
        let mut known = self.plugins[plugin].lock().unwrap_or_else(PoisonError::into_inner);
        // A document may be checked several times, with the options of its objects.
        if !known.contains(&number) {
            known.push(number);
        }
    }

    /// For each plugin the last document whose results count; nothing where all do.
    fn last_calls(&self) -> Vec<Option<Number>> {
        let last = |known: &Mutex<Vec<Number>>| {
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner).clone();
            known.sort_unstable();
            known.get(PATIENCE - 1).copied()
        };
        self.plugins.iter().map(last).collect()
    }
}

/// Runs `task` for every index, in order of the indexes as threads get free; results in the order of the indexes. A panic
/// is a fault of this program: it costs that one task, and its message is the result.
fn spread<T: Send>(
    settings: Settings<'_>,
    count: usize,
    task: impl Fn(&mut Worker<'_>, usize) -> T + Sync,
) -> Vec<Result<T, String>> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<Result<T, String>>>> = (0..count).map(|_| Mutex::default()).collect();
    let work = || {
        let mut worker = Worker::new(settings.registry, settings.fresh);
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(result) = results.get(index) else { break };
            let done = catch_unwind(AssertUnwindSafe(|| task(&mut worker, index))).map_err(|panic| {
                worker = Worker::new(settings.registry, settings.fresh);
                let text = panic.downcast_ref::<String>().map(String::as_str);
                text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message").to_owned()
            });
            *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        }
    };
    let threads = settings.jobs.clamp(1, count.max(1));
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Where no thread can be had, the others do the work.
            let _ = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        }
        if threads == 1 && count == 0 {
            return;
        }
        work();
    });
    let missing = || Err("the task did not run".to_owned());
    results
        .into_iter()
        .map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(missing))
        .collect()
}

/// Documents that project rules see together.
struct Seen {
    project: Arc<Project>,
    /// Paths whose findings are wanted.
    reported: HashSet<String>,
    /// Languages of the documents in them.
    languages: HashSet<Language>,
    /// Books that govern them.
    books: BTreeSet<usize>,
}

fn projects(files: &[File], documents: Vec<(usize, Arc<Document>)>, rulebook: &Rulebook<'_>) -> Vec<Seen> {
    let mut groups: BTreeMap<ScopeKey, Vec<(usize, Arc<Document>)>> = BTreeMap::new();
    for (index, document) in documents {
        groups.entry(rulebook.scope(document.source.path())).or_default().push((index, document));
    }
    groups
        .into_values()
        .map(|group| {
            let wanted = || group.iter().filter(|(index, _)| files[*index].reported).map(|(_, document)| document);
            let reported: HashSet<String> = wanted().map(|document| document.source.path().to_owned()).collect();
            let books = rulebook.books(reported.iter().map(String::as_str));
            let declared = books.iter().flat_map(|&book| rulebook.cluster(book));
            let documents = group.iter().map(|(_, document)| document).chain(declared).map(Arc::clone);
            Seen {
                languages: wanted().map(|document| document.language).collect(),
                project: Arc::new(Project::new(documents.collect())),
                reported,
                books,
            }
        })
        .collect()
}

/// One call of a plugin for a project, with one set of options.
struct ProjectCall<'s> {
    seen: &'s Seen,
    plugin: usize,
    rules: Vec<u32>,
    options: &'s str,
    /// Books whose files it is for.
    books: Vec<usize>,
}

/// The calls for what is seen together. Files of configurations that give a plugin the same options share one.
fn project_calls<'s>(
    seen: &'s Seen,
    compared: &'s BTreeMap<usize, Vec<Wanted>>,
    settings: Settings<'_>,
) -> Vec<ProjectCall<'s>> {
    let mut calls: Vec<ProjectCall<'s>> = Vec::new();
    for plugin in 0..settings.registry.plugins().len() {
        let first = calls.len();
        for &book in &seen.books {
            let Some(wanted) = compared.get(&book).and_then(|plugins| plugins.get(plugin)) else { continue };
            let rules = wanted.project_rules(&seen.languages);
            let options = wanted.options.as_str();
            match calls[first..].iter_mut().find(|call| call.options == options) {
                Some(call) => {
                    call.books.push(book);
                    call.rules.extend(rules);
                    call.rules.sort_unstable();
                    call.rules.dedup();
                }
                None => calls.push(ProjectCall { seen, plugin, rules, options, books: vec![book] }),
            }
        }
    }
    calls.retain(|call| !call.rules.is_empty());
    calls
}

/// Collects what the parts of a run gave.
struct Gathering<'a> {
    settings: Settings<'a>,
    views: &'a Views<'a>,
    outcome: &'a mut Outcome,
    /// Exceptions in the files, in the order of their paths.
    exceptions: Vec<InFile>,
}

impl Gathering<'_> {
    fn count(&mut self, file: &File, checked: &CheckedFile) {
        if !file.reported {
            return;
        }
        let Counts { dockerfiles, manifest_files, manifests, templates } = &mut self.outcome.counts;
        match file.language {
            Language::Dockerfile => *dockerfiles += 1,
            Language::Manifest if checked.template => {
                *templates += 1;
                self.outcome.templates.push(file.source.path().to_owned());
            }
            Language::Manifest => {
                *manifest_files += usize::from(checked.manifests > 0 || !checked.problems.is_empty());
                *manifests += checked.manifests;
            }
        }
    }

    fn problems(&mut self, file: &File, problems: &[crate::document::Problem]) {
        let rule = syntax::rule_of(file.language);
        for problem in problems.iter().filter(|_| file.reported) {
            let aliases = problem.aliases.iter().map(|&alias| alias.to_owned()).collect();
            self.own(rule, file, problem.span, problem.message.clone(), aliases);
        }
    }

    fn exceptions(&mut self, file: &File, exceptions: Exceptions) {
        for suppression in &exceptions.suppressions {
            let (form, tool) = (suppression.form(), suppression.tool().as_str());
            let message = format!("the {form} in the form of {tool} keeps findings from being reported");
            self.own(suppression::INLINE, file, suppression.comment, message, suppression.aliases());
        }
        if !exceptions.is_empty() {
            self.exceptions.push(InFile { source: Arc::clone(&file.source), exceptions });
        }
    }

    /// What a rule of the host reports, where it is on.
    fn own(&mut self, rule: &'static str, file: &File, span: Span, message: String, aliases: Vec<String>) {
        let Some(level) = self.views.of_file(file.source.path()).selection.level(rule) else { return };
        self.outcome.findings.push(Finding {
            rule: rule.into(),
            level,
            message,
            place: Place { source: Arc::clone(&file.source), span },
            object: None,
            stage: None,
            aliases,
            related: Vec::new(),
            fixes: Vec::new(),
            fingerprint: String::new(),
        });
    }

    fn errors(&mut self, plugin: usize, path: Option<&str>, errors: Vec<PluginError>) {
        let info = self.settings.registry.plugins()[plugin].info();
        for error in errors {
            self.outcome.notifications.push(Notification {
                level: Level::Error,
                path: path.map(str::to_owned),
                plugin: Some(info.name.clone()),
                message: error.to_string(),
            });
        }
    }

    /// What a plugin found where one view holds.
    fn findings(&mut self, plugin: usize, view: &View, findings: Vec<RawFinding>) {
        let info = self.settings.registry.plugins()[plugin].info();
        for raw in findings {
            let Some(level) = view.wanted[plugin].levels.get(&(raw.rule as u32)).copied() else { continue };
            let Some(rule) = info.rules.get(raw.rule) else { continue };
            if !view.selection.reports(&rule.id, &raw.aliases) {
                continue;
            }
            self.outcome.findings.push(finding(&rule.id, level, raw));
        }
    }

    fn failure(&mut self, path: &str, message: String) {
        self.outcome.notifications.push(Notification {
            level: Level::Error,
            path: (!path.is_empty()).then(|| path.to_owned()),
            plugin: None,
            message: format!("hullmark itself failed here: {message}; please report it"),
        });
    }

    fn skipped(&mut self, last: &[Option<Number>]) {
        for (plugin, _) in last.iter().enumerate().filter(|(_, last)| last.is_some()) {
            self.outcome.notifications.push(Notification {
                level: Level::Error,
                path: None,
                plugin: Some(self.settings.registry.plugins()[plugin].info().name.clone()),
                message: format!("the plugin used up its budget on {PATIENCE} documents and was skipped for the rest"),
            });
        }
    }
}

fn finding(rule: &str, level: Level, raw: RawFinding) -> Finding {
    let RawFinding { document, span, message, related, fixes, aliases, .. } = raw;
    Finding {
        rule: rule.into(),
        level,
        message,
        object: object_at(&document, span),
        stage: stage_at(&document, span),
        place: Place { source: Arc::clone(&document.source), span },
        aliases,
        related,
        fixes,
        fingerprint: String::new(),
    }
}

/// The object, and the container in it, that a span lies in.
fn object_at(document: &Document, span: Span) -> Option<ObjectName> {
    let objects = &document.objects;
    let inside = |node: u32| document.tree.span(node).contains(span);
    let index = objects.nodes.iter().position(|&node| inside(node)).or((objects.nodes.len() == 1).then_some(0))?;
    let text = |column: &[u32]| objects.strings.get(column[index]).map(str::to_owned);
    let container = document.pods.container_nodes.iter().find(|&&node| inside(node));
    let name = |&node: &u32| document.tree.text(document.tree.get(node, "name")?).map(str::to_owned);
    Some(ObjectName {
        api_version: text(&objects.api_versions),
        kind: text(&objects.kinds),
        namespace: text(&objects.namespaces),
        name: text(&objects.names),
        container: container.and_then(name),
    })
}

/// Name, or else number from 0, of the stage that a span lies in.
pub(crate) fn stage_at(document: &Document, span: Span) -> Option<String> {
    let nodes = &document.stages.nodes;
    let index = nodes.iter().position(|&node| document.tree.span(node).contains(span))?;
    Some(document.tree.value(nodes[index]).map_or_else(|| index.to_string(), str::to_owned))
}

/// Whether a finding of another program is among these already.
fn is_said(findings: &[Finding], other: &Finding) -> bool {
    let place =
        |finding: &Finding| (finding.place.source.path() == other.place.source.path()).then_some(finding.place.span);
    findings.iter().any(|finding| {
        place(finding).is_some_and(|span| span.start < other.place.span.end && other.place.span.start < span.end)
            && finding.aliases.iter().any(|alias| other.aliases.contains(alias))
    })
}

/// Sorts, drops what was said twice, names each finding by its fingerprint, and sets aside what is suppressed: last, so that
/// an exception changes no other finding's name.
fn finish(mut outcome: Outcome, exceptions: &[InFile], settings: Settings<'_>) -> Outcome {
    identify(&mut outcome.findings);
    if let Some(today) = settings.suppress_on.filter(|_| !exceptions.is_empty()) {
        let mut faults = suppression::apply(&mut outcome, exceptions, settings.rulebook, today);
        identify(&mut faults);
        outcome.findings.extend(faults);
        outcome.findings.sort_by(|one, other| sort_key(one).cmp(&sort_key(other)));
    }
    outcome.notifications.sort_by(|one, other| other.level.cmp(&one.level).then_with(|| one.cmp(other)));
    outcome.notifications.dedup();
    outcome.templates.sort();
    outcome
}

/// Sorts findings, drops what was said twice, and names each by its fingerprint.
fn identify(findings: &mut Vec<Finding>) {
    findings.sort_by(|one, other| sort_key(one).cmp(&sort_key(other)));
    findings.dedup_by(|later, first| sort_key(later) == sort_key(first));
    fingerprint::assign(findings);
}

fn sort_key(finding: &Finding) -> (&str, Span, &str, &str) {
    (finding.place.source.path(), finding.place.span, &finding.rule, &finding.message)
}
