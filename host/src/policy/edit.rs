//! Writes a plugin into a configuration or a policy: its text is edited, so every comment and all that somebody has formatted
//! stays. What was written is read again and held to what was to be written.

use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::format::{PluginEntry, Policy};
use super::load::{ConfigurationFile, bytes};
use super::located::{Node, Value};
use super::migrate::quoted;
use super::{PolicyError, rulebook};
use crate::document::{NodeId, Source, Span, Tree, kind, parse_yaml};
use crate::finding::Plugin;

/// Blanks by which a level stands further in.
const STEP: usize = 2;
/// What a new file begins with.
const HEAD: &str = "# yaml-language-server: $schema=https://hullmark.dev/hullmark.schema.json\n";
const PLUGINS: &str = "plugins";
const PATH: &str = "path";
const OPTIONS: &str = "options";

/// The text of a configuration or a policy, to be edited.
#[derive(Debug)]
pub struct PolicyText {
    source: Arc<Source>,
    /// What it says; null where it says nothing.
    says: Json,
    plugins: Vec<PluginEntry>,
}

impl PolicyText {
    /// Reads a text. Where there is no file, it begins a new one.
    ///
    /// # Errors
    /// All that is wrong with its form.
    pub fn open(file: &ConfigurationFile) -> Result<Self, Vec<PolicyError>> {
        if file.path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            return Self::read(&Arc::new(Source::new(&file.shown, HEAD.into())));
        }
        let bytes = bytes(&file.path, &file.shown, "configuration").map_err(|error| vec![error])?;
        Self::read(&Arc::new(Source::new(&file.shown, bytes)))
    }

    /// Reads a text, which may say nothing yet.
    fn read(source: &Arc<Source>) -> Result<Self, Vec<PolicyError>> {
        let root = Node::read(source).map_err(|error| vec![error])?;
        let plugins = match root.value {
            Value::Null => Vec::new(),
            _ => Policy::read(source, "configuration")?.plugins,
        };
        Ok(Self { source: Arc::clone(source), says: root.json(), plugins })
    }

    /// The text itself.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text()
    }

    fn plugin(&self, name: &str) -> Option<&PluginEntry> {
        self.plugins.iter().find(|plugin| plugin.name.text == name)
    }

    /// The file that it names for a plugin.
    #[must_use]
    pub fn path_of(&self, name: &str) -> Option<&str> {
        Some(self.plugin(name)?.path.as_ref()?.text.as_str())
    }

    /// The options that it gives a plugin.
    #[must_use]
    pub fn options_of(&self, name: &str) -> Map<String, Json> {
        let options = self.plugin(name).into_iter().flat_map(|plugin| &plugin.options);
        options.map(|option| (option.key.clone(), option.value.json())).collect()
    }

    /// Holds the options that it gives a plugin to what the plugin declares.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn judge(&self, plugin: &Plugin) -> Result<(), Vec<PolicyError>> {
        let options = self.plugin(&plugin.name).into_iter().flat_map(|entry| &entry.options);
        let errors: Vec<PolicyError> =
            options.flat_map(|option| rulebook::option_errors(plugin, &self.source, option)).collect();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The text in which a plugin has this file, and these options beside those that it has.
    ///
    /// # Errors
    /// Where the text is written so that the plugin has to be written by hand.
    pub fn with(&self, name: &str, path: &str, options: &Map<String, Json>) -> Result<Self, PolicyError> {
        let by_hand = || {
            let mut entry = json!({ PATH: path });
            if !options.is_empty() {
                entry[OPTIONS] = options.clone().into();
            }
            let message = format!("`{}` is written in a way that a plugin cannot be added to", self.source.path());
            let entry = json!({ name: entry });
            PolicyError::new(message).help(format!("write `{PLUGINS}: {}` there, and do this again", flow(&entry)))
        };
        let expected = self.expected(name, path, options);
        // What is so already keeps the way in which it is written.
        let known = self.options_of(name);
        let new = options.iter().filter(|(key, value)| known.get(*key) != Some(value));
        let new = new.map(|(key, value)| (key.clone(), value.clone())).collect();
        let mut text = Draft { text: self.text().to_owned() };
        text.add(name, path, &new).ok_or_else(by_hand)?;
        let written = Self::read(&Arc::new(Source::new(self.source.path(), text.text.into_bytes())));
        let written = written.ok().filter(|written| written.says == expected && written.path_of(name) == Some(path));
        written.ok_or_else(by_hand)
    }

    /// What the new text is to say.
    fn expected(&self, name: &str, path: &str, options: &Map<String, Json>) -> Json {
        let mut says = if self.says.is_null() { json!({}) } else { self.says.clone() };
        let entry = &mut says[PLUGINS][name];
        let is_plain = !entry.is_object() && options.is_empty();
        if entry.is_string() && is_plain {
            *entry = path.into();
            return says;
        }
        if !entry.is_object() {
            *entry = json!({});
        }
        entry[PATH] = path.into();
        for (key, value) in options {
            entry[OPTIONS][key] = value.clone();
        }
        says
    }
}

