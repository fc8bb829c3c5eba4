//! Machine code of plugins from files, kept between runs. A large plugin takes seconds to compile.
//!
//! Whoever can write to this cache can run code as the user, outside of any sandbox. What guards it are permissions: it is
//! used only where nobody else can write, neither to it nor to a folder above it. The hash in each entry is no guard against
//! a hostile writer, who can write a hash as well; it finds what was spoilt by accident, and what belongs to another key.

use std::fs::{self, File};
use std::hash::{Hash as _, Hasher};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

/// Most files that are kept.
const FILES: usize = 64;
/// First bytes of an entry, with the version of its form: after them come its hash and the code.
const MAGIC: &[u8; 16] = b"hullmark code 1\n";
/// Bytes of a hash.
const HASH: usize = 32;

/// A component that is being compiled.
#[derive(Debug)]
pub struct Compilation<'a> {
    /// Its file.
    pub path: &'a Path,
    /// Bytes of it.
    pub size: usize,
    /// Why the next run will have to do the same again, as the rest of a sentence; `None` where the code is kept.
    pub unkept: Option<String>,
}

/// Hears of each compilation when it begins, and of its end by `None`.
pub type Watch<'a> = &'a dyn Fn(Option<&Compilation<'_>>);

/// Where code is kept, and who hears of it when there is none.
pub(super) struct CodeCache<'a> {
    /// A folder that belongs to the user alone, without symbolic links.
    folder: Result<PathBuf, Unkept>,
    watch: Option<Watch<'a>>,
}

/// Why no code is kept.
#[derive(Debug, thiserror::Error)]
enum Unkept {
    #[error("no folder is there to keep its code in")]
    Unwanted,
    #[error("`{}` cannot be used: {error}", .folder.display())]
    Failed { folder: PathBuf, error: io::Error },
    #[error("`{}` is no folder", .0.display())]
    NoFolder(PathBuf),
    #[error("`{}` is not your own, or others can write to it", .0.display())]
    Shared(PathBuf),
}

impl<'a> CodeCache<'a> {
    /// The cache in a folder, which is made if it is not there. Where it cannot be used, all is compiled in each run.
    pub(super) fn open(folder: Option<&Path>, watch: Option<Watch<'a>>) -> Self {
        Self { folder: folder.map_or(Err(Unkept::Unwanted), private), watch }
    }

    /// The component of a file with these bytes: as an earlier run compiled it, or compiled now and kept for later ones.
    pub(super) fn component(
        &self,
        engine: &Engine,
        path: &Path,
        bytes: &[u8],
        identity: &str,
    ) -> Result<Component, String> {
        let key = Key::new(engine, identity);
        if let Some(component) = self.load(engine, &key) {
            return Ok(component);
        }
        let unkept = self.folder.as_ref().err().map(ToString::to_string);
        self.tell(Some(&Compilation { path, size: bytes.len(), unkept }));
        let component = Component::new(engine, bytes).map_err(|error| format!("{error:#}"));
        if let Ok(component) = &component {
            self.store(&key, component);
        }
        self.tell(None);
        component
    }

    fn tell(&self, compilation: Option<&Compilation<'_>>) {
        if let Some(watch) = self.watch {
            watch(compilation);
        }
    }

    /// The component whose code was stored under a key.
    fn load(&self, engine: &Engine, key: &Key<'_>) -> Option<Component> {
        let bytes = read(&self.path(key)?)?;
        let code = key.code(&bytes)?;
        // SAFETY: the code was written by `store`, of this version of the program and for such an engine: nobody else can
        // write to the folder, and the hash tells whether it is what was written under this key. The bytes in memory that
        // were hashed are those that are used.
        #[expect(unsafe_code, reason = "the folder is private and the hash holds, so the code is our own")]
        let component = unsafe { Component::deserialize(engine, code) };
        component.ok()
    }

    /// Stores code, if that is possible.
    fn store(&self, key: &Key<'_>, component: &Component) {
        let (Ok(folder), Some(path)) = (&self.folder, self.path(key)) else { return };
        let Ok(code) = component.serialize() else { return };
        if write(folder, &path, key, &code).is_ok() {
            prune(folder);
        }
    }

    fn path(&self, key: &Key<'_>) -> Option<PathBuf> {
        let rest: String = key.bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Some(self.folder.as_ref().ok()?.join(format!("{}-{rest}.cwasm", key.identity)))
    }
}

