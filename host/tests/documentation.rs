//! Runs the examples in the documentation of every rule through the real component, each with its rule alone: what stands
//! under "Flagged" is flagged, and what stands under "Accepted" is not. A first line `# options: {…}` gives options, and a
//! block whose info string names a path (`dockerfile web/Dockerfile`) lies beside the next block, and so does one of `dockerignore`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/alone.rs"]
mod alone;

use std::fmt::Write as _;

use alone::registry;
use hullmark::document::{Language, parse_dockerfile, parse_manifests};
use hullmark::finding::{Plugin, Rule};
use hullmark::fixture::{self, options, run_alone};
use hullmark::own;
use hullmark::plugin::Registry;
use hullmark::policy::{Rulebook, Selection, SuppressionSettings};
use hullmark::run::{File, Settings, run};

/// A fenced block of a rule's documentation.
#[derive(Debug, PartialEq, Eq)]
struct Example {
    /// Heading that it stands under.
    heading: String,
    /// Info string of its fence.
    language: String,
    text: String,
}

/// The fenced blocks of a text, in order.
fn examples(markdown: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut heading = "";
    let mut open: Option<Example> = None;
    for line in markdown.lines() {
        if let Some(mut example) = open.take() {
            if line.trim_end() == "```" {
                examples.push(example);
            } else {
                example.text += line;
                example.text.push('\n');
                open = Some(example);
            }
        } else if let Some(language) = line.strip_prefix("```") {
            let (heading, language) = (heading.to_owned(), language.trim().to_owned());
            open = Some(Example { heading, language, text: String::new() });
        } else if let Some(words) = line.strip_prefix("## ") {
            heading = words.trim();
        }
    }
    assert!(open.is_none(), "a block is never closed: {open:?}");
    examples
}

/// Where a block lies that belongs to the next one.
fn path(example: &Example) -> Option<&str> {
    match example.language.as_str() {
        "dockerignore" => Some(".dockerignore"),
        language => language.split_once(' ').map(|(_, path)| path),
    }
}

/// What a parser says of a file.
fn problems(file: &File) -> Vec<String> {
    let parsed = match file.language {
        Language::Dockerfile => parse_dockerfile(&file.source),
        Language::Manifest => parse_manifests(&file.source, &file.context),
    };
    parsed.problems.into_iter().map(|problem| problem.message).collect()
}

/// What is wrong with an example, empty where it is right.
fn judge(registry: &Registry, rule: &str, example: &Example, beside: Vec<(String, Vec<u8>)>) -> String {
    let path = match example.language.as_str() {
        "dockerfile" => "Dockerfile",
        "yaml" => "manifest.yaml",
        other => return format!("  the info string is `{other}`, not `dockerfile` or `yaml`\n"),
    };
    let mut files = vec![(path.to_owned(), example.text.clone().into_bytes())];
    files.extend(beside);
    let files = fixture::files(&files).unwrap();
    let outcome = match run_alone(registry, rule, options(&example.text).unwrap(), &files) {
        Ok(outcome) => outcome,
        Err(error) => return format!("  {error}\n"),
    };
    let mut faults = String::new();
    let told = outcome.notifications.into_iter().map(|notification| notification.message);
    for message in told.chain(files.iter().flat_map(problems)) {
        writeln!(faults, "  {message}").unwrap();
    }
    if outcome.counts.dockerfiles + outcome.counts.manifests == 0 {
        faults += "  it holds no document\n";
    }
    let flagged = example.heading == "Flagged";
    for finding in &outcome.findings {
        if !flagged || finding.rule.as_ref() != rule {
            let line = finding.place.source.region(finding.place.span).start_line;
            writeln!(faults, "  line {line}: {}: {}", finding.rule, finding.message).unwrap();
        }
    }
    if flagged && outcome.findings.is_empty() {
        faults += "  nothing is flagged\n";
    }
    faults
}

