//! From names and files to policies, and to the policies that those extend. The built-in ones are read only when they are
//! named.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::format::Policy;
use super::names::nearest;
use super::{Lock, PolicyError};
use crate::document::Source;
use crate::finding::Place;

include!(concat!(env!("OUT_DIR"), "/policies.rs"));

/// Bytes of a policy; a larger file is something else.
const LARGEST: u64 = 1 << 20;
/// Policies that extend each other in one row.
const DEEPEST: usize = 32;

/// Names of the built-in policies, sorted.
pub fn builtin() -> impl Iterator<Item = &'static str> {
    POLICIES.iter().map(|(name, _)| *name)
}

/// The names of which a finding must have one to be reported under a built-in policy: for that of a tool, all its checks.
#[must_use]
pub fn listed(policy: &str) -> Vec<String> {
    let source = Arc::new(Source::new(policy, text(policy).as_bytes().to_vec()));
    let only = Policy::read(&source, "policy").ok().and_then(|policy| policy.only);
    only.into_iter().flatten().map(|name| name.text).collect()
}

/// Name of a configuration's file.
pub const CONFIGURATION: &str = "hullmark.yaml";
/// What a configuration builds on that does not say.
const DEFAULT: &str = "recommended";

/// Policies that were read, each after those that it extends.
#[derive(Debug, Default)]
pub struct Policies {
    pub(super) read: Vec<Read>,
    /// Those that were asked for, in order.
    pub(super) named: Vec<usize>,
    /// The configurations that were asked for, in order.
    pub(super) configurations: Vec<usize>,
}

/// A policy with the indexes of those that it extends.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) policy: Policy,
    /// Whether it comes with the program.
    pub(super) builtin: bool,
    /// The folder that it lies in; its files are named from there.
    pub(super) folder: PathBuf,
    pub(super) extends: Vec<usize>,
    /// The pins beside it, where it loads plugins or there may be pins left.
    pub(super) lock: Option<Arc<Lock>>,
}

/// What tells one policy from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Builtin(&'static str),
    /// Without symbolic links.
    File(PathBuf),
}

/// A file of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationFile {
    /// Where to read it.
    pub path: PathBuf,
    /// How reports name it.
    pub shown: String,
    /// Its folder, from the root; empty for the root itself, and where it lies elsewhere.
    pub folder: String,
}

impl Policies {
    /// Reads these policies, which are names of built-in ones or files, and all that they extend.
    ///
    /// # Errors
    /// All that is wrong with their form.
    pub fn read(named: &[String]) -> Result<Self, Vec<PolicyError>> {
        Self::read_with(named, &[], None)
    }

    /// The same with configurations. One that does not say what it builds on builds on the policy `recommended`. Neither
    /// they nor what they extend may lie outside of the folder `within`, if there is one: a repository must not have this
    /// machine's other files read, of which an error would show a line.
    ///
    /// # Errors
    /// All that is wrong with their form.
    pub fn read_with(
        named: &[String],
        configurations: &[ConfigurationFile],
        within: Option<&Path>,
    ) -> Result<Self, Vec<PolicyError>> {
        let mut reader = Reader::default();
        for name in named {
            match reader.policy(name, &Folder::default()) {
                Ok(index) => reader.policies.named.extend(index),
                Err(error) => reader.errors.push(error),
            }
        }
        reader.within = within.map(Path::to_owned);
        for file in configurations {
            match reader.file(&file.path, &file.shown, true) {
                Ok(index) => reader.policies.configurations.extend(index),
                Err(error) => reader.errors.push(error),
            }
        }
        if reader.errors.is_empty() { Ok(reader.policies) } else { Err(reader.errors) }
    }
}

/// A folder, and how paths of files in it begin where they are shown.
#[derive(Debug, Default)]
struct Folder {
    real: PathBuf,
    shown: PathBuf,
}

#[derive(Default)]
struct Reader {
    policies: Policies,
    /// Indexes of the policies that were read; nothing where one has errors.
    known: BTreeMap<Identity, Option<usize>>,
    /// Identities and names of the policies that are being read, each extended by the one before.
    open: Vec<(Identity, String)>,
    /// The folder in which all files must lie, without symbolic links.
    within: Option<PathBuf>,
    errors: Vec<PolicyError>,
}

impl Reader {
    /// Index of the policy that a name or a file from this folder stands for, nothing where it has errors of its own.
    ///
    /// # Errors
    /// Where there is none, or it cannot be extended from here. The error has no place.
    fn policy(&mut self, name: &str, folder: &Folder) -> Result<Option<usize>, PolicyError> {
        if name.contains(['/', '\\']) || name.ends_with(".yaml") || name.ends_with(".yml") {
            let path = folder.real.join(name);
            let is_configuration = path.file_name().is_some_and(|name| name == CONFIGURATION);
            return self.file(&path, &folder.shown.join(name).display().to_string(), is_configuration);
        }
        let known = builtin().find(|known| *known == name).ok_or_else(|| unknown(name))?;
        self.known_or(Identity::Builtin(known), known.to_owned(), |reader| {
            let source = Source::new(format!("policies/{known}.yaml"), text(known).as_bytes().to_vec());
            Ok(reader.read(&Arc::new(source), &Folder::default(), true, false))
        })
    }

