//! Which objects of a project surely belong together. A namespace that is not written may be any, so only the folder
//! tells. No rule belongs here.

use std::collections::BTreeSet;

use hullmark_sdk::prelude::*;

/// Namespaces whose pods the cluster brings along, so that no project holds them all.
pub(crate) fn is_filled_by_cluster(namespace: Option<&str>) -> bool {
    namespace.is_some_and(|name| name.starts_with("kube-") || name.starts_with("openshift-"))
}

/// A namespace, and the folder of the file that names it or leaves it out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Home {
    namespace: Option<String>,
    folder: String,
}

impl Home {
    /// Where an object lives.
    pub(crate) fn of(object: Object<'_>) -> Self {
        Self::new(object.namespace(), object.document().path())
    }

    fn new(namespace: Option<&str>, path: &str) -> Self {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Self { namespace: namespace.map(str::to_owned), folder: folder.to_owned() }
    }

    /// Whether two are surely meant to be applied to one namespace: both name it; or one leaves it out and one folder
    /// holds the other.
    pub(crate) fn is_shared_with(&self, other: &Self) -> bool {
        match (&self.namespace, &other.namespace) {
            (Some(one), Some(another)) => one == another,
            _ => holds(&self.folder, &other.folder) || holds(&other.folder, &self.folder),
        }
    }

    /// The same where a namespace that is written and one that is not count as different.
    pub(crate) fn is_surely(&self, other: &Self) -> bool {
        self.namespace.is_some() == other.namespace.is_some() && self.is_shared_with(other)
    }
}

/// Whether a folder is another one or holds it.
pub(crate) fn holds(folder: &str, path: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Where a pod of the project lives.
pub(crate) fn home_of_pod(project: &Project<'_>, pod: &PodEntry) -> Option<Home> {
    Some(Home::new(pod.namespace.as_deref(), project.document(pod.document)?.path()))
}

/// Where the pods of a project live.
pub(crate) fn homes_of_pods(project: &Project<'_>) -> BTreeSet<Home> {
    project.pods().iter().filter_map(|pod| home_of_pod(project, pod)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(one: (Option<&str>, &str), other: (Option<&str>, &str)) -> bool {
        Home::new(one.0, one.1).is_shared_with(&Home::new(other.0, other.1))
    }

    #[test]
    fn written_namespaces_need_no_common_folder() {
        assert!(share((Some("shop"), "a/web.yaml"), (Some("shop"), "b/api.yaml")));
        assert!(!share((Some("shop"), "a/web.yaml"), (Some("bank"), "a/api.yaml")));
    }

    #[test]
    fn without_a_namespace_the_folder_tells() {
        assert!(!share((None, "a/web.yaml"), (None, "b/api.yaml")));
        assert!(!share((None, "a/web.yaml"), (None, "ab/api.yaml")));
        assert!(share((None, "a/web.yaml"), (None, "a/b/api.yaml")));
        assert!(share((None, "a/b/web.yaml"), (Some("shop"), "a/api.yaml")));
        assert!(share((None, "web.yaml"), (None, "b/api.yaml")));
    }
}
