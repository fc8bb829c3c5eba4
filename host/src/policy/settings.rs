//! What policies say of each rule, once all names are known.
//!
//! Later beats earlier: a policy beats those that it extends, and of those (or of the policies of one command line) a later
//! one beats an earlier one. Within one policy `*` comes first, then `plugin/*`, then the ids of other tools, then the names
//! of single rules; what is equally broad comes in the order of the text. Options are merged one by one.
//!
//! `only` belongs to the rules that a policy turns on, itself or by extension: where two policies that are extended side by
//! side turn on the same rule, its findings are reported that either would report; a rule that an extending policy adds
//! without an `only` of its own is reported whole.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::format::{LevelWord, Name, Setting};
use super::load::{Policies, Read};
use super::located::{Entry, Node};
use super::names::nearest;
use super::only::{Only, beginning};
use super::{PolicyError, RuleNames};
use crate::document::{Source, Span};
use crate::finding::{Level, Plugin, Rule};
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
    options: BTreeMap<String, Given>,
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
struct Given {
    source: Arc<Source>,
    value: Node,
}

impl RuleSettings {
    /// What these rules are by themselves: the settings of a run without any policy.
    #[must_use]
    pub fn defaults<'p>(plugins: impl IntoIterator<Item = &'p Plugin>) -> Self {
        let mut settings = Self::default();
        for rule in plugins.into_iter().flat_map(|plugin| &plugin.rules) {
            settings.set(rule, LevelWord::Default);
        }
        settings
    }

    /// What policies say of the rules of these plugins. Rules on syntax are on unless they are turned off: a file that
    /// cannot be read must not pass for a clean one.
    ///
    /// With `all_loaded`, a name that no rule has is an error; otherwise the rule may be one of a plugin that did not load.
    ///
    /// # Errors
    /// Names that stand for no rule, and options that no rule has.
    pub fn new<'p>(
        policies: &Policies,
        plugins: impl IntoIterator<Item = &'p Plugin> + Clone,
        all_loaded: bool,
    ) -> Result<Self, Vec<PolicyError>> {
        let names = RuleNames::new(plugins.clone());
        let rules = plugins.clone().into_iter().flat_map(|plugin| &plugin.rules);
        let rules = rules.map(|rule| (rule.id.as_str(), rule)).collect();
        let mut resolver = Resolver { names, rules, all_loaded, errors: Vec::new() };
        let mut resolved: Vec<Self> = Vec::new();
        for read in &policies.read {
            let mut settings = Self::default();
            for &index in &read.extends {
                settings.merge(&resolved[index]);
            }
            resolver.apply(read, &mut settings);
            resolved.push(settings);
        }
        let mut settings = Self::defaults(plugins.into_iter().filter(|plugin| plugin.name == SYNTAX));
        for &index in &policies.named {
            settings.merge(&resolved[index]);
        }
        if resolver.errors.is_empty() { Ok(settings) } else { Err(resolver.errors) }
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

    fn set(&mut self, rule: &Rule, word: LevelWord) {
        let state = &mut self.rules.entry(rule.id.clone()).or_default().state;
        let level = match word {
            LevelWord::Off => None,
            LevelWord::On => Some(rule.default_level()),
            LevelWord::Default => rule.enabled.then(|| rule.default_level()),
            LevelWord::At(level) => Some(level),
        };
        *state = Some(match (level, state.take()) {
            (None, _) => State::Off,
            (Some(level), Some(State::On(on))) => State::On(On { level, ..on }),
            (Some(level), _) => State::On(On { level, only: None }),
        });
    }

    /// Adds what a later policy says, which is stronger.
    fn merge(&mut self, later: &Self) {
        for (id, setting) in &later.rules {
            let mine = self.rules.entry(id.clone()).or_default();
            mine.options.extend(setting.options.iter().map(|(name, given)| (name.clone(), given.clone())));
            mine.state = match (mine.state.take(), &setting.state) {
                (Some(State::On(mine)), Some(State::On(later))) => {
                    Some(State::On(On { level: later.level, only: either(mine.only, later.only.as_ref()) }))
                }
                (mine, None) => mine,
                (_, later) => later.clone(),
            };
        }
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
        self.options.iter().map(|(name, given)| (name.clone(), given.value.json()))
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

/// Looks names up, and keeps what is wrong with them.
struct Resolver<'p> {
    names: RuleNames,
    rules: HashMap<&'p str, &'p Rule>,
    all_loaded: bool,
    errors: Vec<PolicyError>,
}

impl<'p> Resolver<'p> {
    /// Adds what a policy itself says to what it extends.
    fn apply(&mut self, read: &Read, settings: &mut RuleSettings) {
        let policy = &read.policy;
        let mut rules: Vec<&Setting> = policy.rules.iter().collect();
        rules.sort_by_key(|setting| narrowness(&setting.rules.text));
        for setting in rules {
            let rules = self.rules(&policy.source, &setting.rules);
            if let Some(word) = setting.level {
                rules.iter().for_each(|rule| settings.set(rule, word));
            }
            for option in &setting.options {
                self.option(&policy.source, setting, &rules, option, settings);
            }
        }
        if let Some(only) = &policy.only {
            settings.restrict(&Arc::new(self.only(read, only)));
        }
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

    /// Gives an option to those of the rules that have it.
    fn option(
        &mut self,
        source: &Arc<Source>,
        setting: &Setting,
        rules: &[&Rule],
        option: &Entry,
        settings: &mut RuleSettings,
    ) {
        let mut known = Vec::new();
        let mut given = false;
        for rule in rules {
            let options = Options::of(rule);
            if options.open || options.names.contains(&option.key) {
                let value = Given { source: Arc::clone(source), value: option.value.clone() };
                settings.rules.entry(rule.id.clone()).or_default().options.insert(option.key.clone(), value);
                given = true;
            }
            known.extend(options.names);
        }
        if given || rules.is_empty() {
            return;
        }
        known.sort();
        known.dedup();
        let has = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let otherwise = if has.is_empty() { "there are none".to_owned() } else { format!("there are {has}") };
        let message = format!("`{}` has no option `{}`", setting.rules.text, option.key);
        let error = PolicyError::at(source, option.key_span, message);
        self.errors.push(error.suggest(nearest(&option.key, known), otherwise));
    }

    /// What is reported. The built-in policies list all checks of a tool, also those that no rule stands for.
    fn only(&mut self, read: &Read, patterns: &[Name]) -> Only {
        let mut only = Only::default();
        for pattern in patterns {
            only.add(&pattern.text);
            let (known, suggestion) = match beginning(&pattern.text) {
                Some(beginning) => (self.names.any_begins(&beginning), None),
                None => {
                    self.names.resolve(&pattern.text).map_or_else(|error| (false, error.suggestion), |_| (true, None))
                }
            };
            if !known && !read.builtin {
                let message = format!("no rule has a name `{}`", pattern.text);
                self.unknown(&read.policy.source, pattern.span, message, suggestion);
            }
        }
        only
    }

    fn unknown(&mut self, source: &Arc<Source>, span: Span, message: String, suggestion: Option<String>) {
        if self.all_loaded {
            let error = PolicyError::at(source, span, message);
            self.errors.push(error.suggest(suggestion, "`hullmark rules` lists all rules"));
        }
    }
}

/// How few rules a name stands for; the few are set last.
fn narrowness(name: &str) -> u8 {
    match name {
        "*" => 0,
        name if name.ends_with("/*") => 1,
        name if name.contains('/') => 3,
        _ => 2,
    }
}

/// Names of a rule's options, as its plugin's schema declares them.
struct Options {
    names: Vec<String>,
    /// Whether the schema leaves room for others.
    open: bool,
}

impl Options {
    fn of(rule: &Rule) -> Self {
        let schema: Value = serde_json::from_str(&rule.options_schema).unwrap_or_default();
        let properties = schema.get("properties").and_then(Value::as_object);
        let names = properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect();
        let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
        Self { names, open: schema.is_object() && !closed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Selection;
    use crate::syntax;

    const REGISTRIES: &str = r#"{"type": "object", "additionalProperties": false, "properties": {"registries": {}}}"#;

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
            ("", "p.yaml:1:1: the policy is empty; it may have `extends`, `only`, `rules`"),
            ("- a\n", "p.yaml:1:1: a policy is a mapping; it may have `extends`, `only`, `rules`"),
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
