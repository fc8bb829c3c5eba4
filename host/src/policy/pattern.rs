//! Patterns: of paths, as in a `.gitignore`, and of names, in which `*` stands for anything.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Patterns of paths below a folder.
#[derive(Clone, Debug)]
pub(super) struct Paths(Gitignore);

impl Paths {
    /// Patterns that stand in a folder, which is relative to the root and empty for the root itself.
    ///
    /// # Errors
    /// What is wrong with the first that is no pattern.
    pub(super) fn new<'p>(folder: &str, patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, String> {
        let mut builder = GitignoreBuilder::new("");
        let reason = |error: ignore::Error| match error {
            ignore::Error::Glob { err, .. } => err,
            other => other.to_string(),
        };
        for pattern in patterns {
            builder.add_line(None, &rooted(folder, pattern)).map_err(reason)?;
        }
        builder.build().map(Self).map_err(reason)
    }

    /// Whether a file, or a folder above it, is meant. The path is relative to the root.
    pub(super) fn hold(&self, file: &str) -> bool {
        self.0.matched_path_or_any_parents(file, false).is_ignore()
    }

    /// The nearest folder above a file that is meant itself.
    pub(super) fn folder_of<'f>(&self, file: &'f str) -> Option<&'f str> {
        let folders = Path::new(file).ancestors().skip(1).filter_map(Path::to_str);
        { folders }.find(|folder| !folder.is_empty() && self.0.matched(folder, true).is_ignore())
    }
}

/// A pattern of a folder as a pattern of the root.
pub(super) fn rooted(folder: &str, pattern: &str) -> String {
    if folder.is_empty() {
        return pattern.to_owned();
    }
    let (not, pattern) = pattern.strip_prefix('!').map_or(("", pattern), |rest| ("!", rest));
    // What has no `/` but at its end is meant at any depth.
    let anywhere = !pattern.trim_end_matches('/').contains('/');
    let below = if anywhere { "**/" } else { "" };
    let folder: String =
        folder.chars().flat_map(|c| "*?[]{}\\!# ".contains(c).then_some('\\').into_iter().chain([c])).collect();
    format!("{not}/{folder}/{below}{}", pattern.strip_prefix('/').unwrap_or(pattern))
}

/// Whether a name is one of those that a pattern means.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_from_end_to_end() {
        for (pattern, name) in
            [("web", "web"), ("*", ""), ("*", "a"), ("kube-*", "kube-system"), ("*-*-c", "a-b-b-c"), ("a*a", "aa")]
        {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("web", "web2"), ("web", "aweb"), ("kube-*", "my-kube-x"), ("a*a", "a"), ("", "a"), ("*b*", "a")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn paths_are_meant_from_the_folder_of_their_pattern() {
        let hold = |folder: &str, pattern: &str, file: &str| Paths::new(folder, [pattern]).unwrap().hold(file);
        for (folder, pattern, file) in [
            ("", "test/", "a/test/b.yaml"),
            ("", "/test", "test/b.yaml"),
            ("", "*.yaml", "a/b.yaml"),
            ("", "a/**/b.yaml", "a/c/d/b.yaml"),
            ("apps", "test/", "apps/a/test/b.yaml"),
            ("apps", "/test", "apps/test/b.yaml"),
            ("apps", "a/*.yaml", "apps/a/b.yaml"),
            ("[x]", "b.yaml", "[x]/b.yaml"),
        ] {
            assert!(hold(folder, pattern, file), "{folder} {pattern} {file}");
        }
        for (folder, pattern, file) in [
            ("", "/test", "a/test/b.yaml"),
            ("apps", "test/", "test/b.yaml"),
            ("apps", "/a.yaml", "apps/b/a.yaml"),
            ("[x]", "b.yaml", "x/b.yaml"),
        ] {
            assert!(!hold(folder, pattern, file), "{folder} {pattern} {file}");
        }
        assert!(Paths::new("", ["a{b"]).is_err());
    }

    #[test]
    fn the_nearest_folder_is_the_scope() {
        let paths = Paths::new("", ["apps/*", "infra"]).unwrap();
        assert_eq!(paths.folder_of("apps/web/k8s/a.yaml"), Some("apps/web"));
        assert_eq!(paths.folder_of("infra/a.yaml"), Some("infra"));
        assert_eq!(paths.folder_of("apps/a.yaml"), None);
    }
}
