//! Lists the kinds of `k8s-openapi`: the crate has no list of them, but each is an `impl crate::Resource` in its sources.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const KINDS: &str = "impl crate::Resource for ";

fn main() {
    let feature = (33..=37)
        .map(|minor| format!("v1_{minor}"))
        .find(|feature| env::var(format!("CARGO_FEATURE_{}", feature.to_uppercase())).is_ok())
        .expect("one feature chooses the version: --features v1_37");
    let root = sources().join(feature);
    let mut found = Vec::new();
    collect(&root, "k8s_openapi", &mut found);
    found.sort();
    let visits: String = found.iter().map(|path| format!("    visit::<{path}>(dump);\n")).collect();
    let code = format!("fn visit_all(dump: &mut Dump) {{\n{visits}}}\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("kinds.rs"), code).expect("the output folder can be written to");
}

/// The folder `src` of the crate, as cargo unpacked it.
fn sources() -> PathBuf {
    let cargo = env::var_os("CARGO").expect("cargo sets it");
    let target = env::var("TARGET").expect("cargo sets it");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", &target])
        .output()
        .expect("cargo can be run");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("it lists packages");
    let package = packages.iter().find(|package| package["name"] == "k8s-openapi").expect("it is a dependency");
    let manifest = Path::new(package["manifest_path"].as_str().expect("a path is a text"));
    manifest.with_file_name("src")
}

fn collect(folder: &Path, module: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("the sources can be read").path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            collect(&path, &format!("{module}::{name}"), found);
            continue;
        }
        let text = fs::read_to_string(&path).expect("the sources are text");
        let types = text.lines().filter_map(|line| line.strip_prefix(KINDS)?.strip_suffix(" {"));
        found.extend(types.map(|name| format!("{module}::{name}")));
    }
}
