//! One policy, written in Rust, in Python and in JavaScript (`plugins/examples`), is the same policy: built with the tools of
//! each language, the three describe themselves alike, take and refuse the same options, and find the same.
//!
//! Where the package registries cannot be reached, the test says that it is passed over.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/alone.rs"]
mod alone;
#[path = "support/told.rs"]
mod told;
#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/tools.rs"]
mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;

use alone::registry;
use hullmark::finding::Outcome;
use hullmark::fixture::{self, read, run_alone};
use hullmark::plugin::{Registry, Worker};
use serde_json::Value;

const LANGUAGES: [&str; 3] = ["rust", "python", "javascript"];
/// Exit code of the script that builds them where the tools cannot be had.
const UNAVAILABLE: i32 = 75;
/// What they are run on.
const REPOSITORIES: [&str; 2] = ["plugins/examples/repository", "fixtures/techcommerce"];
/// Options that change what is found in the former.
const OPTIONS: [(&str, &str); 5] = [
    ("acme/foreign-registry", r#"{"registries": ["docker.io", "quay.io"]}"#),
    ("acme/large-memory", r#"{"most": "1Gi"}"#),
    ("acme/npm-install", r#"{"stages": "shipped"}"#),
    ("acme/npm-install", r#"{"stages": "final"}"#),
    ("acme/unowned-workload", r#"{"label": "tier"}"#),
];
/// Options that must be refused; keys are sorted, as the host hands them over.
const WRONG: [&str; 5] = [
    r#"{"rules": {"none": {}}}"#,
    r#"{"rules": {"foreign-pods": {"a/b~": 1}, "npm-install": {"stages": "some"}}}"#,
    r#"{"rules": {"npm-install": []}}"#,
    r#"{"rules": {"foreign-registry": {"other": true, "registries": ["a", 1, null]}}}"#,
    r#"{"rules": {"foreign-registry": {"registries": "a"}, "unowned-workload": {"label": 1}}}"#,
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The policy in each language, loaded; nothing where it cannot be built here.
fn policies() -> Option<Vec<Registry>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("languages");
    // The folder of `CARGO_TARGET_TMPDIR` lies directly in the target folder.
    let target = folder.ancestors().nth(2).unwrap();
    let script = root().join("plugins/examples/build");
    let done = Command::new(script).arg(&folder).env("CARGO_TARGET_DIR", target).output().unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    if done.status.code() == Some(UNAVAILABLE) {
        tools::passed_over("languages", &told);
        return None;
    }
    assert!(done.status.success(), "{told}");
    let file = |language: &&str| folder.join(language).with_extension("wasm");
    Some(LANGUAGES.iter().map(file).map(|file: PathBuf| registry(&[file])).collect())
}

/// What a plugin says of itself.
fn described(registry: &Registry) -> String {
    let mut plugin = registry.plugins()[0].info().clone();
    for rule in plugin.rules.iter_mut().filter(|rule| !rule.options_schema.is_empty()) {
        // JSON may be written in more than one way.
        rule.options_schema = serde_json::from_str::<Value>(&rule.options_schema).unwrap().to_string().into();
    }
    format!("{plugin:#?}")
}

/// How a plugin refuses options.
fn refused(registry: &Registry, options: &str) -> String {
    Worker::new(registry, false).configure(0, options).unwrap_err().to_string()
}

fn run(registry: &Registry, repository: &str, rule: &str, options: Option<&str>) -> Outcome {
    let files = read(&root().join(repository)).unwrap();
    let options = options.map(|options| serde_json::from_str(options).unwrap());
    run_alone(registry, rule, options, &fixture::files(&files).unwrap()).unwrap()
}

/// Asks each language the same, and gives the answer that they must agree on.
fn agreed(policies: &[Registry], what: &str, ask: impl Fn(&Registry) -> String) -> String {
    let mut answers = policies.iter().map(ask);
    let first = answers.next().unwrap();
    for (language, answer) in LANGUAGES[1..].iter().zip(answers) {
        assert!(answer == first, "{what}: {} says\n{first}\nand {language} says\n{answer}", LANGUAGES[0]);
    }
    first
}

#[test]
fn a_policy_is_the_same_in_every_language() {
    let Some(policies) = policies() else { return };
    agreed(&policies, "description", described);
    for wrong in WRONG {
        agreed(&policies, wrong, |registry| refused(registry, wrong));
    }
    for repository in REPOSITORIES {
        let found = agreed(&policies, repository, |registry| told::outcome(&run(registry, repository, "acme/*", None)));
        assert!(!found.contains("notification") && found.contains("acme/foreign-registry"), "{found}");
    }
    let everything = |registry: &Registry, rule: &str| told::outcome(&run(registry, REPOSITORIES[0], rule, None));
    for rule in policies[0].plugins()[0].info().rules.iter().map(|rule| &rule.id) {
        assert!(everything(&policies[0], rule).contains(rule.as_str()), "{rule} finds nothing");
    }
    for (rule, options) in OPTIONS {
        let title = format!("{rule} with {options}");
        let ask = |registry: &Registry| told::outcome(&run(registry, REPOSITORIES[0], rule, Some(options)));
        assert_ne!(
            agreed(&policies, &title, ask),
            everything(&policies[0], rule),
            "{title} finds what it finds without"
        );
    }
}
