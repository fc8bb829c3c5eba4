//! Runs every file below `fixtures/<plugin>/<rule>/` through the real components, with the rule of its folder alone, and
//! compares with the expectations that stand in the file.
//!
//! A case is a file, or a folder of files that a project rule sees together. Its name begins with `flagged` or `clean`. An
//! expectation is a comment under the line of the token: carets under the token, the rule, a colon, the message. Where the
//! token begins in the first column, the `#` stands for its first character. A first line `# options: {…}` gives options.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/alone.rs"]
mod alone;
#[path = "support/folder.rs"]
mod folder;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use alone::{Options, registry, run_alone, texts};
use folder::entries;
use hullmark::finding::Finding;
use hullmark::plugin::Registry;

/// A finding, as it is written under a line.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Expectation {
    file: String,
    line: u32,
    /// Columns from 0, the end exclusive.
    columns: (usize, usize),
    text: String,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap()
}

/// The rule, if the line is an expectation, with the columns that it marks and its text.
fn expectation(line: &str) -> Option<((usize, usize), &str)> {
    let hash = line.find('#')?;
    let rest = &line[hash + 1..];
    let carets = rest.trim_start();
    let width = carets.bytes().take_while(|&byte| byte == b'^').count();
    if !line[..hash].trim().is_empty() || width == 0 {
        return None;
    }
    let blank = rest.len() - carets.len();
    // Directly behind the `#` there is no room for a blank: the `#` is part of the mark.
    let start = if blank == 0 { hash } else { hash + 1 + blank };
    Some(((start, hash + 1 + blank + width), carets[width..].trim()))
}

fn expected(path: &str, text: &str) -> Vec<Expectation> {
    let mut expected = Vec::new();
    let mut subject = 0;
    for (number, line) in (1..).zip(text.lines()) {
        match expectation(line) {
            Some((columns, text)) => {
                expected.push(Expectation { file: path.to_owned(), line: subject, columns, text: text.to_owned() });
            }
            None => subject = number,
        }
    }
    expected.sort();
    expected
}

fn actual(findings: &[Finding]) -> Vec<Expectation> {
    let mut actual: Vec<Expectation> = findings
        .iter()
        .map(|finding| {
            let source = &finding.place.source;
            let region = source.region(finding.place.span);
            let line = source.slice(source.line_span(region.start_line));
            let end = if region.end_line == region.start_line {
                region.end_column as usize - 1
            } else {
                line.encode_utf16().count()
            };
            Expectation {
                file: source.path().to_owned(),
                line: region.start_line,
                columns: (region.start_column as usize - 1, end),
                text: format!("{}: {}", finding.rule, finding.message),
            }
        })
        .collect();
    actual.sort();
    actual
}

/// What differs, written as it would stand in the file.
fn difference(title: &str, one: &[Expectation], other: &[Expectation]) -> String {
    let mut text = String::new();
    for missing in one.iter().filter(|expectation| !other.contains(expectation)) {
        let Expectation { file, line, columns: (start, end), text: message } = missing;
        let mark = "^".repeat(end.saturating_sub(*start).max(1));
        let lead = match start {
            0 => format!("#{}", &mark[1..]),
            _ => format!("#{}{mark}", " ".repeat(start - 1)),
        };
        writeln!(text, "  {title} under {file}:{line}\n{lead} {message}").unwrap();
    }
    text
}

/// Faults of a case, empty where it is as expected.
fn judge(registry: &Registry, rule: &str, case: &Path) -> String {
    let files = folder::read(case);
    let options = files.iter().find_map(|(_, bytes)| alone::options(&String::from_utf8_lossy(bytes)));
    let texts = texts(&files);
    let outcome = match run_alone(registry, rule, options, &texts) {
        Ok(outcome) => outcome,
        Err(error) => return format!("  {error}\n"),
    };
    let expected: Vec<Expectation> =
        texts.iter().flat_map(|file| expected(file.source.path(), file.source.text())).collect();
    let actual = actual(&outcome.findings);
    let mut faults = difference("expected", &expected, &actual) + &difference("reported", &actual, &expected);
    for notification in &outcome.notifications {
        writeln!(faults, "  {}", notification.message).unwrap();
    }
    let flagged = name(case).starts_with("flagged");
    if flagged == expected.is_empty() {
        writeln!(faults, "  the name says `{}`, the expectations do not", if flagged { "flagged" } else { "clean" })
            .unwrap();
    }
    faults
}

