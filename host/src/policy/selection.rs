//! Which rules are on, at which level, and with which options.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::rulebook::{Choice, Chosen};
use super::settings::{On, RuleSettings, State};
use super::{NameError, SuppressionSettings};
use crate::finding::{Level, Plugin, Rule};
use crate::syntax::SYNTAX;

/// The rules that are on, with their levels and options.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    rules: HashMap<String, On>,
    options: BTreeMap<String, Map<String, Value>>,
    /// Options of plugins, by name.
    plugins: BTreeMap<String, Map<String, Value>>,
    suppressions: SuppressionSettings,
}

impl Selection {
    /// The default rules of these plugins, or those that `select` names instead, without those that `ignore` names.
    ///
    /// # Errors
    /// A name that stands for no rule.
    pub fn new<'p>(
        plugins: impl IntoIterator<Item = &'p Plugin> + Clone,
        select: &[String],
        ignore: &[String],
    ) -> Result<Self, NameError> {
        Self::with_settings(plugins.clone(), &RuleSettings::defaults(plugins), select, ignore)
    }

    /// The rules that are on in these settings, or those that `select` names instead, without those that `ignore` names.
    /// A selected rule that is on there keeps its level; all options stay. Rules on syntax stay on unless they are
    /// ignored: a file that cannot be read must not pass for a clean one.
    ///
    /// # Errors
    /// A name that stands for no rule.
    pub fn with_settings<'p>(
        plugins: impl IntoIterator<Item = &'p Plugin> + Clone,
        settings: &RuleSettings,
        select: &[String],
        ignore: &[String],
    ) -> Result<Self, NameError> {
        let choice = Choice { select: select.to_vec(), ignore: ignore.to_vec(), ..Choice::default() };
        let plugins: Vec<&Plugin> = plugins.into_iter().collect();
        Ok(Self::chosen(settings, &Chosen::new(&plugins, &choice)?))
    }

    /// The same where names are looked up already.
    pub(super) fn chosen(settings: &RuleSettings, choice: &Chosen) -> Self {
        let on = settings.iter().filter_map(|(id, setting)| match &setting.state {
            Some(State::On(on)) => Some((id.to_owned(), on.clone())),
            _ => None,
        });
        let mut rules: HashMap<String, On> = on.collect();
        let plain = |level| On { level, only: None };
        if let Some(select) = &choice.select {
            let selected = select.iter().map(|(id, level)| {
                let on = rules.get(id).cloned().unwrap_or_else(|| plain(*level));
                (id.clone(), on)
            });
            let selected: Vec<_> = selected.collect();
            rules.retain(|id, _| id.split('/').next() == Some(SYNTAX));
            rules.extend(selected);
        }
        for (id, level) in &choice.turn_on {
            rules.entry(id.clone()).or_insert_with(|| plain(*level));
        }
        rules.retain(|id, _| !choice.ignore.contains(id));
        let options = settings.iter().map(|(id, setting)| (id.to_owned(), setting.options().collect::<Map<_, _>>()));
        let options = options.filter(|(_, options)| !options.is_empty()).collect();
        Self { rules, options, ..Self::default() }
    }

    /// Turns a rule on that is off, at its own level.
    pub fn turn_on(&mut self, rule: &Rule) {
        self.rules.entry(rule.id.clone()).or_insert_with(|| On { level: rule.default_level(), only: None });
    }

    /// Turns on rules, unless the choice leaves them out.
    pub(super) fn turn_on_chosen<'r>(&mut self, rules: impl Iterator<Item = &'r Rule>, choice: &Chosen) {
        let is_chosen = |rule: &&Rule| choice.select.is_none() && !choice.ignore.contains(&rule.id);
        rules.filter(is_chosen).for_each(|rule| self.turn_on(rule));
    }

    /// Level of a rule; nothing where it is off.
    #[must_use]
    pub fn level(&self, id: &str) -> Option<Level> {
        self.rules.get(id).map(|on| on.level)
    }

    /// Whether a finding of that rule is reported, which other tools know by these names.
    #[must_use]
    pub fn reports(&self, id: &str, aliases: &[String]) -> bool {
        self.rules.get(id).is_some_and(|on| on.only.as_ref().is_none_or(|only| only.reports(id, aliases)))
    }

    /// Whether all findings of a rule are reported.
    #[must_use]
    pub fn is_whole(&self, id: &str) -> bool {
        self.rules.get(id).is_some_and(|on| on.only.is_none())
    }

    /// Sets what is demanded of exceptions.
    pub fn set_suppressions(&mut self, suppressions: SuppressionSettings) {
        self.suppressions = suppressions;
    }

    /// What is demanded of exceptions.
    #[must_use]
    pub const fn suppressions(&self) -> &SuppressionSettings {
        &self.suppressions
    }

    /// Whether a plugin, or any rule of it, has options.
    #[must_use]
    pub fn has_options(&self, plugin: &str) -> bool {
        self.plugins.contains_key(plugin)
            || self.options.keys().any(|id| id.split_once('/').is_some_and(|(owner, _)| owner == plugin))
    }

    /// Gives a rule options; the plugin judges them when it is configured.
    #[must_use]
    pub fn with_options(mut self, id: &str, options: Map<String, Value>) -> Self {
        self.options.insert(id.to_owned(), options);
        self
    }

    pub(super) fn has_option(&self, id: &str, name: &str) -> bool {
        self.options.get(id).is_some_and(|options| options.contains_key(name))
    }

    /// Gives a rule one option, in place of what a policy says of it.
    pub(super) fn set_option(&mut self, id: &str, name: &str, value: Value) {
        self.options.entry(id.to_owned()).or_default().insert(name.to_owned(), value);
    }

    /// Gives a plugin options of its own.
    pub(super) fn set_plugin_options(&mut self, plugin: &str, options: Map<String, Value>) {
        if !options.is_empty() {
            self.plugins.insert(plugin.to_owned(), options);
        }
    }

    /// Options of a plugin and of its rules, as the plugin interface has them. Equal for equal options.
    #[must_use]
    pub fn options(&self, plugin: &str) -> String {
        let of_rule = |(id, options): (&String, &Map<String, Value>)| {
            let (owner, name) = id.split_once('/')?;
            (owner == plugin).then(|| (name.to_owned(), Value::Object(options.clone())))
        };
        let rules: Map<String, Value> = self.options.iter().filter_map(of_rule).collect();
        json!({"plugin": self.plugins.get(plugin).cloned().unwrap_or_default(), "rules": rules}).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin() -> Plugin {
        let rule = |id: &str, enabled| Rule { id: id.into(), enabled, level: Some(Level::Note), ..Rule::default() };
        Plugin { name: "a".into(), rules: vec![rule("a/on", true), rule("a/off", false)], ..Plugin::default() }
    }

    fn on(select: &[&str], ignore: &[&str]) -> Result<[bool; 2], NameError> {
        let texts = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let selection = Selection::new(&[plugin()], &texts(select), &texts(ignore))?;
        Ok([selection.level("a/on").is_some(), selection.level("a/off").is_some()])
    }

    #[test]
    fn select_replaces_the_default_set_and_ignore_takes_away() {
        assert_eq!(on(&[], &[]), Ok([true, false]));
        assert_eq!(on(&["a/off"], &[]), Ok([false, true]));
        assert_eq!(on(&["a/*"], &["a/on"]), Ok([false, true]));
        assert_eq!(on(&[], &["a/on"]), Ok([false, false]));
    }

    #[test]
    fn options_reach_only_the_plugin_of_their_rule() {
        let options = json!({"registries": ["ghcr.io"]}).as_object().cloned().unwrap();
        let selection = Selection::default().with_options("a/on", options);
        assert_eq!(selection.options("a"), r#"{"plugin":{},"rules":{"on":{"registries":["ghcr.io"]}}}"#);
        assert_eq!(selection.options("b"), r#"{"plugin":{},"rules":{}}"#);
        let mut selection = selection;
        selection.set_plugin_options("b", json!({"team": "web"}).as_object().cloned().unwrap());
        assert_eq!(selection.options("b"), r#"{"plugin":{"team":"web"},"rules":{}}"#);
        assert!(selection.has_options("b") && !selection.has_options("c"));
    }

    #[test]
    fn syntax_is_off_only_where_it_is_ignored_by_name() {
        let selection = |ignore: &[String]| {
            Selection::new(&[plugin(), crate::syntax::plugin()], &["a/off".to_owned()], ignore).unwrap()
        };
        assert!(selection(&[]).level("syntax/yaml").is_some());
        assert!(selection(&["syntax/*".to_owned()]).level("syntax/yaml").is_none());
    }

    #[test]
    fn an_unknown_name_is_an_error_in_both() {
        assert!(on(&["b/on"], &[]).is_err());
        assert!(on(&[], &["b/on"]).is_err());
    }
}