/// A text between two edits.
struct Draft {
    text: String,
}

impl Draft {
    /// Writes the plugin, one edit after the other; nothing where the text is not understood.
    fn add(&mut self, name: &str, path: &str, options: &Map<String, Json>) -> Option<()> {
        let mut entry = json!({ PATH: path });
        if !options.is_empty() {
            entry[OPTIONS] = options.clone().into();
        }
        let Some(tree) = self.tree()? else { return self.append(&json!({ PLUGINS: { name: entry } })) };
        let Some(plugins) = tree.get(0, PLUGINS) else { return self.append_to_root(&tree, &json!({ name: entry })) };
        let Some(known) = tree.get(plugins, name) else { return self.insert(&tree, plugins, name, &entry) };
        if tree.kind(known) != kind::MAPPING {
            if !options.is_empty() {
                return self.replace(&tree, known, &entry);
            }
            return self.set(&[PLUGINS, name], &path.into());
        }
        self.set(&[PLUGINS, name, PATH], &path.into())?;
        if tree.get(known, OPTIONS).is_none() && !options.is_empty() {
            return self.set(&[PLUGINS, name, OPTIONS], &options.clone().into());
        }
        options.iter().try_for_each(|(key, value)| self.set(&[PLUGINS, name, OPTIONS, key], value))
    }

    /// The text's only document, unless it is empty; nothing where it is not understood.
    #[expect(clippy::option_option, reason = "a text that is empty is understood")]
    fn tree(&self) -> Option<Option<Tree>> {
        let mut stream = parse_yaml(&self.text);
        if !stream.broken.is_empty() || stream.documents.len() > 1 {
            return None;
        }
        let tree = stream.documents.pop().map(|document| document.tree);
        Some(tree.filter(|tree| !tree.is_empty() && tree.kind(0) != kind::NULL))
    }

    /// Gives a key of a mapping that is there its value, if it has another one.
    fn set(&mut self, keys: &[&str], value: &Json) -> Option<()> {
        let tree = self.tree()??;
        let (key, above) = keys.split_last()?;
        let mapping = tree.at(0, above)?;
        match tree.get(mapping, key) {
            None => self.insert(&tree, mapping, key, value),
            Some(node) if tree.text(node).is_some_and(|text| value.as_str() == Some(text.trim())) => Some(()),
            Some(node) => self.replace(&tree, node, value),
        }
    }

    /// Writes a value over another one.
    fn replace(&mut self, tree: &Tree, node: NodeId, value: &Json) -> Option<()> {
        let span = place(tree, node);
        (!span.is_empty()).then(|| self.text.replace_range(range(span), &flow(value)))
    }

    /// Adds an entry to a mapping, below its last one.
    fn insert(&mut self, tree: &Tree, mapping: NodeId, key: &str, value: &Json) -> Option<()> {
        let here = place(tree, mapping);
        let last = tree.children(mapping).filter(|&child| tree.key_span(child).is_some()).last();
        if self.text[range(here)].starts_with('{') {
            let pair = format!("{}: {}", quoted(key), flow(value));
            match last {
                Some(last) => self.text.insert_str(place(tree, last).end as usize, &format!(", {pair}")),
                None => self.text.insert_str(here.start as usize + 1, &pair),
            }
            return Some(());
        }
        let last = last?;
        let indent = self.indent(tree.key_span(last)?.start as usize)?;
        let step = self.step(tree, mapping, indent.len());
        let line_end = self.line_end(place(tree, last).end.max(tree.key_span(last)?.end) as usize);
        self.insert_lines(line_end, &block(key, value, &indent, step));
        Some(())
    }

