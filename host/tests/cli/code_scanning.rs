//! What code scanning makes of a SARIF file, held over all fixtures: limits, rules that are found where results say, URIs of files
//! that exist, regions inside their text, fingerprints as GitHub computes them, and nothing twice.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::repo::{GOOD, Repo};

/// Results that GitHub keeps of a run.
const RESULTS: usize = 5000;
/// Tags that it keeps of a rule.
const TAGS: usize = 10;
/// Characters that it takes of a description.
const DESCRIPTION: usize = 1024;
/// Bytes that it takes once they are compressed; ours are not.
const BYTES: usize = 10_000_000;

/// A file as code scanning sees it.
struct Seen {
    /// UTF-16 units of each line.
    widths: Vec<usize>,
    /// GitHub's hash of each line.
    hashes: Vec<String>,
}

impl Seen {
    fn new(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let hashes = hashes(&text);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n").replace('\r', "\n");
        Self { widths: text.split('\n').map(|line| line.encode_utf16().count()).collect(), hashes }
    }
}

/// GitHub's hash of each line as it is defined: of a hundred UTF-16 units from its beginning, whatever lines they are in, without
/// blanks and with one form of line end; and how many lines before it have the same.
fn hashes(text: &str) -> Vec<String> {
    let (mut kept, mut starts, mut after_return) = (Vec::new(), vec![0], false);
    for unit in text.encode_utf16().chain([0xffff]) {
        let is_blank = unit == 0x20 || unit == 0x09;
        if !(is_blank || after_return && unit == 0x0a) {
            kept.push(if unit == 0x0d { 0x0a } else { unit });
            if kept.last() == Some(&0x0a) {
                starts.push(kept.len());
            }
        }
        after_return = unit == 0x0d;
    }
    kept.extend([0; 100]);
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let hash = |start: usize| {
        let units = kept[start..start + 100].iter();
        let hash = units.fold(0_u64, |hash, &unit| hash.wrapping_mul(37).wrapping_add(u64::from(unit)));
        let count = seen.entry(hash).or_default();
        *count += 1;
        format!("{hash:x}:{count}")
    };
    starts.into_iter().map(hash).collect()
}

fn unescaped(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next().unwrap()).to_digit(16).unwrap() as u8;
        bytes.push(if byte == b'%' { digit() * 16 + digit() } else { byte });
    }
    String::from_utf8(bytes).unwrap()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// All that code scanning would refuse, drop, or show at the wrong place.
fn faults(root: &Path, bytes: &str) -> Vec<String> {
    let log: Value = serde_json::from_str(bytes).unwrap();
    let mut faults = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    must(bytes.len() < BYTES, format!("{} bytes", bytes.len()));
    must(log["version"] == "2.1.0" && log["$schema"].is_string(), "no version or no schema".to_owned());
    must(list(&log, "/runs").len() == 1, "not one run".to_owned());
    let run = &log["runs"][0];
    must(run["results"].is_array() && list(run, "/results").len() <= RESULTS, "no results, or too many".to_owned());
    must(run["columnKind"] == "utf16CodeUnits", "no kind of columns".to_owned());
    let invocation = &run["invocations"][0];
    let failed = list(invocation, "/toolExecutionNotifications").iter().any(|told| told["level"] == "error");
    must(invocation["executionSuccessful"] == json!(!failed), "success does not fit the notifications".to_owned());

    let driver = &run["tool"]["driver"];
    let extensions = list(run, "/tool/extensions");
    must(extensions.len() <= 100, "more extensions than GitHub takes".to_owned());
    let mut declared = HashSet::new();
    for rule in std::iter::once(driver).chain(extensions).flat_map(|component| list(component, "/rules")) {
        let id = text(rule, "/id");
        must(declared.insert(id.to_owned()), format!("{id} is declared twice"));
        must(text(rule, "/name").chars().count() <= 255, format!("{id}: a long name"));
        for what in ["/shortDescription/text", "/fullDescription/text"] {
            let length = text(rule, what).trim().chars().count();
            must((1..=DESCRIPTION).contains(&length), format!("{id}{what} has {length} characters"));
        }
        for what in ["/help/text", "/help/markdown"] {
            must(!text(rule, what).trim().is_empty(), format!("{id}{what} is empty"));
        }
        let tags = list(rule, "/properties/tags");
        must(tags.len() <= TAGS, format!("{id} has more tags than are kept"));
        if let Some(score) = rule["properties"].get("security-severity") {
            let number = score.as_str().and_then(|score| score.parse().ok()).unwrap_or(0.0);
            must(number > 0.0 && number <= 10.0, format!("{id}: severity {score}"));
            must(tags.contains(&json!("security")), format!("{id}: a severity that is passed over"));
        }
    }

    let (mut files, mut places) = (HashMap::new(), HashSet::new());
    let with_suppressions = list(run, "/results").iter().filter(|result| result["suppressions"].is_array()).count();
    must([0, list(run, "/results").len()].contains(&with_suppressions), "suppressions on some results".to_owned());
    for (number, result) in list(run, "/results").iter().enumerate() {
        let id = text(result, "/ruleId");
        let what = format!("result {number} ({id})");
        let extension = result["rule"]["toolComponent"]["index"].as_u64();
        let component = extension.map_or(driver, |index| extensions.get(index as usize).unwrap_or(&Value::Null));
        let index = if extension.is_some() { &result["rule"]["index"] } else { &result["ruleIndex"] };
        let rule = index.as_u64().and_then(|index| list(component, "/rules").get(index as usize));
        must(rule.is_some_and(|rule| text(rule, "/id") == id), format!("{what}: its rule is not where it says"));
        must(!text(result, "/message/text").trim().is_empty(), format!("{what}: no message"));
        must(list(result, "/relatedLocations").len() <= 1000, format!("{what}: more places than GitHub takes"));
        let place = &result["locations"][0]["physicalLocation"];
        let uri = text(place, "/artifactLocation/uri");
        let is_relative = !uri.is_empty() && !uri.starts_with(['/', '.']) && !uri.contains([':', '\\', ' ']);
        must(is_relative && uri.is_ascii(), format!("{what}: {uri} is no path from the root"));
        let seen =
            files.entry(uri).or_insert_with(|| fs::read(root.join(unescaped(uri))).ok().map(|it| Seen::new(&it)));
        let Some(seen) = seen else {
            must(false, format!("{what}: there is no {uri}"));
            continue;
        };
        let bounds = ["startLine", "startColumn", "endLine", "endColumn"];
        let [line, column, last, end] = bounds.map(|key| place["region"][key].as_u64().unwrap_or(0) as usize);
        must(line > 0 && column > 0 && (last, end) > (line, column), format!("{what}: an empty region in {uri}"));
        for (line, column) in [(line, column), (last, end)] {
            let width = line.checked_sub(1).and_then(|line| seen.widths.get(line));
            must(width.is_some_and(|&width| column <= width + 1), format!("{what}: {uri}:{line}:{column} is outside"));
        }
        let hash = text(result, "/partialFingerprints/primaryLocationLineHash");
        let want = line.checked_sub(1).and_then(|line| seen.hashes.get(line));
        must(want.is_some_and(|want| want == hash), format!("{what}: {uri}:{line} is {want:?}, not {hash}"));
        must(places.insert((id, uri, line, column)), format!("{what}: {uri}:{line}:{column} is told twice"));
    }
    faults
}

