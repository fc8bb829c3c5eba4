//! From paths to the files that may be checked, in one order on every machine. Only names are looked at here, apart
//! from ignore files and whether a `Chart.yaml` exists: what a YAML file holds is for its reader to find out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fmt::Display;
use std::fs::{self, FileType};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, mpsc};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{WalkBuilder, WalkState};
use thiserror::Error;

use crate::document::Language;

/// What to look for, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files and folders, relative to `current`; none stand for `current` itself.
    pub paths: Vec<PathBuf>,
    /// The folder in which the program runs.
    pub current: PathBuf,
    /// The folder to which reported paths are relative; by default the top of the git repository around `current`, else
    /// `current`.
    pub root: Option<PathBuf>,
    /// The language of every file that is named in `paths`, whatever it is called.
    pub language: Option<Language>,
    /// Patterns as in `.gitignore`, relative to the root.
    pub excludes: Vec<String>,
    /// Whether `excludes` hold for what is named in `paths` too.
    pub force_exclude: bool,
    /// Whether `.gitignore` files are honoured, inside a git repository and outside.
    pub gitignore: bool,
}

impl Options {
    /// The usual ones, for a program that runs in `current`.
    #[must_use]
    pub fn new(current: impl Into<PathBuf>) -> Self {
        Self {
            paths: Vec::new(),
            current: current.into(),
            root: None,
            language: None,
            excludes: Vec::new(),
            force_exclude: false,
            gitignore: true,
        }
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The root: absolute, without symbolic links.
    pub root: PathBuf,
    /// In byte order of `relative`, each file once.
    pub candidates: Vec<Candidate>,
    /// What could not be read, in byte order of its path: the run is not complete.
    pub unread: Vec<Unread>,
}

/// A file that may be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where to read it: absolute, without symbolic links.
    pub path: PathBuf,
    /// Relative to the root, with `/`; what is no UTF-8 stands as U+FFFD, so use `path` to tell files apart.
    pub relative: String,
    /// Whether it is named in the paths, not found in a folder.
    pub named: bool,
    /// What it may be.
    pub language: Guess,
    /// Whether it is one of a Helm chart's templates.
    pub template: bool,
}

/// What a file may be, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guess {
    /// A Dockerfile.
    Dockerfile,
    /// A manifest, because the user says so.
    Manifest,
    /// A manifest if its content looks like one.
    PossibleManifest,
    /// Nothing by its name; only for a file that is named in the paths.
    Unknown,
}

/// Paths that cannot be used.
#[derive(Debug, Error)]
pub enum DiscoverError {
    /// A path that does not exist.
    #[error("`{}` does not exist", .0.display())]
    Missing(PathBuf),
    /// A path that is not below the root.
    #[error("`{}` is outside the root `{}`; name a folder that holds both with `--root`", .path.display(), .root.display())]
    OutsideRoot {
        /// The path as given.
        path: PathBuf,
        /// The root.
        root: PathBuf,
    },
    /// A root that is no folder.
    #[error("the root `{}` is no folder", .0.display())]
    Root(PathBuf),
    /// An exclude that is no pattern.
    #[error("the exclude `{pattern}` is no pattern: {reason}")]
    Exclude {
        /// The pattern as given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Something that could not be read. The path, which is relative to the root, is told beside the message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Unread {
    /// A file or folder.
    #[error("it cannot be read: {reason}")]
    Failed {
        /// Its path.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// A symbolic link to a file outside the root.
    #[error("it is a link to a file outside the root, and was not read")]
    LinkOutsideRoot {
        /// The link's path.
        path: String,
    },
    /// A device, socket or pipe.
    #[error("it is no regular file")]
    NoFile {
        /// Its path.
        path: String,
    },
}

impl Unread {
    /// Path relative to the root, with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Failed { path, .. } | Self::LinkOutsideRoot { path } | Self::NoFile { path } => path,
        }
    }
}

/// The current folder and the root, both absolute and without symbolic links.
fn folders(options: &Options) -> Result<(PathBuf, PathBuf), DiscoverError> {
    let current = resolve_folder(&options.current)?;
    let root = match &options.root {
        Some(root) => resolve_folder(&current.join(root))?,
        None => repository_top(&current).unwrap_or(&current).to_owned(),
    };
    Ok((current, root))
}

