//! Kustomizations: which files are patches, and which namespace the resources of a file get. Nothing is rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::{NodeId, Source, Tree, kind, yaml};
use super::ManifestContext;

/// How many kustomizations may stand above one another; real trees have three or four levels.
const LEVELS: usize = 64;

/// What a kustomization says of the files around it. Paths are as written, relative to its folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kustomization {
    /// The namespace that it sets on all its resources.
    pub namespace: Option<String>,
    /// Files and folders whose objects it takes: `resources` and `bases`.
    pub resources: Vec<String>,
    /// Folders of components, which change what it took from its resources.
    pub components: Vec<String>,
    /// Files that patch them.
    pub patches: Vec<String>,
}

/// Reads a kustomization; nothing where the text is none.
#[must_use]
pub fn kustomization(source: &Source) -> Option<Kustomization> {
    let tree = yaml::parse(source.text()).documents.into_iter().next()?.tree;
    if tree.is_empty() || tree.kind(0) != kind::MAPPING {
        return None;
    }
    let resources = ["resources", "bases"].iter().flat_map(|key| texts(&tree, key)).collect();
    // An entry of `patchesStrategicMerge` may be a patch in place of a path; then it has line ends.
    let merged = texts(&tree, "patchesStrategicMerge").filter(|text| !text.contains('\n'));
    let paths = ["patches", "patchesJson6902"]
        .iter()
        .flat_map(|key| items(&tree, key).filter_map(|item| Some(tree.text(tree.get(item, "path")?)?.to_owned())));
    let namespace = tree.get(0, "namespace").and_then(|node| tree.text(node)).filter(|text| !text.is_empty());
    Some(Kustomization {
        namespace: namespace.map(str::to_owned),
        resources,
        components: texts(&tree, "components").collect(),
        patches: merged.chain(paths).collect(),
    })
}

fn items<'t>(tree: &'t Tree, key: &str) -> impl Iterator<Item = NodeId> + use<'t> {
    let list = tree.get(0, key).filter(|&list| tree.kind(list) == kind::SEQUENCE);
    list.into_iter().flat_map(|list| tree.children(list))
}

fn texts<'t>(tree: &'t Tree, key: &str) -> impl Iterator<Item = String> + use<'t> {
    items(tree, key).filter_map(|item| tree.text(item).map(str::to_owned))
}

/// Kustomizations under the folders that they stand in.
type Folders = BTreeMap<String, Kustomization>;

/// The kustomizations of a repository, to ask what they say of a file.
#[derive(Clone, Debug, Default)]
pub struct KustomizeIndex {
    patches: BTreeSet<String>,
    /// For each file the namespaces that kustomizations above it set; nothing in a set stands for one that sets none.
    namespaces: BTreeMap<String, BTreeSet<Option<Arc<str>>>>,
}

impl KustomizeIndex {
    /// An index of kustomizations under their paths, which are relative to the root, with `/`.
    #[must_use]
    pub fn new(kustomizations: impl IntoIterator<Item = (String, Kustomization)>) -> Self {
        let folders: Folders =
            kustomizations.into_iter().map(|(path, kustomization)| (folder(&path).to_owned(), kustomization)).collect();
        let mut index = Self::default();
        let mut listed = BTreeSet::new();
        for (at, kustomization) in &folders {
            index.patches.extend(kustomization.patches.iter().filter_map(|path| join(at, path)));
            let taken = kustomization.resources.iter().chain(&kustomization.components);
            listed.extend(taken.filter_map(|path| join(at, path)).filter(|path| path != at));
        }
        // What another kustomization takes gets its namespace from there; the walk begins at those that none takes,
        // and goes on with those that only take each other.
        let mut reached = BTreeSet::new();
        let (taken, tops): (Vec<&String>, Vec<&String>) = folders.keys().partition(|at| listed.contains(*at));
        for at in tops.into_iter().chain(taken) {
            if !reached.contains(at.as_str()) {
                index.walk(&folders, at, &mut reached);
            }
        }
        index
    }

