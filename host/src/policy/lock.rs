//! Pins of plugins: the hashes of the files that a configuration or a policy names, in a text beside it. What runs is what
//! somebody looked at, until they pin something else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::PolicyError;
use super::format::list;
use super::load::bytes;
use super::located::{Entry, Node, Value};
use super::migrate::quoted;
use super::names::nearest;
use crate::document::{Source, Span};

/// The only version of the format yet: a text for each plugin. One that comes from a registry will need more.
const VERSION: u64 = 1;
const KEYS: [&str; 2] = ["plugins", "version"];
/// What a pin begins with, so that other hashes can follow.
const SHA256: &str = "sha256:";
/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;
/// How many of them people are shown.
const SHOWN_DIGITS: usize = 12;
/// Words that begin a line between the sides of a merge that nobody has decided.
const CONFLICT: [&str; 3] = ["<<<<<<< ", "=======", ">>>>>>> "];

/// The pins beside one configuration or policy, its owner.
#[derive(Debug)]
pub struct Lock {
    owner: PathBuf,
    /// The owner as messages name it.
    owner_shown: String,
    /// By the plugin's name; nothing where there is no such file.
    pins: Option<BTreeMap<String, String>>,
    /// Whether its lines end as on Windows.
    crlf: bool,
}

/// Why a plugin is not what its configuration says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Nothing is pinned.
    #[error("there is no `{lock}` to pin it; `{command}` makes one")]
    NoLock {
        /// The missing file.
        lock: String,
        /// What to run.
        command: String,
    },
    /// It is not pinned.
    #[error("`{lock}` has no pin for `{name}`; `{command}` adds it")]
    NoPin {
        /// The file.
        lock: String,
        /// The plugin.
        name: String,
        /// What to run.
        command: String,
    },
    /// Something else is pinned.
    #[error(
        "`{lock}` pins {pinned} for `{name}`, and the file is {found} now; if that is meant, `{command}` pins what it is"
    )]
    Drift {
        /// The file.
        lock: String,
        /// The plugin.
        name: String,
        /// The beginning of the hash that is pinned.
        pinned: String,
        /// The beginning of the hash that the file has.
        found: String,
        /// What to run.
        command: String,
    },
}

impl Lock {
    /// Reads the pins beside a configuration or a policy, which messages name by `shown`. Where there are none yet, there are
    /// none.
    ///
    /// # Errors
    /// All that is wrong with their form, and a file that cannot be read.
    pub fn read(owner: &Path, shown: &str) -> Result<Self, Vec<PolicyError>> {
        let mut lock = Self { owner: owner.to_owned(), owner_shown: shown.to_owned(), pins: None, crlf: false };
        let path = lock.path();
        // A link that leads nowhere is no lock that is missing.
        if path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            return Ok(lock);
        }
        let shown = lock.shown();
        let source = Arc::new(Source::new(&shown, bytes(&path, &shown, "lock").map_err(|error| vec![error])?));
        lock.crlf = source.text().contains("\r\n");
        lock.pins = Some(pins(&source)?);
        Ok(lock)
    }

    /// Its file: beside its owner, of the same name.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        Self::beside(&self.owner)
    }

    /// The file of pins beside a configuration or a policy.
    #[must_use]
    pub fn beside(owner: &Path) -> PathBuf {
        owner.with_extension("lock")
    }

    /// The configuration or policy that it belongs to.
    #[must_use]
    pub fn owner(&self) -> &Path {
        &self.owner
    }

    /// Its file as messages name it.
    #[must_use]
    pub fn shown(&self) -> String {
        Self::beside(Path::new(&self.owner_shown)).display().to_string()
    }

    /// The hash that is pinned for a plugin.
    #[must_use]
    pub fn pin(&self, name: &str) -> Option<&str> {
        self.pins.as_ref()?.get(name).map(String::as_str)
    }

    /// Holds the file of a plugin, by its hash, to what is pinned; `command` would pin it.
    ///
    /// # Errors
    /// Where that is nothing, or something else.
    pub fn hold(&self, name: &str, sha256: &str, command: String) -> Result<(), PinError> {
        let lock = self.shown();
        let Some(pins) = &self.pins else { return Err(PinError::NoLock { lock, command }) };
        let name = name.to_owned();
        match pins.get(&name) {
            None => Err(PinError::NoPin { lock, name, command }),
            Some(pinned) if pinned == sha256 => Ok(()),
            Some(pinned) => {
                let (pinned, found) = (short(pinned), short(sha256));
                Err(PinError::Drift { lock, name, pinned, found, command })
            }
        }
    }

    /// A sentence for each pin of a plugin that its owner does not load.
    pub(super) fn unused(&self, loaded: &BTreeSet<&str>) -> Vec<String> {
        let pinned = self.pins.iter().flatten().map(|(name, _)| name.as_str());
        let told = |name: &str| {
            let (lock, owner) = (self.shown(), &self.owner_shown);
            format!(
                "`{lock}` pins `{name}`, which `{owner}` does not load; take its line out, or name the plugin there"
            )
        };
        pinned.filter(|name| !loaded.contains(name)).map(told).collect()
    }

    /// Its text with this pin.
    #[must_use]
    pub fn with(&self, name: &str, sha256: &str) -> String {
        let mut pins = self.pins.clone().unwrap_or_default();
        pins.insert(name.to_owned(), sha256.to_owned());
        let owner = self.owner.file_name().unwrap_or_default().to_string_lossy();
        let mut text = format!(
            "# The plugins of {owner}, as somebody looked at them. `hullmark plugin add` writes this: commit it.\n\
             version: {VERSION}\nplugins:\n"
        );
        for (name, sha256) in pins {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {}: {SHA256}{sha256}", quoted(&name));
        }
        if self.crlf { text.replace('\n', "\r\n") } else { text }
    }
}

