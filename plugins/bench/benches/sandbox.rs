//! What the sandbox costs: reading, the same rules natively and as components, and the whole run, over one tree of files.
//! `HULLMARK_BENCH_TREE` names the tree; by default it is the example repository.

use std::collections::HashSet;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use hullmark::discover;
use hullmark::document::{Document, Language, Project, parse_dockerfile, parse_manifests};
use hullmark::gather::{Around, gather};
use hullmark::plugin::{Limits, Registry, Worker};
use hullmark::policy::{Rulebook, Selection};
use hullmark::run::{File, Settings, run};
use hullmark_sdk::native;

const OPTIONS: &str = r#"{"plugin":{},"rules":{}}"#;

fn tree() -> PathBuf {
    std::env::var_os("HULLMARK_BENCH_TREE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/techcommerce"), PathBuf::from)
}

fn files() -> Vec<File> {
    let options = discover::Options { root: Some(tree()), ..discover::Options::new(tree()) };
    let discovery = discover::discover(&options).expect("the tree can be read");
    // The whole tree is given, so there is nothing around it.
    let rulebook = Rulebook::uniform(Selection::default());
    let scope = |path: &str| rulebook.scope(path);
    let around = Around { everything: &Vec::new, scope: &scope, compared: HashSet::new() };
    gather(&discovery.candidates, &around, 1).files
}

fn parse(files: &[File]) -> Vec<Arc<Document>> {
    files
        .iter()
        .flat_map(|file| match file.language {
            Language::Dockerfile => parse_dockerfile(&file.source).documents,
            Language::Manifest => parse_manifests(&file.source, &file.context).documents,
        })
        .map(Arc::new)
        .collect()
}

/// Indexes of a plugin's rules by what they see: Dockerfiles, manifests, the project. As in a run, a plugin is not called
/// for a language that none of its rules reads.
struct Rules {
    dockerfiles: Vec<u32>,
    manifests: Vec<u32>,
    project: Vec<u32>,
}

impl Rules {
    fn of(plugin: &hullmark::finding::Plugin) -> Self {
        let that = |see: &dyn Fn(&str) -> bool| -> Vec<u32> {
            let rules = (0..).zip(&plugin.rules);
            rules.filter(|(_, rule)| rule.subjects.iter().any(|word| see(word))).map(|(index, _)| index).collect()
        };
        Self {
            dockerfiles: that(&|word| word.starts_with("dockerfile")),
            manifests: that(&|word| word.starts_with("manifest") || word == "workload"),
            project: that(&|word| word.starts_with("project")),
        }
    }

    fn alone(&self, document: &Document) -> &[u32] {
        match document.language {
            Language::Dockerfile => &self.dockerfiles,
            Language::Manifest => &self.manifests,
        }
    }
}

fn sandbox(criterion: &mut Criterion) {
    let files = files();
    let read: usize = files
        .iter()
        .map(|file| fs::metadata(tree().join(file.source.path())).map_or(0, |meta| meta.len() as usize))
        .sum();
    let documents = parse(&files);
    let project = Arc::new(Project::new(documents.clone()));
    let (registry, notifications) = Registry::load(true, &[], Limits::default());
    assert!(notifications.is_empty());
    let infos: Vec<_> = registry.plugins().iter().map(|plugin| plugin.info()).collect();
    let rules: Vec<_> = infos.iter().map(|info| Rules::of(info)).collect();
    let natives: Vec<_> = infos
        .iter()
        .map(|info| {
            let plugin = hullmark_bench::PLUGINS.iter().find(|plugin| plugin.name == info.name);
            plugin.expect("every built-in plugin is linked here").configure("").expect("the defaults hold")
        })
        .collect();

    let mut group = criterion.benchmark_group(format!("{} files, {read} bytes, one thread", files.len()));
    group.sample_size(20);
    group.bench_function("parse", |bencher| bencher.iter(|| black_box(parse(&files)).len()));
    group.bench_function("rules natively", |bencher| {
        bencher.iter(|| {
            let mut count = 0;
            for document in &documents {
                for (plugin, rules) in natives.iter().zip(&rules) {
                    let alone = rules.alone(document);
                    if !alone.is_empty() {
                        count += plugin.check(&native::document(Arc::clone(document), 0), alone).len();
                    }
                }
            }
            for (plugin, rules) in natives.iter().zip(&rules).filter(|(_, rules)| !rules.project.is_empty()) {
                count += plugin.check_project(&native::project(Arc::clone(&project)), &rules.project).len();
            }
            black_box(count)
        });
    });
    group.bench_function("rules as components", |bencher| {
        let mut worker = Worker::new(&registry, false);
        bencher.iter(|| {
            let mut count = 0;
            for document in &documents {
                for (plugin, rules) in rules.iter().enumerate() {
                    let alone = rules.alone(document);
                    if !alone.is_empty() {
                        count += worker.check(plugin, document, alone, OPTIONS).findings.len();
                    }
                }
            }
            for (plugin, rules) in rules.iter().enumerate().filter(|(_, rules)| !rules.project.is_empty()) {
                count += worker.check_project(plugin, &project, &rules.project, OPTIONS).findings.len();
            }
            black_box(count)
        });
    });
    let selection = Selection::new(infos.iter().copied(), &[], &[]).expect("the defaults exist");
    let rulebook = Rulebook::uniform(selection);
    for jobs in [1, 2] {
        let settings = Settings {
            registry: &registry,
            rulebook: &rulebook,
            jobs,
            fresh: false,
            suppress_on: None,
            progress: None,
        };
        group.bench_function(format!("whole run, {jobs} threads"), |bencher| {
            bencher.iter(|| black_box(run(&files, settings)).findings.len());
        });
    }
    group.finish();
}

criterion_group!(benches, sandbox);
criterion_main!(benches);
