//! The format of policies and of the configuration, which is one: a tree becomes what a text says. Names are not looked up
//! here.

use std::sync::Arc;

use super::PolicyError;
use super::located::{Entry, Node, Value};
use super::names::nearest;
use super::pattern::Paths;
use super::scope::Scope;
use super::version;
use crate::document::{Declaration, Source, Span, Word};
use crate::finding::Level;

/// What a text may say, with a sentence for each.
pub(super) const KEYS: [(&str, &str); 12] = [
    (
        "cluster",
        "Objects that exist in the cluster though no file has them: rules about references take them for existing.",
    ),
    ("exclude", "Paths that are passed over, as in a .gitignore."),
    ("extends", "Policies that this builds on, later ones stronger: names of built-in ones, or files from here."),
    ("fail-on", "Least level of a finding that makes the exit code 1."),
    ("kubernetes-version", "The version of Kubernetes that manifests are judged by, such as \"1.34\"."),
    (
        "only",
        "Report only findings that carry one of these ids; `*` at the end stands for any ending, `!` before it takes ids away.",
    ),
    ("overrides", "What else holds for some paths or objects; later ones are stronger."),
    ("plugins", "Plugins to load, and options of plugins."),
    ("requires", "Least version of hullmark that this is written for."),
    ("rules", "Rules by id, by an id of another tool, as `plugin/*` or `*`: a level, or a level with options."),
    ("scopes", "What rules that compare files see together: `root`, `run`, `directory`, or folders that are apart."),
    ("suppressions", "What exceptions in files must say, and what they cannot reach."),
];
/// What an override may say, with a sentence for each.
pub(super) const OVERRIDE_KEYS: [(&str, &str); 6] = [
    ("kinds", "Kinds of objects; `*` stands for anything."),
    ("labels", "Labels of objects, each with its value; `*` stands for anything."),
    ("names", "Names of objects; `*` stands for anything."),
    ("namespaces", "Namespaces of objects; `*` stands for anything."),
    ("paths", "Paths as in a .gitignore."),
    ("rules", "As `rules` at the top."),
];
const SETTING_KEYS: [&str; 2] = ["level", "options"];
const CLUSTER_KEYS: [&str; 3] = ["kind", "name", "namespace"];
const PLUGIN_KEYS: [&str; 3] = ["options", "path", "reference"];
const SUPPRESSION_KEYS: [&str; 2] = ["require-reason", "unsuppressible"];
pub(super) const LEVELS: [&str; 6] = ["off", "note", "warning", "error", "on", "default"];
const SCOPES: [&str; 3] = ["root", "run", "directory"];

/// What one text says.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) source: Arc<Source>,
    /// Names and files of the policies that it builds on, in order; nothing where it does not say.
    pub(super) extends: Option<Vec<Name>>,
    /// What its findings must be called.
    pub(super) only: Option<Vec<Name>>,
    /// In order.
    pub(super) rules: Vec<Setting>,
    /// In order.
    pub(super) overrides: Vec<Override>,
    pub(super) plugins: Vec<PluginEntry>,
    pub(super) exclude: Vec<Name>,
    pub(super) scopes: Option<ScopesEntry>,
    pub(super) cluster: Vec<Declaration>,
    pub(super) kubernetes_version: Option<Name>,
    pub(super) fail_on: Option<(Level, Span)>,
    pub(super) suppressions: SuppressionEntry,
}

/// A name as it is written.
pub(super) type Name = Word;

/// What is said of the rules of one name.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) rules: Name,
    /// Nothing where only options are given.
    pub(super) level: Option<LevelWord>,
    pub(super) options: Vec<Entry>,
}

/// A level, or whose level is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LevelWord {
    /// Not checked.
    Off,
    /// Checked, at the rule's own level.
    On,
    /// As the rule itself has it: perhaps off.
    Default,
    /// Checked, at this level.
    At(Level),
}

/// What else holds at some places.
#[derive(Debug)]
pub(super) struct Override {
    /// Its first token.
    pub(super) span: Span,
    /// Patterns, none where any path is meant.
    pub(super) paths: Vec<Name>,
    /// The objects, where not all are meant.
    pub(super) objects: ObjectPatterns,
    /// In order.
    pub(super) rules: Vec<Setting>,
}