/// A hash as people compare it.
pub(super) fn short(sha256: &str) -> String {
    sha256.chars().take(SHOWN_DIGITS).collect()
}

/// The pins that a text holds.
fn pins(source: &Arc<Source>) -> Result<BTreeMap<String, String>, Vec<PolicyError>> {
    if let Some(span) = conflict(source.text()) {
        let help =
            "keep the line of each plugin; where both sides have one, `hullmark plugin add FILE` pins what the file is";
        return Err(vec![PolicyError::at(source, span, "a merge is not decided here").help(help)]);
    }
    let root = Node::read(source).map_err(|error| vec![error])?;
    let Value::Mapping(entries) = &root.value else {
        let help = "`hullmark plugin add FILE` makes a new one if you take it away";
        return Err(vec![PolicyError::at(source, root.span, "this is no lock of plugins").help(help)]);
    };
    version(source, entries)?;
    let (mut pins, mut errors) = (BTreeMap::new(), Vec::new());
    for entry in entries {
        match (entry.key.as_str(), &entry.value.value) {
            ("version", _) => {}
            ("plugins", Value::Mapping(plugins)) => {
                for plugin in plugins {
                    match pin(source, plugin) {
                        Ok(sha256) => drop(pins.insert(plugin.key.trim().to_owned(), sha256)),
                        Err(error) => errors.push(error),
                    }
                }
            }
            ("plugins", _) => {
                let message = "`plugins` takes a mapping of plugins to their hashes";
                errors.push(PolicyError::at(source, entry.value.span, message));
            }
            (key, _) => {
                let near = nearest(key, KEYS.map(str::to_owned));
                let error = PolicyError::at(source, entry.key_span, format!("there is no key `{key}` here"));
                errors.push(error.suggest(near, format!("a lock has {}", list(&KEYS))));
            }
        }
    }
    if errors.is_empty() { Ok(pins) } else { Err(errors) }
}

/// Whether this program reads that version of the format: in a text of a later one, nothing else can be judged.
fn version(source: &Arc<Source>, entries: &[Entry]) -> Result<(), Vec<PolicyError>> {
    let error = |span: Span, message: String, help: &str| Err(vec![PolicyError::at(source, span, message).help(help)]);
    let own = env!("CARGO_PKG_VERSION");
    let Some(entry) = entries.iter().find(|entry| entry.key == "version") else {
        let span = entries.first().map(|entry| entry.key_span).unwrap_or_default();
        return error(span, "the lock does not say its `version`".to_owned(), "it begins with `version: 1`");
    };
    let span = entry.value.span;
    match &entry.value.value {
        Value::Number(number) if number.as_u64() == Some(VERSION) => Ok(()),
        Value::Number(number) if number.as_u64().is_some_and(|number| number > VERSION) => {
            let message = format!("the lock has version {number}, and hullmark {own} knows version {VERSION}");
            error(span, message, "update hullmark")
        }
        _ => error(span, "the lock has no version that there is".to_owned(), "it begins with `version: 1`"),
    }
}

/// The hash of one plugin.
fn pin(source: &Arc<Source>, entry: &Entry) -> Result<String, PolicyError> {
    let hash = match &entry.value.value {
        Value::Text(text) => text.trim().strip_prefix(SHA256).map(str::to_ascii_lowercase),
        _ => None,
    };
    let is_hash = |hash: &String| hash.len() == DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    hash.filter(is_hash).ok_or_else(|| {
        let message = format!("`{}` takes `{SHA256}` and {DIGITS} hexadecimal digits", entry.key);
        PolicyError::at(source, entry.value.span, message)
            .help("`hullmark plugin add FILE` writes it if you take the line out")
    })
}