    /// The same for a file.
    fn file(&mut self, path: &Path, shown: &str, is_configuration: bool) -> Result<Option<usize>, PolicyError> {
        // What is no file on a disk, such as a pipe, is known by its name.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if let Some(error) = self.outside(&real, shown, what(is_configuration)) {
            return Err(error);
        }
        let identity = Identity::File(real);
        self.known_or(identity, shown.to_owned(), |reader| {
            let source = Source::new(shown, bytes(path, shown, what(is_configuration))?);
            let folder = |path: &Path| path.parent().unwrap_or(Path::new("")).to_owned();
            let folder = Folder { real: folder(path), shown: folder(Path::new(shown)) };
            Ok(reader.read(&Arc::new(source), &folder, false, is_configuration))
        })
    }

    /// Index of a policy that was read, or is read now.
    fn known_or(
        &mut self,
        identity: Identity,
        shown: String,
        read: impl FnOnce(&mut Self) -> Result<Option<usize>, PolicyError>,
    ) -> Result<Option<usize>, PolicyError> {
        if let Some(from) = self.open.iter().position(|(open, _)| *open == identity) {
            let names = self.open[from..].iter().map(|(_, name)| name.as_str()).chain([shown.as_str()]);
            let row = names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" extends ");
            return Err(PolicyError::new(format!("the policy extends itself: {row}")));
        }
        if let Some(known) = self.known.get(&identity) {
            return Ok(*known);
        }
        if self.open.len() >= DEEPEST {
            return Err(PolicyError::new(format!("more than {DEEPEST} policies extend each other")));
        }
        self.open.push((identity.clone(), shown));
        let index = read(self);
        self.open.pop();
        let index = index?;
        self.known.insert(identity, index);
        Ok(index)
    }

    /// Reads a policy that lies in this folder, and those that it extends.
    fn read(&mut self, source: &Arc<Source>, folder: &Folder, builtin: bool, is_configuration: bool) -> Option<usize> {
        let policy = Policy::read(source, what(is_configuration)).map_err(|errors| self.errors.extend(errors)).ok()?;
        let lock = self.lock(&policy, folder);
        let mut extends = Vec::new();
        if policy.extends.is_none() && is_configuration {
            extends.extend(self.policy(DEFAULT, folder).ok().flatten());
        }
        for name in policy.extends.iter().flatten() {
            match self.policy(&name.text, folder) {
                Ok(index) => extends.extend(index),
                Err(error) => {
                    let place = Place { source: Arc::clone(source), span: name.span };
                    self.errors.push(PolicyError { place: Some(place), ..error });
                }
            }
        }
        self.policies.read.push(Read { policy, builtin, folder: folder.real.clone(), extends, lock });
        Some(self.policies.read.len() - 1)
    }

    /// Why a file may not be read: it lies outside of the folder in which all must lie.
    fn outside(&self, path: &Path, shown: &str, what: &str) -> Option<PolicyError> {
        let within = self.within.as_ref()?;
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let error = PolicyError::new(format!("the {what} `{shown}` lies outside of the repository"));
        (!real.starts_with(within))
            .then(|| error.help("if you trust it, name it yourself, with `--policy` or `--config`"))
    }

    /// The pins beside a text that names files of plugins. The text without such names may have had some; a file beside
    /// another text is not ours, whatever its name.
    fn lock(&mut self, policy: &Policy, folder: &Folder) -> Option<Arc<Lock>> {
        let shown = policy.source.path();
        let name = Path::new(shown).file_name()?;
        if name != CONFIGURATION && policy.plugins.iter().all(|plugin| plugin.path.is_none()) {
            return None;
        }
        let path = folder.real.join(name);
        let lock =
            match self.outside(&Lock::beside(&path), &Lock::beside(Path::new(shown)).display().to_string(), "lock") {
                Some(error) => Err(vec![error]),
                None => Lock::read(&path, shown),
            };
        lock.map(Arc::new).map_err(|errors| self.errors.extend(errors)).ok()
    }
}

fn unknown(name: &str) -> PolicyError {
    let help = format!(
        "built-in policies are {}; the name of a file has a `/` or ends in `.yaml`",
        builtin().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    );
    PolicyError::new(format!("there is no policy `{name}`")).suggest(nearest(name, builtin().map(str::to_owned)), help)
}

/// What a text is called.
const fn what(is_configuration: bool) -> &'static str {
    if is_configuration { "configuration" } else { "policy" }
}

/// Text of a built-in policy.
fn text(name: &str) -> &'static str {
    POLICIES.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
}

/// The bytes of a text, which is called so.
pub(super) fn bytes(path: &Path, shown: &str, what: &str) -> Result<Vec<u8>, PolicyError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| PolicyError::new(format!("the {what} `{shown}` cannot be read: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(PolicyError::new(format!("the {what} `{shown}` is larger than 1 MiB")));
    }
    Ok(bytes)
}
