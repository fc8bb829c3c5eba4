//! Baselines: the findings of a day that were accepted, so that only new ones are reported. A finding is known by its
//! fingerprint, whatever line it stands in; the rest of an entry is for people.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::PolicyError;
use crate::document::{Source, Span};
use crate::finding::{Finding, Level, Notification, Outcome};

/// Version of the format, which is also that of the fingerprints.
const VERSION: u64 = 1;

/// Accepted findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// In the order in which they are written.
    entries: Vec<Entry>,
}

/// One accepted finding; the order is that of the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    rule: String,
    fingerprint: String,
    /// As it was worded that day.
    message: String,
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(rename = "version")]
    _version: u64,
    findings: Vec<Entry>,
}

/// The part of the file that all versions have.
#[derive(Deserialize)]
struct Header {
    version: Option<Value>,
}

impl Baseline {
    /// All of these findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let entry = |finding: &Finding| Entry {
            path: finding.place.source.path().to_owned(),
            rule: finding.rule.to_string(),
            fingerprint: finding.fingerprint.clone(),
            message: finding.message.clone(),
        };
        let mut entries: Vec<Entry> = findings.iter().map(entry).collect();
        entries.sort();
        entries.dedup_by(|later, first| later.fingerprint == first.fingerprint);
        Self { entries }
    }

    /// Reads a baseline. Its rules must be among `rules`, where these are all that there are.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(source: &Arc<Source>, rules: Option<&HashSet<&str>>) -> Result<Self, PolicyError> {
        const ANEW: &str = "write it anew with `hullmark baseline`";
        let syntax = |error: serde_json::Error| {
            let message = error.to_string();
            let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
            PolicyError::at(source, place(source, &error), format!("this is no baseline: {message}")).help(ANEW)
        };
        let header: Header = serde_json::from_slice(source.bytes()).map_err(syntax)?;
        match header.version.as_ref().map(Value::as_u64) {
            Some(Some(VERSION)) => {}
            Some(Some(newer)) if newer > VERSION => {
                let message = format!("the baseline has version {newer}, and this hullmark knows {VERSION}");
                return Err(PolicyError::at(source, place_of(source, "version"), message).help("take a newer hullmark"));
            }
            Some(_) => {
                let message = "the version is none that hullmark has ever written";
                return Err(PolicyError::at(source, place_of(source, "version"), message).help(ANEW));
            }
            None => {
                let message = "this is no baseline: it has no `version`";
                return Err(PolicyError::at(source, Span::default(), message).help(ANEW));
            }
        }
        let text: Text = serde_json::from_slice(source.bytes()).map_err(syntax)?;
        let unknown = |entry: &&Entry| rules.is_some_and(|rules| !rules.contains(entry.rule.as_str()));
        if let Some(Entry { rule, .. }) = text.findings.iter().find(unknown) {
            let message = format!("the baseline is of other rules: there is no rule `{rule}`");
            let help = format!("load the plugin that has it, or {ANEW}");
            return Err(PolicyError::at(source, place_of(source, rule), message).help(help));
        }
        Ok(Self { entries: text.findings })
    }

    /// The text of the file: sorted, a line for each finding, so that versions are easily compared.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{{\n  \"version\": {VERSION},\n  \"findings\": [");
        for (index, Entry { path, rule, fingerprint, message }) in self.entries.iter().enumerate() {
            let [path, rule, fingerprint, message] = [path, rule, fingerprint, message].map(|text| json!(text));
            let comma = if index == 0 { "" } else { "," };
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "{comma}\n    {{\"path\": {path}, \"rule\": {rule}, \"fingerprint\": {fingerprint}, \"message\": {message}}}"
            );
        }
        text.push_str(if self.entries.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        text
    }

    /// Number of findings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was accepted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Sets those findings of an outcome aside that were accepted, and tells which accepted ones no longer occur, as far as
    /// the run can know.
    pub fn apply(&self, outcome: &mut Outcome, reach: &Reach<'_>) {
        let gone = self.gone(outcome, reach);
        let accepted: HashSet<&str> = self.entries.iter().map(|entry| entry.fingerprint.as_str()).collect();
        let findings = std::mem::take(&mut outcome.findings).into_iter();
        let (known, new) = findings.partition(|finding| accepted.contains(finding.fingerprint.as_str()));
        (outcome.baselined, outcome.findings) = (known, new);
        outcome.notifications.extend(gone.iter().map(|Entry { path, rule, message, .. }| Notification {
            level: Level::Warning,
            path: None,
            plugin: None,
            message: format!(
                "the baseline accepts `{rule}` in `{path}` ({message}), which no longer occurs; `hullmark baseline --shrink` takes it out"
            ),
        }));
    }

    /// What is left of it without what no longer occurs. Nothing is added.
    #[must_use]
    pub fn shrunk(self, outcome: &Outcome, reach: &Reach<'_>) -> Self {
        let gone = self.gone(outcome, reach).into_iter().map(|entry| entry.fingerprint.clone());
        let gone: HashSet<String> = gone.collect();
        let is_left = |entry: &Entry| !gone.contains(&entry.fingerprint);
        Self { entries: self.entries.into_iter().filter(is_left).collect() }
    }

    /// Entries without a finding, where there would be one if it still occurred.
    fn gone(&self, outcome: &Outcome, reach: &Reach<'_>) -> Vec<&Entry> {
        if outcome.incomplete() {
            return Vec::new();
        }
        let found: HashSet<&str> = outcome.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
        let missing = |entry: &&Entry| {
            !found.contains(entry.fingerprint.as_str())
                && (reach.is_on)(&entry.path, &entry.rule)
                && (reach.has_seen)(&entry.path)
        };
        self.entries.iter().filter(missing).collect()
    }
}

