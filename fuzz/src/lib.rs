//! What the fuzz targets do with a text: they read it, let all rules at it, and hold the outcome to what holds for every
//! text. A fault is a panic.

use std::sync::{Arc, OnceLock};

use document::{Document, ManifestContext, Parsed, Project, Source, Span};
use hullmark::document;
use hullmark_sdk::{Configured, Fix, Place, native};

#[path = "../../host/src/document/invariants.rs"]
mod invariants;

fn source(path: &str, bytes: &[u8]) -> Arc<Source> {
    Arc::new(Source::new(path, bytes.to_vec()))
}

/// Reads a Dockerfile, down to the words of its commands.
pub fn dockerfile(bytes: &[u8]) -> Vec<Arc<Document>> {
    let source = source("Dockerfile", bytes);
    let Parsed { documents, problems, .. } = document::parse_dockerfile(&source);
    invariants::problems(source.text(), &problems);
    documents.iter().for_each(invariants::dockerfile);
    invariants::same(&documents, &document::parse_dockerfile(&source).documents);
    documents.into_iter().map(Arc::new).collect()
}

/// Reads a stream of YAML, whatever it holds.
pub fn yaml(bytes: &[u8]) {
    let source = source("stream.yaml", bytes);
    let text = source.text();
    let stream = document::parse_yaml(text);
    let problems: Vec<_> = stream.broken.iter().map(|broken| broken.problem.clone()).collect();
    invariants::problems(text, &problems);
    let trees: Vec<_> = stream.documents.iter().map(|document| &document.tree).collect();
    trees.iter().for_each(|tree| invariants::yaml(text, tree));
    if stream.broken.is_empty() {
        invariants::yaml_stream(text, &trees, &stream.comments);
    }
}

/// Reads the manifests of a stream.
pub fn manifests(bytes: &[u8]) -> Vec<Arc<Document>> {
    let source = source("manifest.yaml", bytes);
    let read = || document::parse_manifests(&source, &ManifestContext::default());
    let Parsed { documents, problems, .. } = read();
    invariants::problems(source.text(), &problems);
    documents.iter().for_each(invariants::manifest);
    invariants::same(&documents, &read().documents);
    documents.into_iter().map(Arc::new).collect()
}

/// Every built-in plugin with its defaults, and the numbers of its rules.
fn plugins() -> &'static [(Configured, Vec<u32>)] {
    static PLUGINS: OnceLock<Vec<(Configured, Vec<u32>)>> = OnceLock::new();
    PLUGINS.get_or_init(|| {
        let configured = hullmark_bench::PLUGINS.iter().map(|plugin| {
            let rules = (0..plugin.rules.len() as u32).collect();
            (plugin.configure("").expect("the defaults hold"), rules)
        });
        configured.collect()
    })
}

/// Lets all rules, those that are off by default too, check documents: one by one, then all together.
pub fn rules(documents: &[Arc<Document>]) {
    let project = Arc::new(Project::new(documents.to_vec()));
    for (plugin, rules) in plugins() {
        let mut findings = plugin.check_project(&native::project(Arc::clone(&project)), rules);
        for (id, document) in (0..).zip(documents) {
            findings.extend(plugin.check(&native::document(Arc::clone(document), id), rules));
        }
        for finding in findings {
            for place in finding.places() {
                let text = documents[place.document as usize].source.text();
                assert!(invariants::is_whole(text, span(place)), "{finding:?}");
            }
            assert!(!finding.message().is_empty(), "{finding:?}");
            assert!(finding.fixes().iter().all(are_disjoint), "{finding:?}");
        }
    }
}

fn span(place: Place) -> Span {
    Span::new(place.span.start, place.span.end)
}

/// Whether a fix has edits, and no two of them share a byte or insert at one place.
fn are_disjoint(fix: &Fix) -> bool {
    let mut places: Vec<Place> = fix.edits().map(|(place, _)| place).collect();
    places.sort_unstable();
    let apart = |pair: &[Place]| {
        pair[0].document != pair[1].document || pair[0] != pair[1] && pair[0].span.end <= pair[1].span.start
    };
    !places.is_empty() && places.windows(2).all(apart)
}
