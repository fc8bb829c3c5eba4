//! How long a person waits for one small file: a new process, SARIF out.

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};

fn check(file: &str) {
    let status = Command::new(env!("CARGO_BIN_EXE_hullmark"))
        .args(["check", "--format", "sarif", "--exit-zero", "--root", ".", file])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/techcommerce"))
        .stdout(Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()));
}

fn cold(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cold process, SARIF");
    group.bench_function("one small Dockerfile", |bencher| {
        bencher.iter(|| check(black_box("services/frontend/Dockerfile")));
    });
    group.bench_function("one manifest file, with its repository as context", |bencher| {
        bencher.iter(|| check(black_box("k8s/base/order-api.yaml")));
    });
    group.finish();
}

criterion_group!(benches, cold);
criterion_main!(benches);
