//! What rules that compare files see together.

use super::pattern::Paths;

/// What project rules see together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All files, those around the given ones included.
    #[default]
    Root,
    /// The files that are given, those of other shards among them.
    Run,
    /// The files that share one immediate folder.
    Directory,
}

/// How files are told apart.
#[derive(Clone, Debug)]
pub(super) enum Scopes {
    Kind(Scope),
    /// Each of these folders stands alone, and what is in none of them stands together.
    Folders(Paths),
}

/// Files of equal keys are seen together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeKey {
    folder: String,
    /// Whether only files are seen that are given.
    pub given_only: bool,
}

impl Scopes {
    /// The scope of a file, by its path from the root.
    pub(super) fn of(&self, path: &str) -> ScopeKey {
        let folder = match self {
            Self::Kind(Scope::Directory) => path.rsplit_once('/').map_or("", |(folder, _)| folder),
            Self::Kind(_) => "",
            Self::Folders(folders) => folders.folder_of(path).unwrap_or_default(),
        };
        ScopeKey { folder: folder.to_owned(), given_only: matches!(self, Self::Kind(Scope::Run)) }
    }
}
