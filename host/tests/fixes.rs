//! Applies every fix of every finding in the fixtures, each alone, and runs the rule again: the text still parses, the
//! finding is gone, and no other one has come.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/alone.rs"]
mod alone;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use alone::{given, registry};
use hullmark::document::{Language, Source, Span, parse_dockerfile, parse_manifests};
use hullmark::finding::{Edit, Finding};
use hullmark::fixture::{self, Options, entries, read, run_alone};
use hullmark::plugin::Registry;
use hullmark::run::File;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cases of a rule.
fn cases(rule: &str) -> Vec<PathBuf> {
    let folder = root().join("fixtures").join(rule);
    if folder.is_dir() { entries(&folder).unwrap() } else { Vec::new() }
}

/// A file's text with the edits that concern it.
fn edited(source: &Source, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().filter(|edit| edit.place.source.path() == source.path()).collect();
    edits.sort_by_key(|edit| edit.place.span);
    // From the end, so that places stay right.
    edits.into_iter().rev().fold(source.text().to_owned(), |mut text, edit| {
        text.replace_range(edit.place.span.range(), &edit.text);
        text
    })
}

/// Where what begins at a place begins once the edits are made. What is replaced begins where its replacement does; what
/// is inserted at a place stands before what begins there.
fn moved(path: &str, start: u32, edits: &[Edit]) -> i64 {
    let before = |edit: &&Edit| {
        let span = edit.place.span;
        edit.place.source.path() == path && (span.start < start || span.is_empty() && span.start == start)
    };
    edits.iter().filter(before).fold(i64::from(start), |place, edit| {
        let span = edit.place.span;
        let end = span.end.min(start);
        place - i64::from(end - span.start) + if span.end <= start { edit.text.len() as i64 } else { 0 }
    })
}

/// What a parser says of a file, in order.
fn problems(file: &File) -> Vec<String> {
    let parsed = match file.language {
        Language::Dockerfile => parse_dockerfile(&file.source),
        Language::Manifest => parse_manifests(&file.source, &file.context),
    };
    parsed.problems.into_iter().map(|problem| problem.message).collect()
}

/// The findings of one rule alone, without those on syntax.
fn findings(registry: &Registry, rule: &str, options: Option<Options>, files: &[File]) -> Vec<Finding> {
    let outcome = run_alone(registry, rule, options, files).unwrap();
    assert_eq!(outcome.notifications, [], "{rule}");
    outcome.findings.into_iter().filter(|finding| finding.rule.as_ref() == rule).collect()
}

fn place(finding: &Finding) -> (&str, Span) {
    (finding.place.source.path(), finding.place.span)
}

/// What is wrong with a fix of finding number `index`, empty where it is right.
fn judge(
    registry: &Registry,
    options: Option<Options>,
    files: &[File],
    before: &[Finding],
    index: usize,
    edits: &[Edit],
) -> String {
    let fixed: Vec<File> = files
        .iter()
        .map(|file| {
            let text = edited(&file.source, edits);
            File { source: Arc::new(Source::new(file.source.path(), text.into_bytes())), ..file.clone() }
        })
        .collect();
    let mut faults = String::new();
    for (old, new) in files.iter().zip(&fixed) {
        let known = problems(old);
        for message in problems(new).into_iter().filter(|message| !known.contains(message)) {
            writeln!(faults, "    the fixed text does not parse: {message}").unwrap();
        }
    }
    let after = findings(registry, &before[index].rule, options, &fixed);
    let others: BTreeSet<(&str, i64)> = before
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index)
        .map(|(_, finding)| place(finding))
        .map(|(path, span)| (path, moved(path, span.start, edits)))
        .collect();
    for finding in after.iter().filter(|finding| {
        let (path, span) = place(finding);
        !others.contains(&(path, i64::from(span.start)))
    }) {
        writeln!(faults, "    then there is: {}", finding.message).unwrap();
    }
    if after.len() >= before.len() {
        faults += "    there are no fewer findings than before\n";
    }
    if !faults.is_empty() {
        for (old, new) in files.iter().zip(&fixed).filter(|(old, new)| old.source.text() != new.source.text()) {
            writeln!(faults, "    {} becomes\n{}", old.source.path(), new.source.text()).unwrap();
        }
    }
    faults
}

#[test]
fn every_fix_removes_its_finding_and_nothing_comes_instead() {
    let registry = registry(&[]);
    let mut faults = String::new();
    for rule in registry.plugins().iter().flat_map(|plugin| &plugin.info().rules) {
        for case in cases(&rule.id) {
            let files = read(&case).unwrap();
            let options = given(&files);
            let files = fixture::files(&files).unwrap();
            let before = findings(&registry, &rule.id, options.clone(), &files);
            for (index, finding) in before.iter().enumerate() {
                for fix in &finding.fixes {
                    let fault = judge(&registry, options.clone(), &files, &before, index, &fix.edits);
                    if !fault.is_empty() {
                        let case = case.strip_prefix(root()).unwrap().display();
                        writeln!(faults, "{case}: {}\n  {}\n{fault}", finding.message, fix.title).unwrap();
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// Whether the file of a rule gives findings fixes.
fn declares_fixes(rule: &str) -> bool {
    let (plugin, name) = rule.split_once('/').unwrap();
    let path = root().join("plugins").join(plugin).join("src").join(name.replace('-', "_")).with_extension("rs");
    fs::read_to_string(path).unwrap().contains(".fix(")
}

#[test]
fn every_rule_that_offers_fixes_shows_one_in_a_fixture() {
    let registry = registry(&[]);
    let has_fix = |rule: &str| {
        cases(rule).iter().any(|case| {
            let files = read(case).unwrap();
            let options = given(&files);
            findings(&registry, rule, options, &fixture::files(&files).unwrap())
                .iter()
                .any(|finding| !finding.fixes.is_empty())
        })
    };
    let rules = registry.plugins().iter().flat_map(|plugin| &plugin.info().rules);
    let unseen = rules.filter(|rule| declares_fixes(&rule.id) && !has_fix(&rule.id));
    assert_eq!(unseen.map(|rule| rule.id.as_str()).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn places_move_with_the_edits_before_them() {
    let source = Arc::new(Source::new("x", b"abcdef".to_vec()));
    let edit = |start, end, text: &str| Edit {
        place: hullmark::finding::Place { source: Arc::clone(&source), span: Span::new(start, end) },
        text: text.to_owned(),
    };
    let edits = [edit(1, 3, "BBBB"), edit(4, 4, "!")];
    assert_eq!(edited(&source, &edits), "aBBBBd!ef");
    let starts: Vec<i64> = (0..6).map(|start| moved("x", start, &edits)).collect();
    assert_eq!(starts, [0, 1, 1, 5, 7, 8]);
}
