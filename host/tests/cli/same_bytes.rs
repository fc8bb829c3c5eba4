//! Same input, same bytes out.

use std::sync::Arc;

use hullmark::document::{Language, ManifestContext, Source};
use hullmark::plugin::{Limits, Registry};
use hullmark::policy::{Rulebook, Selection};
use hullmark::report::{self, Context, Format};
use hullmark::run::{File, Settings, run};

use super::repo::Repo;

const WORKLOAD: &str = include_str!("../../../fixtures/techcommerce/k8s/base/order-api.yaml");
const DOCKERFILE: &str = include_str!("../../../fixtures/techcommerce/services/frontend/Dockerfile");

fn files() -> Vec<(String, &'static str)> {
    let folders = (0..8).map(|number| format!("f{number}"));
    folders.flat_map(|at| [(format!("{at}/Dockerfile"), DOCKERFILE), (format!("{at}/x.yaml"), WORKLOAD)]).collect()
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let repo = Repo::new(&[]);
    files().iter().for_each(|(path, text)| repo.write(path, text));
    for format in ["text", "json", "sarif"] {
        let one = repo.run(&format!("check --format {format} --jobs 1"));
        assert!(one.out.contains("f7/Dockerfile"));
        for _ in 0..3 {
            assert!(repo.run(&format!("check --format {format} --jobs 4")).out == one.out, "{format}");
        }
    }
}

#[test]
fn the_working_directory_and_the_order_of_paths_change_nothing() {
    let repo = Repo::new(&[]);
    files().iter().for_each(|(path, text)| repo.write(path, text));
    let root = repo.path("");
    let root = root.display();
    let here = repo.run("check --root . --format sarif").out;
    for (folder, arguments) in [
        ("f1", format!("--root .. {root}")),
        ("f1", format!("--root {root} ../f3 .. ../f1/x.yaml")),
        ("/", format!("--root {root} {root}/f2 {root}")),
    ] {
        assert!(repo.run_in(folder, &format!("check --format sarif {arguments}")).out == here, "{arguments}");
    }
}

#[test]
fn fresh_instances_and_used_ones_find_the_same() {
    let (registry, notifications) = Registry::load(true, &[], Limits::default());
    assert_eq!(notifications, []);
    let plugins: Vec<_> = registry.plugins().iter().map(|plugin| plugin.info().clone()).collect();
    let rulebook = Rulebook::uniform(Selection::new(&plugins, &["*".to_owned()], &[]).unwrap());
    let file = |(path, text): (String, &str)| {
        let language = if path.ends_with(".yaml") { Language::Manifest } else { Language::Dockerfile };
        let source = Arc::new(Source::new(path, text.as_bytes().to_vec()));
        File { source, language, context: ManifestContext::default(), ignore_file: None, reported: true }
    };
    let files: Vec<File> = files().into_iter().map(file).collect();
    let report = |fresh| {
        let settings =
            Settings { registry: &registry, rulebook: &rulebook, jobs: 2, fresh, suppress_on: None, progress: None };
        let mut bytes = Vec::new();
        report::write(Format::Json, &run(&files, settings), &Context::default(), &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let used = report(false);
    assert!(used.contains("image/latest-tag"));
    assert!(report(true) == used);
}
