//! Machine code of plugins from files, kept between runs. A large plugin takes seconds to compile.
//!
//! Whoever can write to this cache can run code as the user, so it is used only where nobody else can write.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use wasmtime::Engine;
use wasmtime::component::Component;

/// Most files that are kept.
const FILES: usize = 64;

/// A folder of machine code that belongs to the user alone.
pub(super) struct CodeCache {
    folder: PathBuf,
}

impl CodeCache {
    /// The cache in a folder, which is made if it is not there. `None` where it cannot be used: then plugins are compiled
    /// in each run.
    pub(super) fn open(folder: &Path) -> Option<Self> {
        create(folder).ok()?;
        is_private(&fs::symlink_metadata(folder).ok()?).then(|| Self { folder: folder.to_owned() })
    }

    /// The component whose code was stored under that key for such an engine.
    pub(super) fn load(&self, engine: &Engine, key: &str) -> Option<Component> {
        let path = self.path(engine, key);
        let metadata = fs::symlink_metadata(&path).ok()?;
        if !metadata.is_file() || !is_private(&metadata) {
            return None;
        }
        // SAFETY: the file was written by `store`, as nobody else can write to the folder, and files are only ever
        // replaced as a whole. Code of another engine is under another name, and would be refused by the engine.
        #[expect(unsafe_code, reason = "the folder is private, so the code in it is our own")]
        let component = unsafe { Component::deserialize_file(engine, path) };
        component.ok()
    }

    /// Stores code, if that is possible.
    pub(super) fn store(&self, engine: &Engine, key: &str, component: &Component) {
        let Ok(code) = component.serialize() else { return };
        let path = self.path(engine, key);
        let unfinished = path.with_extension(format!("{}.tmp", std::process::id()));
        // Two programs may do this at once: each renames a file of its own.
        if write(&unfinished, &code).and_then(|()| fs::rename(&unfinished, &path)).is_err() {
            let _ = fs::remove_file(&unfinished);
            return;
        }
        self.prune();
    }

    fn path(&self, engine: &Engine, key: &str) -> PathBuf {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};

        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        self.folder.join(format!("{key}-{:016x}.cwasm", hasher.finish()))
    }

    /// Removes the oldest files.
    fn prune(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let mut files: Vec<_> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                Some((entry.metadata().ok()?.modified().ok()?, entry.path()))
            })
            .collect();
        files.sort();
        let surplus = files.len().saturating_sub(FILES);
        for (_, path) in files.into_iter().take(surplus) {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(unix)]
fn create(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut file: File = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

#[cfg(not(unix))]
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    File::create_new(path)?.write_all(bytes)
}

/// Whether a file or folder is the user's own and nobody else may write to it.
#[cfg(unix)]
fn is_private(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    // The process's own entry belongs to whoever runs it; where there is none, the permissions must do.
    let own = fs::metadata("/proc/self").map_or(metadata.uid(), |process| process.uid());
    metadata.uid() == own && metadata.mode() & 0o022 == 0
}

/// Elsewhere a user's folders are private unless the user opens them.
#[cfg(not(unix))]
fn is_private(_metadata: &fs::Metadata) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_that_others_may_write_to_is_not_used() {
        let folder = tempfile::TempDir::new().unwrap();
        let shared = folder.path().join("shared");
        fs::create_dir(&shared).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(CodeCache::open(&shared).is_none());
        std::os::unix::fs::symlink(folder.path().join("new"), folder.path().join("link")).unwrap();
        assert!(CodeCache::open(&folder.path().join("new")).is_some());
        assert!(CodeCache::open(&folder.path().join("new/deeper/still")).is_some());
    }
}
