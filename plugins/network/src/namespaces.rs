//! Which objects of a project surely belong together. A namespace that is not written may be any, so only the folder
//! tells. No rule belongs here.

use std::collections::BTreeSet;

use hullmark_sdk::prelude::*;

/// Whether the cluster itself brings pods to this namespace, so that no project holds them all.
pub(crate) fn is_filled_by_cluster(namespace: Option<&str>) -> bool {
    let is_system = |name| matches!(name, "kube-system" | "kube-public" | "kube-node-lease");
    namespace.is_some_and(|name| is_system(name) || name.starts_with("openshift-"))
}

/// Where objects live: their namespaces and the folders of their files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Homes {
    namespaces: BTreeSet<String>,
    /// Folders of all.
    folders: BTreeSet<String>,
    /// Folders of those whose namespace is not written.
    nameless: BTreeSet<String>,
}

impl Homes {
    /// Where pods of the project live.
    pub(crate) fn of_pods<'p>(project: &Project<'_>, pods: impl IntoIterator<Item = &'p PodEntry>) -> Self {
        let mut homes = Self::default();
        for pod in pods {
            if let Some(document) = project.document(pod.document) {
                homes.add(pod.namespace.as_deref(), document.path());
            }
        }
        homes
    }

    /// Where objects of the project live, with none of them loaded.
    pub(crate) fn of_entries<'p>(project: &Project<'_>, entries: impl IntoIterator<Item = &'p ObjectEntry>) -> Self {
        let mut homes = Self::default();
        for entry in entries {
            if let Some(document) = project.document(entry.document) {
                homes.add(entry.namespace.as_deref(), document.path());
            }
        }
        homes
    }

    /// Where objects live.
    pub(crate) fn of_objects<'a>(objects: impl IntoIterator<Item = Object<'a>>) -> Self {
        let mut homes = Self::default();
        for object in objects {
            homes.add(object.namespace(), object.document().path());
        }
        homes
    }

    fn add(&mut self, namespace: Option<&str>, path: &str) {
        let folder = folder(path).to_owned();
        match namespace {
            Some(name) => self.namespaces.insert(name.to_owned()),
            None => self.nameless.insert(folder.clone()),
        };
        self.folders.insert(folder);
    }

    /// Whether one is surely meant to be applied to this namespace from this file: it names the same namespace; or one
    /// of both leaves it out, and the folder of one holds the other's.
    pub(crate) fn share(&self, namespace: Option<&str>, path: &str) -> bool {
        match namespace {
            Some(name) => self.namespaces.contains(name) || is_related(&self.nameless, folder(path)),
            None => is_related(&self.folders, folder(path)),
        }
    }

    /// The same, where a folder above the file's says nothing: what stands there need not belong to it.
    pub(crate) fn share_downwards(&self, namespace: Option<&str>, path: &str) -> bool {
        let stands_with = |folders: &BTreeSet<String>| {
            let folder = folder(path);
            folders.contains(folder) || is_above(folder, folders)
        };
        match namespace {
            Some(name) => self.namespaces.contains(name) || stands_with(&self.nameless),
            None => stands_with(&self.folders),
        }
    }

    /// The same as [`Homes::share`], where a namespace that is written and one that is not count as different.
    pub(crate) fn share_strictly(&self, namespace: Option<&str>, path: &str) -> bool {
        match namespace {
            Some(name) => self.namespaces.contains(name),
            None => is_related(&self.nameless, folder(path)),
        }
    }
}

/// The folder of a file, empty at the root.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether one of the folders is this one, lies above it or below it.
fn is_related(folders: &BTreeSet<String>, folder: &str) -> bool {
    if folder.is_empty() || folders.contains("") {
        return !folders.is_empty();
    }
    is_within(folders, folder) || is_above(folder, folders)
}

/// Whether one of the folders lies below this one.
fn is_above(folder: &str, folders: &BTreeSet<String>) -> bool {
    let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    folders.range(below.clone()..).next().is_some_and(|next| next.starts_with(&below))
}

/// Whether one of the folders is this one or lies above it.
fn is_within(folders: &BTreeSet<String>, folder: &str) -> bool {
    let slashes = folder.match_indices('/').map(|(at, _)| &folder[..at]);
    folders.contains("") || folders.contains(folder) || slashes.into_iter().any(|above| folders.contains(above))
}

#[cfg(test)]
mod tests {
    use super::*;

    type At<'a> = (Option<&'a str>, &'a str);

    fn share((namespace, path): At<'_>, (other, other_path): At<'_>) -> bool {
        let mut homes = Homes::default();
        homes.add(other, other_path);
        homes.share(namespace, path)
    }

    #[test]
    fn written_namespaces_need_no_common_folder() {
        assert!(share((Some("shop"), "a/web.yaml"), (Some("shop"), "b/api.yaml")));
        assert!(!share((Some("shop"), "a/web.yaml"), (Some("bank"), "a/api.yaml")));
    }

    #[test]
    fn downwards_no_folder_above_counts() {
        let share = |path: &str, other: &str| {
            let mut homes = Homes::default();
            homes.add(None, other);
            homes.share_downwards(None, path)
        };
        assert!(!share("a/b/web.yaml", "a/api.yaml"));
        assert!(!share("a/web.yaml", "api.yaml"));
        assert!(!share("a/web.yaml", "ab/api.yaml"));
        assert!(share("a/web.yaml", "a/api.yaml"));
        assert!(share("a/web.yaml", "a/b/api.yaml"));
        assert!(share("web.yaml", "a/api.yaml"));
    }

    #[test]
    fn without_a_namespace_the_folder_tells() {
        assert!(!share((None, "a/web.yaml"), (None, "b/api.yaml")));
        assert!(!share((None, "a/web.yaml"), (None, "ab/api.yaml")));
        assert!(!share((None, "a-b/web.yaml"), (None, "a/api.yaml")));
        assert!(share((None, "a/web.yaml"), (None, "a/b/api.yaml")));
        assert!(share((None, "a/web.yaml"), (Some("shop"), "a/b/c/api.yaml")));
        assert!(share((Some("shop"), "a/b/c/web.yaml"), (None, "a/api.yaml")));
        assert!(share((None, "web.yaml"), (None, "b/api.yaml")));
        assert!(share((None, "b/web.yaml"), (None, "api.yaml")));
    }
}