#[test]
fn every_fixture_is_reported_as_it_says() {
    let registry = registry(&[]);
    let mut faults = String::new();
    let mut cases = 0;
    for plugin in registry.plugins() {
        let folder = fixtures().join(&plugin.info().name);
        for rule in entries(&folder) {
            for case in entries(&rule) {
                let id = format!("{}/{}", plugin.info().name, name(&rule));
                let fault = judge(&registry, &id, &case);
                if !fault.is_empty() {
                    writeln!(faults, "{}\n{fault}", case.strip_prefix(fixtures()).unwrap().display()).unwrap();
                }
                cases += 1;
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(cases > 0);
}

/// Name of a case, with that of the Dockerfile in it where it is a folder with one.
fn title(case: &Path) -> String {
    let suffix = if case.join("Dockerfile").is_file() { "/Dockerfile" } else { "" };
    format!("{}{suffix}", name(case))
}

#[test]
fn every_rule_has_flagged_and_clean_fixtures_for_each_language_it_reads() {
    let mut missing = Vec::new();
    for rule in registry(&[]).plugins().iter().flat_map(|plugin| &plugin.info().rules) {
        let folder = fixtures().join(&rule.id);
        let cases: Vec<String> =
            if folder.is_dir() { entries(&folder).iter().map(|case| title(case)).collect() } else { Vec::new() };
        let reads = |language: &str| rule.subjects.iter().any(|subject| subject.starts_with(language));
        let dockerfile = |case: &String| case.ends_with("Dockerfile");
        for prefix in ["flagged", "clean"] {
            let of_prefix = || cases.iter().filter(|case| case.starts_with(prefix));
            if reads("dockerfile") && !of_prefix().any(dockerfile) {
                missing.push(format!("{}: no {prefix} Dockerfile", rule.id));
            }
            if !reads("dockerfile") && of_prefix().next().is_none()
                || reads("dockerfile") && reads("workload") && of_prefix().all(dockerfile)
            {
                missing.push(format!("{}: no {prefix} manifest", rule.id));
            }
        }
    }
    assert_eq!(missing, [] as [String; 0]);
}

/// What a case yields with these options, as far as a report shows it.
fn reported(registry: &Registry, rule: &str, case: &Path, options: &Options) -> Vec<String> {
    let outcome = run_alone(registry, rule, Some(options.clone()), &texts(&folder::read(case))).unwrap();
    let show = |finding: &Finding| {
        format!("{} {:?} {} {:?}", finding.place.source.path(), finding.place.span, finding.message, finding.aliases)
    };
    outcome.findings.iter().map(show).collect()
}

/// Whether some fixture would be reported differently without an option that it gives.
fn is_shown(registry: &Registry, rule: &str, option: &str, cases: &[PathBuf]) -> bool {
    cases.iter().any(|case| {
        let files = folder::read(case);
        let Some(given) = files.iter().find_map(|(_, bytes)| alone::options(&String::from_utf8_lossy(bytes))) else {
            return false;
        };
        let mut without = given.clone();
        without.remove(option).is_some()
            && reported(registry, rule, case, &given) != reported(registry, rule, case, &without)
    })
}

#[test]
fn every_option_changes_what_some_fixture_reports() {
    let registry = registry(&[]);
    let mut unseen = Vec::new();
    for rule in registry.plugins().iter().flat_map(|plugin| &plugin.info().rules) {
        if rule.options_schema.is_empty() {
            continue;
        }
        let schema: serde_json::Value = serde_json::from_str(&rule.options_schema).unwrap();
        let folder = fixtures().join(&rule.id);
        let cases = if folder.is_dir() { entries(&folder) } else { Vec::new() };
        for option in schema["properties"].as_object().unwrap().keys() {
            if !is_shown(&registry, &rule.id, option, &cases) {
                unseen.push(format!("{}: {option}", rule.id));
            }
        }
    }
    assert_eq!(unseen, [""; 0]);
}

#[test]
fn every_fixture_folder_belongs_to_a_rule() {
    let registry = registry(&[]);
    let rules: BTreeSet<&str> =
        registry.plugins().iter().flat_map(|plugin| plugin.info().rules.iter().map(|rule| rule.id.as_str())).collect();
    for plugin in registry.plugins() {
        for folder in entries(&fixtures().join(&plugin.info().name)) {
            let id = format!("{}/{}", plugin.info().name, name(&folder));
            assert!(rules.contains(id.as_str()), "fixtures/{id} belongs to no rule");
        }
    }
}

#[test]
fn expectations_are_read_as_they_are_written() {
    assert_eq!(expectation("#   ^^ a/b: c"), Some(((4, 6), "a/b: c")));
    assert_eq!(expectation("#^^ a/b: c"), Some(((0, 3), "a/b: c")));
    assert_eq!(expectation("  # ^ a/b: c"), Some(((4, 5), "a/b: c")));
    assert_eq!(expectation("FROM a # ^ b"), None);
    assert_eq!(expectation("# a comment"), None);
}
