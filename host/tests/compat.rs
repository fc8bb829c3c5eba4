//! Plugins that were built against an older version of the interface load, see what they saw, and are heard as they were.
//!
//! `fixtures/compat/<version>/` holds a probe that uses all of that version, as a component and as a core module, a small
//! repository, and all that the probe reports of it. How these are made stands in `fixtures/compat/README.md`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/alone.rs"]
mod alone;
#[path = "support/told.rs"]
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use alone::registry;
use hullmark::finding::Plugin;
use hullmark::fixture::{self, Options, entries, options, read, run_alone};
use hullmark::plugin::Registry;
use wit_component::DecodedWasm;
use wit_parser::{FunctionKind, Resolve, WorldId, WorldItem};

/// The interface as it is now.
const INTERFACE: &str = include_str!("../../wit/policy.wit");
/// File with all that a probe reports.
const REPORTED: &str = "reported.txt";

/// The folders of all versions that are kept.
fn versions() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/compat");
    let versions: Vec<PathBuf> = entries(&folder).unwrap().into_iter().filter(|entry| entry.is_dir()).collect();
    assert!(!versions.is_empty());
    versions
}

/// The plugins that are kept of a version.
fn plugins(version: &Path) -> Vec<PathBuf> {
    let is_plugin = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "wasm");
    let plugins: Vec<PathBuf> = entries(version).unwrap().into_iter().filter(is_plugin).collect();
    assert!(!plugins.is_empty());
    plugins
}

/// The interface as the plugins of a version know it.
fn interface(version: &Path) -> String {
    fs::read_to_string(version.join("probe/wit/policy.wit")).unwrap()
}

/// What the host understood of the plugin's description.
fn describe(plugin: &Plugin) -> String {
    let Plugin { name, version, summary, homepage, options_schema, rules } = plugin;
    let mut text = format!("{name} {version}\n{summary}\n{homepage}\n");
    if !options_schema.is_empty() {
        writeln!(text, "options of all rules {options_schema}").unwrap();
    }
    for rule in rules {
        writeln!(text, "\n{}: {}\n{}", rule.id, rule.summary, rule.explanation.replace('\n', " | ")).unwrap();
        let level = rule.default_level().as_str();
        let severity = rule.security_severity.as_deref().unwrap_or("none");
        writeln!(text, "{level}, enabled {}, fragments {}, severity {severity}", rule.enabled, rule.fragments).unwrap();
        writeln!(text, "precision {}, since {}", rule.precision, rule.since).unwrap();
        writeln!(text, "tags {:?}\naliases {:?}\nreferences {:?}", rule.tags, rule.aliases, rule.references).unwrap();
        writeln!(text, "subjects {:?}\noptions {}", rule.subjects, rule.options_schema).unwrap();
    }
    text
}

/// All that a plugin reports of the repository of its version.
fn reported(registry: &Registry, version: &Path) -> String {
    let plugin = registry.plugins()[0].info();
    let files = fixture::files(&read(&version.join("repository")).unwrap()).unwrap();
    let run =
        |rule: &str, options: Option<Options>| told::outcome(&run_alone(registry, rule, options, &files).unwrap());
    let mut text = format!("== it describes itself\n{}\n== it checks\n{}", describe(plugin), run("probe/*", None));
    for option in ["wrong", "refuse", "fail"] {
        let options = options(&format!("# options: {{\"{option}\": true}}")).unwrap();
        write!(text, "\n== it is given the option `{option}`\n{}", run("probe/document", options)).unwrap();
    }
    text
}

#[test]
fn kept_plugins_see_and_are_heard_as_ever() {
    for version in versions() {
        for plugin in plugins(&version) {
            let fresh = reported(&registry(std::slice::from_ref(&plugin)), &version);
            let path = version.join(REPORTED);
            if std::env::var_os("BLESS").is_some() {
                fs::write(&path, &fresh).unwrap();
            }
            let kept = fs::read_to_string(&path).unwrap();
            for (number, (kept, fresh)) in (1..).zip(kept.lines().zip(fresh.lines())) {
                assert_eq!(fresh, kept, "{} line {number}, from {}", path.display(), plugin.display());
            }
            assert_eq!(fresh, kept, "{}", plugin.display());
        }
    }
}