/// How far a run has seen.
pub struct Reach<'a> {
    /// Whether a rule was on in the file of a path.
    pub is_on: &'a dyn Fn(&str, &str) -> bool,
    /// Whether all that is in the file of a path would have been found.
    pub has_seen: &'a dyn Fn(&str) -> bool,
}

/// Place of an error of the library, which counts bytes.
fn place(source: &Source, error: &serde_json::Error) -> Span {
    let line = source.line_span(u32::try_from(error.line()).unwrap_or(u32::MAX));
    let column = u32::try_from(error.column()).unwrap_or(u32::MAX);
    let start = line.start.saturating_add(column.saturating_sub(1)).min(line.end);
    Span::new(start, start + 1)
}

/// The first place of a text in quotes, as this program writes it.
fn place_of(source: &Source, text: &str) -> Span {
    let quoted = json!(text).to_string();
    source.text().find(&quoted).map_or_else(Span::default, |at| Span::new(at as u32, (at + quoted.len()) as u32))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::finding::Place;

    fn source(text: &str) -> Arc<Source> {
        Arc::new(Source::new("hullmark-baseline.json", text.as_bytes().to_vec()))
    }

    fn finding(path: &str, rule: &str, token: &str) -> Finding {
        let source = Arc::new(Source::new(path, token.as_bytes().to_vec()));
        let place = Place { span: Span::new(0, token.len() as u32), source };
        let mut finding = [Finding {
            rule: rule.into(),
            level: Level::Error,
            message: format!("`{token}` is bad"),
            place,
            object: None,
            stage: None,
            aliases: Vec::new(),
            related: Vec::new(),
            fixes: Vec::new(),
            fingerprint: String::new(),
        }];
        crate::fingerprint::assign(&mut finding);
        let [finding] = finding;
        finding
    }

    fn is_on(_path: &str, rule: &str) -> bool {
        rule == "a/one"
    }

    /// Messages of the notifications on what is gone.
    fn gone(baseline: &Baseline, findings: Vec<Finding>, seen: &[&str]) -> (Outcome, Vec<String>) {
        let mut outcome = Outcome { findings, ..Outcome::default() };
        baseline.apply(&mut outcome, &Reach { is_on: &is_on, has_seen: &|path| seen.contains(&path) });
        let told = outcome.notifications.iter().map(|notification| notification.message.clone()).collect();
        (outcome, told)
    }

    #[test]
    fn a_baseline_is_sorted_with_a_line_for_each_finding() {
        let findings = [finding("b", "a/one", "x"), finding("a", "a/two", "x"), finding("a", "a/one", "\"\n")];
        let text = Baseline::of(&findings).text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..3], ["{", "  \"version\": 1,", "  \"findings\": ["]);
        assert!(lines[3].starts_with(r#"    {"path": "a", "rule": "a/one", "fingerprint": ""#), "{text}");
        assert!(lines[3].ends_with(r#""message": "`\"\n` is bad"},"#), "{text}");
        assert!(lines[4].contains(r#""path": "a", "rule": "a/two""#) && lines[5].contains(r#""path": "b""#), "{text}");
        assert_eq!(Baseline::of(&[]).text(), "{\n  \"version\": 1,\n  \"findings\": []\n}\n");
        assert_eq!(Baseline::read(&source(&text), None).unwrap(), Baseline::of(&findings));
    }

    #[test]
    fn only_what_is_new_is_left() {
        let old = [finding("a", "a/one", "x"), finding("a", "a/one", "y")];
        let baseline = Baseline::of(&old);
        let (outcome, told) = gone(&baseline, vec![finding("a", "a/one", "y"), finding("a", "a/one", "z")], &["a"]);
        let messages =
            |findings: &[Finding]| findings.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>();
        assert_eq!(
            (messages(&outcome.findings), messages(&outcome.baselined)),
            (vec!["`z` is bad".into()], vec!["`y` is bad".into()])
        );
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with("the baseline accepts `a/one` in `a` (`x` is bad), which no longer occurs"),
            "{told:?}"
        );
    }

    #[test]
    fn only_what_a_run_would_have_found_is_gone() {
        let told =
            |rule: &str, seen: &[&str]| gone(&Baseline::of(&[finding("a", rule, "x")]), Vec::new(), seen).1.len();
        assert_eq!(told("a/one", &["a"]), 1);
        assert_eq!(told("a/one", &["b"]), 0, "the file was not checked");
        assert_eq!(told("a/two", &["a"]), 0, "the rule is off");
        let failure = Notification { level: Level::Error, path: None, plugin: None, message: String::new() };
        let mut outcome = Outcome { notifications: vec![failure], ..Outcome::default() };
        let baseline = Baseline::of(&[finding("a", "a/one", "x")]);
        let reach = Reach { is_on: &is_on, has_seen: &|_| true };
        baseline.apply(&mut outcome, &reach);
        assert_eq!(outcome.notifications.len(), 1, "the run is incomplete");
        assert_eq!(baseline.clone().shrunk(&outcome, &reach), baseline);
        assert_eq!(baseline.shrunk(&Outcome::default(), &reach), Baseline::default());
    }

    #[test]
    fn what_is_no_baseline_is_told_with_its_place() {
        let rules = HashSet::from(["a/one"]);
        let entry = |rule: &str| format!(r#"{{"path": "a", "rule": "{rule}", "fingerprint": "0", "message": ""}}"#);
        let text =
            |version: &str, rule: &str| format!("{{\n\"version\": {version}, \"findings\": [\n{}]}}", entry(rule));
        for (text, line, told) in [
            (String::new(), 1, "this is no baseline"),
            ("{\n\"version\": 1,\n\"findings\": [}".into(), 3, "this is no baseline: expected value"),
            ("[]".into(), 1, "this is no baseline"),
            ("{}".into(), 1, "it has no `version`"),
            ("{\"version\": 1}".into(), 1, "missing field `findings`"),
            (text("2", "a/one"), 2, "the baseline has version 2, and this hullmark knows 1"),
            (text("0", "a/one"), 2, "none that hullmark has ever written"),
            (text("\"1\"", "a/one"), 2, "none that hullmark has ever written"),
            (text("1", "a/three"), 3, "of other rules: there is no rule `a/three`"),
            (text("1", "a/one").replace("message", "line"), 3, "unknown field `line`"),
            ("[".repeat(100_000), 1, "this is no baseline"),
            ("{\"version\": 1, \"findings\": [\u{7f}]}".into(), 1, "this is no baseline"),
        ] {
            let source = source(&text);
            let error = Baseline::read(&source, Some(&rules)).unwrap_err();
            let place = error.place.as_ref().unwrap();
            let short = &text[..text.floor_char_boundary(80)];
            assert_eq!(
                (place.source.line(place.span.start), error.message.contains(told)),
                (line, true),
                "{short}: {error}"
            );
        }
        assert!(Baseline::read(&source(&text("1", "a/three")), None).is_ok(), "a plugin did not load");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\]{}\":, \na-z0-9é]{0,60}") {
            let _ = Baseline::read(&source(&text), None);
        }
    }
}
