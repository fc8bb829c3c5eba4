//! The rules of the house, where no compiler and no formatter holds them: what a file begins with, what a rule's metadata
//! looks like, and which part may name which.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use hullmark::finding::Rule;
use hullmark::plugin::{Limits, Registry};
use serde_json::Value;

/// Headings of a rule's documentation, in their order; the first of them must be there.
const HEADINGS: [&str; 8] =
    ["What it checks", "Why it matters", "Flagged", "Accepted", "How to fix", "Options", "Other tools", "References"];
/// How many of [`HEADINGS`] no rule goes without.
const REQUIRED: usize = 5;
/// What GitHub keeps of a rule's tags.
const MOST_TAGS: usize = 10;
/// First bytes of files that a compiler makes: WebAssembly, ELF and Mach-O.
const BUILT: [[u8; 4]; 3] = [*b"\0asm", *b"\x7fELF", [0xcf, 0xfa, 0xed, 0xfe]];
/// The built files that are kept: each must load for ever, so it cannot be made anew.
const KEPT: &str = "fixtures/compat";

/// A file of the repository.
struct File {
    /// From the root, with `/`.
    path: String,
    bytes: Vec<u8>,
}

impl File {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it declares a rule, whose documentation stands in the declaration.
    fn is_rule(&self) -> bool {
        self.text().contains("\nrule! {\n    /// ")
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder of the repository, except what tools put there.
fn files(folder: &str) -> Vec<File> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(entry.path());
                }
            } else {
                let path = entry.path();
                let relative = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
                files.push(File { path: relative, bytes: fs::read(path).unwrap() });
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(!files.is_empty(), "there is nothing in {folder}");
    files
}

/// The Rust files of the host, of the plugins and of the fuzz targets.
fn sources() -> Vec<File> {
    let mut files: Vec<File> = ["host", "plugins", "fuzz"].into_iter().flat_map(files).collect();
    files.retain(File::is_rust);
    files
}

/// Paths of the files that do what they must not.
fn paths(files: &[File], fault: impl Fn(&File) -> bool) -> Vec<&str> {
    files.iter().filter(|file| fault(file)).map(|file| file.path.as_str()).collect()
}

/// The rules of all built-in plugins.
fn rules() -> Vec<Rule> {
    let (registry, notifications) = Registry::load(true, &[], Limits::default());
    assert_eq!(notifications, []);
    registry.plugins().iter().flat_map(|plugin| plugin.info().rules.clone()).collect()
}

/// What is wrong with rules, one line each.
fn faults(judge: impl Fn(&Rule) -> Option<String>) -> Vec<String> {
    rules().iter().filter_map(|rule| Some(format!("{}: {}", rule.id, judge(rule)?))).collect()
}

/// Name and text of the manifest of every plugin: of those crates that become components.
fn plugins() -> Vec<(String, String)> {
    let manifests = crates().into_iter().filter(|(_, text)| text.contains("\"cdylib\""));
    let plugins: Vec<_> = manifests.collect();
    assert!(!plugins.is_empty());
    plugins
}

/// Name and text of the manifest of every crate in `plugins`.
fn crates() -> Vec<(String, String)> {
    let manifests = files("plugins").into_iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    let named = manifests.map(|file| {
        let text = file.text();
        let name = text.lines().find_map(|line| line.strip_prefix("name = ")).unwrap().trim_matches('"').to_owned();
        (name, text)
    });
    named.collect()
}

/// Whether a manifest has a dependency of that name in any of its tables.
fn depends_on(manifest: &str, name: &str) -> bool {
    manifest.lines().any(|line| {
        let rest = line.trim_start().strip_prefix(name).unwrap_or("none");
        rest.trim_start().starts_with('=') || rest.starts_with('.')
    })
}