#[test]
fn examples_are_flagged_and_accepted_as_they_say() {
    let registry = registry(&[]);
    let mut faults = String::new();
    for rule in registry.plugins().iter().flat_map(|plugin| &plugin.info().rules) {
        let examples = examples(&rule.explanation);
        for heading in ["Flagged", "Accepted"] {
            let of_heading = || examples.iter().filter(|example| example.heading == heading);
            if of_heading().next().is_none() {
                writeln!(faults, "{}: {heading}: no example", rule.id).unwrap();
            }
            let mut beside = Vec::new();
            for (number, example) in (1..).zip(of_heading()) {
                if let Some(path) = path(example) {
                    beside.push((path.to_owned(), example.text.clone().into_bytes()));
                    continue;
                }
                let fault = judge(&registry, &rule.id, example, std::mem::take(&mut beside));
                if !fault.is_empty() {
                    writeln!(faults, "{}: {heading}, example {number}\n{fault}", rule.id).unwrap();
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// What an example says that the configuration demands of exceptions, in its first line: `# suppressions: {…}`.
fn suppressions(text: &str) -> SuppressionSettings {
    let settings = text.lines().next().and_then(|line| line.strip_prefix("# suppressions:"));
    let settings: serde_json::Value =
        settings.map_or_else(Default::default, |json| serde_json::from_str(json).unwrap());
    let names = settings["unsuppressible"].as_array().into_iter().flatten();
    SuppressionSettings {
        require_reason: settings["require-reason"].as_bool().unwrap_or_default(),
        unsuppressible: names.map(|name| name.as_str().unwrap().to_owned()).collect(),
    }
}

/// Whether a rule of the host reports something in an example, among all rules that are on by default.
fn is_flagged_by_the_host(registry: &Registry, plugins: &[&Plugin], rule: &Rule, example: &Example) -> bool {
    let mut selection = Selection::new(plugins.iter().copied(), &[], &[]).unwrap();
    selection.turn_on(rule);
    selection.set_suppressions(suppressions(&example.text));
    let path = if example.language == "yaml" { "manifest.yaml" } else { "Dockerfile" };
    let files = fixture::files(&[(path.to_owned(), example.text.clone().into_bytes())]).unwrap();
    let suppress_on = "2026-01-01".parse().ok();
    let rulebook = Rulebook::uniform(selection);
    let settings = Settings { registry, rulebook: &rulebook, jobs: 1, fresh: false, suppress_on, progress: None };
    run(&files, settings).findings.iter().any(|finding| *finding.rule == rule.id)
}

#[test]
fn examples_of_the_hosts_own_rules_are_flagged_and_accepted_as_they_say() {
    let registry = registry(&[]);
    let own = own::plugins();
    let plugins: Vec<&Plugin> = own.iter().chain(registry.plugins().iter().map(|plugin| plugin.info())).collect();
    // Rules of ShellCheck report what another program says.
    let rules = own.iter().filter(|plugin| plugin.name != "shellcheck").flat_map(|plugin| &plugin.rules);
    for rule in rules {
        let examples = examples(&rule.explanation);
        for heading in ["Flagged", "Accepted"] {
            assert!(examples.iter().any(|example| example.heading == heading), "{}: {heading}: no example", rule.id);
        }
        for example in examples {
            let flagged = is_flagged_by_the_host(&registry, &plugins, rule, &example);
            assert_eq!(flagged, example.heading == "Flagged", "{}: {example:?}", rule.id);
        }
    }
}

#[test]
fn examples_are_found_under_their_headings() {
    let markdown = "## Flagged\n\n```dockerfile\nFROM a\n## b\n```\n\n## Accepted\n\n```yaml\na: 1\n```\n";
    let found = examples(markdown);
    let found: Vec<_> = found.iter().map(|e| (e.heading.as_str(), e.language.as_str(), e.text.as_str())).collect();
    assert_eq!(found, [("Flagged", "dockerfile", "FROM a\n## b\n"), ("Accepted", "yaml", "a: 1\n")]);
}

#[test]
fn an_example_that_says_too_much_or_too_little_is_told() {
    let registry = registry(&[]);
    let fault = |heading: &str, language: &str, text: &str| {
        let example = Example { heading: heading.into(), language: language.into(), text: text.into() };
        judge(&registry, "image/latest-tag", &example, Vec::new())
    };
    assert_eq!(fault("Flagged", "dockerfile", "FROM a:latest\n"), "");
    assert_eq!(fault("Accepted", "dockerfile", "FROM a:1\n"), "");
    assert_eq!(fault("Flagged", "dockerfile", "FROM a:1\n"), "  nothing is flagged\n");
    assert!(fault("Accepted", "dockerfile", "FROM a:latest\n").contains("image/latest-tag"));
    assert!(fault("Accepted", "dockerfile", "FROM a:1\nRUM b\n").contains("`RUM`"));
    assert!(fault("Accepted", "text", "FROM a\n").contains("info string"));
    assert!(fault("Accepted", "yaml", "a: 1\n").contains("no document"));
}
