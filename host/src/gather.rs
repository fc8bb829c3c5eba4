//! Reads the files that discovery found, and says what each is. The only place that reads texts to check.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::discover::{Candidate, Guess};
use crate::document::{
    Kustomization, KustomizeIndex, Language, ManifestContext, Source, kustomization, looks_like_manifest,
};
use crate::finding::{Level, Notification};
use crate::policy::ScopeKey;
use crate::run::File;

/// Largest file that is read, in bytes: spans are 32-bit numbers, and columns of them cross to plugins.
pub const LARGEST: u64 = 256 << 20;

/// Files, and what could not be read.
#[derive(Debug, Default)]
pub struct Gathered {
    /// In the order of their paths.
    pub files: Vec<File>,
    /// What could not be read.
    pub notifications: Vec<Notification>,
}

/// What there is around the files whose findings are wanted.
pub struct Around<'a> {
    /// All files under the root; asked only where something in them can matter.
    pub everything: &'a dyn Fn() -> Vec<Candidate>,
    /// The scope of a file: rules that compare files see those of one scope together.
    pub scope: &'a dyn Fn(&str) -> ScopeKey,
    /// Languages in which such rules report. Files of others need nothing around them.
    pub compared: HashSet<Language>,
}

/// Reads the files whose findings are wanted, and what is needed of the files around them: kustomizations where a
/// manifest is among them, and manifests and Dockerfiles where rules compare them.
pub fn gather(given: &[Candidate], around: &Around<'_>, jobs: usize) -> Gathered {
    let results = read_all(given, true, jobs);
    with_around(given, results, around, jobs)
}

/// The same for one file whose bytes are at hand.
pub fn gather_bytes(given: Candidate, bytes: Vec<u8>, around: &Around<'_>, jobs: usize) -> Gathered {
    let read = recognise(&given, bytes, true);
    with_around(&[given], vec![read], around, jobs)
}

fn with_around(given: &[Candidate], results: Vec<Read>, around: &Around<'_>, jobs: usize) -> Gathered {
    let mut sorted = Sorted::default();
    sorted.add(given, results);
    let has_manifests = sorted.files.iter().any(|file| file.language == Language::Manifest);
    let compared = sorted.files.iter().filter(|file| around.compared.contains(&file.language));
    let scopes: HashSet<ScopeKey> = compared.map(|file| (around.scope)(file.source.path())).collect();
    let compares = scopes.iter().any(|scope| !scope.given_only);
    let notifications = std::mem::take(&mut sorted.notifications);
    if has_manifests || compares {
        let known: HashSet<&Path> = given.iter().map(|given| given.path.as_path()).collect();
        let is_seen = |other: &Candidate| {
            let scope = (around.scope)(&other.relative);
            !scope.given_only && scopes.contains(&scope)
        };
        let is_needed = |other: &Candidate| is_kustomization(&other.relative) || compares && is_seen(other);
        let others: Vec<Candidate> = (around.everything)()
            .into_iter()
            .filter(|other| !known.contains(other.path.as_path()) && is_needed(other))
            .collect();
        // What cannot be read here was not asked for: it is a gap in what project rules see, not in what was promised.
        sorted.add(&others, read_all(&others, false, jobs));
        sorted.files.sort_by(|one, other| one.source.path().cmp(other.source.path()));
    }
    let index = KustomizeIndex::new(sorted.kustomizations);
    for file in &mut sorted.files {
        let template = file.context.template;
        file.context = index.context(file.source.path());
        file.context.template |= template;
    }
    Gathered { files: sorted.files, notifications }
}

/// What a file turned out to be.
enum Read {
    Text(File),
    Kustomization(Arc<Source>),
    Passed,
    Failed(String),
}

/// Files by what they turned out to be.
#[derive(Default)]
struct Sorted {
    files: Vec<File>,
    kustomizations: Vec<(String, Kustomization)>,
    notifications: Vec<Notification>,
}

impl Sorted {
    fn add(&mut self, candidates: &[Candidate], results: Vec<Read>) {
        for (candidate, result) in candidates.iter().zip(results) {
            match result {
                Read::Text(file) => self.files.push(file),
                Read::Kustomization(source) => {
                    let kustomization = kustomization(&source);
                    self.kustomizations.extend(kustomization.map(|read| (candidate.relative.clone(), read)));
                }
                Read::Passed => {}
                Read::Failed(message) => self.notifications.push(Notification {
                    level: Level::Error,
                    path: Some(candidate.relative.clone()),
                    plugin: None,
                    message,
                }),
            }
        }
    }
}