#[test]
fn every_module_says_what_belongs_there() {
    let begins = |file: &File| file.text().starts_with("//! ");
    assert_eq!(paths(&sources(), |file| !begins(file) && !file.is_rule()), [""; 0]);
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not name them.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("dbg", "!("),
        concat!("to", "do!("),
        concat!("#[ign", "ore"),
    ];
    let unfinished = concat!("unimple", "mented!(");
    let has = |file: &File| words.iter().chain([&unfinished]).any(|word| file.text().contains(word));
    assert_eq!(paths(&sources(), has), [""; 0]);
}

#[test]
fn only_the_plugin_module_and_the_build_know_the_engine() {
    let engine = concat!("wasm", "time");
    let allowed = |path: &str| path.starts_with("host/src/plugin/") || path.starts_with("host/build");
    assert_eq!(paths(&sources(), |file| !allowed(&file.path) && file.text().contains(engine)), [""; 0]);
}

#[test]
fn only_the_sarif_report_knows_its_library() {
    let library = concat!("serde_", "sarif");
    let allowed = |path: &str| path.starts_with("host/src/report/sarif");
    assert_eq!(paths(&sources(), |file| !allowed(&file.path) && file.text().contains(library)), [""; 0]);
}

#[test]
fn plugins_stand_alone() {
    let plugins = plugins();
    let crates = crates();
    let host = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for (plugin, _) in &plugins {
        assert!(!depends_on(&host, plugin), "the host depends on {plugin}");
        let sdk = crates.iter().filter(|(name, _)| name == "hullmark-sdk");
        for (other, manifest) in plugins.iter().chain(sdk).filter(|(other, _)| other != plugin) {
            assert!(!depends_on(manifest, plugin), "{other} depends on {plugin}");
        }
    }
}

#[test]
fn dependencies_are_seen_in_every_way_to_write_them() {
    assert!(depends_on("[dependencies]\nab = \"1\"\n", "ab"));
    assert!(depends_on("ab.workspace = true\n", "ab"));
    assert!(depends_on("ab={ path = \"../ab\" }\n", "ab"));
    assert!(depends_on("[dependencies]\nab.path = \"x\"\n", "ab"));
    assert!(!depends_on("abc = \"1\"\nname = \"ab\"\n", "ab"));
}

