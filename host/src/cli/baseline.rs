//! `hullmark baseline`, `--baseline` and `--changed-since`: what is left of that which was found.

use std::collections::HashSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::CheckArgs;
use super::output::Target;
use super::{CommandError, UsageError, configure};
use crate::changed::{Changes, ChangesError};
use crate::discover;
use crate::document::Source;
use crate::finding::Outcome;
use crate::policy::Rulebook;
use crate::policy::baseline::{Baseline, Reach};
use crate::run::File;

/// The file where none is named.
const FILE: &str = "hullmark-baseline.json";
/// Largest baseline that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// What `hullmark baseline` is to accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accept {
    /// All that is found.
    Found,
    /// What was accepted before and is still found.
    Known,
}

/// Takes out of an outcome what is not to be reported.
pub(super) struct Sieve {
    baseline: Option<Baseline>,
    changes: Option<Changes>,
    root: PathBuf,
}

impl Sieve {
    /// Reads the baseline, and asks git. `rules` are all that there are; nothing where a plugin is missing.
    pub(super) fn new(
        args: &CheckArgs,
        accept: Option<Accept>,
        options: &discover::Options,
        rules: Option<&HashSet<&str>>,
    ) -> Result<Self, CommandError> {
        let root = configure::root(options)?;
        let file = match accept {
            Some(Accept::Found) => None,
            Some(Accept::Known) => Some(file(args)),
            None => args.baseline.as_deref().filter(|file| !file.as_os_str().is_empty()),
        };
        let baseline = file.map(|file| read(file, rules)).transpose()?;
        let since = args.changed_since.as_deref().filter(|revision| !revision.is_empty());
        let changes = since.map(|revision| Changes::since(revision, &root)).transpose().map_err(unknown_changes)?;
        Ok(Self { baseline, changes, root })
    }

    /// Sets aside what the baseline accepts, and leaves out what did not change.
    pub(super) fn apply(&self, files: &[File], rulebook: &Rulebook<'_>, outcome: &mut Outcome) {
        if let Some(baseline) = &self.baseline {
            self.reach(files, rulebook, |reach| baseline.apply(outcome, reach));
        }
        if let Some(changes) = &self.changes {
            let before = outcome.findings.len();
            outcome.findings.retain(|finding| changes.touch(finding));
            outcome.unchanged = before - outcome.findings.len();
        }
    }

    fn reach<T>(&self, files: &[File], rulebook: &Rulebook<'_>, then: impl FnOnce(&Reach<'_>) -> T) -> T {
        let reported = files.iter().filter(|file| file.reported).map(|file| file.source.path());
        let reported: HashSet<&str> = reported.collect();
        let has_seen = |path: &str| reported.contains(path) || !self.root.join(path).exists();
        let is_on = |path: &str, rule: &str| rulebook.selection(&rulebook.of_file(path)).level(rule).is_some();
        then(&Reach { is_on: &is_on, has_seen: &has_seen })
    }

    /// Writes what is accepted from now on, and sets it aside.
    pub(super) fn accept(
        self,
        accept: Accept,
        args: &CheckArgs,
        files: &[File],
        rulebook: &Rulebook<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), UsageError> {
        let baseline = match (accept, &self.baseline) {
            (Accept::Known, Some(known)) => self.reach(files, rulebook, |reach| known.clone().shrunk(outcome, reach)),
            _ => Baseline::of(&outcome.findings),
        };
        let file = file(args);
        Target::new(file)?.write(baseline.text().as_bytes()).map_err(UsageError::new)?;
        let after = Self { baseline: Some(baseline), ..self };
        after.apply(files, rulebook, outcome);
        Ok(())
    }
}

/// The baseline that is written.
pub(super) fn file(args: &CheckArgs) -> &Path {
    args.baseline.as_deref().filter(|file| !file.as_os_str().is_empty()).unwrap_or(Path::new(FILE))
}

fn read(file: &Path, rules: Option<&HashSet<&str>>) -> Result<Baseline, CommandError> {
    let name = file.display();
    let mut bytes = Vec::new();
    fs::File::open(file).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(|error| {
        let message = format!("the baseline `{name}` cannot be read: {error}");
        UsageError::with_help(message, "`hullmark baseline` writes one")
    })?;
    if bytes.len() as u64 > LARGEST {
        return Err(UsageError::new(format!("the baseline `{name}` is larger than {} MiB", LARGEST >> 20)).into());
    }
    let source = Arc::new(Source::new(name.to_string(), bytes));
    Baseline::read(&source, rules).map_err(|error| vec![error].into())
}

fn unknown_changes(error: ChangesError) -> UsageError {
    let message = error.to_string();
    match error {
        ChangesError::NoGit(_) => UsageError::with_help(message, "`--changed-since` asks git"),
        ChangesError::NoRepository(_) => {
            UsageError::with_help(message, "leave out `--changed-since`, or name a repository with `--root`")
        }
        ChangesError::NoRevision(_) => {
            UsageError::with_help(message, "a clone may lack branches and older commits: fetch the revision first")
        }
        ChangesError::NoCommit(_) | ChangesError::Failed(_) => UsageError::new(message),
    }
}
