//! Which lines changed since a git revision, as git itself tells. The only place that runs git, in an environment in which
//! no setting of the user changes the answer.

use std::collections::{HashMap, HashSet};
use std::env;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::finding::{Finding, Place};

/// Variables of git that say where it may look and whom it trusts, not what it does.
const KEPT: [&str; 3] = ["GIT_CEILING_DIRECTORIES", "GIT_CONFIG", "GIT_EXEC_PATH"];

/// The lines of a folder's files that changed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Files that git knows, by their paths from the folder. All others are new as a whole.
    known: HashSet<String>,
    /// First and last line of each part that is new or was changed, in order.
    lines: HashMap<String, Vec<(u32, u32)>>,
}

/// Why git does not tell what changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    /// The program cannot be run.
    #[error("git cannot be run: {0}")]
    NoGit(#[source] io::Error),
    /// There is no repository around the folder.
    #[error("`{}` lies in no git repository, so nothing is known of changes", .0.display())]
    NoRepository(PathBuf),
    /// Nothing was ever committed.
    #[error("the repository has no commit yet, so nothing can have changed since `{0}`")]
    NoCommit(String),
    /// Nothing has that name.
    #[error("git knows no revision `{0}`")]
    NoRevision(String),
    /// git says something else.
    #[error("git does not tell what changed: {0}")]
    Failed(String),
}

impl Changes {
    /// What changed in a folder since a revision: in commits, in the index, in files that were not added, and in files that
    /// were never committed. Where histories have parted, their last common commit counts, so that what others changed
    /// meanwhile is not taken for a change of ours.
    ///
    /// # Errors
    /// Where git is missing, does not know the revision, or there is no repository.
    pub fn since(revision: &str, folder: &Path) -> Result<Self, ChangesError> {
        let git = Git { folder };
        git.needs_repository()?;
        let base = git.base(revision)?;
        let listed = git.answer(&["ls-files", "--cached", "-z"])?;
        let known = listed.split(|&byte| byte == 0).map(|path| String::from_utf8_lossy(path).into_owned()).collect();
        let diff = git.answer(&[
            "diff",
            "--unified=0",
            "--inter-hunk-context=0",
            "--diff-algorithm=myers",
            "--indent-heuristic",
            "--find-renames=50%",
            "--relative",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            "--ignore-submodules=all",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            &base,
            "--",
        ])?;
        Ok(Self { known, lines: changed_lines(&diff) })
    }

    /// Whether any line of a finding changed.
    #[must_use]
    pub fn touch(&self, finding: &Finding) -> bool {
        let Place { source, span } = &finding.place;
        if !self.known.contains(source.path()) {
            return true;
        }
        let Some(changed) = self.lines.get(source.path()) else { return false };
        // git ends lines at `\n` alone.
        let bytes = source.bytes();
        let line =
            |offset: u32| memchr::memchr_iter(b'\n', &bytes[..bytes.len().min(offset as usize)]).count() as u32 + 1;
        let (first, last) = (line(span.start), line(span.end.max(span.start + 1) - 1));
        changed.iter().any(|&(from, to)| from <= last && first <= to)
    }
}

/// git in a folder.
struct Git<'a> {
    folder: &'a Path,
}

impl Git<'_> {
    fn run(&self, arguments: &[&str]) -> Result<Output, ChangesError> {
        let mut command = Command::new("git");
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("GIT_") && !KEPT.iter().any(|kept| text.starts_with(kept)) {
                command.env_remove(&name);
            }
        }
        command.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").current_dir(self.folder);
        command.args(["--no-pager", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false"]).args(arguments);
        command.output().map_err(|error| match error.kind() {
            ErrorKind::NotFound => ChangesError::NoGit(io::Error::new(error.kind(), "there is no such program")),
            _ => ChangesError::NoGit(error),
        })
    }

    /// What git writes where it succeeds.
    fn answer(&self, arguments: &[&str]) -> Result<Vec<u8>, ChangesError> {
        let Output { status, stdout, stderr } = self.run(arguments)?;
        if status.success() { Ok(stdout) } else { Err(ChangesError::Failed(first_line(&stderr))) }
    }

    fn needs_repository(&self) -> Result<(), ChangesError> {
        let Output { status, stdout, stderr } = self.run(&["rev-parse", "--is-inside-work-tree"])?;
        if status.success() && stdout.starts_with(b"true") {
            return Ok(());
        }
        let told = first_line(&stderr);
        let is_none = status.success() || told.contains("not a git repository");
        Err(if is_none { ChangesError::NoRepository(self.folder.to_owned()) } else { ChangesError::Failed(told) })
    }

    /// The commit to compare with.
    fn base(&self, revision: &str) -> Result<String, ChangesError> {
        let commit = |revision: &str| -> Result<Option<String>, ChangesError> {
            let revision = format!("{revision}^{{commit}}");
            let found = self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &revision])?;
            Ok(found.status.success().then(|| first_line(&found.stdout)))
        };
        let head = commit("HEAD")?.ok_or_else(|| ChangesError::NoCommit(revision.to_owned()))?;
        let named = commit(revision)?.ok_or_else(|| ChangesError::NoRevision(revision.to_owned()))?;
        let common = self.run(&["merge-base", &named, &head])?;
        // There is none where a history was cut short, or is another one.
        Ok(if common.status.success() { first_line(&common.stdout) } else { named })
    }
}

