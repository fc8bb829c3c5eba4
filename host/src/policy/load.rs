//! From names and files to policies, and to the policies that those extend. The built-in ones are read only when they are
//! named.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::PolicyError;
use super::format::Policy;
use super::names::nearest;
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
    let only = Policy::read(&source).ok().and_then(|policy| policy.only);
    only.into_iter().flatten().map(|name| name.text).collect()
}

/// Policies that were read, each after those that it extends.
#[derive(Debug, Default)]
pub struct Policies {
    pub(super) read: Vec<Read>,
    /// Those that were asked for, in order.
    pub(super) named: Vec<usize>,
}

/// A policy with the indexes of those that it extends.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) policy: Policy,
    /// Whether it comes with the program.
    pub(super) builtin: bool,
    pub(super) extends: Vec<usize>,
}

/// What tells one policy from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Builtin(&'static str),
    /// Without symbolic links.
    File(PathBuf),
}

impl Policies {
    /// Reads these policies, which are names of built-in ones or files, and all that they extend.
    ///
    /// # Errors
    /// All that is wrong with their form.
    pub fn read(named: &[String]) -> Result<Self, Vec<PolicyError>> {
        let mut reader = Reader::default();
        for name in named {
            match reader.policy(name, Path::new("")) {
                Ok(index) => reader.policies.named.extend(index),
                Err(error) => reader.errors.push(error),
            }
        }
        if reader.errors.is_empty() { Ok(reader.policies) } else { Err(reader.errors) }
    }
}

#[derive(Default)]
struct Reader {
    policies: Policies,
    /// Indexes of the policies that were read; nothing where one has errors.
    known: BTreeMap<Identity, Option<usize>>,
    /// Identities and names of the policies that are being read, each extended by the one before.
    open: Vec<(Identity, String)>,
    errors: Vec<PolicyError>,
}

impl Reader {
    /// Index of the policy that a name or a file from this folder stands for, nothing where it has errors of its own.
    ///
    /// # Errors
    /// Where there is none, or it cannot be extended from here. The error has no place.
    fn policy(&mut self, name: &str, folder: &Path) -> Result<Option<usize>, PolicyError> {
        let is_file = name.contains(['/', '\\']) || name.ends_with(".yaml") || name.ends_with(".yml");
        let path = folder.join(name);
        let (identity, shown) = if is_file {
            // What is no file on a disk, such as a pipe, is known by its name.
            (Identity::File(path.canonicalize().unwrap_or_else(|_| path.clone())), path.display().to_string())
        } else {
            let known = builtin().find(|known| *known == name).ok_or_else(|| unknown(name))?;
            (Identity::Builtin(known), name.to_owned())
        };
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
        let builtin = matches!(identity, Identity::Builtin(_));
        let source = match identity {
            Identity::Builtin(name) => Source::new(format!("policies/{name}.yaml"), text(name).as_bytes().to_vec()),
            Identity::File(_) => Source::new(shown.as_str(), bytes(&path)?),
        };
        self.open.push((identity.clone(), shown));
        let index = self.read(&Arc::new(source), builtin, path.parent().unwrap_or(folder));
        self.open.pop();
        self.known.insert(identity, index);
        Ok(index)
    }

    /// Reads a policy that lies in this folder, and those that it extends.
    fn read(&mut self, source: &Arc<Source>, builtin: bool, folder: &Path) -> Option<usize> {
        let policy = Policy::read(source).map_err(|errors| self.errors.extend(errors)).ok()?;
        let mut extends = Vec::new();
        for name in &policy.extends {
            match self.policy(&name.text, folder) {
                Ok(index) => extends.extend(index),
                Err(error) => {
                    let place = Place { source: Arc::clone(source), span: name.span };
                    self.errors.push(PolicyError { place: Some(place), ..error });
                }
            }
        }
        self.policies.read.push(Read { policy, builtin, extends });
        Some(self.policies.read.len() - 1)
    }
}

fn unknown(name: &str) -> PolicyError {
    let help = format!(
        "built-in policies are {}; the name of a file has a `/` or ends in `.yaml`",
        builtin().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    );
    PolicyError::new(format!("there is no policy `{name}`")).suggest(nearest(name, builtin().map(str::to_owned)), help)
}

fn unreadable(path: &Path, error: &std::io::Error) -> PolicyError {
    PolicyError::new(format!("the policy `{}` cannot be read: {error}", path.display()))
}

/// Text of a built-in policy.
fn text(name: &str) -> &'static str {
    POLICIES.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
}

fn bytes(path: &Path) -> Result<Vec<u8>, PolicyError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(PolicyError::new(format!("the policy `{}` is larger than 1 MiB", path.display())));
    }
    Ok(bytes)
}