    /// What the kustomizations say of a file. A namespace counts where all that take the file agree.
    #[must_use]
    pub fn context(&self, path: &str) -> ManifestContext {
        let namespaces = self.namespaces.get(path);
        let only = namespaces.filter(|set| set.len() == 1).and_then(BTreeSet::first);
        let namespace = only.and_then(|namespace| namespace.as_ref().map(ToString::to_string));
        ManifestContext { namespace, fragment: self.patches.contains(path), template: false }
    }

    /// Follows a kustomization down to its files; the outermost namespace wins, as in Kustomize. Components change what
    /// the kustomization that lists them has taken, so the last of them comes before its resources' own namespaces, and
    /// after its own.
    fn walk<'f>(&mut self, folders: &'f Folders, top: &'f str, reached: &mut BTreeSet<&'f str>) {
        let mut open: Vec<(&str, Option<&str>, usize)> = vec![(top, None, 0)];
        let mut seen = BTreeSet::new();
        while let Some((at, outer, level)) = open.pop() {
            let Some((at, kustomization)) = folders.get_key_value(at) else { continue };
            let own = || kustomization.namespace.as_deref();
            let namespace = outer.or_else(own).or_else(|| component_namespace(folders, at));
            if level >= LEVELS || !seen.insert((at, namespace)) {
                continue;
            }
            reached.insert(at);
            let shared: Option<Arc<str>> = namespace.map(Arc::from);
            for path in kustomization.resources.iter().chain(&kustomization.components) {
                let Some(path) = join(at, path) else { continue };
                match folders.get_key_value(&path) {
                    Some((folder, _)) => open.push((folder, namespace, level + 1)),
                    None => {
                        self.namespaces.entry(path).or_default().insert(shared.clone());
                    }
                }
            }
        }
    }
}