    /// Adds the plugins to a text that has none: at the end of what it says.
    fn append_to_root(&mut self, tree: &Tree, plugins: &Json) -> Option<()> {
        if tree.kind(0) != kind::MAPPING {
            return None;
        }
        let first = tree.children(0).next();
        let is_flow = self.text[range(place(tree, 0))].starts_with('{');
        let is_indented = first.and_then(|first| tree.key_span(first)).is_none_or(|key| {
            !matches!(self.text[..key.start as usize].chars().next_back(), None | Some('\n' | '\r' | '\u{feff}'))
        });
        if is_flow || is_indented {
            return self.insert(tree, 0, PLUGINS, plugins);
        }
        self.append(&json!({ PLUGINS: plugins }))
    }

    /// Adds what a mapping says at the end of the text, apart from comments that stand there.
    fn append(&mut self, says: &Json) -> Option<()> {
        let mut lines = String::new();
        for (key, value) in says.as_object()? {
            lines.push_str(&block(key, value, "", STEP));
        }
        // A line of three dots ends what is read.
        let mut end = 0;
        for line in self.text.split_inclusive('\n') {
            if line.trim_end() == "..." {
                break;
            }
            end += line.len();
        }
        let last = self.text[..end].lines().next_back().unwrap_or_default().trim_start_matches('\u{feff}');
        if last.starts_with('#') && self.text[..end].lines().count() > 1 {
            lines.insert(0, '\n');
        }
        self.insert_lines(end, &lines);
        Some(())
    }

    /// Inserts whole lines where a line begins, or the text ends.
    fn insert_lines(&mut self, at: usize, lines: &str) {
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let before = &self.text[..at];
        let begins = before.trim_start_matches('\u{feff}').is_empty() || before.ends_with('\n');
        let lead = if begins { "" } else { newline };
        self.text.insert_str(at, &format!("{lead}{}", lines.replace('\n', newline)));
    }

    /// What stands before a key in its line, which must be blanks.
    fn indent(&self, key: usize) -> Option<String> {
        let start = self.text[..key].rfind('\n').map_or(0, |end| end + 1);
        let indent = self.text[start..key].trim_start_matches('\u{feff}');
        indent.bytes().all(|byte| byte == b' ').then(|| indent.to_owned())
    }

    /// By how much levels stand further in: as the entries of this mapping have it.
    fn step(&self, tree: &Tree, mapping: NodeId, indent: usize) -> usize {
        let below = tree.children(mapping).find_map(|entry| {
            let key = tree.children(entry).next().and_then(|child| tree.key_span(child))?;
            Some(self.indent(key.start as usize)?.len())
        });
        below.and_then(|below| below.checked_sub(indent)).filter(|&step| step > 0).unwrap_or(STEP)
    }

    /// Where the line after this place begins.
    fn line_end(&self, at: usize) -> usize {
        // The end of a block of text may lie behind its line's.
        if self.text[..at].ends_with('\n') {
            return at;
        }
        self.text[at..].find('\n').map_or(self.text.len(), |end| at + end + 1)
    }
}

/// Where a value is written: where it is an alias, the alias.
fn place(tree: &Tree, node: NodeId) -> Span {
    tree.alias(node).unwrap_or_else(|| tree.span(node))
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// An entry in lines of its own, mappings spread.
fn block(key: &str, value: &Json, indent: &str, step: usize) -> String {
    let key = quoted(key);
    match value {
        Json::Object(entries) if !entries.is_empty() => {
            let below = " ".repeat(indent.len() + step);
            // The file first, then what is said of it.
            let mut entries: Vec<(&String, &Json)> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| (*key != PATH, key.as_str()));
            let entries: String = entries.into_iter().map(|(key, value)| block(key, value, &below, step)).collect();
            format!("{indent}{key}:\n{entries}")
        }
        value => format!("{indent}{key}: {}\n", flow(value)),
    }
}

/// A value in one line.
fn flow(value: &Json) -> String {
    match value {
        Json::String(text) => quoted(text),
        Json::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) => {
            let mut entries: Vec<(&String, &Json)> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| (*key != PATH, key.as_str()));
            let pair = |(key, value): (&String, &Json)| format!("{}: {}", quoted(key), flow(value));
            format!("{{{}}}", entries.into_iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        value => value.to_string(),
    }
}

