//! What policies say of each rule, once all names are known.
//!
//! Later beats earlier: a policy beats those that it extends, and of those (or of the policies of one command line) a later
//! one beats an earlier one. Within one policy `*` comes first, then `plugin/*` and `tag:…`, then the ids of other tools, then the names
//! of single rules; what is equally broad comes in the order of the text. Options are merged one by one.
//!
//! `only` belongs to the rules that a policy turns on, itself or by extension: where two policies that are extended side by
//! side turn on the same rule, its findings are reported that either would report; a rule that an extending policy adds
//! without an `only` of its own is reported whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::format::{LevelWord, Name, Policy, Setting};
use super::load::{Policies, Read};
use super::located::{Entry, Node};
use super::names::{TAG, nearest};
use super::only::{NOT, Only, beginning};
use super::{PolicyError, RuleNames, schema};
use crate::document::{Source, Span};
use crate::finding::{Level, Place, Plugin, Rule};
use crate::syntax::SYNTAX;

/// What is said of each rule.
#[derive(Clone, Debug, Default)]
pub struct RuleSettings {
    rules: BTreeMap<String, RuleSetting>,
}

/// What is said of one rule.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleSetting {
    /// Nothing where only its options are given.
    pub(super) state: Option<State>,
    /// What says so, where a policy does.
    pub(super) origin: Option<Place>,
    pub(super) options: BTreeMap<String, Given>,
}

/// Whether a rule is on.
#[derive(Clone, Debug)]
pub(super) enum State {
    Off,
    On(On),
}

/// How a rule is on.
#[derive(Clone, Debug)]
pub(super) struct On {
    pub(super) level: Level,
    /// Which of its findings are reported; nothing where all are.
    pub(super) only: Option<Arc<Only>>,
}

/// A value of an option, and where it was given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    source: Arc<Source>,
    value: Node,
}

impl Given {
    pub(super) fn value(&self) -> Value {
        self.value.json()
    }

    pub(super) fn place(&self) -> Place {
        Place { source: Arc::clone(&self.source), span: self.value.span }
    }
}

impl RuleSettings {
    /// What these rules are by themselves: the settings of a run without any policy.
    #[must_use]
    pub fn defaults<'p>(plugins: impl IntoIterator<Item = &'p Plugin>) -> Self {
        let mut settings = Self::default();
        for rule in plugins.into_iter().flat_map(|plugin| &plugin.rules) {
            settings.set(rule, LevelWord::Default, None);
        }
        settings
    }

    /// What policies say of the rules of these plugins. Rules on syntax are on unless they are turned off: a file that
    /// cannot be read must not pass for a clean one.
    ///
    /// With `all_loaded`, a name that no rule has is an error; otherwise the rule may be one of a plugin that did not load.
    ///
    /// # Errors
    /// Names that stand for no rule, and options that no rule has or takes.
    pub fn new<'p>(
        policies: &Policies,
        plugins: impl IntoIterator<Item = &'p Plugin> + Clone,
        all_loaded: bool,
    ) -> Result<Self, Vec<PolicyError>> {
        let statements = Statements::new(policies, plugins, all_loaded)?;
        Ok(statements.settings(&policies.named, &|_, _| false))
    }

    /// What is wrong with an option, at its place. `pointer` is the plugin's JSON Pointer into all options of its rules.
    #[must_use]
    pub fn option_error(&self, plugin: &str, pointer: &str, message: &str) -> PolicyError {
        let mut path = pointer.strip_prefix("/rules/").unwrap_or_default().splitn(3, '/');
        let mut key = || path.next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
        let (rule, option) = (format!("{plugin}/{}", key()), key());
        let Some(Given { source, value }) = self.rules.get(&rule).and_then(|setting| setting.options.get(&option))
        else {
            return PolicyError::new(format!("options of the plugin `{plugin}` are not valid: {pointer}: {message}"));
        };
        let below = path.next().map_or_else(String::new, |below| format!("/{below}"));
        let error = PolicyError::at(source, value.span_at(&below), message);
        error.help(format!("`hullmark explain {rule}` tells what its options take"))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &RuleSetting)> {
        self.rules.iter().map(|(id, setting)| (id.as_str(), setting))
    }

    pub(super) fn get(&self, id: &str) -> Option<&RuleSetting> {
        self.rules.get(id)
    }

    fn set(&mut self, rule: &Rule, word: LevelWord, origin: Option<Place>) {
        let setting = self.rules.entry(rule.id.clone()).or_default();
        let level = match word {
            LevelWord::Off => None,
            LevelWord::On => Some(rule.default_level()),
            LevelWord::Default => rule.enabled.then(|| rule.default_level()),
            LevelWord::At(level) => Some(level),
        };
        setting.origin = origin;
        setting.state = Some(match (level, setting.state.take()) {
            (None, _) => State::Off,
            (Some(level), Some(State::On(on))) => State::On(On { level, ..on }),
            (Some(level), _) => State::On(On { level, only: None }),
        });
    }

    /// Adds what a later policy says, which is stronger.
    fn merge(&mut self, later: &Self) {
        if self.rules.is_empty() {
            self.rules.clone_from(&later.rules);
            return;
        }
        for (id, setting) in &later.rules {
            let mine = self.rules.entry(id.clone()).or_default();
            mine.options.extend(setting.options.iter().map(|(name, given)| (name.clone(), given.clone())));
            if setting.state.is_some() {
                mine.origin.clone_from(&setting.origin);
            }
            mine.state = match (mine.state.take(), &setting.state) {
                (Some(State::On(mine)), Some(State::On(later))) => {
                    Some(State::On(On { level: later.level, only: either(mine.only, later.only.as_ref()) }))
                }
                (mine, None) => mine,
                (_, later) => later.clone(),
            };
        }
    }

    /// The same without the rules of some plugins.
    pub(super) fn without(mut self, plugins: &BTreeSet<String>) -> Self {
        self.rules.retain(|id, _| id.split_once('/').is_none_or(|(plugin, _)| !plugins.contains(plugin)));
        self
    }

    fn restrict(&mut self, only: &Arc<Only>) {
        for setting in self.rules.values_mut() {
            if let Some(State::On(on)) = &mut setting.state {
                on.only = Some(Arc::clone(only));
            }
        }
    }
}