/// The namespace that the components of a kustomization set, or their components.
fn component_namespace<'f>(folders: &'f Folders, at: &str) -> Option<&'f str> {
    let mut open = vec![(at.to_owned(), 0)];
    let mut seen = BTreeSet::new();
    while let Some((at, level)) = open.pop() {
        let Some(kustomization) = folders.get(&at) else { continue };
        if level > 0 && kustomization.namespace.is_some() {
            return kustomization.namespace.as_deref();
        }
        if level < LEVELS && seen.insert(at.clone()) {
            let components = kustomization.components.iter().filter_map(|path| join(&at, path));
            open.extend(components.map(|path| (path, level + 1)));
        }
    }
    None
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path as written in a kustomization, from the root; nothing where it leads out of the root or is a URL.
fn join(folder: &str, path: &str) -> Option<String> {
    if path.contains("://") || path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(files: &[(&str, &str)]) -> KustomizeIndex {
        KustomizeIndex::new(files.iter().map(|(path, text)| {
            let source = Source::new(*path, text.as_bytes().to_vec());
            ((*path).to_owned(), kustomization(&source).unwrap())
        }))
    }

    fn namespace(index: &KustomizeIndex, path: &str) -> Option<String> {
        index.context(path).namespace
    }

    #[test]
    fn overlays_that_disagree_leave_the_namespace_open() {
        let index = index(&[
            ("base/kustomization.yaml", "namespace: base\nresources: [a.yaml]\n"),
            ("prod/kustomization.yaml", "namespace: prod\nresources: [../base]\n"),
            ("test/kustomization.yaml", "namespace: test\nresources: [../base/]\n"),
        ]);
        assert_eq!(namespace(&index, "base/a.yaml"), None);
        assert_eq!(namespace(&index, "prod/a.yaml"), None);
    }

    #[test]
    fn the_outermost_namespace_wins() {
        let index = index(&[
            ("base/kustomization.yaml", "namespace: base\nresources: [a.yaml]\n"),
            ("prod/kustomization.yaml", "namespace: prod\nresources: [../base, ./b.yaml]\n"),
        ]);
        assert_eq!(namespace(&index, "base/a.yaml").as_deref(), Some("prod"));
        assert_eq!(namespace(&index, "prod/b.yaml").as_deref(), Some("prod"));
    }

    #[test]
    fn patches_are_fragments_in_every_form_and_inline_ones_are_no_files() {
        let index = index(&[(
            "k/kustomization.yaml",
            "patches:\n- path: ../p.yaml\n- patch: |-\n    - op: add\npatchesStrategicMerge: [q.yaml, \"a:\\n b\"]\n",
        )]);
        assert!(index.context("p.yaml").fragment);
        assert!(index.context("k/q.yaml").fragment);
        assert!(!index.context("k/p.yaml").fragment);
    }

    #[test]
    fn a_component_sets_its_namespace_on_what_is_beside_it() {
        let index = index(&[
            ("base/kustomization.yaml", "namespace: base\nresources: [a.yaml]\n"),
            ("parts/kustomization.yaml", "kind: Component\nnamespace: parts\nresources: [p.yaml]\n"),
            ("prod/kustomization.yaml", "components: [../parts]\nresources: [../base, b.yaml]\n"),
        ]);
        assert_eq!(namespace(&index, "base/a.yaml").as_deref(), Some("parts"));
        assert_eq!(namespace(&index, "prod/b.yaml").as_deref(), Some("parts"));
        assert_eq!(namespace(&index, "parts/p.yaml").as_deref(), Some("parts"));
    }

    #[test]
    fn the_namespace_of_a_kustomization_comes_after_that_of_its_components() {
        let index = index(&[
            ("parts/kustomization.yaml", "namespace: parts\n"),
            ("prod/kustomization.yaml", "namespace: prod\ncomponents: [../parts]\nresources: [b.yaml]\n"),
        ]);
        assert_eq!(namespace(&index, "prod/b.yaml").as_deref(), Some("prod"));
    }

    #[test]
    fn what_is_not_there_or_elsewhere_is_nothing() {
        let index = index(&[(
            "k/Kustomization",
            "namespace: k\nresources: [., gone.yaml, a.yaml, ../../up, /abs.yaml, 'https://example.org/a//b?ref=c', 1, [x]]\n",
        )]);
        assert_eq!(namespace(&index, "k/a.yaml").as_deref(), Some("k"));
        assert_eq!(namespace(&index, "up"), None);
        assert_eq!(namespace(&index, "abs.yaml"), None);
        assert_eq!(index.context("other.yaml"), ManifestContext::default());
    }

    #[test]
    fn what_is_no_kustomization_says_nothing() {
        for text in ["", "[]", "a", "namespace: ''\nresources: a.yaml\npatches: {path: a}\n"] {
            let source = Source::new("kustomization.yaml", text.as_bytes().to_vec());
            assert_eq!(kustomization(&source).unwrap_or_default(), Kustomization::default(), "{text}");
        }
    }

    #[test]
    fn targets_and_other_fields_of_patches_are_no_paths() {
        let index = index(&[(
            "kustomization.yml",
            "patches:\n- path: p.yaml\n  target: {kind: Deployment, name: a.yaml}\n- target: {kind: Pod}\n  patch: |\n    path: q.yaml\npatchesJson6902:\n- target: {kind: Pod, name: x}\n  path: j.yaml\n",
        )]);
        let fragments = ["p.yaml", "j.yaml", "q.yaml", "a.yaml"].map(|path| index.context(path).fragment);
        assert_eq!(fragments, [true, true, false, false]);
    }

    #[test]
    fn kustomizations_that_take_only_each_other_still_set_their_namespace() {
        let index = index(&[
            ("a/kustomization.yaml", "namespace: a\nresources: [../b]\n"),
            ("b/kustomization.yaml", "resources: [../a, x.yaml]\n"),
        ]);
        assert_eq!(namespace(&index, "b/x.yaml").as_deref(), Some("a"));
    }

    #[test]
    fn kustomizations_that_take_each_other_end() {
        let index = index(&[
            ("a/kustomization.yaml", "resources: [../b]\n"),
            ("b/kustomization.yaml", "resources: [../a]\n"),
            ("c/kustomization.yaml", "namespace: c\nresources: [../a, x.yaml]\n"),
        ]);
        assert_eq!(namespace(&index, "c/x.yaml").as_deref(), Some("c"));
    }
}