/// The root that these options mean: absolute, without symbolic links.
///
/// # Errors
/// When the root or the current folder is no folder.
pub fn root(options: &Options) -> Result<PathBuf, DiscoverError> {
    folders(options).map(|(_, root)| root)
}

/// A file that need not exist, as if it were named in the paths: what standard input stands for.
///
/// # Errors
/// When the name leads out of the root, or the root cannot be used.
pub fn named(options: &Options, name: &Path) -> Result<Candidate, DiscoverError> {
    let (current, root) = folders(options)?;
    let mut path = PathBuf::new();
    for part in current.join(name).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    let outside = || DiscoverError::OutsideRoot { path: name.to_owned(), root: root.clone() };
    let (Some(folder), Some(file)) = (path.parent(), path.file_name()) else { return Err(outside()) };
    let path = folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).join(file);
    if !path.starts_with(&root) {
        return Err(outside());
    }
    let mut found = Found { root: &root, files: BTreeMap::new(), unread: BTreeSet::new() };
    found.add(&path, guess(file).unwrap_or(Guess::Unknown), true);
    found.finish(options.language).candidates.pop().ok_or_else(outside)
}

/// Finds the files that may be checked.
///
/// Hidden folders are walked, `.git` never. Links to folders are not followed; a file behind a link is found under its
/// own path.
///
/// # Errors
/// When a path, the root or an exclude cannot be used. What cannot be read is no error: see [`Discovery::unread`].
pub fn discover(options: &Options) -> Result<Discovery, DiscoverError> {
    let (current, root) = folders(options)?;
    let excludes = read_excludes(&options.excludes)?;
    let mut found = Found { root: &root, files: BTreeMap::new(), unread: BTreeSet::new() };
    let here = [PathBuf::from(".")];
    let mut folders = BTreeSet::new();
    for path in if options.paths.is_empty() { &here } else { options.paths.as_slice() } {
        let Some(resolved) = found.resolve_named(&current, path)? else { continue };
        let is_folder = resolved.is_dir();
        if options.force_exclude && is_excluded(&excludes, &root, &resolved, is_folder) {
            continue;
        }
        if is_folder {
            folders.insert(resolved);
        } else {
            found.add_named(path, &resolved);
        }
    }
    let excludes = Arc::new(excludes);
    for folder in folders {
        for event in walk(&root, &folder, &excludes, options.gitignore) {
            found.add_walked(event);
        }
    }
    Ok(found.finish(options.language))
}

fn resolve_folder(path: &Path) -> Result<PathBuf, DiscoverError> {
    let folder = path.canonicalize().ok().filter(|folder| folder.is_dir());
    folder.ok_or_else(|| DiscoverError::Root(path.to_owned()))
}

/// The folder at or above `folder` that has a `.git`: a folder, or a file in worktrees and submodules.
fn repository_top(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").exists())
}

/// The patterns, to be matched against paths relative to the root.
fn read_excludes(patterns: &[String]) -> Result<Gitignore, DiscoverError> {
    let mut builder = GitignoreBuilder::new("");
    let error = |pattern: &str, error: ignore::Error| {
        let reason = match error {
            ignore::Error::Glob { err, .. } => err,
            other => other.to_string(),
        };
        DiscoverError::Exclude { pattern: pattern.to_owned(), reason }
    };
    for pattern in patterns {
        builder.add_line(None, pattern).map_err(|reason| error(pattern, reason))?;
    }
    builder.build().map_err(|reason| error(&patterns.join(" "), reason))
}

/// Whether a path or a folder above it is excluded.
fn is_excluded(excludes: &Gitignore, root: &Path, path: &Path, is_folder: bool) -> bool {
    let relative = path.strip_prefix(root).unwrap_or(Path::new(""));
    relative != Path::new("") && excludes.matched_path_or_any_parents(relative, is_folder).is_ignore()
}

/// What a walk meets.
enum Event {
    File(PathBuf, Guess),
    Link(PathBuf, Guess),
    Error(ignore::Error),
}

