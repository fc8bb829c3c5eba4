//! Reads the files that discovery found, and says what each is. The only place that reads texts to check.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::discover::{Candidate, Guess};
use crate::document::{KustomizeIndex, Language, ManifestContext, Source, kustomization, looks_like_manifest};
use crate::finding::{Level, Notification};
use crate::run::File;

/// Largest file that is read, in bytes: spans are 32-bit numbers, and columns of them cross to plugins.
const LARGEST: u64 = 256 << 20;

/// Files, and what could not be read.
#[derive(Debug, Default)]
pub struct Gathered {
    /// In the order of their paths.
    pub files: Vec<File>,
    /// What could not be read.
    pub notifications: Vec<Notification>,
}

/// Reads the files whose findings are wanted, and from `context` (which is asked only where a manifest is among them) the
/// kustomizations, and, with `keep_context`, the manifests and Dockerfiles, for project rules to see.
pub fn gather(
    given: &[Candidate],
    context: impl FnOnce() -> Vec<Candidate>,
    keep_context: bool,
    jobs: usize,
) -> Gathered {
    let mut gathered = Gathered::default();
    let mut kustomizations = Vec::new();
    let mut read = Vec::new();
    collect(given, true, jobs, &mut read, &mut kustomizations, &mut gathered.notifications);
    if read.iter().any(|file: &File| file.language == Language::Manifest) {
        let context = context();
        let others: Vec<Candidate> = context
            .into_iter()
            .filter(|other| keep_context || is_kustomization(&other.relative))
            .filter(|other| given.binary_search_by(|known| known.relative.cmp(&other.relative)).is_err())
            .collect();
        // What cannot be read here was not asked for: it is a gap in what project rules see, not in what was promised.
        collect(&others, false, jobs, &mut read, &mut kustomizations, &mut Vec::new());
        read.sort_by(|one, other| one.source.path().cmp(other.source.path()));
    }
    let index = KustomizeIndex::new(kustomizations);
    for file in &mut read {
        let template = file.context.template;
        file.context = index.context(file.source.path());
        file.context.template |= template;
    }
    gathered.files = read;
    gathered
}

/// What a file turned out to be.
enum Read {
    Text(File),
    Kustomization(Arc<Source>),
    Passed,
    Failed(String),
}

fn collect(
    candidates: &[Candidate],
    reported: bool,
    jobs: usize,
    files: &mut Vec<File>,
    kustomizations: &mut Vec<(String, crate::document::Kustomization)>,
    notifications: &mut Vec<Notification>,
) {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Read>> = candidates.iter().map(|_| Mutex::new(Read::Passed)).collect();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let (Some(candidate), Some(result)) = (candidates.get(index), results.get(index)) else { break };
            *result.lock().unwrap_or_else(PoisonError::into_inner) = read(candidate, reported);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..jobs.clamp(1, candidates.len().max(1)) {
            scope.spawn(work);
        }
        work();
    });
    for (candidate, result) in candidates.iter().zip(results) {
        match result.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Read::Text(file) => files.push(file),
            Read::Kustomization(source) => {
                if let Some(kustomization) = kustomization(&source) {
                    kustomizations.push((candidate.relative.clone(), kustomization));
                }
            }
            Read::Passed => {}
            Read::Failed(message) => notifications.push(Notification {
                level: Level::Error,
                path: Some(candidate.relative.clone()),
                plugin: None,
                message,
            }),
        }
    }
}

fn read(candidate: &Candidate, reported: bool) -> Read {
    let bytes = match bytes(&candidate.path) {
        Ok(bytes) => bytes,
        Err(message) => return Read::Failed(message),
    };
    let name = &candidate.relative;
    let source = Arc::new(Source::new(&**name, bytes));
    let file = |language, source| {
        let context = ManifestContext { template: candidate.template, ..ManifestContext::default() };
        Read::Text(File { source, language, context, reported })
    };
    match candidate.language {
        Guess::Dockerfile => file(Language::Dockerfile, source),
        Guess::Manifest => file(Language::Manifest, source),
        Guess::PossibleManifest | Guess::Unknown if is_binary(source.bytes()) => Read::Passed,
        Guess::PossibleManifest if is_kustomization(name) => Read::Kustomization(source),
        Guess::PossibleManifest | Guess::Unknown if looks_like_manifest(source.text()) => {
            file(Language::Manifest, source)
        }
        Guess::PossibleManifest | Guess::Unknown => Read::Passed,
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("the file cannot be read: {error}");
    let length = fs::metadata(path).map_err(unreadable)?.len();
    if length > LARGEST {
        return Err(format!("the file has more than {} MiB and was not checked; exclude it", LARGEST >> 20));
    }
    fs::read(path).map_err(unreadable)
}

/// A NUL byte in the first kilobytes, as git tells.
fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, &bytes[..bytes.len().min(8000)]).is_some()
}

fn is_kustomization(relative: &str) -> bool {
    let name = relative.rsplit('/').next().unwrap_or(relative);
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}
