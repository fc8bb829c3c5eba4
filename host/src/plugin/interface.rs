//! Whether a component speaks this program's interface, and if not, one sentence on what to do.

use wasmtime::Engine;
use wasmtime::component::Component;

use super::text;

/// The interface's package, with the slash that ends it in a name.
const PACKAGE: &str = "hullmark:policy/";
/// What a plugin exports.
const EXPORT: &str = "hullmark:policy/plugin";
/// Longest name that is shown, in characters.
const NAME: usize = 200;
/// Version of the interface that this program offers.
pub(super) const VERSION: &str = "0.1.0";

/// Passes where a component imports nothing but this program's interface and exports a plugin of a version that fits.
pub(super) fn check(component: &Component, engine: &Engine) -> Result<(), String> {
    let ty = component.component_type();
    for (name, _) in ty.imports(engine) {
        import(name)?;
    }
    let mut exports = ty.exports(engine).map(|(name, _)| name);
    let Some(name) = exports.find(|name| split(name).0 == EXPORT) else {
        return Err(format!("it is a component, but no policy plugin: it does not export `{EXPORT}@{VERSION}`"));
    };
    fits(split(name).1)
}

/// Names of all that a component imports.
pub(super) fn imports(component: &Component, engine: &Engine) -> Vec<String> {
    component.component_type().imports(engine).map(|(name, _)| text::line(name, text::MESSAGE)).collect()
}

/// Version of the interface that a component exports; empty where it exports none.
pub(super) fn version(component: &Component, engine: &Engine) -> String {
    let ty = component.component_type();
    let mut exports = ty.exports(engine).map(|(name, _)| split(name));
    exports.find(|(name, _)| *name == EXPORT).map_or_else(String::new, |(_, version)| version.to_owned())
}

/// What is wrong with one import.
fn import(name: &str) -> Result<(), String> {
    let (interface, version) = split(name);
    if interface.starts_with(PACKAGE) {
        return fits(version);
    }
    // Nearly anything may stand in the name of an import.
    let what = format!("it imports `{}`, which no plugin is given", text::line(name, NAME));
    if interface.starts_with("wasi:") {
        return Err(format!("{what}: policies run without it; rebuild with --stub-wasi or for wasm32-unknown-unknown"));
    }
    Err(format!("{what}: a policy imports `{PACKAGE}host` and nothing else"))
}

/// Passes for a version that this program offers: below 1.0 the second number is the one that counts.
fn fits(version: &str) -> Result<(), String> {
    if numbers(version)[..2] == numbers(VERSION)[..2] {
        return Ok(());
    }
    let (built, advice) = (built_for(version), advice(version));
    Err(format!("it is built for {built} of the interface, and this program offers version {VERSION}; {advice}"))
}

/// What a component that passed [`check`] lacks or asks for all the same, such as a function of a later patch of the interface.
pub(super) fn link_fault(component: &Component, engine: &Engine, error: &wasmtime::Error) -> String {
    let version = version(component, engine);
    let (built, advice) = (built_for(&version), advice(&version));
    let misfit = text::line(&format!("{error:#}"), text::MESSAGE);
    format!(
        "it is built for {built} of the interface, this program offers version {VERSION}, and the two do not fit ({misfit}); {advice}"
    )
}

fn built_for(version: &str) -> String {
    if version.is_empty() { "no version".to_owned() } else { format!("version {}", text::line(version, NAME)) }
}

/// Which side to update where a plugin of a version does not fit.
fn advice(version: &str) -> &'static str {
    if numbers(version) > numbers(VERSION) { "update hullmark" } else { "rebuild the plugin with a newer SDK" }
}

/// Why a core module makes no component, given what the encoder says of it.
pub(super) fn module_fault(error: &str) -> String {
    const WASI: &str = "wasi_snapshot_preview1";
    if error.contains(WASI) {
        return import(&format!("wasi:{WASI}")).err().unwrap_or_default().replace("wasi:wasi_", "wasi_");
    }
    format!("it is a core module that makes no component: {error}")
}

/// Name and version of an interface; the version is empty where there is none.
fn split(name: &str) -> (&str, &str) {
    name.split_once('@').unwrap_or((name, ""))
}

/// The numbers of a version; what is missing or no number counts as zero.
fn numbers(version: &str) -> [u64; 3] {
    let release = version.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = release.split('.').map(|number| number.parse().unwrap_or_default());
    std::array::from_fn(|_| numbers.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_of_the_interface_fit_and_others_say_which_side_to_update() {
        assert_eq!(fits("0.1.7"), Ok(()));
        assert!(fits("0.2.0").unwrap_err().ends_with("update hullmark"));
        assert!(fits("0.0.9").unwrap_err().contains("newer SDK"));
        assert_eq!(
            fits("").unwrap_err(),
            "it is built for no version of the interface, and this program offers version 0.1.0; rebuild the plugin with a newer SDK"
        );
    }

    #[test]
    fn the_version_is_that_of_the_interface_text() {
        assert!(include_str!("../../../wit/policy.wit").contains(&format!("package hullmark:policy@{VERSION};")));
    }

    #[test]
    fn foreign_imports_are_named() {
        assert_eq!(import("hullmark:policy/types@0.1.0"), Ok(()));
        assert!(import("wasi:cli/environment@0.2.3").unwrap_err().contains("`wasi:cli/environment@0.2.3`"));
        assert!(import("acme:net/http").unwrap_err().contains("nothing else"));
        assert!(module_fault("module imports wasi_snapshot_preview1::x").contains("`wasi_snapshot_preview1`"));
    }
}