/// Reads files with several threads; the results are in the order of the files.
fn read_all(candidates: &[Candidate], reported: bool, jobs: usize) -> Vec<Read> {
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
            // Where no thread can be had, the others do the work.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    results.into_iter().map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

fn read(candidate: &Candidate, reported: bool) -> Read {
    match bytes(&candidate.path) {
        Ok(bytes) => recognise(candidate, bytes, reported),
        Err(message) => Read::Failed(message),
    }
}

fn recognise(candidate: &Candidate, bytes: Vec<u8>, reported: bool) -> Read {
    let name = &candidate.relative;
    if bytes.len() as u64 > LARGEST {
        return Read::Failed(too_large());
    }
    let source = Arc::new(Source::new(&**name, bytes));
    let file = |language, source| {
        let context = ManifestContext { template: candidate.template, ..ManifestContext::default() };
        let ignore_file = (language == Language::Dockerfile).then(|| ignore_file(candidate)).flatten();
        Read::Text(File { source, language, context, ignore_file, reported })
    };
    match candidate.language {
        Guess::Dockerfile => file(Language::Dockerfile, source),
        Guess::Manifest => file(Language::Manifest, source),
        Guess::PossibleManifest | Guess::Unknown if source.is_binary() => Read::Passed,
        Guess::PossibleManifest if is_kustomization(name) => Read::Kustomization(source),
        Guess::PossibleManifest | Guess::Unknown if looks_like_manifest(source.text()) => {
            file(Language::Manifest, source)
        }
        Guess::PossibleManifest | Guess::Unknown => Read::Passed,
    }
}

/// What says what the build of a Dockerfile does not see: the file of its own name, or that of the folder which most
/// probably is the build context, which is its own or the root. One that cannot be read counts as missing, and so does a link
/// that leads out of the root: plugins see nothing that lies there.
fn ignore_file(dockerfile: &Candidate) -> Option<Arc<Source>> {
    let name = &dockerfile.relative;
    let beside =
        name.rsplit_once('/').map_or(".dockerignore".to_owned(), |(folder, _)| format!("{folder}/.dockerignore"));
    let mut own = dockerfile.path.file_name()?.to_owned();
    own.push(".dockerignore");
    let mut places = vec![
        (dockerfile.path.with_file_name(own), format!("{name}.dockerignore")),
        (dockerfile.path.with_file_name(".dockerignore"), beside),
    ];
    // A path that leads through a link does not end in the name, and then the root is not above it.
    let above = || dockerfile.path.ancestors().nth(Path::new(name).components().count());
    let root = dockerfile.path.ends_with(name).then(above).flatten();
    places.extend(root.map(|root| (root.join(".dockerignore"), ".dockerignore".to_owned())));
    let inside = root.or_else(|| dockerfile.path.parent())?;
    let read = |(path, relative): (PathBuf, String)| {
        let is_link = fs::symlink_metadata(&path).ok()?.is_symlink();
        if is_link && !path.canonicalize().ok()?.starts_with(inside) {
            return None;
        }
        Some(Arc::new(Source::new(relative, bytes(&path).ok()?)))
    };
    places.into_iter().find_map(read)
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("the file cannot be read: {error}");
    let length = fs::metadata(path).map_err(unreadable)?.len();
    if length > LARGEST {
        return Err(too_large());
    }
    fs::read(path).map_err(unreadable)
}

fn too_large() -> String {
    format!("the file has more than {} MiB and was not checked; exclude it", LARGEST >> 20)
}

fn is_kustomization(relative: &str) -> bool {
    let name = relative.rsplit('/').next().unwrap_or(relative);
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::discover::{Discovery, Options, discover};
    use crate::policy::{Rulebook, Scope, Selection};

    const SERVICE: &str = "apiVersion: v1\nkind: Service\n";

    /// A repository, and what is gathered when one of its files is named.
    fn gathered(named: &str, scope: Scope, compared: &[Language]) -> (Vec<String>, bool) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("k8s")).unwrap();
        for (path, text) in [
            ("Dockerfile", "FROM scratch\n"),
            ("k8s/a.yaml", SERVICE),
            ("k8s/b.yaml", SERVICE),
            ("k8s/kustomization.yaml", "patches: [{path: a.yaml}]\n"),
            ("c.yaml", SERVICE),
        ] {
            fs::write(folder.path().join(path), text).unwrap();
        }
        let find = |path: &str| -> Discovery {
            let root = Some(folder.path().to_owned());
            discover(&Options { paths: vec![path.into()], root, ..Options::new(folder.path()) }).unwrap()
        };
        let asked = Cell::new(false);
        let everything = || {
            asked.set(true);
            find(".").candidates
        };
        let compared = compared.iter().copied().collect();
        let rulebook = Rulebook::uniform(Selection::default()).with_scope(scope);
        let around = Around { everything: &everything, scope: &|path| rulebook.scope(path), compared };
        let Gathered { files, notifications } = gather(&find(named).candidates, &around, 1);
        assert_eq!(notifications, []);
        let line = |file: &File| {
            let reported = if file.reported { " reported" } else { "" };
            let fragment = if file.context.fragment { " fragment" } else { "" };
            format!("{}{reported}{fragment}", file.source.path())
        };
        (files.iter().map(line).collect(), asked.get())
    }

    const BOTH: [Language; 2] = [Language::Dockerfile, Language::Manifest];

    #[test]
    fn nothing_around_is_looked_for_where_no_rule_compares_and_no_kustomization_counts() {
        assert_eq!(
            gathered("Dockerfile", Scope::Root, &[Language::Manifest]),
            (vec!["Dockerfile reported".into()], false)
        );
        assert_eq!(gathered("Dockerfile", Scope::Run, &BOTH), (vec!["Dockerfile reported".into()], false));
    }

    #[test]
    fn only_kustomizations_around_are_read_where_no_rule_compares() {
        for (scope, compared) in [(Scope::Root, [].as_slice()), (Scope::Run, &BOTH), (Scope::Root, &BOTH[..1])] {
            let (files, asked) = gathered("k8s/a.yaml", scope, compared);
            assert_eq!((files, asked), (vec!["k8s/a.yaml reported fragment".into()], true));
        }
    }

    #[test]
    fn files_around_are_there_for_rules_that_compare() {
        let (files, _) = gathered("Dockerfile", Scope::Root, &BOTH);
        assert_eq!(files, ["Dockerfile reported", "c.yaml", "k8s/a.yaml fragment", "k8s/b.yaml"]);
        let (files, _) = gathered("k8s/b.yaml", Scope::Directory, &BOTH);
        assert_eq!(files, ["k8s/a.yaml fragment", "k8s/b.yaml reported"]);
    }
}
