//! The table of built-in policies: every file in `policies/`, under its name without the ending.

use std::path::Path;

use super::plugins::{files, stem, variable, write};

/// Writes `policies.rs` to the output folder.
pub(crate) fn embed() -> Result<(), String> {
    println!("cargo::rerun-if-changed=policies");
    println!("cargo::rerun-if-changed=host/build/policies.rs");
    let (root, out) = (variable("CARGO_MANIFEST_DIR")?, variable("OUT_DIR")?);
    let paths = files(&Path::new(&root).join("policies"))?;
    let policies = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let mut policies: Vec<_> = policies.map(|path| (stem(path), path)).collect();
    policies.sort();
    let lines = policies.iter().map(|(name, path)| format!("    ({name:?}, include_str!({path:?})),\n"));
    let table = format!("static POLICIES: &[(&str, &str)] = &[\n{}];\n", lines.collect::<String>());
    write(&Path::new(&out).join("policies.rs"), table.as_bytes())
}