#[test]
fn sarif_of_all_fixtures_is_what_code_scanning_takes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repo = Repo::new(&[]);
    let sarif = repo.path("all.sarif");
    let arguments = format!("check {0} --root {0} --exit-zero --quiet", root.join("fixtures").display());
    for more in ["", "--select * --sarif-include-suppressed --sarif-category all", "--policy security --no-ignores"] {
        repo.run(&format!("{arguments} --no-config {more} --output sarif={}", sarif.display()));
        let text = repo.read("all.sarif");
        assert!(text.matches("\"ruleId\"").count() > 500, "{}", text.len());
        assert_eq!(faults(&root.join("fixtures"), &text), [""; 0], "{more}");
    }
}

#[test]
fn sarif_of_odd_names_and_texts_is_what_code_scanning_takes() {
    let repo = Repo::new(&[
        (
            "a:b/100%/[é] {x}#?.yaml",
            "\u{feff}apiVersion: v1\r\nkind: Pod\r\nmetadata: {name: \u{1f433}}\r\nspec:\r  containers:\r  - {name: a, image: 'é\u{1f433}:latest'}\r",
        ),
        ("-rf/Dockerfile", "FROM node:latest\n\nUSER root\n\nFROM node:latest\n\nUSER root"),
        ("Dockerfile", GOOD),
    ]);
    repo.write("bytes/Dockerfile", b"# \xff\xfe\nFROM node:latest AS \xff\nUSER root\n");
    let text = repo.run("check --select * --format sarif").out;
    assert!(text.matches("\"ruleId\"").count() > 10, "{text}");
    assert_eq!(faults(&repo.path(""), &text), [""; 0]);
}

#[test]
fn these_checks_see_a_fault() {
    let repo = Repo::new(&[("Dockerfile", GOOD)]);
    let text = repo.run("check --select image/latest-tag --format sarif").out;
    assert_eq!(faults(&repo.path(""), &text), [""; 0]);
    for (from, to, fault) in [
        ("\"uri\":\"Dockerfile\"", "\"uri\":\"./Dockerfile\"", "is no path from the root"),
        ("\"uri\":\"Dockerfile\"", "\"uri\":\"dockerfile\"", "there is no dockerfile"),
        ("\"startColumn\":11", "\"startColumn\":17", "an empty region"),
        ("\"endColumn\":17", "\"endColumn\":18", "is outside"),
        ("LineHash\":\"", "LineHash\":\"0", "not 0"),
        ("\"ruleId\":\"image/latest-tag\"", "\"ruleId\":\"image/latest\"", "its rule is not where it says"),
        ("\"executionSuccessful\":true", "\"executionSuccessful\":false", "success does not fit"),
        ("\"version\":\"2.1.0\"", "\"version\":\"2.2.0\"", "no version"),
    ] {
        assert!(text.contains(from), "{from}: {text}");
        let found = faults(&repo.path(""), &text.replacen(from, to, 1));
        assert!(found.iter().any(|found| found.contains(fault)), "{from} to {to}: {found:?}");
    }
}