/// The value of an option as it is said on a command line: a text as it stands, unless it is a list, a mapping, a number, a
/// flag or a text in quotes.
///
/// # Errors
/// What is wrong with it.
pub fn option_value(text: &str) -> Result<Json, String> {
    let read = Node::read(&Arc::new(Source::new("option", text.into()))).map(|node| node.json());
    if text.trim_start().starts_with(['[', '{', '"', '\'']) {
        return read.map_err(|error| error.message);
    }
    Ok(read.ok().filter(|value| value.is_number() || value.is_boolean()).unwrap_or_else(|| text.into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> PolicyText {
        PolicyText::read(&Arc::new(Source::new("hullmark.yaml", text.as_bytes().to_vec()))).unwrap()
    }

    fn options(options: Json) -> Map<String, Json> {
        options.as_object().unwrap().clone()
    }

    fn with(text: &str, given: Json) -> Result<String, String> {
        let written = read(text).with("own", "tools/own.wasm", &options(given));
        written.map(|written| written.text().to_owned()).map_err(|error| error.help.unwrap())
    }

    #[test]
    fn a_plugin_is_added_where_somebody_would_write_it() {
        for (text, expected) in [
            ("", "plugins:\n  own:\n    path: tools/own.wasm\n"),
            ("# Ours.\n", "# Ours.\nplugins:\n  own:\n    path: tools/own.wasm\n"),
            ("rules: {}", "rules: {}\nplugins:\n  own:\n    path: tools/own.wasm\n"),
            (
                "rules: {}\n\n# fail-on: note\n",
                "rules: {}\n\n# fail-on: note\n\nplugins:\n  own:\n    path: tools/own.wasm\n",
            ),
            ("rules: {}\n...\n", "rules: {}\nplugins:\n  own:\n    path: tools/own.wasm\n...\n"),
            ("---\nrules: {}\n", "---\nrules: {}\nplugins:\n  own:\n    path: tools/own.wasm\n"),
            ("\u{feff}rules: {}\n", "\u{feff}rules: {}\nplugins:\n  own:\n    path: tools/own.wasm\n"),
            ("  rules: {}\n", "  rules: {}\n  plugins:\n    own:\n      path: tools/own.wasm\n"),
            ("{}", "{plugins: {own: {path: tools/own.wasm}}}"),
            ("{rules: {}, } # x", "{rules: {}, plugins: {own: {path: tools/own.wasm}}, } # x"),
            ("plugins: {}\nrules: {}\n", "plugins: {own: {path: tools/own.wasm}}\nrules: {}\n"),
            ("plugins: {a: b.wasm}  # all\n", "plugins: {a: b.wasm, own: {path: tools/own.wasm}}  # all\n"),
            (
                "plugins:\n    # The first.\n    a: b.wasm # why\n    # The end.\n\nrules: {}\n",
                "plugins:\n    # The first.\n    a: b.wasm # why\n    own:\n      path: tools/own.wasm\n    # The end.\n\nrules: {}\n",
            ),
            (
                "plugins:\n   a:\n       path: b.wasm",
                "plugins:\n   a:\n       path: b.wasm\n   own:\n       path: tools/own.wasm\n",
            ),
            (
                "plugins:\r\n  a: {path: b.wasm,\r\n      options: {}}\r\nrules: {}\r\n",
                "plugins:\r\n  a: {path: b.wasm,\r\n      options: {}}\r\n  own:\r\n    path: tools/own.wasm\r\nrules: {}\r\n",
            ),
            ("plugins: {own: old.wasm} # x\n", "plugins: {own: tools/own.wasm} # x\n"),
            ("plugins:\n  own: \"old.wasm\"  # x\n", "plugins:\n  own: tools/own.wasm  # x\n"),
            (
                "plugins:\n  own: {options: {}, path: old.wasm}\n",
                "plugins:\n  own: {options: {}, path: tools/own.wasm}\n",
            ),
            (
                "plugins:\n  own:\n    options: {a: 1} # x\n",
                "plugins:\n  own:\n    options: {a: 1} # x\n    path: tools/own.wasm\n",
            ),
            ("plugins:\n  own: 'tools/own.wasm' # x\n", "plugins:\n  own: 'tools/own.wasm' # x\n"),
        ] {
            assert_eq!(with(text, json!({})).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn options_are_added_beside_those_that_are_there() {
        let given = json!({"a": [1, "x y"], "b": "on"});
        for (text, expected) in [
            ("", "plugins:\n  own:\n    path: tools/own.wasm\n    options:\n      a: [1, \"x y\"]\n      b: \"on\"\n"),
            (
                "plugins: {own: old.wasm}",
                "plugins: {own: {path: tools/own.wasm, options: {a: [1, \"x y\"], b: \"on\"}}}",
            ),
            (
                "plugins:\n  own:\n    path: tools/own.wasm # x\n    options:\n      c: 1 # y\n      a: 2 # z\n",
                "plugins:\n  own:\n    path: tools/own.wasm # x\n    options:\n      c: 1 # y\n      a: [1, \"x y\"] # z\n      b: \"on\"\n",
            ),
            (
                "plugins:\n  own: {path: tools/own.wasm, options: {a: {b: c}}}\n",
                "plugins:\n  own: {path: tools/own.wasm, options: {a: [1, \"x y\"], b: \"on\"}}\n",
            ),
        ] {
            assert_eq!(with(text, given.clone()).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_edited_is_left_to_people() {
        for text in [
            // The mapping stands for another one as well.
            "overrides:\n- paths: a\n  rules: {x: {options: &p {a: 1}}}\nplugins:\n  own: {path: a.wasm, options: *p}\n",
            "? plugins\n: a: b.wasm\n",
        ] {
            let help = with(text, json!({"a": 2}));
            assert!(
                matches!(&help, Err(help) if help.contains("`plugins: {own: {path: tools/own.wasm, options: {a: 2}}}`"))
                    || help.is_ok_and(|text| read(&text).options_of("own")["a"] == 2),
                "{text}"
            );
        }
    }

    /// Lines of which most orders are a configuration.
    const PIECES: [&str; 14] = [
        "rules:\n  image/*: off # why\n",
        "# a comment\n",
        "\n",
        "extends: [strict,\n  security]\n",
        "plugins:\n  a: a.wasm\n",
        "plugins:\n    a:\n        path: a.wasm\n        options: {x: [1, 2]}   # those\n    # the end\n",
        "plugins: {a: {path: 'a b.wasm'}, own: o.wasm}\n",
        "plugins:\n  own:\n    options:\n      x: |\n        a\n\n        b\n    path: >-\n      a.wasm\n",
        "plugins:\n  \"own\": # here\n    a.wasm\n  b: b.wasm\n",
        "plugins: {\n  own: {path: o.wasm, options: {x: 1,},}, # it\n}\n",
        "exclude:\n- a\n- b\n",
        "fail-on: error\n...\n",
        "cluster:\n  - {kind: Secret, name: x}\n",
        "scopes: &s\n  - apps/*\n",
    ];

    proptest! {
        #![proptest_config(crate::document::invariants::cases(500))]

        #[test]
        fn an_edited_text_says_what_it_said_and_the_plugin(
            pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..6),
            crlf in any::<bool>(),
            cut in any::<bool>(),
            path in "[a-z./ '\"#é:{}-]{1,12}",
            value in proptest::sample::select(vec![json!(1), json!("é: #"), json!(["a", true]), json!({"x y": {"b": null}})]),
            has_options in any::<bool>(),
        ) {
            let mut text = pieces.concat();
            if cut {
                text.truncate(text.trim_end().len());
            }
            if crlf {
                text = text.replace('\n', "\r\n");
            }
            let source = Arc::new(Source::new("hullmark.yaml", text.clone().into_bytes()));
            let Ok(read) = PolicyText::read(&source) else { return Ok(()) };
            prop_assume!(path.trim() == path);
            let given = if has_options { options(json!({"x": value, "own": "b"})) } else { Map::new() };
            let written = read.with("own", &path, &given);
            prop_assert!(written.is_ok(), "{text}");
            let written = written.unwrap();
            let twice = written.with("own", &path, &given).unwrap();
            prop_assert_eq!(twice.text(), written.text());
            // No line is lost but those of the plugin itself.
            for comment in text.lines().filter_map(|line| Some(&line[line.find('#')?..])) {
                prop_assert!(written.text().contains(comment), "{}", written.text());
            }
            let expected = if text.contains("\r\n") { written.text().matches('\n').count() } else { 0 };
            prop_assert_eq!(written.text().matches("\r\n").count(), expected);
        }
    }
}
