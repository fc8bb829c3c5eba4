//! The rule index in the README, and the JSON Schema that editors use, are made from what the plugins declare.

use std::fs;
use std::path::Path;

use hullmark::documentation::index as index_of;
use hullmark::own;
use hullmark::plugin::{Limits, Registry};
use hullmark::policy::json_schema;

const BEGIN: &str = "<!-- rules: made by `BLESS=1 cargo test --test readme` -->\n";
const SCHEMA: &str = "schema/hullmark.schema.json";
const END: &str = "<!-- end of rules -->";

fn index() -> String {
    let (registry, notifications) = Registry::load(true, &[], Limits::default());
    assert_eq!(notifications, []);
    let own = own::plugins();
    let plugins = registry.plugins().iter().map(|plugin| plugin.info()).chain(&own);
    index_of(plugins, |_| None) + "\n"
}

#[test]
fn the_schema_for_editors_is_what_the_plugins_declare() {
    let (registry, _) = Registry::load(true, &[], Limits::default());
    let own = own::plugins();
    let plugins: Vec<_> = own.iter().chain(registry.plugins().iter().map(|plugin| plugin.info())).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(SCHEMA);
    let fresh = json_schema(plugins);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, fresh).unwrap();
        return;
    }
    assert!(fs::read_to_string(&path).unwrap() == fresh, "{SCHEMA} is stale; run `BLESS=1 cargo test --test readme`");
}

#[test]
fn the_rule_index_is_what_the_plugins_declare() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the README marks where the index begins");
    let (committed, after) = rest.split_once(END).expect("the README marks where the index ends");
    let fresh = index();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{fresh}{END}{after}")).unwrap();
        return;
    }
    assert!(committed == fresh, "the rule index in README.md is stale; run `BLESS=1 cargo test --test readme`");
}