/// The first line that git leaves where two sides change the same lines.
fn conflict(text: &str) -> Option<Span> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim_end();
        if CONFLICT.iter().any(|mark| words.starts_with(mark)) {
            return Some(Span::new(start, start + words.len() as u32));
        }
        start += line.len() as u32;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const OTHER: &str = "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn lock(text: Option<&str>) -> Result<Lock, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        if let Some(text) = text {
            std::fs::write(folder.path().join("hullmark.lock"), text).unwrap();
        }
        Lock::read(&folder.path().join("hullmark.yaml"), "hullmark.yaml").map_err(|errors| {
            let told = |error: PolicyError| {
                let place = error.place.unwrap();
                let region = place.source.region(place.span);
                format!("{}:{}: {}", region.start_line, region.start_column, error.message)
            };
            errors.into_iter().map(told).collect()
        })
    }

    #[test]
    fn what_is_written_is_read_again_sorted_and_with_a_line_for_each_plugin() {
        let empty = lock(None).unwrap();
        let one = lock(Some(&empty.with("team", ONE))).unwrap();
        let both = one.with("on", OTHER);
        let lines = both.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(
            lines.collect::<Vec<_>>(),
            ["version: 1", "plugins:", &format!("  \"on\": sha256:{OTHER}"), &format!("  team: sha256:{ONE}")]
        );
        let both = lock(Some(&both)).unwrap();
        assert_eq!((both.pin("team"), both.pin("on"), both.pin("x")), (Some(ONE), Some(OTHER), None));
        let windows = both.with("x", ONE).replace('\n', "\r\n");
        let windows = lock(Some(&windows)).unwrap();
        assert_eq!(windows.pin("team"), Some(ONE));
        assert!(windows.with("y", ONE).lines().count() == windows.with("y", ONE).matches("\r\n").count());
    }

    #[test]
    fn each_way_not_to_be_pinned_is_told_apart() {
        let fault = |lock: &Lock, name: &str| lock.hold(name, OTHER, "COMMAND".into()).unwrap_err().to_string();
        let empty = lock(None).unwrap();
        assert_eq!(fault(&empty, "a"), "there is no `hullmark.lock` to pin it; `COMMAND` makes one");
        let one = lock(Some(&empty.with("a", ONE))).unwrap();
        assert_eq!(one.hold("a", ONE, String::new()), Ok(()));
        assert_eq!(fault(&one, "b"), "`hullmark.lock` has no pin for `b`; `COMMAND` adds it");
        assert_eq!(
            fault(&one, "a"),
            "`hullmark.lock` pins 0123456789ab for `a`, and the file is f123456789ab now; if that is meant, `COMMAND` \
             pins what it is"
        );
        assert_eq!(one.unused(&BTreeSet::from(["a"])), [""; 0]);
        assert!(
            one.unused(&BTreeSet::new())[0]
                .starts_with("`hullmark.lock` pins `a`, which `hullmark.yaml` does not load")
        );
    }

    #[test]
    fn what_is_wrong_with_a_lock_is_told_at_its_place() {
        let pin = format!("sha256:{ONE}");
        for (text, told) in [
            (String::new(), "1:1: this is no lock of plugins".to_owned()),
            ("[[package]]\n".to_owned(), "1:1: this is no lock of plugins".to_owned()),
            ("plugins: {}\n".to_owned(), "1:1: the lock does not say its `version`".to_owned()),
            (
                "version: 2\nplugins: []\n".to_owned(),
                format!("1:10: the lock has version 2, and hullmark {} knows version 1", env!("CARGO_PKG_VERSION")),
            ),
            ("version: one\n".to_owned(), "1:10: the lock has no version that there is".to_owned()),
            ("version: 0\n".to_owned(), "1:10: the lock has no version that there is".to_owned()),
            ("version: 1\nplugin: {}\n".to_owned(), "2:1: there is no key `plugin` here".to_owned()),
            (
                "version: 1\nplugins: []\n".to_owned(),
                "2:10: `plugins` takes a mapping of plugins to their hashes".to_owned(),
            ),
            (
                format!("version: 1\nplugins:\n  a: {ONE}\n"),
                "3:6: `a` takes `sha256:` and 64 hexadecimal digits".to_owned(),
            ),
            (
                "version: 1\nplugins: {a: {sha256: 1}}\n".to_owned(),
                "2:14: `a` takes `sha256:` and 64 hexadecimal digits".to_owned(),
            ),
            (
                format!("version: 1\nplugins:\n  a: {pin}0\n"),
                "3:6: `a` takes `sha256:` and 64 hexadecimal digits".to_owned(),
            ),
            (
                format!("version: 1\nplugins:\n<<<<<<< HEAD\n  a: {pin}\n=======\n  b: {pin}\n>>>>>>> x\n"),
                "3:1: a merge is not decided here".to_owned(),
            ),
            (
                format!("version: 1\r\nplugins:\r\n=======\r\n  a: {pin}\r\n"),
                "3:1: a merge is not decided here".to_owned(),
            ),
        ] {
            assert_eq!(lock(Some(&text)).unwrap_err(), [told], "{text}");
        }
        let twice = lock(Some(&format!("version: 1\nplugins:\n  a: {pin}\n  a: {pin}\n"))).unwrap_err();
        assert!(twice[0].contains("stands here twice"), "{twice:?}");
        assert!(lock(Some(&format!("version: 1\nplugins: {{a: SHA256:{ONE}}}\n"))).is_err());
        assert_eq!(
            lock(Some(&format!("version: 1\nplugins: {{a: {}}}\n", pin.replace("abc", "ABC")))).unwrap().pin("a"),
            Some(ONE)
        );
        assert_eq!(lock(Some("version: 1\n")).unwrap().pin("a"), None);
    }
}