#[test]
fn every_crate_is_held_to_the_lints() {
    let free = crates().into_iter().filter(|(_, text)| !text.contains("\n[lints]\nworkspace = true\n"));
    assert_eq!(free.map(|(name, _)| name).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn no_built_file_is_kept_but_those_that_must_load_for_ever() {
    let built = |file: &File| BUILT.iter().any(|magic| file.bytes.starts_with(magic)) && !file.path.starts_with(KEPT);
    assert_eq!(paths(&files(""), built), [""; 0]);
}

#[test]
fn summaries_are_one_sentence() {
    let fault = |rule: &Rule| {
        let text = &*rule.summary;
        let one = text.ends_with('.') && !text.contains(". ") && !text.ends_with("..");
        (!one).then(|| format!("`{text}`"))
    };
    assert_eq!(faults(fault), [""; 0]);
}

/// The headings of a rule's documentation with the text below each.
fn sections(explanation: &str) -> Vec<(&str, String)> {
    let mut sections: Vec<(&str, String)> = Vec::new();
    let mut fenced = false;
    for line in explanation.lines() {
        fenced ^= line.starts_with("```");
        match line.strip_prefix("## ").filter(|_| !fenced) {
            Some(heading) => sections.push((heading, String::new())),
            None => {
                if let Some((_, text)) = sections.last_mut() {
                    *text += line;
                    text.push('\n');
                }
            }
        }
    }
    sections
}

#[test]
fn headings_stand_in_their_order() {
    let fault = |rule: &Rule| {
        let sections = sections(&rule.explanation);
        let order: Option<Vec<usize>> =
            sections.iter().map(|(heading, _)| HEADINGS.iter().position(|known| known == heading)).collect();
        let Some(order) = order else { return Some(format!("an unknown heading among {sections:?}")) };
        let required = order.iter().take_while(|&&index| index < REQUIRED).copied();
        let ordered = required.eq(0..REQUIRED) && order.is_sorted_by(|one, other| one < other);
        (!ordered).then(|| format!("{:?}", sections.iter().map(|(heading, _)| heading).collect::<Vec<_>>()))
    };
    assert_eq!(faults(fault), [""; 0]);
}

#[test]
fn sections_are_not_empty_and_options_have_one() {
    let fault = |rule: &Rule| {
        let sections = sections(&rule.explanation);
        if let Some((heading, _)) = sections.iter().find(|(_, text)| text.trim().is_empty()) {
            return Some(format!("nothing under `{heading}`"));
        }
        let told = sections.iter().any(|(heading, _)| *heading == "Options");
        (told == rule.options_schema.is_empty()).then(|| "options and the heading `Options` do not agree".to_owned())
    };
    assert_eq!(faults(fault), [""; 0]);
}

#[test]
fn how_to_fix_begins_with_a_sentence() {
    let fault = |rule: &Rule| {
        let sections = sections(&rule.explanation);
        let text = sections.iter().find(|(heading, _)| *heading == "How to fix").map_or("", |(_, text)| text.trim());
        let paragraph = text.split("\n\n").next().unwrap_or_default();
        let begins = paragraph.starts_with(|c: char| c.is_uppercase()) && paragraph.contains('.');
        (!begins).then(|| format!("`{paragraph}`"))
    };
    assert_eq!(faults(fault), [""; 0]);
}

/// Whether an id of another tool stands in the one form that a rule may list; the host reads the others by itself.
fn is_canonical(alias: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    for (prefix, count) in [("KSV-", 4), ("KCV-", 4), ("DS-", 4), ("DL", 4), ("SC", 4)] {
        if let Some(number) =
            alias.strip_prefix(prefix).filter(|number| number.starts_with(|c: char| c.is_ascii_digit()))
        {
            // Trivy wrote two of its numbers with a nought too many, and keeps them.
            return digits(number, count) || matches!(alias, "KSV-01010" | "KSV-01011");
        }
    }
    if let Some(rest) = alias.strip_prefix("CKV") {
        let rest = rest.strip_prefix('2').unwrap_or(rest);
        let number = rest.strip_prefix("_K8S_").or_else(|| rest.strip_prefix("_DOCKER_"));
        return number.is_some_and(|number| !number.is_empty() && digits(number, number.len()));
    }
    // A name in kebab case or in camel case, never one of the forms above written in another way.
    let families = ["avd-", "ksv", "kcv", "ds-", "ds0"];
    let lower = alias.to_ascii_lowercase();
    !families.iter().any(|family| lower.starts_with(family))
        && alias.starts_with(|c: char| c.is_ascii_alphabetic())
        && alias.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[test]
fn the_form_of_an_alias_is_known() {
    for good in ["DL3007", "SC2086", "KSV-0013", "DS-0002", "CKV_K8S_14", "CKV2_K8S_6", "CKV_DOCKER_7", "latest-tag"] {
        assert!(is_canonical(good), "{good}");
    }
    assert!(is_canonical("tagNotSpecified") && is_canonical("StageNameCasing"));
    for bad in ["AVD-KSV-0013", "KSV013", "KSV-13", "ksv-0013", "DS002", "DL300", "CKV_K8S_", "CKV-K8S-1", "a b", ""] {
        assert!(!is_canonical(bad), "{bad}");
    }
}

#[test]
fn references_are_addresses() {
    let is_address = |text: &str| text.starts_with("https://") && !text.contains(char::is_whitespace);
    let fault = |rule: &Rule| rule.references.iter().find(|text| !is_address(text)).map(|text| format!("`{text}`"));
    assert_eq!(faults(fault), [""; 0]);
}

#[test]
fn aliases_stand_once_and_in_one_form() {
    let fault = |rule: &Rule| {
        let twice = |alias: &&String| rule.aliases.iter().filter(|other| other == alias).count() > 1;
        let bad = rule.aliases.iter().find(|alias| !is_canonical(alias) || twice(alias));
        bad.map(|alias| format!("`{alias}`"))
    };
    assert_eq!(faults(fault), [""; 0]);
}

#[test]
fn tags_and_severities_are_what_reports_can_carry() {
    let fault = |rule: &Rule| {
        if rule.tags.len() > MOST_TAGS {
            return Some(format!("{} tags", rule.tags.len()));
        }
        let security = rule.tags.iter().any(|tag| tag == "security");
        let Some(severity) = &rule.security_severity else {
            return security.then(|| "tagged `security` and no severity".to_owned());
        };
        let number: Option<f64> = severity.parse().ok();
        let fits = number.is_some_and(|number| (0.1..=10.0).contains(&number)) && severity.contains('.');
        (!security || !fits).then(|| format!("severity `{severity}`, tagged {:?}", rule.tags))
    };
    assert_eq!(faults(fault), [""; 0]);
}

#[test]
fn every_option_is_described_and_has_a_default() {
    let fault = |rule: &Rule| {
        if rule.options_schema.is_empty() {
            return None;
        }
        let schema: Value = serde_json::from_str(&rule.options_schema).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        let told = |option: &Value| {
            option["description"].as_str().is_some_and(|text| !text.trim().is_empty())
                && option.get("default").is_some()
        };
        properties.iter().find(|(_, option)| !told(option)).map(|(name, _)| format!("option `{name}`"))
    };
    assert_eq!(faults(fault), [""; 0]);
}

#[test]
fn the_sdk_carries_the_interface_as_it_is() {
    let texts =
        ["wit/policy.wit", "plugins/sdk/wit/policy.wit"].map(|path| fs::read_to_string(root().join(path)).unwrap());
    assert!(
        texts[0] == texts[1],
        "run `cp wit/policy.wit plugins/sdk/wit/`: a package holds only what lies in its folder"
    );
}

#[test]
fn other_programs_are_run_where_an_argument_asks_for_it_and_nowhere_else() {
    let runs = |file: &File| {
        let text = file.text();
        let process = text.lines().filter(|line| line.contains("process::"));
        file.path.starts_with("host/src/") && { process }.any(|line| line.contains("Command"))
    };
    let known = ["host/src/changed.rs", "host/src/cli/plugin/language.rs", "host/src/shellcheck/"];
    let sources = sources();
    let mut found = paths(&sources, runs);
    assert!(found.len() >= known.len(), "{found:?}");
    found.retain(|path| !known.iter().any(|known| path.starts_with(known)));
    assert_eq!(found, [""; 0]);
}

#[test]
fn the_program_knows_no_network() {
    let words = [concat!("std::", "net"), concat!("Tcp", "Stream"), concat!("Udp", "Socket")];
    let knows = |file: &File| file.path.starts_with("host/src/") && words.iter().any(|word| file.text().contains(word));
    assert_eq!(paths(&sources(), knows), [""; 0]);
}

/// Names of tests that a page of the documentation gives as proof.
fn proofs(page: &str) -> Vec<&str> {
    let named = page.split("\u{25b8} `").skip(1);
    named.filter_map(|rest| rest.split_once('`')).map(|(name, _)| name).collect()
}

#[test]
fn the_tests_that_the_threat_model_names_are_there() {
    let page = fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let proofs = proofs(&page);
    assert!(proofs.len() > 40, "{}", proofs.len());
    assert_eq!(
        proofs.len(),
        page.matches('\u{25b8}').count() - 1,
        "each sign but the one that is explained has its name"
    );
    let sources = sources();
    let is_test = |name: &str| {
        let declared = format!("fn {name}() {{");
        sources.iter().any(|file| {
            let text = file.text();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let at = lines.iter().position(|line| *line == declared);
            at.is_some_and(|at| lines[at.saturating_sub(3)..at].contains(&"#[test]"))
        })
    };
    let missing: Vec<_> = proofs.into_iter().filter(|name| !is_test(name)).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn a_proof_is_read_from_its_signs() {
    assert_eq!(proofs("a \u{25b8} `one_test` b `other`\n  \u{25b8} `two`."), ["one_test", "two"]);
}
