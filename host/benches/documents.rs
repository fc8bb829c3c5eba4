//! How fast manifests are read, on one core: text to documents, without rules. `HULLMARK_BENCH_TREE` names a folder to
//! read instead of the fixtures.

use std::env;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hullmark::document::{ManifestContext, Source, looks_like_manifest, parse_manifests};

/// The files below a folder that may hold manifests.
fn sources(folder: &Path) -> Vec<Arc<Source>> {
    let mut folders = vec![folder.to_owned()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                sources.push(Arc::new(Source::new(path.to_string_lossy(), bytes)));
            }
        }
    }
    sources.retain(|source| looks_like_manifest(source.text()));
    sources
}

fn documents(criterion: &mut Criterion) {
    let fixtures = || Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let sources = sources(&env::var_os("HULLMARK_BENCH_TREE").map_or_else(fixtures, PathBuf::from));
    let bytes: usize = sources.iter().map(|source| source.text().len()).sum();
    let mut group = criterion.benchmark_group("documents");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("manifests", |bencher| {
        bencher.iter(|| {
            for source in &sources {
                black_box(parse_manifests(source, &ManifestContext::default()));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, documents);
criterion_main!(benches);