/// A folder that nobody else can write to, made if it is not there, without symbolic links.
fn private(folder: &Path) -> Result<PathBuf, Unkept> {
    let failed = |error| Unkept::Failed { folder: folder.to_owned(), error };
    create(folder).map_err(failed)?;
    let metadata = fs::symlink_metadata(folder).map_err(failed)?;
    if !metadata.is_dir() {
        return Err(Unkept::NoFolder(folder.to_owned()));
    }
    let owner = Owner::of_this_process().map_err(failed)?;
    if !owner.alone_writes(&metadata) {
        return Err(Unkept::Shared(folder.to_owned()));
    }
    let real = folder.canonicalize().map_err(failed)?;
    // Whoever can write to a folder above can put another folder in the place of this one, even one of the user's own whose
    // files came with a repository. Both rows of folders count where a link leads from one to the other.
    for above in folder.ancestors().skip(1).chain(real.ancestors().skip(1)).filter(|above| above.is_absolute()) {
        if !owner.is_safe_below(&fs::metadata(above).map_err(failed)?) {
            return Err(Unkept::Shared(above.to_owned()));
        }
    }
    Ok(real)
}

/// All bytes of an entry that nobody else may write to.
fn read(path: &Path) -> Option<Vec<u8>> {
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut file = File::open(path).ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || !Owner::of_this_process().ok()?.alone_writes(&metadata) {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).ok()?);
    file.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Puts an entry in its place as a whole. Two programs may do this at once: each renames a file of its own.
fn write(folder: &Path, path: &Path, key: &Key<'_>, code: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().suffix(".tmp").tempfile_in(folder)?;
    file.write_all(MAGIC)?;
    file.write_all(&key.hash(code))?;
    file.write_all(code)?;
    file.persist(path)?;
    Ok(())
}

/// Removes the oldest files.
fn prune(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
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

/// What an entry is stored under: the component's content, and all that decides what code is made of it.
struct Key<'a> {
    identity: &'a str,
    bytes: [u8; HASH],
}

impl<'a> Key<'a> {
    fn new(engine: &Engine, identity: &'a str) -> Self {
        Self::of_version(env!("CARGO_PKG_VERSION"), engine, identity)
    }

    fn of_version(version: &str, engine: &Engine, identity: &'a str) -> Self {
        let mut hasher = KeyHasher(Sha256::new());
        version.hash(&mut hasher);
        engine.precompile_compatibility_hash().hash(&mut hasher);
        identity.hash(&mut hasher);
        Self { identity, bytes: hasher.0.finalize().into() }
    }

    /// The hash of code under this key.
    fn hash(&self, code: &[u8]) -> [u8; HASH] {
        Sha256::new().chain_update(self.bytes).chain_update(code).finalize().into()
    }

    /// The code of an entry, if the entry is whole and one of this key.
    fn code<'b>(&self, entry: &'b [u8]) -> Option<&'b [u8]> {
        let (hash, code) = entry.strip_prefix(MAGIC)?.split_at_checked(HASH)?;
        (*hash == self.hash(code)).then_some(code)
    }
}

/// Hashes what can only be hashed through the standard library's trait.
struct KeyHasher(Sha256);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash: [u8; HASH] = self.0.clone().finalize().into();
        hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(unix)]
fn create(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Whose files this program writes.
#[cfg(unix)]
struct Owner(u32);

#[cfg(unix)]
impl Owner {
    fn of_this_process() -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;

        // The process's own entry belongs to whoever runs it, and so does any file that it makes.
        let metadata = fs::metadata("/proc/self").or_else(|_| tempfile::tempfile()?.metadata())?;
        Ok(Self(metadata.uid()))
    }

    /// Whether a file or folder is the user's own and nobody else may write to it. Where there are access lists, the bits of
    /// the group say what the most that a list grants.
    fn alone_writes(&self, metadata: &fs::Metadata) -> bool {
        use std::os::unix::fs::MetadataExt as _;

        metadata.uid() == self.0 && metadata.mode() & 0o022 == 0
    }

    /// Whether nobody else can replace what lies in a folder: it is the user's or the system's, and others cannot write to
    /// it, or can but, by its sticky bit, only to what is theirs.
    fn is_safe_below(&self, metadata: &fs::Metadata) -> bool {
        use std::os::unix::fs::MetadataExt as _;

        let mode = metadata.mode();
        [self.0, 0].contains(&metadata.uid()) && (mode & 0o022 == 0 || mode & 0o1000 != 0)
    }
}

