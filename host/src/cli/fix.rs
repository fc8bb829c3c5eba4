//! Fixes on disk: what `--fix`, `--unsafe-fixes`, `--diff` and `--dry-run` come to.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use similar::TextDiff;
use tempfile::NamedTempFile;

use super::UsageError;
use super::args::CheckArgs;
use super::output::nameless;
use crate::finding::{Level, Notification, Outcome};
use crate::fix::fix;
use crate::run::File;

/// Lines around a change that a diff shows.
const CONTEXT: usize = 3;

/// What to do with fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Write the files.
    Write,
    /// Say what would be fixed.
    DryRun,
    /// Show the changes instead of a report.
    Diff,
}

impl Mode {
    /// What the arguments ask for; nothing where no fixes are wanted.
    pub(super) fn of(args: &CheckArgs) -> Result<Option<Self>, UsageError> {
        let mode = match (args.diff, args.dry_run) {
            (true, true) => return Err(UsageError::new("`--diff` and `--dry-run` exclude each other")),
            (true, false) => Self::Diff,
            (false, true) => Self::DryRun,
            (false, false) if args.fix || args.unsafe_fixes => Self::Write,
            (false, false) => return Ok(None),
        };
        if mode == Self::Write && args.paths.iter().any(|path| path.as_os_str() == "-") {
            let message = "standard input cannot be fixed in place";
            return Err(UsageError::with_help(message, "`--diff` shows what would change"));
        }
        Ok(Some(mode))
    }
}

/// Applies fixes to what was found, and writes the files if the mode says so. `paths` tells where each file lies. A file
/// that cannot be written, that has changed since it was read, or that an interruption leaves out, stays as it is, with
/// all its findings.
pub(super) fn apply(
    mode: Mode,
    unsafe_too: bool,
    files: &[File],
    found: Outcome,
    paths: &HashMap<String, PathBuf>,
    check: &mut dyn FnMut(&[File]) -> Outcome,
) -> (Vec<File>, Outcome) {
    let mut fixed = fix(files.to_vec(), found, unsafe_too, check);
    fixed.outcome.fixes.dry = mode != Mode::Write;
    if mode != Mode::Write {
        return (fixed.files, fixed.outcome);
    }
    let interruption = Interruption::held();
    let mut failed = Vec::new();
    for (old, new) in files.iter().zip(&mut fixed.files).filter(|(old, new)| old.source.text() != new.source.text()) {
        let path = old.source.path();
        let written = match paths.get(path) {
            _ if interruption.came() => Err(io::Error::other("the run was interrupted")),
            Some(place) => replace(place, old.source.bytes(), new.source.bytes()),
            None => Err(io::Error::other("it is not known where it lies")),
        };
        if let Err(error) = written {
            failed.push(Notification {
                level: Level::Error,
                path: Some(path.to_owned()),
                plugin: None,
                message: format!("the file is not fixed: {error}"),
            });
            *new = old.clone();
        }
    }
    drop(interruption);
    if !failed.is_empty() {
        let stays = |path: &str| failed.iter().any(|failed| failed.path.as_deref() == Some(path));
        let mut fixes = std::mem::take(&mut fixed.outcome.fixes);
        fixes.applied.retain(|applied| !stays(&applied.path));
        fixed.outcome = check(&fixed.files);
        fixed.outcome.fixes = fixes;
        fixed.outcome.notifications.extend(failed);
    }
    (fixed.files, fixed.outcome)
}

/// Keeps an interruption from ending the program while files are written: it ends the writing after the file at hand, so
/// that nothing is left behind and the report can say what was done.
struct Interruption {
    came: Arc<AtomicBool>,
    ends: Arc<AtomicBool>,
}

impl Interruption {
    fn held() -> Self {
        let interruption = Self { came: Arc::default(), ends: Arc::default() };
        for signal in [SIGINT, SIGTERM] {
            // A signal that cannot be held ends the program as ever; files are whole then, too.
            let _ = flag::register(signal, Arc::clone(&interruption.came));
            let _ = flag::register_conditional_default(signal, Arc::clone(&interruption.ends));
        }
        interruption
    }

    fn came(&self) -> bool {
        self.came.load(Ordering::SeqCst)
    }
}

impl Drop for Interruption {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
    }
}

/// Puts a new file in the place of one that still has its old bytes, with the same permissions. Whoever looks sees the old
/// file or the new one, never a part.
fn replace(path: &Path, old: &[u8], new: &[u8]) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() || fs::read(path)? != old {
        return Err(io::Error::other("it has changed since it was read; run again"));
    }
    if metadata.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let folder = path.parent().ok_or_else(|| io::Error::other("it lies in no folder"))?;
    let mut file = NamedTempFile::with_prefix_in(".hullmark-", folder).map_err(nameless)?;
    file.write_all(new).map_err(nameless)?;
    keep_owner(&file, &metadata);
    file.as_file().set_permissions(metadata.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Whoever runs this for others may leave them their files; for all others the new file can only be their own.
#[cfg(unix)]
fn keep_owner(file: &NamedTempFile, metadata: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let _ = fchown(file.as_file(), Some(metadata.uid()), Some(metadata.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &NamedTempFile, _: &fs::Metadata) {}

/// Writes what fixes change, as `git apply` reads it.
pub(super) fn write_diff(before: &[File], after: &[File], to: &mut dyn Write) -> io::Result<()> {
    for (old, new) in before.iter().zip(after).filter(|(old, new)| old.source.text() != new.source.text()) {
        let path = old.source.path();
        let diff = TextDiff::from_lines(old.source.text(), new.source.text());
        let mut shown = diff.unified_diff();
        shown.context_radius(CONTEXT).header(&format!("a/{path}"), &format!("b/{path}"));
        write!(to, "{shown}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_has_changed_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        fs::write(&path, "FROM a\n").unwrap();
        assert!(replace(&path, b"FROM b\n", b"FROM c\n").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "FROM a\n");
        assert!(replace(&folder.path().join("gone"), b"", b"FROM c\n").is_err());
        replace(&path, b"FROM a\n", b"FROM c\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "FROM c\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        fs::write(&path, "a").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        replace(&path, b"a", b"b").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o750);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert_eq!(replace(&path, b"b", b"c").unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }
}