#[test]
fn kept_plugins_are_small() {
    for plugin in versions().iter().flat_map(|version| plugins(version)) {
        assert!(fs::metadata(&plugin).unwrap().len() < 50_000, "{}", plugin.display());
    }
}

/// The functions that a world imports.
fn imports(resolve: &Resolve, world: WorldId) -> BTreeSet<String> {
    let interfaces = resolve.worlds[world].imports.values().filter_map(|item| match item {
        WorldItem::Interface { id, .. } => Some(&resolve.interfaces[*id]),
        _ => None,
    });
    let functions = interfaces.flat_map(|interface| interface.functions.values());
    functions
        .filter(|function| !matches!(function.kind, FunctionKind::Constructor(_)))
        .map(|it| it.name.clone())
        .collect()
}

#[test]
fn a_kept_plugin_uses_all_of_its_interface() {
    for version in versions() {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("policy.wit", &interface(&version)).unwrap();
        let world = resolve.select_world(&[package], Some("policy")).unwrap();
        let offered = imports(&resolve, world);
        assert!(offered.contains("[method]document.tree"), "{offered:?}");
        let component = fs::read(version.join("probe.wasm")).unwrap();
        let DecodedWasm::Component(resolve, world) = wit_component::decode(&component).unwrap() else {
            panic!("{} is no component", version.display())
        };
        assert_eq!(imports(&resolve, world), offered);
    }
}

/// Lines of an interface without comments, by the block that they stand in: `interface types`, `record span` ….
fn blocks(interface: &str) -> BTreeMap<String, Vec<String>> {
    let mut blocks: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut open: Vec<String> = Vec::new();
    for line in interface.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")) {
        if let Some(head) = line.strip_suffix('{') {
            open.push(head.trim().to_owned());
        } else if line == "}" {
            open.pop().unwrap();
        } else {
            blocks.entry(open.last().cloned().unwrap_or_default()).or_default().push(line.to_owned());
        }
    }
    blocks
}

/// The part of a version in which nothing may change: below 1.0 the first two numbers.
fn line_of(interface: &str) -> String {
    let version =
        interface.split_once("package hullmark:policy@").and_then(|(_, rest)| rest.split_once(';')).unwrap().0;
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// What has changed in an interface that must not: records and exports stay as they are, and what the host offers may
/// only grow.
fn changes(kept: &str, now: &str) -> Vec<String> {
    let now = blocks(now);
    let mut changes = Vec::new();
    for (block, lines) in blocks(kept) {
        let Some(today) = now.get(&block) else {
            changes.push(format!("`{block}` is gone"));
            continue;
        };
        let closed = block.starts_with("record ") || block == "interface plugin" || block.starts_with("world ");
        if closed && *today != lines {
            changes.push(format!("`{block}` has changed"));
        }
        let lost = lines.iter().filter(|line| line.contains("func(") && !today.contains(line));
        changes.extend(lost.map(|line| format!("`{block}` has lost `{line}`")));
    }
    changes
}

#[test]
fn within_a_version_the_interface_only_grows() {
    for version in versions() {
        let kept = interface(&version);
        if line_of(&kept) == line_of(INTERFACE) {
            assert_eq!(changes(&kept, INTERFACE), [""; 0], "{}", version.display());
        }
    }
}

#[test]
fn what_breaks_an_older_plugin_is_seen() {
    let replaced = |old: &str, new: &str| {
        assert!(INTERFACE.contains(old), "{old}");
        changes(INTERFACE, &INTERFACE.replacen(old, new, 1))
    };
    let parse = "  parse-image: func(";
    assert_eq!(replaced(parse, &format!("  later: func();\n{parse}")), [""; 0]);
    assert_eq!(replaced("    start: u32,", "    start: u64,"), ["`record span` has changed"]);
    assert_eq!(replaced("    end: u32,\n  }", "    end: u32,\n    more: u32,\n  }"), ["`record span` has changed"]);
    assert_eq!(
        replaced("    path: func() -> string;\n", ""),
        ["`resource document` has lost `path: func() -> string;`"]
    );
    assert_eq!(replaced("  check: func(", "  later: func();\n  check: func("), ["`interface plugin` has changed"]);
    assert_eq!(replaced("  record edit {", "  record edition {"), ["`record edit` is gone"]);
    assert_eq!(line_of("package hullmark:policy@0.1.7;"), line_of("package hullmark:policy@0.1.0;"));
}