impl RuleSetting {
    /// Its options without places.
    pub(super) fn options(&self) -> impl Iterator<Item = (String, Value)> {
        self.options.iter().map(|(name, given)| (name.clone(), given.value()))
    }
}

/// What is reported where two policies turn on the same rule.
fn either(one: Option<Arc<Only>>, other: Option<&Arc<Only>>) -> Option<Arc<Only>> {
    let (one, other) = (one?, other?);
    if one == *other {
        return Some(one);
    }
    let mut both = Only::clone(&one);
    both.extend(other);
    Some(Arc::new(both))
}

/// What policies say, with all names looked up: from this follows what holds at any place.
#[derive(Debug, Default)]
pub(super) struct Statements<'p> {
    /// Rules that are on before any policy speaks.
    syntax: RuleSettings,
    policies: Vec<PolicyStatements<'p>>,
}

/// What one policy says.
#[derive(Debug)]
struct PolicyStatements<'p> {
    source: Arc<Source>,
    extends: Vec<usize>,
    rules: Vec<Statement<'p>>,
    overrides: Vec<Vec<Statement<'p>>>,
    only: Option<Arc<Only>>,
}

/// What is said of the rules of one name.
#[derive(Debug)]
struct Statement<'p> {
    rules: Vec<&'p Rule>,
    level: Option<LevelWord>,
    /// The name.
    span: Span,
    /// Options, each with those of the rules that have it.
    options: Vec<(Entry, Vec<&'p Rule>)>,
}

impl<'p> Statements<'p> {
    /// Looks up all names that policies hold.
    ///
    /// # Errors
    /// Names that stand for no rule, and options that no rule has or takes.
    pub(super) fn new(
        policies: &Policies,
        plugins: impl IntoIterator<Item = &'p Plugin> + Clone,
        all_loaded: bool,
    ) -> Result<Self, Vec<PolicyError>> {
        let syntax = RuleSettings::defaults(plugins.clone().into_iter().filter(|plugin| plugin.name == SYNTAX));
        // Without policies there are no names to look up, and a hook that checks one file is not kept waiting for them.
        if policies.read.is_empty() {
            return Ok(Self { syntax, policies: Vec::new() });
        }
        let rules = plugins.clone().into_iter().flat_map(|plugin| &plugin.rules);
        let mut resolver = Resolver {
            names: RuleNames::new(plugins),
            rules: rules.map(|rule| (rule.id.as_str(), rule)).collect(),
            options: HashMap::new(),
            all_loaded,
            errors: Vec::new(),
        };
        let policies = policies.read.iter().map(|read| resolver.policy(read)).collect();
        if resolver.errors.is_empty() { Ok(Self { syntax, policies }) } else { Err(resolver.errors) }
    }