/// Elsewhere a user's folders are private unless the user opens them.
#[cfg(not(unix))]
struct Owner;

#[cfg(not(unix))]
impl Owner {
    fn of_this_process() -> io::Result<Self> {
        Ok(Self)
    }

    fn alone_writes(&self, _: &fs::Metadata) -> bool {
        true
    }

    fn is_safe_below(&self, _: &fs::Metadata) -> bool {
        true
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::super::engine::{config, embedded};
    use super::*;

    const STACK: usize = 1 << 20;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn engine() -> Engine {
        Engine::new(&config(env!("HULLMARK_TARGET"), STACK).unwrap()).unwrap()
    }

    fn open(folder: &Path) -> Result<PathBuf, Unkept> {
        CodeCache::open(Some(folder), None).folder
    }

    /// A cache with the code of the smallest component under the content `aa`, and the path of its entry.
    fn filled(folder: &TempDir, engine: &Engine) -> (CodeCache<'static>, PathBuf) {
        let cache = CodeCache::open(Some(&folder.path().join("cache")), None);
        let key = Key::new(engine, "aa");
        cache.store(&key, &Component::new(engine, wat::parse_str("(component)").unwrap()).unwrap());
        assert!(is_kept(&cache, engine));
        let path = cache.path(&key).unwrap();
        (cache, path)
    }

    /// Whether there is code of the content `aa` that can be used.
    fn is_kept(cache: &CodeCache<'_>, engine: &Engine) -> bool {
        cache.load(engine, &Key::new(engine, "aa")).is_some()
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_not_used() {
        let folder = TempDir::new().unwrap();
        let shared = folder.path().join("shared");
        fs::create_dir(&shared).unwrap();
        for mode in [0o777, 0o770, 0o702, 0o1777] {
            set_mode(&shared, mode);
            assert!(matches!(open(&shared), Err(Unkept::Shared(_))), "{mode:o}");
        }
        set_mode(&shared, 0o755);
        assert!(open(&shared).is_ok());
        assert!(open(&folder.path().join("new")).is_ok());
        assert!(open(&folder.path().join("new/deeper/still")).is_ok());
        assert_eq!(fs::metadata(folder.path().join("new/deeper")).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_folder_below_one_that_others_may_write_to_is_not_used() {
        let folder = TempDir::new().unwrap();
        let above = folder.path().join("above");
        let cache = above.join("between/cache");
        assert!(open(&cache).is_ok());
        for mode in [0o777, 0o775, 0o757] {
            set_mode(&above, mode);
            let refused = open(&cache).unwrap_err().to_string();
            assert_eq!(refused, format!("`{}` is not your own, or others can write to it", above.display()));
        }
        // As in `/tmp`: what lies there can only be replaced by its owner.
        set_mode(&above, 0o1777);
        assert!(open(&cache).is_ok());
    }

    #[test]
    fn a_link_in_the_place_of_the_cache_is_not_used_and_one_above_counts_on_both_sides() {
        let folder = TempDir::new().unwrap();
        let at = |path: &str| folder.path().join(path);
        assert!(open(&at("real/cache")).is_ok());
        symlink(at("real/cache"), at("link")).unwrap();
        assert!(matches!(open(&at("link")), Err(Unkept::NoFolder(_))));
        fs::create_dir(at("home")).unwrap();
        symlink(at("real"), at("home/link")).unwrap();
        assert!(open(&at("home/link/cache")).is_ok());
        set_mode(&at("real"), 0o777);
        assert!(open(&at("home/link/cache")).is_err());
        set_mode(&at("real"), 0o700);
        set_mode(&at("home"), 0o777);
        assert!(open(&at("home/link/cache")).is_err());
    }

    #[test]
    fn an_entry_with_one_bit_turned_is_compiled_again() {
        let folder = TempDir::new().unwrap();
        let engine = engine();
        let (cache, path) = filled(&folder, &engine);
        let good = fs::read(&path).unwrap();
        // Every part of it: magic, hash, and code from its header to its end.
        let ends = [0, MAGIC.len(), MAGIC.len() + HASH, good.len() - 1];
        for at in (0..good.len()).step_by(good.len() / 200 + 1).chain(ends) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, bad).unwrap();
            assert!(!is_kept(&cache, &engine), "byte {at}");
        }
        for length in [0, 1, MAGIC.len(), MAGIC.len() + HASH, good.len() - 1] {
            fs::write(&path, &good[..length]).unwrap();
            assert!(!is_kept(&cache, &engine), "{length} bytes");
        }
        fs::write(&path, &good).unwrap();
        assert!(is_kept(&cache, &engine));
    }

    #[test]
    fn an_entry_of_another_key_is_compiled_again() {
        let folder = TempDir::new().unwrap();
        let engine = engine();
        let (cache, path) = filled(&folder, &engine);
        let entry = fs::read(&path).unwrap();
        let other = Key::new(&engine, "bb");
        fs::copy(&path, cache.path(&other).unwrap()).unwrap();
        assert!(cache.load(&engine, &other).is_none(), "another content");
        let older = Key::of_version("0.0.1", &engine, "aa");
        assert!(older.code(&entry).is_none(), "another version of the program");
        let foreign = Engine::new(&embedded(env!("HULLMARK_TARGET"), STACK).unwrap()).unwrap();
        let foreign = Key::new(&foreign, "aa");
        assert_ne!(cache.path(&foreign).unwrap(), path);
        assert!(foreign.code(&entry).is_none(), "another engine");
        fs::write(&path, &entry[MAGIC.len() + HASH..]).unwrap();
        assert!(!is_kept(&cache, &engine), "code without a hash, as older versions kept it");
    }

    #[test]
    fn an_entry_that_others_may_write_to_or_that_is_no_file_is_compiled_again() {
        let folder = TempDir::new().unwrap();
        let engine = engine();
        let (cache, path) = filled(&folder, &engine);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        set_mode(&path, 0o622);
        assert!(!is_kept(&cache, &engine));
        set_mode(&path, 0o600);
        let elsewhere = folder.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert!(!is_kept(&cache, &engine));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(!is_kept(&cache, &engine));
    }

    #[test]
    fn the_oldest_entries_go() {
        let folder = TempDir::new().unwrap();
        let engine = engine();
        let (_, path) = filled(&folder, &engine);
        let at = |number: usize| path.with_file_name(format!("{number}.cwasm"));
        for number in 0..FILES {
            fs::write(at(number), "").unwrap();
        }
        File::options().write(true).open(at(7)).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        prune(path.parent().unwrap());
        assert!(path.exists() && at(8).exists() && !at(7).exists());
    }

    #[test]
    fn whoever_waits_hears_of_what_is_compiled_and_whether_it_will_be_again() {
        use std::cell::RefCell;

        let folder = TempDir::new().unwrap();
        let (engine, bytes) = (engine(), wat::parse_str("(component)").unwrap());
        let heard = RefCell::new(Vec::new());
        let watch = |told: Option<&Compilation<'_>>| {
            heard.borrow_mut().push(told.map(|told| (told.path.to_owned(), told.size, told.unkept.clone())));
        };
        let compile = |folder: Option<&Path>, bytes: &[u8]| {
            let made = CodeCache::open(folder, Some(&watch)).component(&engine, Path::new("a.wasm"), bytes, "aa");
            (made.is_ok(), heard.take())
        };
        let told = |unkept: Option<&str>| Some(("a.wasm".into(), bytes.len(), unkept.map(str::to_owned)));
        let nowhere = told(Some("no folder is there to keep its code in"));
        assert_eq!(compile(None, &bytes), (true, vec![nowhere, None]));
        let cache = folder.path().join("cache");
        assert_eq!(compile(Some(&cache), &bytes), (true, vec![told(None), None]));
        assert_eq!(compile(Some(&cache), &bytes), (true, vec![]), "from the cache");
        set_mode(&cache, 0o777);
        let shared = format!("`{}` is not your own, or others can write to it", cache.display());
        assert_eq!(compile(Some(&cache), &bytes), (true, vec![told(Some(&shared)), None]));
        let (made, heard) = compile(None, b"no component");
        assert!(!made && heard.len() == 2 && heard[1].is_none(), "what does not compile ends, too");
    }
}