/// Walks one folder with several threads; the order of events means nothing.
fn walk(root: &Path, folder: &Path, excludes: &Arc<Gitignore>, gitignore: bool) -> Vec<Event> {
    let in_repository = repository_top(root).is_some();
    let ancestors = if gitignore && !in_repository { ignores_above(root, folder) } else { Vec::new() };
    let (base, excludes) = (root.to_owned(), Arc::clone(excludes));
    let keep = move |entry: &ignore::DirEntry| {
        if entry.depth() == 0 {
            return true;
        }
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let relative = entry.path().strip_prefix(&base).unwrap_or(entry.path());
        entry.file_name() != ".git"
            && !excludes.matched(relative, is_folder).is_ignore()
            && !is_ignored(&ancestors, entry.path(), is_folder)
    };
    let mut builder = WalkBuilder::new(folder);
    // The user's own settings (`git_global`) and other tools' files (`ignore`) must not change what a run reports.
    builder.standard_filters(false).git_ignore(gitignore).git_exclude(gitignore);
    // Above the root of what is no repository nothing counts; the ignore files between are read in `ignores_above`.
    builder.require_git(in_repository).parents(gitignore && in_repository).filter_entry(keep);
    let (sender, receiver) = mpsc::channel();
    builder.build_parallel().run(|| {
        let sender = sender.clone();
        Box::new(move |entry| {
            if let Some(event) = entry.map_or_else(|error| Some(Event::Error(error)), |entry| event(&entry)) {
                // The receiver outlives the walk.
                let _ = sender.send(event);
            }
            WalkState::Continue
        })
    });
    drop(sender);
    receiver.into_iter().collect()
}

fn event(entry: &ignore::DirEntry) -> Option<Event> {
    let kind: FileType = entry.file_type()?;
    let guess = guess(entry.file_name())?;
    let path = || entry.path().to_owned();
    if kind.is_symlink() {
        return Some(Event::Link(path(), guess));
    }
    kind.is_file().then(|| Event::File(path(), guess))
}

/// The ignore files of the folders from the root down to the one above `folder`, the nearest first.
fn ignores_above(root: &Path, folder: &Path) -> Vec<Gitignore> {
    let above = folder.ancestors().skip(1).take_while(|above| above.starts_with(root));
    above.map(|above| Gitignore::new(above.join(".gitignore")).0).filter(|ignores| !ignores.is_empty()).collect()
}

fn is_ignored(ignores: &[Gitignore], path: &Path, is_folder: bool) -> bool {
    let mut matches = ignores.iter().map(|ignores| ignores.matched(path, is_folder));
    matches.find(|found| !found.is_none()).is_some_and(|found| found.is_ignore())
}

/// What a file may be by its name; `None` for neither a Dockerfile nor a manifest.
#[must_use]
pub fn guess(name: &OsStr) -> Option<Guess> {
    let name = name.to_string_lossy();
    // An editor's lock or backup.
    if name.starts_with(".#") || name.ends_with('~') {
        return None;
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    if matches!(extension.as_str(), "yaml" | "yml" | "json") || name == "Kustomization" {
        return Some(Guess::PossibleManifest);
    }
    let is_base = |part: &str| matches!(part, "Dockerfile" | "dockerfile" | "Containerfile" | "containerfile");
    let after = ["Dockerfile", "Containerfile"].iter().find_map(|base| name.strip_prefix(base));
    // `Dockerfile.dev` and `Dockerfile-dev`, but not `dockerfile-parser`, which names a program.
    let is_variant = after.is_some_and(|after| after.len() > 1 && after.starts_with(['.', '-']));
    let is_other = || OTHER_EXTENSIONS.contains(&extension.as_str());
    let is_dockerfile =
        is_base(&name) || name.rsplit_once('.').is_some_and(|(_, last)| is_base(last)) || (is_variant && !is_other());
    is_dockerfile.then_some(Guess::Dockerfile)
}

/// After `Dockerfile.`: texts about a Dockerfile, templates of one, backups and leftovers.
const OTHER_EXTENSIONS: [&str; 34] = [
    "adoc",
    "asc",
    "bak",
    "containerignore",
    "dockerignore",
    "ejs",
    "erb",
    "gotmpl",
    "gz",
    "hbs",
    "html",
    "in",
    "j2",
    "jinja",
    "jinja2",
    "lock",
    "log",
    "m4",
    "md",
    "mustache",
    "orig",
    "pdf",
    "png",
    "rej",
    "rst",
    "sha256",
    "sig",
    "svg",
    "swo",
    "swp",
    "template",
    "tmpl",
    "tpl",
    "tt",
];

/// Collects files under their own paths.
struct Found<'r> {
    root: &'r Path,
    /// By the bytes of their relative path.
    files: BTreeMap<Vec<u8>, Candidate>,
    unread: BTreeSet<(Vec<u8>, Unread)>,
}