    /// What these policies say where those overrides hold that `holds` tells by the index of their policy and their own.
    pub(super) fn settings(&self, named: &[usize], holds: &dyn Fn(usize, usize) -> bool) -> RuleSettings {
        let mut known = HashMap::new();
        let mut settings = RuleSettings::default();
        for &index in named {
            settings.merge(self.of_policy(index, holds, &mut known));
        }
        for (id, syntax) in &self.syntax.rules {
            let state = &mut settings.rules.entry(id.clone()).or_default().state;
            match state {
                // Whatever else is restricted, all that is wrong with syntax is told.
                Some(State::On(on)) => on.only = None,
                Some(State::Off) => {}
                None => state.clone_from(&syntax.state),
            }
        }
        settings
    }

    /// Rules that an override of a policy turns on.
    pub(super) fn turned_on(&self, policy: usize, number: usize) -> impl Iterator<Item = &'p Rule> + '_ {
        let on = |statement: &&Statement<'p>| statement.level.is_some_and(|level| level != LevelWord::Off);
        let statements = self.policies.get(policy).and_then(|policy| policy.overrides.get(number));
        statements.into_iter().flatten().filter(on).flat_map(|statement| statement.rules.iter().copied())
    }

    fn of_policy<'k>(
        &self,
        index: usize,
        holds: &dyn Fn(usize, usize) -> bool,
        known: &'k mut HashMap<usize, RuleSettings>,
    ) -> &'k RuleSettings {
        if !known.contains_key(&index) {
            let policy = &self.policies[index];
            let mut settings = RuleSettings::default();
            for &base in &policy.extends {
                settings.merge(self.of_policy(base, holds, known));
            }
            let overrides = policy.overrides.iter().enumerate().filter(|(number, _)| holds(index, *number));
            for statement in policy.rules.iter().chain(overrides.flat_map(|(_, statements)| statements)) {
                statement.apply(&policy.source, &mut settings);
            }
            if let Some(only) = &policy.only {
                settings.restrict(only);
            }
            known.insert(index, settings);
        }
        &known[&index]
    }
}

impl Statement<'_> {
    fn apply(&self, source: &Arc<Source>, settings: &mut RuleSettings) {
        if let Some(word) = self.level {
            for rule in &self.rules {
                settings.set(rule, word, Some(Place { source: Arc::clone(source), span: self.span }));
            }
        }
        for (option, rules) in &self.options {
            for rule in rules {
                let value = Given { source: Arc::clone(source), value: option.value.clone() };
                settings.rules.entry(rule.id.clone()).or_default().options.insert(option.key.clone(), value);
            }
        }
    }
}

/// Looks names up, and keeps what is wrong with them.
struct Resolver<'p> {
    names: RuleNames,
    rules: HashMap<&'p str, &'p Rule>,
    /// What the rules that were asked for take.
    options: HashMap<&'p str, Value>,
    all_loaded: bool,
    errors: Vec<PolicyError>,
}

