//! Fixes on disk: what `--fix`, `--unsafe-fixes`, `--diff` and `--dry-run` come to.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use similar::TextDiff;
use tempfile::NamedTempFile;

use super::UsageError;
use super::args::CheckArgs;
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
/// that cannot be written, or that has changed since it was read, stays as it is, with all its findings.
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
    let mut failed = Vec::new();
    for (old, new) in files.iter().zip(&mut fixed.files).filter(|(old, new)| old.source.text() != new.source.text()) {
        let path = old.source.path();
        let written = match paths.get(path) {
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

/// Puts a new file in the place of one that still has its old bytes, with the same permissions. Whoever looks sees the old
/// file or the new one, never a part.
fn replace(path: &Path, old: &[u8], new: &[u8]) -> io::Result<()> {
    if fs::read(path)? != old {
        return Err(io::Error::other("it has changed since it was read; run again"));
    }
    let permissions = fs::metadata(path)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let folder = path.parent().ok_or_else(|| io::Error::other("it lies in no folder"))?;
    let mut file = NamedTempFile::with_prefix_in(".hullmark-", folder)?;
    file.write_all(new)?;
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

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
