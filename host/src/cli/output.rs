//! Files that reports go to: tried before anything is checked, and written whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::UsageError;

/// Passes for a file that may be written. A link in the repository may not lead out of it: whoever runs this means the file
/// that is named, and whoever made the link may mean any other.
pub(super) fn stays_inside(root: &Path, current: &Path, name: &Path) -> Result<(), UsageError> {
    let named = plain(&current.join(name));
    if !named.starts_with(root) || real(&named).starts_with(root) {
        return Ok(());
    }
    let message = format!("`{}` cannot be written: a link leads out of the repository", name.display());
    Err(UsageError::with_help(message, "name the file that it leads to"))
}

/// A path without `.` and `..`, links left as they are.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// A path without symbolic links, as far as it exists.
pub(super) fn real(path: &Path) -> PathBuf {
    let real = |above: &Path| Some(above.canonicalize().ok()?.join(path.strip_prefix(above).ok()?));
    path.ancestors().find_map(real).unwrap_or_else(|| path.to_owned())
}

/// A file that could be written when it was tried.
#[derive(Debug)]
pub(super) struct Target {
    /// As it was given.
    name: PathBuf,
    /// Without links, where it exists.
    place: PathBuf,
    /// Folder in which a new file can be made that takes its place; `None` where it must be written as it is: a device, a
    /// pipe, or a file in a folder that takes no new ones.
    folder: Option<PathBuf>,
}

impl Target {
    /// Tries whether the file can be written, and leaves it as it is.
    pub(super) fn new(name: &Path) -> Result<Self, UsageError> {
        Self::tried(name).map_err(|error| UsageError::new(unwritten(name, &error)))
    }

    fn tried(name: &Path) -> io::Result<Self> {
        let target = |place: PathBuf, folder| Self { name: name.to_owned(), place, folder };
        let existing = match fs::metadata(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = folder(name);
                new_file(&folder)?;
                return Ok(target(name.to_owned(), Some(folder)));
            }
            metadata => metadata?,
        };
        if existing.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        if existing.permissions().readonly() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
        }
        if !existing.is_file() {
            return Ok(target(name.to_owned(), None));
        }
        OpenOptions::new().write(true).open(name)?;
        let place = name.canonicalize()?;
        let folder = Some(folder(&place)).filter(|folder| new_file(folder).is_ok());
        Ok(target(place, folder))
    }

    /// Writes the file: whoever looks sees the old one or the new one, never a part.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<(), String> {
        self.replace(bytes).map_err(|error| unwritten(&self.name, &error))
    }

    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        self.prepare(bytes)?.commit()
    }

    /// Does all but to give the new file the place of the old one.
    fn prepare<'t>(&'t self, bytes: &'t [u8]) -> io::Result<Prepared<'t>> {
        let Some(folder) = &self.folder else { return Ok(Prepared { target: self, bytes, file: None }) };
        let mut file = new_file(folder)?;
        file.write_all(bytes).map_err(nameless)?;
        if let Ok(existing) = fs::metadata(&self.place) {
            file.as_file().set_permissions(existing.permissions())?;
        }
        Ok(Prepared { target: self, bytes, file: Some(file) })
    }

    /// Whether both are the same file.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

/// What is ready to be written.
struct Prepared<'t> {
    target: &'t Target,
    bytes: &'t [u8],
    /// The new file, unless it is written in place.
    file: Option<NamedTempFile>,
}

impl Prepared<'_> {
    fn commit(self) -> io::Result<()> {
        let Some(file) = self.file else { return fs::write(&self.target.place, self.bytes) };
        file.persist(&self.target.place).map_err(|error| error.error)?;
        Ok(())
    }
}

/// Writes all files in this order, or none.
pub(super) fn write_together(files: &[(Target, String)]) -> Result<(), String> {
    let mut prepared = Vec::with_capacity(files.len());
    for (target, text) in files {
        prepared.push(target.prepare(text.as_bytes()).map_err(|error| unwritten(&target.name, &error))?);
    }
    let mut done: Vec<(&Target, Option<Vec<u8>>)> = Vec::new();
    for file in prepared {
        let target = file.target;
        let old = fs::read(&target.place).ok();
        if let Err(error) = file.commit() {
            // What was written before is taken back; where that fails as well, nothing more can be done.
            for (target, old) in done {
                let _ = old.map_or_else(|| fs::remove_file(&target.place), |old| target.replace(&old));
            }
            return Err(unwritten(&target.name, &error));
        }
        done.push((target, old));
    }
    Ok(())
}

fn unwritten(name: &Path, error: &io::Error) -> String {
    format!("`{}` cannot be written: {error}", name.display())
}

/// An error without the name of a temporary file, which tells nobody anything and is another one each time.
pub(super) fn nameless(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::NotFound, "there is no such folder"),
        kind => kind.into(),
    }
}

fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A file without a name of its own yet; it is gone when it is dropped.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".hullmark-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // What any program asks for; the user's mask takes away from it.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder).map_err(nameless)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trying_leaves_nothing_and_writing_leaves_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sarif");
        let target = Target::new(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        target.write(b"one").unwrap();
        Target::new(&path).unwrap().write(b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn of_files_that_belong_together_all_are_written_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new, gone) = (folder.path().join("old"), folder.path().join("new"), folder.path().join("sub/gone"));
        fs::write(&old, "old").unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        let target = |path: &Path| (Target::new(path).unwrap(), "text".to_owned());
        let mut files = vec![target(&old), target(&new), target(&gone)];
        // What the last one is to replace becomes a folder in the meantime.
        fs::create_dir(&gone).unwrap();
        assert!(write_together(&files).unwrap_err().contains("gone` cannot be written"));
        assert_eq!(fs::read(&old).unwrap(), b"old");
        assert!(!new.exists());
        files.pop();
        write_together(&files).unwrap();
        assert_eq!([fs::read(&old).unwrap(), fs::read(&new).unwrap()], [b"text", b"text"]);
    }

    #[test]
    fn a_folder_and_a_read_only_file_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let message = |path: &Path| Target::new(path).unwrap_err().message;
        assert!(message(folder.path()).ends_with("cannot be written: it is a folder"));
        assert!(message(&folder.path().join("no/file")).contains("cannot be written: "));
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert!(message(&path).ends_with("cannot be written: it is read-only"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_the_permissions_of_its_file_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("a", &link).unwrap();
        let (one, other) = (Target::new(&path).unwrap(), Target::new(&link).unwrap());
        assert!(one.is(&other));
        other.write(b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_as_it_is() {
        Target::new(Path::new("/dev/null")).unwrap().write(b"x").unwrap();
        assert!(!Path::new("/dev/null").is_file());
    }
}