impl Found<'_> {
    /// The real path of a file or folder that the user names; `None` where it exists but cannot be used.
    fn resolve_named(&mut self, current: &Path, path: &Path) -> Result<Option<PathBuf>, DiscoverError> {
        let absolute = current.join(path);
        let resolved = match absolute.canonicalize() {
            Ok(resolved) => resolved,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Err(DiscoverError::Missing(path.to_owned()));
            }
            Err(error) => {
                self.fail(&absolute, &error.kind());
                return Ok(None);
            }
        };
        if !resolved.starts_with(self.root) {
            return Err(DiscoverError::OutsideRoot { path: path.to_owned(), root: self.root.to_owned() });
        }
        Ok(Some(resolved))
    }

    fn add_named(&mut self, written: &Path, resolved: &Path) {
        if !resolved.is_file() {
            let path = lossy(self.root, resolved);
            self.note(resolved, Unread::NoFile { path });
            return;
        }
        let by_name = |path: &Path| path.file_name().and_then(guess);
        let guess = by_name(resolved).or_else(|| by_name(written)).unwrap_or(Guess::Unknown);
        self.add(resolved, guess, true);
    }

    fn add_walked(&mut self, event: Event) {
        match event {
            Event::File(path, guess) => self.add(&path, guess, false),
            Event::Link(path, guess) => self.add_link(&path, guess),
            Event::Error(error) => {
                let path = error_path(&error).unwrap_or(self.root).to_owned();
                let kind = error.io_error().map_or(ErrorKind::Other, std::io::Error::kind);
                self.fail(&path, &kind);
            }
        }
    }

    fn add_link(&mut self, link: &Path, by_link: Guess) {
        let resolved = match link.canonicalize() {
            Ok(resolved) => resolved,
            Err(error) if error.kind() == ErrorKind::NotFound => return self.fail(link, &"the link leads nowhere"),
            Err(error) => return self.fail(link, &error.kind()),
        };
        if !resolved.is_file() {
            return;
        }
        if !resolved.starts_with(self.root) {
            let path = lossy(self.root, link);
            return self.note(link, Unread::LinkOutsideRoot { path });
        }
        let guess = resolved.file_name().and_then(guess).unwrap_or(by_link);
        self.add(&resolved, guess, false);
    }

    fn add(&mut self, path: &Path, guess: Guess, named: bool) {
        let candidate = self.files.entry(relative_bytes(self.root, path)).or_insert_with(|| Candidate {
            path: path.to_owned(),
            relative: lossy(self.root, path),
            named,
            language: guess,
            template: false,
        });
        candidate.named |= named;
        candidate.language = candidate.language.min(guess);
    }

    fn fail(&mut self, path: &Path, reason: &dyn Display) {
        let unread = Unread::Failed { path: lossy(self.root, path), reason: reason.to_string() };
        self.note(path, unread);
    }

    fn note(&mut self, path: &Path, unread: Unread) {
        self.unread.insert((relative_bytes(self.root, path), unread));
    }

    fn finish(self, language: Option<Language>) -> Discovery {
        let mut charts = Charts { root: self.root, known: HashMap::new() };
        let mut candidates: Vec<_> = self.files.into_values().collect();
        for candidate in &mut candidates {
            candidate.template = charts.hold_as_template(&candidate.path);
            candidate.language = match language.filter(|_| candidate.named) {
                Some(Language::Dockerfile) => Guess::Dockerfile,
                Some(Language::Manifest) => Guess::Manifest,
                None => candidate.language,
            };
        }
        let unread = self.unread.into_iter().map(|(_, unread)| unread).collect();
        Discovery { root: self.root.to_owned(), candidates, unread }
    }
}

