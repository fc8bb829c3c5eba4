//! Folders of fixtures.

use std::fs;
use std::path::{Path, PathBuf};

/// All files of a folder with their paths in it, or the one file that it is.
pub(crate) fn read(path: &Path) -> Vec<(String, Vec<u8>)> {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    if path.is_file() {
        return vec![(name(path), fs::read(path).unwrap())];
    }
    let mut files = Vec::new();
    for entry in entries(path) {
        let below = if entry.is_dir() { format!("{}/", name(&entry)) } else { String::new() };
        files.extend(read(&entry).into_iter().map(|(path, bytes)| (format!("{below}{path}"), bytes)));
    }
    files
}

/// What lies in a folder, by name.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}
