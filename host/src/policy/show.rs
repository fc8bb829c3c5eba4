//! What holds for a path, and where each value comes from: as a configuration with the origins in comments, so that it can be
//! read by people and by programs.

use std::fmt::Write as _;

use serde_json::Value;

use super::books::BookFile;
use super::lock::short;
use super::migrate::quoted;
use super::rulebook::{Rulebook, ViewKey};
use super::settings::{RuleSetting, RuleSettings, State};
use crate::finding::Place;

/// A place as it is written in messages.
fn origin(place: Option<&Place>) -> String {
    place.map_or_else(
        || "default".to_owned(),
        |place| {
            let region = place.source.region(place.span);
            format!("{}:{}:{}", place.source.path(), region.start_line, region.start_column)
        },
    )
}

/// Lines of text with comments.
#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, depth: usize, text: &str, origin: &str) {
        let indent = "  ".repeat(depth);
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{indent}{text}  # {origin}");
    }

    fn plain(&mut self, depth: usize, text: &str) {
        let indent = "  ".repeat(depth);
        let _ = writeln!(self.0, "{indent}{text}");
    }

    fn rule(&mut self, depth: usize, id: &str, setting: &RuleSetting) {
        let level = match &setting.state {
            Some(State::On(on)) => on.level.as_str(),
            _ => "off",
        };
        let from = origin(setting.origin.as_ref());
        if setting.options.is_empty() {
            return self.line(depth, &format!("{id}: {level}"), &from);
        }
        self.plain(depth, &format!("{id}:"));
        self.line(depth + 1, &format!("level: {level}"), &from);
        self.plain(depth + 1, "options:");
        for (name, given) in &setting.options {
            self.line(depth + 2, &format!("{}: {}", quoted(name), given.value()), &origin(Some(&given.place())));
        }
    }
}

impl Rulebook<'_> {
    /// What holds for a path, which is relative to the root.
    #[must_use]
    pub fn show(&self, path: &str) -> String {
        let key = self.of_file(path);
        let book = self.book_of(&key);
        let mut text = Text::default();
        let by = book.file.as_deref().unwrap_or("no configuration");
        text.plain(0, &format!("# What holds for {path}, by {by}."));
        if self.is_excluded(path) {
            text.plain(0, "# It is passed over.");
        }
        for (index, pattern) in book.exclude.iter().enumerate() {
            if index == 0 {
                text.plain(0, "exclude:");
            }
            text.line(1, &format!("- {}", quoted(&pattern.value)), &origin(Some(&pattern.place)));
        }
        let fail_on = book.fail_on.as_ref().map(|level| &level.place);
        text.line(0, &format!("fail-on: {}", self.fail_on(path).as_str()), &origin(fail_on));
        if let Some(version) = &book.kubernetes_version {
            let line = format!("kubernetes-version: {}", quoted(&version.value));
            text.line(0, &line, &origin(Some(&version.place)));
        }
        if let Some((_, place)) = &book.scopes {
            text.plain(0, &format!("# scopes: {}", origin(Some(place))));
        }
        for policy in self.policies_of(&key) {
            for name in policy.only.iter().flatten().take(1) {
                let place = Place { source: policy.source.clone(), span: name.span };
                text.plain(0, &format!("# only: {}", origin(Some(&place))));
            }
        }
        self.show_cluster(&key, &mut text);
        self.show_plugins(&key, &mut text);
        let settings = self.settings(&key);
        text.plain(0, "rules:");
        for (id, setting) in settings.iter() {
            text.rule(1, id, setting);
        }
        self.show_overrides(path, &key, &settings, &mut text);
        text.0
    }

    fn show_cluster(&self, key: &ViewKey, text: &mut Text) {
        let cluster = &self.book_of(key).cluster;
        if !cluster.is_empty() {
            text.plain(0, "cluster:");
        }
        for document in cluster {
            let objects = &document.objects;
            for (index, &node) in objects.nodes.iter().enumerate() {
                let word =
                    |column: &[u32]| column.get(index).and_then(|&number| objects.strings.get(number)).map(quoted);
                let words = [("kind", &objects.kinds), ("name", &objects.names), ("namespace", &objects.namespaces)];
                let words = words.into_iter().filter_map(|(key, column)| Some(format!("{key}: {}", word(column)?)));
                let words = words.collect::<Vec<_>>().join(", ");
                let place = Place { source: document.source.clone(), span: document.tree.span(node) };
                text.line(1, &format!("- {{{words}}}"), &origin(Some(&place)));
            }
        }
    }

    fn show_plugins(&self, key: &ViewKey, text: &mut Text) {
        let plugins = &self.book_of(key).plugins;
        if !plugins.is_empty() {
            text.plain(0, "plugins:");
        }
        for (name, plugin) in plugins {
            text.line(1, &format!("{}:", quoted(name)), &origin(Some(&plugin.place)));
            if let Some(BookFile { path, lock }) = &plugin.file {
                let pinned = lock
                    .pin(name)
                    .map_or_else(|| "not pinned".to_owned(), |pin| format!("{} by {}", short(pin), lock.shown()));
                text.line(2, &format!("path: {}", quoted(&path.display().to_string())), &pinned);
            }
            let options: serde_json::Map<String, Value> =
                plugin.options.iter().map(|(_, option)| (option.key.clone(), option.value.json())).collect();
            text.plain(2, &format!("options: {}", Value::from(options)));
        }
    }

    /// What differs for some objects of the file.
    fn show_overrides(&self, path: &str, key: &ViewKey, settings: &RuleSettings, text: &mut Text) {
        let overrides = self.book_of(key).overrides.iter().enumerate();
        let overrides = overrides.filter(|(_, other)| !other.objects.is_empty() && other.holds_for_file(path));
        for (number, (index, other)) in overrides.enumerate() {
            if number == 0 {
                text.plain(0, "overrides:");
            }
            let objects = &other.objects;
            let lists = [("kinds", &objects.kinds), ("names", &objects.names), ("namespaces", &objects.namespaces)];
            let lists = lists.into_iter().filter(|(_, names)| !names.is_empty());
            let mut conditions: Vec<String> =
                lists.map(|(key, names)| format!("{key}: {}", Value::from(names.clone()))).collect();
            if !objects.labels.is_empty() {
                let labels = objects.labels.iter().map(|(key, value)| (key.clone(), Value::from(value.clone())));
                conditions.push(format!("labels: {}", Value::from(labels.collect::<serde_json::Map<_, _>>())));
            }
            for (line, condition) in conditions.iter().enumerate() {
                let lead = if line == 0 { "- " } else { "  " };
                text.line(1, &format!("{lead}{condition}"), &origin(Some(&other.place)));
            }
            text.plain(2, "rules:");
            let with = self.settings(&key.with(index));
            for (id, setting) in
                with.iter().filter(|(id, setting)| settings.get(id).is_none_or(|plain| differs(plain, setting)))
            {
                text.rule(3, id, setting);
            }
        }
    }
}

fn differs(one: &RuleSetting, other: &RuleSetting) -> bool {
    let level = |setting: &RuleSetting| match &setting.state {
        Some(State::On(on)) => Some(on.level),
        _ => None,
    };
    level(one) != level(other) || !one.options().eq(other.options())
}