/// Patterns of objects; an empty list takes any object.
#[derive(Clone, Debug, Default)]
pub(super) struct ObjectPatterns {
    pub(super) kinds: Vec<String>,
    /// Keys with patterns of their values: all must be there.
    pub(super) labels: Vec<(String, String)>,
    pub(super) names: Vec<String>,
    pub(super) namespaces: Vec<String>,
}

impl ObjectPatterns {
    /// Whether any object is meant.
    pub(super) fn is_empty(&self) -> bool {
        let Self { kinds, labels, names, namespaces } = self;
        kinds.is_empty() && labels.is_empty() && names.is_empty() && namespaces.is_empty()
    }
}

/// What is said of a plugin.
#[derive(Clone, Debug)]
pub(super) struct PluginEntry {
    pub(super) name: Name,
    /// Its file, from the folder of the text; nothing where it is loaded anyway.
    pub(super) path: Option<Name>,
    pub(super) options: Vec<Entry>,
}

/// What is seen together.
#[derive(Clone, Debug)]
pub(super) enum ScopesEntry {
    Kind(Scope, Span),
    /// Patterns of folders that are apart.
    Folders(Vec<Name>),
}

/// What is demanded of exceptions.
#[derive(Clone, Debug, Default)]
pub(super) struct SuppressionEntry {
    pub(super) require_reason: Option<bool>,
    pub(super) unsuppressible: Vec<Name>,
}

impl Policy {
    /// Reads a policy, or a configuration, which are called so.
    ///
    /// # Errors
    /// All that is wrong with its form.
    pub(super) fn read(source: &Arc<Source>, what: &str) -> Result<Self, Vec<PolicyError>> {
        let root = Node::read(source).map_err(|error| vec![error])?;
        let mut reader = Reader { source, errors: Vec::new() };
        reader.requires(&root, what)?;
        let policy = reader.policy(&root, what);
        if reader.errors.is_empty() { Ok(policy) } else { Err(reader.errors) }
    }
}

/// Reads a tree and keeps what is wrong with it.
struct Reader<'a> {
    source: &'a Arc<Source>,
    errors: Vec<PolicyError>,
}