impl<'p> Resolver<'p> {
    fn policy(&mut self, read: &Read) -> PolicyStatements<'p> {
        let policy = &read.policy;
        for name in &policy.suppressions.unsuppressible {
            // Only whether there is such a rule is of interest here.
            self.rules(&policy.source, name);
        }
        PolicyStatements {
            source: Arc::clone(&policy.source),
            extends: read.extends.clone(),
            rules: self.statements(policy, &policy.rules),
            overrides: policy.overrides.iter().map(|other| self.statements(policy, &other.rules)).collect(),
            only: policy.only.as_ref().map(|only| Arc::new(self.only(read, only))),
        }
    }

    /// What settings of one mapping say, broad names first.
    fn statements(&mut self, policy: &Policy, settings: &[Setting]) -> Vec<Statement<'p>> {
        let mut settings: Vec<&Setting> = settings.iter().collect();
        settings.sort_by_key(|setting| narrowness(&setting.rules.text));
        settings.into_iter().map(|setting| self.statement(&policy.source, setting)).collect()
    }

    fn statement(&mut self, source: &Arc<Source>, setting: &Setting) -> Statement<'p> {
        let rules = self.rules(source, &setting.rules);
        let options = setting.options.iter();
        let options = options.map(|option| (option.clone(), self.option(source, setting, &rules, option))).collect();
        Statement { rules, level: setting.level, span: setting.rules.span, options }
    }

    /// The rules that a name stands for.
    fn rules(&mut self, source: &Arc<Source>, name: &Name) -> Vec<&'p Rule> {
        match self.names.resolve(&name.text) {
            Ok(ids) => ids.into_iter().filter_map(|id| self.rules.get(id).copied()).collect(),
            Err(error) => {
                self.unknown(source, name.span, format!("there is no rule `{}`", error.name), error.suggestion);
                Vec::new()
            }
        }
    }

    /// Those of the rules that have an option.
    fn option(&mut self, source: &Arc<Source>, setting: &Setting, rules: &[&'p Rule], option: &Entry) -> Vec<&'p Rule> {
        let mut known = Vec::new();
        let mut given = Vec::new();
        let mut faults = Vec::new();
        for &rule in rules {
            let read = || serde_json::from_str(&rule.options_schema).unwrap_or_default();
            let options = self.options.entry(&rule.id).or_insert_with(read);
            if let Some(schema) = schema::property(options, &option.key) {
                if faults.is_empty() {
                    faults = schema::faults(&option.key, schema, &option.value);
                }
                given.push(rule);
            } else if schema::is_open(options) {
                given.push(rule);
            }
            known.extend(schema::names(options).map(str::to_owned));
        }
        for fault in faults {
            let error = PolicyError::at(source, fault.span, fault.message);
            let rule = given.first().map_or("", |rule| rule.id.as_str());
            self.errors
                .push(error.suggest(fault.near, format!("`hullmark explain {rule}` tells what its options take")));
        }
        if given.is_empty() && !rules.is_empty() {
            let message = format!("`{}` has no option `{}`", setting.rules.text, option.key);
            self.errors.push(no_option(source, option, message, known));
        }
        given
    }

    /// What is reported. The built-in policies list all checks of a tool, also those that no rule stands for.
    fn only(&mut self, read: &Read, patterns: &[Name]) -> Only {
        for pattern in patterns.iter().filter(|_| !read.builtin) {
            let name = pattern.text.strip_prefix(NOT).unwrap_or(&pattern.text);
            let (known, suggestion) = match beginning(name) {
                Some(beginning) => (self.names.any_begins(&beginning), None),
                None => self.names.resolve(name).map_or_else(|error| (false, error.suggestion), |_| (true, None)),
            };
            if !known {
                let message = format!("no rule has a name `{name}`");
                self.unknown(&read.policy.source, pattern.span, message, suggestion);
            }
        }
        Only::new(patterns.iter().map(|pattern| pattern.text.as_str()))
    }

    fn unknown(&mut self, source: &Arc<Source>, span: Span, message: String, suggestion: Option<String>) {
        if self.all_loaded {
            let error = PolicyError::at(source, span, message);
            self.errors.push(error.suggest(suggestion, "`hullmark rules` lists all rules"));
        }
    }
}

/// An option that there is not, at its key, with those that there are.
pub(super) fn no_option(source: &Arc<Source>, option: &Entry, message: String, mut known: Vec<String>) -> PolicyError {
    known.sort();
    known.dedup();
    let has = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let otherwise = if has.is_empty() { "there are none".to_owned() } else { format!("there are {has}") };
    PolicyError::at(source, option.key_span, message).suggest(nearest(&option.key, known), otherwise)
}

/// How few rules a name stands for; the few are set last.
fn narrowness(name: &str) -> u8 {
    match name {
        "*" => 0,
        name if name.ends_with("/*") || name.starts_with(TAG) => 1,
        name if name.contains('/') => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Selection;
    use crate::syntax;

    const REGISTRIES: &str = r#"{"type": "object", "additionalProperties": false,
        "properties": {"registries": {"type": "array", "items": {"type": ["string", "integer"]}}}}"#;

    fn plugins() -> Vec<Plugin> {
        let rule = |id: &str, aliases: &[&str], enabled: bool| Rule {
            id: id.into(),
            aliases: aliases.iter().map(|&alias| alias.into()).collect(),
            level: Some(Level::Warning),
            enabled,
            ..Rule::default()
        };
        let trusted = Rule { options_schema: REGISTRIES.into(), ..rule("image/untrusted", &["DL3026"], true) };
        let images = vec![
            rule("image/latest", &["DL3007", "DS-0001", "latest-tag"], true),
            rule("image/untagged", &["DL3006", "DS-0001", "latest-tag"], true),
            trusted,
        ];
        vec![
            syntax::plugin(),
            Plugin { name: "image".into(), rules: images, ..Plugin::default() },
            Plugin { name: "user".into(), rules: vec![rule("user/root", &["DL3002"], false)], ..Plugin::default() },
        ]
    }

    /// Writes files, reads the policies of these names, and resolves them.
    fn resolve(files: &[(&str, &str)], named: &[&str]) -> Result<RuleSettings, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let named: Vec<_> =
            named
                .iter()
                .map(|name| {
                    if name.ends_with(".yaml") {
                        folder.path().join(name).display().to_string()
                    } else {
                        (*name).into()
                    }
                })
                .collect();
        let line = |error: PolicyError| {
            let place = error.place.map(|place| {
                let region = place.source.region(place.span);
                let name = place.source.path().rsplit('/').next().unwrap().to_owned();
                format!("{name}:{}:{}: ", region.start_line, region.start_column)
            });
            let message = error.message.replace(&format!("{}/", folder.path().display()), "");
            format!("{}{message}; {}", place.unwrap_or_default(), error.help.unwrap_or_default())
        };
        let lines = |errors: Vec<PolicyError>| errors.into_iter().map(line).collect::<Vec<_>>();
        let policies = Policies::read(&named).map_err(lines)?;
        RuleSettings::new(&policies, &plugins(), true).map_err(lines)
    }

    fn select(settings: &RuleSettings, select: &[&str], ignore: &[&str]) -> Selection {
        let texts = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        Selection::with_settings(&plugins(), settings, &texts(select), &texts(ignore)).unwrap()
    }

    /// Levels of the rules that are on, those on syntax left out.
    fn levels(selection: &Selection) -> String {
        let plugins = plugins();
        let rules = plugins.iter().filter(|plugin| plugin.name != SYNTAX).flat_map(|plugin| &plugin.rules);
        let on = rules.filter_map(|rule| Some(format!("{}={}", rule.name(), selection.level(&rule.id)?.as_str())));
        on.collect::<Vec<_>>().join(" ")
    }

    /// Levels under one policy.
    fn levels_of(text: &str) -> String {
        levels(&select(&resolve(&[("p.yaml", text)], &["p.yaml"]).unwrap(), &[], &[]))
    }

    /// Errors of one policy.
    fn errors_of(text: &str) -> Vec<String> {
        resolve(&[("p.yaml", text)], &["p.yaml"]).map(|settings| settings.rules.len()).unwrap_err()
    }

    #[test]
    fn a_policy_starts_from_nothing_but_syntax() {
        let selection = select(&resolve(&[("p.yaml", "rules: {image/latest: error}")], &["p.yaml"]).unwrap(), &[], &[]);
        assert_eq!(levels(&selection), "latest=error");
        assert_eq!(selection.level("syntax/dockerfile"), Some(Level::Error));
    }

    #[test]
    fn the_recommended_policy_is_what_rules_are_by_themselves() {
        let recommended = levels(&select(&resolve(&[], &["recommended"]).unwrap(), &[], &[]));
        assert_eq!(recommended, levels(&select(&RuleSettings::defaults(&plugins()), &[], &[])));
        assert_eq!(recommended, "latest=warning untagged=warning untrusted=warning");
    }

    #[test]
    fn the_narrower_name_is_stronger_wherever_it_stands() {
        let text = "rules: {image/latest: note, DL3007: off, latest-tag: error, image/*: warning, '*': on}";
        assert_eq!(levels_of(text), "latest=note untagged=error untrusted=warning root=warning");
        let equally_broad = "rules: {latest-tag: error, DL3007: note}";
        assert_eq!(levels_of(equally_broad), "latest=note untagged=error");
    }

    #[test]
    fn options_alone_leave_the_level_as_it_is() {
        assert_eq!(levels_of("rules: {image/untrusted: {options: {registries: [a]}}}"), "");
        let text = "rules: {'*': default, image/untrusted: {options: {registries: [a]}}}";
        assert_eq!(levels_of(text), "latest=warning untagged=warning untrusted=warning");
    }

    #[test]
    fn options_reach_the_rules_that_have_them_and_later_ones_win() {
        let files = [
            ("a.yaml", "rules: {'image/*': {level: on, options: {registries: [a]}}}"),
            ("b.yaml", "extends: a.yaml\nrules: {DL3026: {level: error, options: {registries: [b, 1]}}}"),
        ];
        let options = |named: &[&str]| select(&resolve(&files, named).unwrap(), &[], &[]).options("image");
        assert_eq!(options(&["a.yaml"]), r#"{"plugin":{},"rules":{"untrusted":{"registries":["a"]}}}"#);
        assert_eq!(options(&["b.yaml"]), r#"{"plugin":{},"rules":{"untrusted":{"registries":["b",1]}}}"#);
        assert_eq!(options(&["b.yaml", "a.yaml"]), options(&["a.yaml"]));
    }

    #[test]
    fn an_extending_policy_is_stronger_and_so_is_a_later_one() {
        let files = [
            ("a.yaml", "rules: {image/latest: error, image/untagged: error}"),
            ("b.yaml", "rules: {image/latest: off, user/root: note}"),
            ("c.yaml", "extends: [a.yaml, b.yaml]\nrules: {user/root: error}"),
        ];
        let levels = |named: &[&str]| levels(&select(&resolve(&files, named).unwrap(), &[], &[]));
        assert_eq!(levels(&["a.yaml", "b.yaml"]), "untagged=error root=note");
        assert_eq!(levels(&["b.yaml", "a.yaml"]), "latest=error untagged=error root=note");
        assert_eq!(levels(&["c.yaml"]), "untagged=error root=error");
        assert_eq!(levels(&["c.yaml", "b.yaml"]), "untagged=error root=note");
    }

    #[test]
    fn only_restricts_the_rules_of_its_policy() {
        let files = [
            ("dl.yaml", "only: DL*\nrules: {image/*: on}"),
            ("ds.yaml", "only: [DS-0001]\nrules: {image/latest: on}"),
            ("own.yaml", "extends: dl.yaml\nrules: {image/latest: error, user/root: on}"),
            ("all.yaml", "extends: dl.yaml\nonly: '*'"),
        ];
        let reports = |named: &[&str], rule: &str, alias: &str| {
            select(&resolve(&files, named).unwrap(), &[], &[]).reports(rule, &[alias.to_owned()])
        };
        assert!(reports(&["dl.yaml"], "image/latest", "DL3007"));
        assert!(!reports(&["dl.yaml"], "image/latest", "DS-0001"));
        assert!(reports(&["dl.yaml", "ds.yaml"], "image/latest", "DS-0001"), "either");
        assert!(!reports(&["dl.yaml", "ds.yaml"], "image/untagged", "DS-0001"));
        assert!(!reports(&["own.yaml"], "image/latest", "DS-0001"), "another level, the same findings");
        assert!(reports(&["own.yaml"], "user/root", "no such name"), "its own rule is reported whole");
        assert!(reports(&["all.yaml"], "image/latest", "no such name"));
    }

    #[test]
    fn select_and_ignore_choose_on_top_of_a_policy() {
        let text =
            "only: DL*\nrules: {image/latest: error, image/untrusted: {level: note, options: {registries: [a]}}}";
        let settings = resolve(&[("p.yaml", text)], &["p.yaml"]).unwrap();
        assert_eq!(levels(&select(&settings, &["latest-tag"], &[])), "latest=error untagged=warning");
        assert_eq!(levels(&select(&settings, &[], &["DL3007"])), "untrusted=note");
        let selection = select(&settings, &["image/*"], &["image/untagged"]);
        assert!(selection.options("image").contains("registries"));
        assert!(!selection.reports("image/latest", &[]));
        assert!(select(&settings, &["image/untagged"], &[]).reports("image/untagged", &[]), "beyond the policy");
    }

    #[test]
    fn every_error_has_its_place_and_a_suggestion() {
        for (text, error) in [
            ("", "p.yaml:1:1: the policy is empty; it may have `cluster`, `exclude`, `extends`,"),
            ("- a\n", "p.yaml:1:1: the policy is no mapping; it may have `cluster`, `exclude`,"),
            ("rulse: {}\n", "p.yaml:1:1: there is no key `rulse` here; did you mean `rules`?"),
            ("rules:\n  image/lates: on\n", "p.yaml:2:3: there is no rule `image/lates`; did you mean `image/latest`?"),
            ("rules: [a]\n", "p.yaml:1:8: `rules` takes a mapping of rules to levels; "),
            ("rules:\n  DL3007: warn\n", "p.yaml:2:11: there is no level `warn`; levels are `off`, `note`"),
            ("rules:\n  DL3007: eror\n", "p.yaml:2:11: there is no level `eror`; did you mean `error`?"),
            ("rules:\n  DL3007: true\n", "p.yaml:2:11: `DL3007` takes a level: `off`, `note`"),
            ("rules:\n  DL3007: {lvel: on}\n", "p.yaml:2:12: there is no key `lvel` here; did you mean `level`?"),
            ("rules:\n  DL3007: {options: 1}\n", "p.yaml:2:21: `options` takes a mapping of options to values; "),
            (
                "rules:\n  DL3026:\n    options: {registrys: [a]}\n",
                "p.yaml:3:15: `DL3026` has no option `registrys`; did you mean `registries`?",
            ),
            ("rules: {DL3007: {options: {a: 1}}}\n", "p.yaml:1:28: `DL3007` has no option `a`; there are none"),
            ("extends: hadolnt\n", "p.yaml:1:10: there is no policy `hadolnt`; did you mean `hadolint`?"),
            ("extends: [1]\n", "p.yaml:1:11: `extends` takes the name or the file of a policy, or a list of them; "),
            ("extends: ./q.yaml\n", "p.yaml:1:10: the policy `./q.yaml` cannot be read: "),
            ("extends: p.yaml\n", "p.yaml:1:10: the policy extends itself: "),
            (
                "rules: {DL3026: {options: {registries: 1}}}\n",
                "p.yaml:1:40: `registries` takes a list of texts or whole numbers; `hullmark",
            ),
            ("overrides: [{rules: {}}]\n", "p.yaml:1:14: the override does not say where it holds; give it `paths`,"),
            ("overrides: [{path: a}]\n", "p.yaml:1:14: there is no key `path` here; did you mean `paths`?"),
            ("overrides: [{paths: 'a{b'}]\n", "p.yaml:1:21: this is no pattern: unclosed alternate group; "),
            ("overrides:\n- paths: a\n  rules: {DL30077: on}\n", "p.yaml:3:11: there is no rule `DL30077`; "),
            (
                "overrides: {}\n",
                "p.yaml:1:12: `overrides` takes a list of mappings, each with where it holds and `rules`; ",
            ),
            ("cluster: [{kind: Secret}]\n", "p.yaml:1:12: the object lacks its `kind` or its `name`; "),
            ("cluster: [{kind: Secret, name: 1}]\n", "p.yaml:1:32: `name` takes the name of an object; "),
            ("cluster: [a]\n", "p.yaml:1:11: `cluster` takes a list of objects, each with `kind`, `name` and perhaps"),
            ("plugins: [a]\n", "p.yaml:1:10: `plugins` takes a mapping of plugins to files, or to mappings with"),
            (
                "plugins: {a: {reference: x}}\n",
                "p.yaml:1:26: plugins cannot be fetched from a registry yet; name its file",
            ),
            (
                "plugins: {a: 1}\n",
                "p.yaml:1:14: `a` takes the file of a plugin, or a mapping with `path` and `options`; ",
            ),
            (
                "kubernetes-version: latest\n",
                "p.yaml:1:21: `kubernetes-version` takes a version of Kubernetes, such as",
            ),
            ("fail-on: warn\n", "p.yaml:1:10: there is no level `warn`; levels are `note`, `warning`, `error`"),
            ("scopes: rot\n", "p.yaml:1:9: there is no scope `rot`; did you mean `root`?"),
            ("suppressions: {require-reason: yes}\n", "p.yaml:1:32: `require-reason` takes `true` or `false`; "),
            ("requires: soon\n", "p.yaml:1:11: `requires` takes a version of hullmark, such as `0.1`; "),
            (
                "requires: 99.1\nnew-key: 1\n",
                "p.yaml:1:11: the policy is written for hullmark 99.1, and this is hullmark",
            ),
            ("only: []\n", "p.yaml:1:7: `only` takes the name of a rule, or a list of them; "),
            ("only: [DL*, XY*]\n", "p.yaml:1:13: no rule has a name `XY*`; `hullmark rules` lists all rules"),
            ("only: latest-tags\n", "p.yaml:1:7: no rule has a name `latest-tags`; did you mean `latest-tag`?"),
            ("rules: {a: on, a: off}\n", "p.yaml:1:16: the key `a` stands here twice; "),
            ("rules: [\n", "p.yaml:1:8: "),
            ("rules: *r\n", "p.yaml:1:8: "),
            ("rules: {}\n---\nrules: {}\n", "p.yaml:3:1: "),
            ("? [a]\n: b\n", "p.yaml:1:3: "),
        ] {
            let errors = errors_of(text);
            assert!(errors.len() == 1 && errors[0].starts_with(error), "{text:?}: {errors:?}\nwanted {error}");
        }
    }

    #[test]
    fn all_errors_are_told_at_once_with_the_file_that_they_are_in() {
        let files = [
            ("a.yaml", "extends: [b.yaml, b.yaml, c.yaml]\nrules: {a/b: on, DL3007: on}\nonly: [x]"),
            ("b.yaml", "rules: {b/c: on}"),
            ("c.yaml", "extends: b.yaml"),
        ];
        let errors = resolve(&files, &["a.yaml"]).map(|settings| settings.rules.len()).unwrap_err();
        let places: Vec<_> = errors.iter().map(|error| error.split(": ").next().unwrap()).collect();
        assert_eq!(places, ["b.yaml:1:9", "a.yaml:2:9", "a.yaml:3:8"]);
    }

    #[test]
    fn a_circle_is_told_with_all_its_policies() {
        let files = [("a.yaml", "extends: b.yaml"), ("b.yaml", "extends: [recommended, a.yaml]")];
        let errors = resolve(&files, &["a.yaml"]).map(|settings| settings.rules.len()).unwrap_err();
        let circle = "b.yaml:1:24: the policy extends itself: `a.yaml` extends `b.yaml` extends `a.yaml`; ";
        assert_eq!(errors, [circle]);
    }

    #[test]
    fn a_name_may_belong_to_a_plugin_that_did_not_load() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.yaml");
        std::fs::write(&path, "only: [X1]\nrules: {other/rule: on, image/latest: on}").unwrap();
        let policies = Policies::read(&[path.display().to_string()]).unwrap();
        let settings = RuleSettings::new(&policies, &plugins(), false).unwrap();
        assert_eq!(levels(&select(&settings, &[], &[])), "latest=warning");
    }

    #[test]
    fn an_option_error_is_placed_at_the_very_value() {
        let text = "rules:\n  DL3026:\n    options:\n      registries: [a, 1]\n";
        let settings = resolve(&[("p.yaml", text)], &["p.yaml"]).unwrap();
        let place = |pointer: &str| {
            let place = settings.option_error("image", pointer, "wrong").place?;
            Some(place.source.slice(place.span).to_owned())
        };
        assert_eq!(place("/rules/untrusted/registries/1"), Some("1".into()));
        assert_eq!(place("/rules/untrusted/registries"), Some("[".into()));
        assert_eq!(place("/rules/untrusted/registries/1/deeper"), Some("1".into()));
        assert_eq!(place("/rules/untrusted/other"), None);
        assert_eq!(place("/plugin/x"), None);
    }
}