/// Which folders are Helm charts.
struct Charts<'r> {
    root: &'r Path,
    known: HashMap<PathBuf, bool>,
}

impl Charts<'_> {
    /// Whether a file lies below the `templates` of a chart.
    fn hold_as_template(&mut self, path: &Path) -> bool {
        let inside = path.ancestors().skip(1).take_while(|folder| folder.starts_with(self.root));
        let templates = inside.filter(|folder| folder.file_name() == Some(OsStr::new("templates")));
        templates.filter_map(Path::parent).any(|chart| match self.known.get(chart) {
            Some(&is_chart) => is_chart,
            None => *self.known.entry(chart.to_owned()).or_insert(fs::metadata(chart.join("Chart.yaml")).is_ok()),
        })
    }
}

/// The path that an error of the walk names.
fn error_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::Partial(errors) => errors.iter().find_map(error_path),
        _ => None,
    }
}

/// The bytes of a path relative to the root, with `/`: the order of files and their identity.
fn relative_bytes(root: &Path, path: &Path) -> Vec<u8> {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = relative.components().map(|part| part.as_os_str().as_encoded_bytes()).collect();
    parts.join(&b'/')
}

fn lossy(root: &Path, path: &Path) -> String {
    String::from_utf8_lossy(&relative_bytes(root, path)).into_owned()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// A folder with these files, each with the text after its `=`, if any.
    fn tree(files: &[&str]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let (path, text) = file.split_once('=').unwrap_or((file, ""));
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn options(folder: &TempDir, paths: &[&str]) -> Options {
        Options {
            paths: paths.iter().map(PathBuf::from).collect(),
            root: Some(folder.path().to_owned()),
            ..Options::new(folder.path())
        }
    }

    fn found(options: &Options) -> Vec<String> {
        discover(options).unwrap().candidates.into_iter().map(|candidate| candidate.relative).collect()
    }

    #[test]
    fn names_near_a_dockerfile_are_none() {
        for name in [
            "Dockerfile.md",
            "Dockerfile.dockerignore",
            "Dockerfile.dev.dockerignore",
            ".Dockerfile.swp",
            "Dockerfile.swp",
            "Dockerfile.tmpl",
            "Dockerfile.dev.j2",
            "Dockerfile.erb",
            "Dockerfile.tt",
            "Dockerfile.in",
            "Dockerfile~",
            "Dockerfile.dev~",
            "Dockerfile.",
            "Dockerfile-",
            "Dockerfiles",
            "MyDockerfile",
            "dockerfile-parser.js",
            "dockerfile.go",
            "Dockerfile_test.go",
            ".dockerignore",
            "docker-compose",
            "Makefile",
            "values.yaml.gotmpl",
            ".#app.yaml",
            "yaml",
        ] {
            assert_eq!(guess(OsStr::new(name)), None, "{name}");
        }
    }

    #[test]
    fn names_of_dockerfiles_and_manifests_are_known() {
        for name in [
            "Dockerfile",
            "dockerfile",
            "Containerfile",
            "Dockerfile.dev",
            "Dockerfile.alpine-3.20",
            "Containerfile.prod",
            "Dockerfile-dev",
            "app.Dockerfile",
            "app.dockerfile",
            "app.Containerfile",
        ] {
            assert_eq!(guess(OsStr::new(name)), Some(Guess::Dockerfile), "{name}");
        }
        for name in ["app.yaml", "app.yml", "app.JSON", ".yaml", "Dockerfile.yaml", "Kustomization"] {
            assert_eq!(guess(OsStr::new(name)), Some(Guess::PossibleManifest), "{name}");
        }
    }

    #[test]
    fn paths_that_cannot_be_used_are_errors() {
        let folder = tree(&["sub/Dockerfile", "file"]);
        let fails = |options: &Options| discover(options).unwrap_err().to_string();
        assert_eq!(fails(&options(&folder, &["nowhere"])), "`nowhere` does not exist");
        assert_eq!(fails(&options(&folder, &["file/below"])), "`file/below` does not exist");
        let outside = Options { root: Some("sub".into()), ..options(&folder, &["file"]) };
        assert!(fails(&outside).starts_with("`file` is outside the root `"));
        let no_folder = Options { root: Some("file".into()), ..options(&folder, &[]) };
        assert!(fails(&no_folder).ends_with("is no folder"));
        let no_pattern = Options { excludes: vec!["a{b".into()], ..options(&folder, &[]) };
        assert!(fails(&no_pattern).starts_with("the exclude `a{b` is no pattern: unclosed alternate group"));
    }

    #[test]
    fn files_come_once_and_in_byte_order() {
        let folder =
            tree(&["b.yaml", "a/x.yaml", "a-b/x.yaml", "B.yaml", "a/.github/w.yml", "note.txt", ".git/x.yaml"]);
        let all = ["B.yaml", "a-b/x.yaml", "a/.github/w.yml", "a/x.yaml", "b.yaml"];
        assert_eq!(found(&options(&folder, &[])), all);
        assert_eq!(found(&options(&folder, &["b.yaml", ".", "a", "./a/../b.yaml"])), all);
        assert_eq!(found(&options(&folder, &["a"])), ["a/.github/w.yml", "a/x.yaml"]);
    }

    #[test]
    fn named_files_are_kept_whatever_their_name() {
        let folder = tree(&["build.txt", "Dockerfile", "app.yaml"]);
        let named = Options { paths: vec!["build.txt".into(), ".".into()], ..options(&folder, &[]) };
        let guesses = |options: &Options| -> Vec<_> {
            discover(options).unwrap().candidates.into_iter().map(|found| (found.named, found.language)).collect()
        };
        let others = [(false, Guess::Dockerfile), (false, Guess::PossibleManifest)];
        assert_eq!(guesses(&named), [others.as_slice(), &[(true, Guess::Unknown)]].concat());
        let told = Options { language: Some(Language::Manifest), ..named };
        assert_eq!(guesses(&told), [others.as_slice(), &[(true, Guess::Manifest)]].concat());
    }

    #[test]
    fn ignore_files_hold_inside_and_outside_a_repository() {
        for git in ["x", ".git/HEAD"] {
            let folder = tree(&[git, ".gitignore=/out\n*.gen.yaml\n", "out/a.yaml", "sub/b.gen.yaml", "sub/c.yaml"]);
            assert_eq!(found(&options(&folder, &[])), ["sub/c.yaml"], "{git}");
            assert_eq!(found(&options(&folder, &["sub"])), ["sub/c.yaml"], "{git}");
            assert_eq!(found(&options(&folder, &["out"])), ["out/a.yaml"], "{git}: named by the user");
            assert_eq!(found(&options(&folder, &["sub/b.gen.yaml"])), ["sub/b.gen.yaml"], "{git}: named by the user");
            let off = Options { gitignore: false, ..options(&folder, &[]) };
            assert_eq!(found(&off), ["out/a.yaml", "sub/b.gen.yaml", "sub/c.yaml"], "{git}");
        }
    }

    #[test]
    fn ignore_files_above_the_root_do_not_hold_outside_a_repository() {
        let folder = tree(&[".gitignore=*.yaml\n", "sub/a.yaml"]);
        let sub = Options { root: Some("sub".into()), ..options(&folder, &["sub"]) };
        assert_eq!(found(&sub), ["a.yaml"]);
    }

    #[test]
    fn excludes_prune_the_walk_and_named_files_only_by_force() {
        let folder = tree(&["vendor/a.yaml", "app/test/b.yaml", "app/c.yaml"]);
        let excludes = vec!["/vendor".to_owned(), "test/".to_owned()];
        let walk = Options { excludes, ..options(&folder, &[]) };
        assert_eq!(found(&walk), ["app/c.yaml"]);
        let named = Options { paths: vec!["vendor/a.yaml".into(), "app/test".into()], ..walk };
        assert_eq!(found(&named), ["app/test/b.yaml", "vendor/a.yaml"]);
        let forced = Options { force_exclude: true, ..named };
        assert_eq!(found(&forced), [""; 0]);
    }

    #[test]
    fn the_root_is_the_top_of_the_repository() {
        for git in [".git/HEAD", ".git=gitdir: elsewhere"] {
            let folder = tree(&[git, "sub/Dockerfile"]);
            let inside = Options::new(folder.path().join("sub"));
            assert_eq!(found(&inside), ["sub/Dockerfile"], "{git}");
        }
    }

    #[test]
    fn files_below_the_templates_of_a_chart_are_templates() {
        let folder = tree(&[
            "chart/Chart.yaml",
            "chart/templates/deep/a.yaml",
            "chart/values.yaml",
            "chart/charts/sub/Chart.yaml",
            "chart/charts/sub/templates/b.yaml",
            "site/templates/c.yaml",
        ]);
        let found = discover(&options(&folder, &[])).unwrap();
        let templates: Vec<_> =
            found.candidates.iter().filter(|file| file.template).map(|file| &file.relative).collect();
        assert_eq!(templates, ["chart/charts/sub/templates/b.yaml", "chart/templates/deep/a.yaml"]);
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        use super::*;

        #[test]
        fn links_to_folders_are_not_followed() {
            let folder = tree(&["a/x.yaml"]);
            symlink("..", folder.path().join("a/up.yaml")).unwrap();
            symlink("a", folder.path().join("b")).unwrap();
            assert_eq!(found(&options(&folder, &[])), ["a/x.yaml"]);
            assert_eq!(found(&options(&folder, &["b"])), ["a/x.yaml"], "named by the user");
        }

        #[test]
        fn a_file_behind_links_is_found_once_under_its_own_path() {
            let folder = tree(&["docker/prod.txt", "x.yaml"]);
            symlink("docker/prod.txt", folder.path().join("Dockerfile")).unwrap();
            symlink("Dockerfile", folder.path().join("b.Dockerfile")).unwrap();
            symlink("x.yaml", folder.path().join("y.yaml")).unwrap();
            let found = discover(&options(&folder, &[])).unwrap();
            let files: Vec<_> = found.candidates.iter().map(|file| (file.relative.as_str(), file.language)).collect();
            assert_eq!(files, [("docker/prod.txt", Guess::Dockerfile), ("x.yaml", Guess::PossibleManifest)]);
            assert_eq!(found.unread, []);
        }

        #[test]
        fn links_that_lead_nowhere_or_out_are_told() {
            let folder = tree(&["root/x.yaml", "secret.yaml"]);
            symlink("nowhere", folder.path().join("root/a.yaml")).unwrap();
            symlink("../secret.yaml", folder.path().join("root/b.yaml")).unwrap();
            symlink("c.yaml", folder.path().join("root/c.yaml")).unwrap();
            let found = discover(&Options { root: Some("root".into()), ..options(&folder, &["root"]) }).unwrap();
            assert_eq!(found.candidates.len(), 1);
            assert_eq!(found.unread.iter().map(Unread::path).collect::<Vec<_>>(), ["a.yaml", "b.yaml", "c.yaml"]);
            assert_eq!(found.unread[0].to_string(), "it cannot be read: the link leads nowhere");
        }

        #[test]
        fn a_folder_that_cannot_be_read_hides_nothing_else() {
            let folder = tree(&["a/x.yaml", "b/y.yaml"]);
            let closed = folder.path().join("a");
            fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
            let readable = fs::read_dir(&closed).is_ok();
            let found = discover(&options(&folder, &[])).unwrap();
            fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
            if !readable {
                assert_eq!(found.candidates.len(), 1);
                assert_eq!(found.unread[0].to_string(), "it cannot be read: permission denied");
            }
        }

        #[test]
        fn names_that_are_no_utf8_stay_apart() {
            let folder = tree(&[]);
            for name in [b"\xfe.yaml", b"\xff.yaml"] {
                fs::write(folder.path().join(OsStr::from_bytes(name)), "").unwrap();
            }
            let found = discover(&options(&folder, &[])).unwrap();
            let [one, other] = found.candidates.as_slice() else { panic!("{found:?}") };
            assert_eq!(one.relative, "\u{fffd}.yaml");
            assert_eq!(one.relative, other.relative);
            assert!(one.path < other.path);
        }
    }
}