impl Reader<'_> {
    /// Whether this program is new enough: in a text for a later one, nothing else can be judged.
    fn requires(&self, root: &Node, what: &str) -> Result<(), Vec<PolicyError>> {
        let Value::Mapping(entries) = &root.value else { return Ok(()) };
        let Some(entry) = entries.iter().find(|entry| entry.key == "requires") else { return Ok(()) };
        let error = |message: String| Err(vec![PolicyError::at(self.source, entry.value.span, message)]);
        let written = self.scalar(&entry.value).unwrap_or_default();
        let own = env!("CARGO_PKG_VERSION");
        let Some(required) = version::parse(&written) else {
            return error("`requires` takes a version of hullmark, such as `0.1`".to_owned());
        };
        if version::parse(own).is_some_and(|own| required > own) {
            return error(format!("the {what} is written for hullmark {written}, and this is hullmark {own}"));
        }
        Ok(())
    }

    fn policy(&mut self, root: &Node, what: &str) -> Policy {
        let mut policy = Policy {
            source: Arc::clone(self.source),
            extends: None,
            only: None,
            rules: Vec::new(),
            overrides: Vec::new(),
            plugins: Vec::new(),
            exclude: Vec::new(),
            scopes: None,
            cluster: Vec::new(),
            kubernetes_version: None,
            fail_on: None,
            suppressions: SuppressionEntry::default(),
        };
        let known = KEYS.map(|(key, _)| key);
        let entries = match &root.value {
            Value::Mapping(entries) => entries.as_slice(),
            other => {
                let fault = if matches!(other, Value::Null) { "is empty" } else { "is no mapping" };
                let help = format!("it may have {}", list(&known));
                let message = format!("the {what} {fault}");
                self.errors.push(PolicyError::at(self.source, root.span, message).help(help));
                &[]
            }
        };
        for entry in entries {
            match entry.key.as_str() {
                "cluster" => policy.cluster = self.cluster(entry),
                "exclude" => policy.exclude = self.paths(entry),
                "extends" => policy.extends = Some(self.names(entry, "the name or the file of a policy")),
                "fail-on" => policy.fail_on = self.fail_on(entry),
                "kubernetes-version" => policy.kubernetes_version = self.kubernetes_version(entry),
                "only" => policy.only = Some(self.patterns(entry)),
                "overrides" => policy.overrides = self.overrides(entry),
                "plugins" => policy.plugins = self.plugins(entry),
                "requires" => {}
                "rules" => policy.rules = self.settings(entry),
                "scopes" => policy.scopes = self.scopes(entry),
                "suppressions" => policy.suppressions = self.suppressions(entry),
                _ => self.unknown_key(entry, &known),
            }
        }
        policy
    }

    /// Text of a scalar as it is written, so that `1.30` is not 1.3.
    fn scalar(&self, node: &Node) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.trim().to_owned()),
            Value::Number(_) => Some(self.source.slice(node.span).trim().to_owned()),
            _ => None,
        }
    }

    /// Entries of a mapping, or of nothing where the value is something else.
    fn mapping<'n>(&mut self, entry: &'n Entry, what: &str) -> &'n [Entry] {
        match &entry.value.value {
            Value::Mapping(entries) => entries,
            _ => {
                self.wrong(&entry.value, &entry.key, what);
                &[]
            }
        }
    }

    /// Items of a list, or of nothing where the value is something else.
    fn list<'n>(&mut self, entry: &'n Entry, what: &str) -> &'n [Node] {
        match &entry.value.value {
            Value::List(items) => items,
            _ => {
                self.wrong(&entry.value, &entry.key, what);
                &[]
            }
        }
    }

    /// Entries of an item of a list that must be a mapping.
    fn item<'n>(&mut self, item: &'n Node, key: &str, what: &str) -> Option<&'n [Entry]> {
        match &item.value {
            Value::Mapping(entries) => Some(entries),
            _ => {
                self.wrong(item, key, what);
                None
            }
        }
    }

    /// One text.
    fn text(&mut self, entry: &Entry, what: &str) -> Option<Name> {
        match &entry.value.value {
            Value::Text(text) if !text.trim().is_empty() => {
                Some(Name { text: text.trim().to_owned(), span: entry.value.span })
            }
            _ => {
                self.wrong(&entry.value, &entry.key, what);
                None
            }
        }
    }

    /// One name or a list of names.
    fn names(&mut self, entry: &Entry, what: &str) -> Vec<Name> {
        let items = match &entry.value.value {
            Value::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&entry.value),
        };
        let mut names = Vec::new();
        for item in items {
            match &item.value {
                Value::Text(text) if !text.trim().is_empty() => {
                    names.push(Name { text: text.trim().to_owned(), span: item.span });
                }
                _ => self.wrong(item, &entry.key, &format!("{what}, or a list of them")),
            }
        }
        names
    }

    /// Names of which there is one at least: without any, nothing would ever be meant.
    fn some(&mut self, entry: &Entry, what: &str) -> Vec<Name> {
        if matches!(&entry.value.value, Value::List(items) if items.is_empty()) {
            self.wrong(&entry.value, &entry.key, &format!("{what}, or a list of them"));
        }
        self.names(entry, what)
    }

    fn patterns(&mut self, entry: &Entry) -> Vec<Name> {
        self.some(entry, "the name of a rule")
    }

    /// Patterns of paths, each of which is one.
    fn paths(&mut self, entry: &Entry) -> Vec<Name> {
        let names = self.names(entry, "a pattern of paths, as in a .gitignore");
        for name in &names {
            if let Err(reason) = Paths::new("", [name.text.as_str()]) {
                self.errors.push(PolicyError::at(self.source, name.span, format!("this is no pattern: {reason}")));
            }
        }
        names
    }

    fn settings(&mut self, rules: &Entry) -> Vec<Setting> {
        self.mapping(rules, "a mapping of rules to levels").iter().map(|entry| self.setting(entry)).collect()
    }

    fn setting(&mut self, entry: &Entry) -> Setting {
        let rules = Name { text: entry.key.trim().to_owned(), span: entry.key_span };
        let mut setting = Setting { rules, level: None, options: Vec::new() };
        match &entry.value.value {
            Value::Mapping(entries) => {
                for entry in entries {
                    match entry.key.as_str() {
                        "level" => setting.level = self.level(&entry.value, &entry.key),
                        "options" => setting.options = self.options(entry),
                        _ => self.unknown_key(entry, &SETTING_KEYS),
                    }
                }
            }
            _ => setting.level = self.level(&entry.value, &entry.key),
        }
        setting
    }

    fn level(&mut self, node: &Node, key: &str) -> Option<LevelWord> {
        let level = match self.word(node, key, "level", &LEVELS)? {
            "off" => LevelWord::Off,
            "on" => LevelWord::On,
            "default" => LevelWord::Default,
            level => LevelWord::At(Level::from_interface(level)),
        };
        Some(level)
    }

    /// One of a few words.
    fn word(&mut self, node: &Node, key: &str, what: &str, words: &[&'static str]) -> Option<&'static str> {
        let Value::Text(text) = &node.value else {
            self.wrong(node, key, &format!("a {what}: {}", list(words)));
            return None;
        };
        let known = words.iter().find(|word| *word == text).copied();
        if known.is_none() {
            let near = nearest(text, words.iter().map(|&word| word.to_owned()));
            let error = PolicyError::at(self.source, node.span, format!("there is no {what} `{text}`"));
            self.errors.push(error.suggest(near, format!("{what}s are {}", list(words))));
        }
        known
    }

    fn options(&mut self, entry: &Entry) -> Vec<Entry> {
        self.mapping(entry, "a mapping of options to values").to_vec()
    }

    fn overrides(&mut self, overrides: &Entry) -> Vec<Override> {
        let what = "a list of mappings, each with where it holds and `rules`";
        let items = self.list(overrides, what);
        items.iter().filter_map(|item| self.overriding(item, &overrides.key, what)).collect()
    }

    fn overriding(&mut self, item: &Node, key: &str, what: &str) -> Option<Override> {
        let entries = self.item(item, key, what)?;
        let span = entries.first().map_or(item.span, |entry| entry.key_span);
        let mut overriding =
            Override { span, paths: Vec::new(), objects: ObjectPatterns::default(), rules: Vec::new() };
        let objects = &mut overriding.objects;
        let texts = |names: Vec<Name>| names.into_iter().map(|name| name.text).collect();
        for entry in entries {
            match entry.key.as_str() {
                "kinds" => objects.kinds = texts(self.some(entry, "a kind of objects")),
                "labels" => objects.labels = self.labels(entry),
                "names" => objects.names = texts(self.some(entry, "a name of objects")),
                "namespaces" => objects.namespaces = texts(self.some(entry, "a namespace")),
                "paths" => overriding.paths = self.paths(entry),
                "rules" => overriding.rules = self.settings(entry),
                _ => self.unknown_key(entry, &OVERRIDE_KEYS.map(|(key, _)| key)),
            }
        }
        if self.errors.is_empty() && overriding.paths.is_empty() && overriding.objects.is_empty() {
            let error = PolicyError::at(self.source, span, "the override does not say where it holds");
            self.errors.push(error.help("give it `paths`, `namespaces`, `kinds`, `names` or `labels`"));
        }
        Some(overriding)
    }

    fn labels(&mut self, labels: &Entry) -> Vec<(String, String)> {
        let what = "a mapping of labels to values";
        let entries = self.mapping(labels, what);
        let mut read = Vec::new();
        for entry in entries {
            match self.scalar(&entry.value) {
                Some(value) => read.push((entry.key.clone(), value)),
                None => self.wrong(&entry.value, &labels.key, what),
            }
        }
        read
    }

    fn plugins(&mut self, plugins: &Entry) -> Vec<PluginEntry> {
        let what = "a mapping of plugins to files, or to mappings with `path` and `options`";
        self.mapping(plugins, what).iter().map(|entry| self.plugin(entry)).collect()
    }

    fn plugin(&mut self, entry: &Entry) -> PluginEntry {
        let name = Name { text: entry.key.trim().to_owned(), span: entry.key_span };
        let mut plugin = PluginEntry { name, path: None, options: Vec::new() };
        let Value::Mapping(entries) = &entry.value.value else {
            plugin.path = self.text(entry, "the file of a plugin, or a mapping with `path` and `options`");
            return plugin;
        };
        for entry in entries {
            match entry.key.as_str() {
                "options" => plugin.options = self.options(entry),
                "path" => plugin.path = self.text(entry, "the file of a plugin"),
                "reference" => {
                    let message = "plugins cannot be fetched from a registry yet";
                    let error = PolicyError::at(self.source, entry.value.span, message);
                    self.errors.push(error.help("name its file with `path`"));
                }
                _ => self.unknown_key(entry, &PLUGIN_KEYS),
            }
        }
        plugin
    }

    fn scopes(&mut self, entry: &Entry) -> Option<ScopesEntry> {
        if let Value::List(_) = &entry.value.value {
            return Some(ScopesEntry::Folders(self.paths(entry)));
        }
        let scope = match self.word(&entry.value, &entry.key, "scope", &SCOPES)? {
            "run" => Scope::Run,
            "directory" => Scope::Directory,
            _ => Scope::Root,
        };
        Some(ScopesEntry::Kind(scope, entry.value.span))
    }

    fn cluster(&mut self, cluster: &Entry) -> Vec<Declaration> {
        let what = "a list of objects, each with `kind`, `name` and perhaps `namespace`";
        let items = self.list(cluster, what);
        items.iter().filter_map(|item| self.declaration(item, &cluster.key, what)).collect()
    }

    fn declaration(&mut self, item: &Node, key: &str, what: &str) -> Option<Declaration> {
        let entries = self.item(item, key, what)?;
        let (mut kind, mut name, mut namespace) = (None, None, None);
        for entry in entries {
            let word = match entry.key.as_str() {
                "kind" => &mut kind,
                "name" => &mut name,
                "namespace" => &mut namespace,
                _ => {
                    self.unknown_key(entry, &CLUSTER_KEYS);
                    continue;
                }
            };
            *word = self.text(entry, &format!("the {} of an object", entry.key));
        }
        if self.errors.is_empty() && (kind.is_none() || name.is_none()) {
            let span = entries.first().map_or(item.span, |entry| entry.key_span);
            let error = PolicyError::at(self.source, span, "the object lacks its `kind` or its `name`");
            self.errors.push(error);
        }
        Some(Declaration { kind: kind?, name: name?, namespace })
    }

    fn kubernetes_version(&mut self, entry: &Entry) -> Option<Name> {
        let read = self.scalar(&entry.value).and_then(|text| version::minor(&text));
        if read.is_none() {
            self.wrong(&entry.value, &entry.key, "a version of Kubernetes, such as `\"1.34\"`");
        }
        Some(Name { text: read?, span: entry.value.span })
    }

    fn fail_on(&mut self, entry: &Entry) -> Option<(Level, Span)> {
        let word = self.word(&entry.value, &entry.key, "level", &["note", "warning", "error"])?;
        Some((Level::from_interface(word), entry.value.span))
    }

    fn suppressions(&mut self, suppressions: &Entry) -> SuppressionEntry {
        let mut read = SuppressionEntry::default();
        for entry in self.mapping(suppressions, "a mapping") {
            match (entry.key.as_str(), &entry.value.value) {
                ("require-reason", Value::Flag(flag)) => read.require_reason = Some(*flag),
                ("require-reason", _) => self.wrong(&entry.value, &entry.key, "`true` or `false`"),
                ("unsuppressible", _) => read.unsuppressible = self.names(entry, "the name of a rule"),
                _ => self.unknown_key(entry, &SUPPRESSION_KEYS),
            }
        }
        read
    }

    fn unknown_key(&mut self, entry: &Entry, known: &[&str]) {
        let near = nearest(&entry.key, known.iter().map(|&key| key.to_owned()));
        let error = PolicyError::at(self.source, entry.key_span, format!("there is no key `{}` here", entry.key));
        let version = env!("CARGO_PKG_VERSION");
        self.errors.push(error.suggest(near, format!("hullmark {version} knows {}", list(known))));
    }

    fn wrong(&mut self, node: &Node, key: &str, what: &str) {
        self.errors.push(PolicyError::at(self.source, node.span, format!("`{key}` takes {what}")));
    }
}

pub(super) fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
