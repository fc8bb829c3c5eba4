//! The format of policies: a tree becomes what a policy says. Names are not looked up here.

use std::sync::Arc;

use super::PolicyError;
use super::located::{Entry, Node, Value};
use super::names::nearest;
use crate::document::{Source, Span};
use crate::finding::Level;

const KEYS: [&str; 3] = ["extends", "only", "rules"];
const SETTING_KEYS: [&str; 2] = ["level", "options"];
const LEVELS: [&str; 6] = ["off", "note", "warning", "error", "on", "default"];

/// What one text says.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) source: Arc<Source>,
    /// Names and files of the policies that it builds on, in order.
    pub(super) extends: Vec<Name>,
    /// What its findings must be called.
    pub(super) only: Option<Vec<Name>>,
    /// In order.
    pub(super) rules: Vec<Setting>,
}

/// A name as it is written.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) span: Span,
}

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

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// All that is wrong with its form.
    pub(super) fn read(source: &Arc<Source>) -> Result<Self, Vec<PolicyError>> {
        let root = Node::read(source).map_err(|error| vec![error])?;
        let mut reader = Reader { source, errors: Vec::new() };
        let policy = reader.policy(&root);
        if reader.errors.is_empty() { Ok(policy) } else { Err(reader.errors) }
    }
}

/// Reads a tree and keeps what is wrong with it.
struct Reader<'a> {
    source: &'a Arc<Source>,
    errors: Vec<PolicyError>,
}

impl Reader<'_> {
    fn policy(&mut self, root: &Node) -> Policy {
        let mut policy = Policy { source: Arc::clone(self.source), extends: Vec::new(), only: None, rules: Vec::new() };
        let entries = match &root.value {
            Value::Mapping(entries) => entries.as_slice(),
            other => {
                let message =
                    if matches!(other, Value::Null) { "the policy is empty" } else { "a policy is a mapping" };
                let help = format!("it may have {}", list(&KEYS));
                self.errors.push(PolicyError::at(self.source, root.span, message).help(help));
                &[]
            }
        };
        for entry in entries {
            match entry.key.as_str() {
                "extends" => policy.extends = self.names(entry, "the name or the file of a policy"),
                "only" => policy.only = Some(self.patterns(entry)),
                "rules" => policy.rules = self.settings(entry),
                _ => self.unknown_key(entry, &KEYS),
            }
        }
        policy
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

    /// Names of which there is one at least: without any, nothing would ever be reported.
    fn patterns(&mut self, entry: &Entry) -> Vec<Name> {
        let what = "the name of a rule";
        if matches!(&entry.value.value, Value::List(items) if items.is_empty()) {
            self.wrong(&entry.value, &entry.key, &format!("{what}, or a list of them"));
        }
        self.names(entry, what)
    }

    fn settings(&mut self, rules: &Entry) -> Vec<Setting> {
        let Value::Mapping(entries) = &rules.value.value else {
            self.wrong(&rules.value, &rules.key, "a mapping of rules to levels");
            return Vec::new();
        };
        entries.iter().map(|entry| self.setting(entry)).collect()
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
        let Value::Text(word) = &node.value else {
            self.wrong(node, key, &format!("a level: {}", list(&LEVELS)));
            return None;
        };
        let level = match word.as_str() {
            "off" => LevelWord::Off,
            "on" => LevelWord::On,
            "default" => LevelWord::Default,
            "note" => LevelWord::At(Level::Note),
            "warning" => LevelWord::At(Level::Warning),
            "error" => LevelWord::At(Level::Error),
            _ => {
                let near = nearest(word, LEVELS.map(str::to_owned));
                let error = PolicyError::at(self.source, node.span, format!("there is no level `{word}`"));
                self.errors.push(error.suggest(near, format!("levels are {}", list(&LEVELS))));
                return None;
            }
        };
        Some(level)
    }

    fn options(&mut self, entry: &Entry) -> Vec<Entry> {
        let Value::Mapping(options) = &entry.value.value else {
            self.wrong(&entry.value, &entry.key, "a mapping of options to values");
            return Vec::new();
        };
        options.clone()
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

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