fn first_line(text: &[u8]) -> String {
    String::from_utf8_lossy(text).lines().next().unwrap_or_default().trim().to_owned()
}

/// The new side of each part of a diff without context.
fn changed_lines(diff: &[u8]) -> HashMap<String, Vec<(u32, u32)>> {
    let mut changed: HashMap<String, Vec<(u32, u32)>> = HashMap::new();
    let mut path: Option<String> = None;
    // Lines of the part that are still to come: they may look like anything.
    let mut rest = 0;
    for line in diff.split(|&byte| byte == b'\n') {
        if rest > 0 {
            rest -= u64::from(!line.starts_with(b"\\"));
        } else if let Some(name) = line.strip_prefix(b"+++ ") {
            path = new_path(name);
        } else if let Some((old, start, count)) = part(line) {
            rest = u64::from(old) + u64::from(count);
            if let Some(path) = path.as_ref().filter(|_| count > 0) {
                changed.entry(path.clone()).or_default().push((start, start.saturating_add(count - 1)));
            }
        }
    }
    changed
}

/// Number of old lines, first new line and number of new lines of `@@ -1,2 +3,4 @@`.
fn part(line: &[u8]) -> Option<(u32, u32, u32)> {
    let line = std::str::from_utf8(line.strip_prefix(b"@@ -")?.split(|&byte| byte == b'@').next()?).ok()?;
    let (old, new) = line.trim().split_once(" +")?;
    let range = |text: &str| -> Option<(u32, u32)> {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let ((_, old), (start, count)) = (range(old)?, range(new)?);
    Some((old, start, count))
}

/// The path behind `+++ `; nothing for a file that is gone.
fn new_path(name: &[u8]) -> Option<String> {
    // A name with a blank has a tab behind it.
    let name = name.strip_suffix(b"\t").unwrap_or(name);
    let name = match name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")) {
        Some(quoted) => unquoted(quoted),
        None => name.to_vec(),
    };
    name.strip_prefix(b"b/").map(|path| String::from_utf8_lossy(path).into_owned())
}

/// A name as git writes it in quotes, as C does.
fn unquoted(name: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        match rest {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            [letter, after @ ..] => {
                bytes.push(match letter {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    other => *other,
                });
                rest = after;
            }
            [] => {}
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_new_side_of_each_part_counts() {
        let diff = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@ f\n-a\n+b\n+c\n@@ -9,2 +10,0 @@\n-d\n-e\n@@ -20,0 +19 @@\n+f\ndiff --git a/y b/y\ndeleted file\n--- a/y\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n";
        assert_eq!(changed_lines(diff), HashMap::from([("x".to_owned(), vec![(1, 2), (19, 19)])]));
    }

    #[test]
    fn a_line_that_looks_like_a_heading_is_a_line() {
        let diff = b"+++ b/x\n@@ -1,2 +1,3 @@\n--- a/z\n-@@ -1 +1 @@\n+++ b/y\n+@@ -9 +9 @@\n+\n\\ No newline at end of file\n@@ -7 +8 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n+++ b/v\n@@ -0,0 +1 @@\n+a\n";
        let lines = changed_lines(diff);
        assert_eq!(lines, HashMap::from([("x".to_owned(), vec![(1, 3), (8, 8)]), ("v".to_owned(), vec![(1, 1)])]));
    }

    #[test]
    fn names_are_read_as_git_writes_them() {
        let path = |name: &str| new_path(name.as_bytes());
        assert_eq!(path("b/a b\t").as_deref(), Some("a b"));
        assert_eq!(path(r#""b/a\"\\\t\303\251.yaml""#).as_deref(), Some("a\"\\\t\u{e9}.yaml"));
        assert_eq!(path("/dev/null"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(diff in prop::collection::vec(prop::sample::select(b"+- @\\\"b/,19\n\t\xff".to_vec()), 0..80)) {
            let _ = changed_lines(&diff);
        }
    }
}
