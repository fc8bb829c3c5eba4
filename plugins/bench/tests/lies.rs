//! Manifests that lie about their types, checked by all rules: every value of every fixture is replaced by what nobody
//! expects there. A fault is a panic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hullmark::document::{Document, ManifestContext, Project, Source, parse_manifests};
use hullmark_sdk::{Configured, native};

/// What stands in the place of a value.
const LIES: [&str; 7] = ["null", "[]", "{}", "lie", "-1", "[null, lie, 1.5, {lie: [{}]}]", "{lie: null, name: [lie]}"];

/// Manifests below a folder.
fn manifests(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(manifests(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn parse(text: &str) -> Vec<Arc<Document>> {
    let source = Arc::new(Source::new("manifest.yaml", text.as_bytes().to_vec()));
    parse_manifests(&source, &ManifestContext::default()).documents.into_iter().map(Arc::new).collect()
}

/// Every plugin with its defaults, and the numbers of its rules.
fn plugins() -> Vec<(Configured, Vec<u32>)> {
    let all = |plugin: &&'static hullmark_sdk::Plugin| {
        (plugin.configure("").unwrap(), (0..plugin.rules.len() as u32).collect())
    };
    hullmark_bench::PLUGINS.iter().map(all).collect()
}

/// The number of findings of all rules.
fn check(plugins: &[(Configured, Vec<u32>)], documents: &[Arc<Document>]) -> usize {
    let project = Arc::new(Project::new(documents.to_vec()));
    let of_plugin = |(plugin, rules): &(Configured, Vec<u32>)| {
        let alone = (0..)
            .zip(documents)
            .map(|(id, document)| plugin.check(&native::document(Arc::clone(document), id), rules).len());
        alone.sum::<usize>() + plugin.check_project(&native::project(Arc::clone(&project)), rules).len()
    };
    plugins.iter().map(of_plugin).sum()
}

#[test]
fn no_lie_brings_a_rule_down() {
    let plugins = plugins();
    let (mut lies, mut findings) = (0, 0);
    for path in manifests(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")) {
        let text = fs::read_to_string(&path).unwrap();
        for document in parse(&text) {
            let tree = &document.tree;
            for node in (0..tree.len() as u32).filter(|&node| tree.alias(node).is_none()) {
                for lie in LIES {
                    let mut text = text.clone();
                    text.replace_range(tree.span(node).range(), lie);
                    findings += check(&plugins, &parse(&text));
                    lies += 1;
                }
            }
        }
    }
    assert!(lies > 10_000 && findings > 0, "{lies} lies, {findings} findings");
}

#[test]
fn long_lists_are_only_long() {
    let plugins = plugins();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n";
    let container = "  - {name: c, image: d, ports: [{containerPort: 80}]}\n";
    for (item, count) in [("  - null\n", 100_000), ("  - []\n", 100_000), (container, 5_000)] {
        let documents = parse(&format!("{pod}{}", item.repeat(count)));
        assert_eq!(documents.len(), 1);
        check(&plugins, &documents);
    }
}

#[test]
fn every_plugin_of_the_repository_is_linked() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let is_plugin = |path: &PathBuf| {
        fs::read_to_string(path.join("Cargo.toml")).is_ok_and(|manifest| manifest.contains("\"cdylib\""))
    };
    let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(is_plugin);
    let mut names: Vec<String> = folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    let linked: Vec<&str> = hullmark_bench::PLUGINS.iter().map(|plugin| plugin.name).collect();
    assert_eq!(linked, names);
}
