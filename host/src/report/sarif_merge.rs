//! The SARIF files of runs that shared a tree as one: what a single run over the whole would have written.

use std::cmp::Reverse;
use std::collections::HashSet;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    Invocation, Location, Notification as SarifNotification, PhysicalLocation, Result as SarifResult, ResultLevel, Run,
    Sarif,
};

use super::left_out::LeftOut;
use super::sarif::{Scores, Weight, log, notification, to_bytes, weightiest};
use super::uri;
use crate::finding::Level;

/// A SARIF file that cannot be joined with the others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{file}` {fault}")]
pub struct MergeError {
    /// Its name.
    pub file: String,
    /// What is wrong with it.
    pub fault: String,
}

/// Several runs as one.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The SARIF file.
    pub bytes: Vec<u8>,
    /// Whether all of them were complete.
    pub complete: bool,
}

/// Joins SARIF files of this program, given with their names. Of no file at all nothing comes.
///
/// # Errors
/// For the first file that is no SARIF, no report of this program, or of another version, other plugins or another category
/// than the first.
pub fn merge(files: &[(String, Vec<u8>)]) -> Result<Option<Merged>, MergeError> {
    let mut runs: Vec<Run> = Vec::with_capacity(files.len());
    for (file, bytes) in files {
        let error = |fault: String| MergeError { file: file.clone(), fault };
        let run = read(bytes).map_err(error)?;
        if let Some(first) = runs.first() {
            let other = |what: &str| error(format!("is of {what} than `{}`", files[0].0));
            if run.tool != first.tool {
                return Err(other("another version or other plugins"));
            }
            if run.automation_details != first.automation_details {
                return Err(other("another category"));
            }
        }
        // The same file once more adds nothing.
        if !runs.contains(&run) {
            runs.push(run);
        }
    }
    let Some(first) = runs.first().cloned() else { return Ok(None) };

    let mut results = Vec::new();
    let mut notifications = Vec::new();
    let mut left_out = LeftOut::default();
    for run in runs {
        results.extend(run.results.into_iter().flatten());
        let invocations = run.invocations.into_iter().flatten();
        for told in invocations.flat_map(|made| made.tool_execution_notifications.into_iter().flatten()) {
            match told.message.text.as_deref().and_then(LeftOut::told) {
                Some(part) => left_out += part,
                None => notifications.push(told),
            }
        }
    }
    // The results of a file come from one run, in their order; those that are reported come first.
    results.sort_by_cached_key(|result| (set_aside(result), path_of(result.locations.as_deref())));
    let mut seen = HashSet::new();
    results.retain(|result| seen.insert(identity(result)));
    let scores = Scores::of_tool(&first.tool);
    let (results, more) = weightiest(results, |result| Weight {
        is_reported: set_aside(result) == 0,
        level: level(result),
        score: scores.of_rule(result.rule_id.as_deref().unwrap_or_default()),
    });
    left_out += more;
    notifications.extend(left_out.notification().as_ref().map(notification));
    notifications.sort_by_cached_key(order);
    notifications.dedup();

    let complete = !notifications.iter().any(|told| told.level == Some(json!("error")));
    let invocation =
        Invocation::builder().execution_successful(complete).tool_execution_notifications(notifications).build();
    let run = Run { results: Some(results), invocations: Some(vec![invocation]), ..first };
    let bytes =
        to_bytes(&log(run)).map_err(|error| MergeError { file: files[0].0.clone(), fault: error.to_string() })?;
    Ok(Some(Merged { bytes, complete }))
}

/// The one run of a report of this program.
fn read(bytes: &[u8]) -> Result<Run, String> {
    let log: Sarif = serde_json::from_slice(bytes).map_err(|error| format!("is no SARIF: {error}"))?;
    let [run] = <[Run; 1]>::try_from(log.runs).map_err(|runs| format!("has {} runs and not one", runs.len()))?;
    if run.tool.driver.name != "hullmark" || run.results.is_none() {
        return Err("is no report of hullmark".to_owned());
    }
    Ok(run)
}

fn place(locations: Option<&[Location]>) -> Option<&PhysicalLocation> {
    locations?.first()?.physical_location.as_ref()
}

/// The path of the first place, by whose bytes results and notifications are sorted.
fn path_of(locations: Option<&[Location]>) -> Option<Vec<u8>> {
    Some(uri::to_path(place(locations)?.artifact_location.as_ref()?.uri.as_deref()?))
}

/// Whether a result is reported, or set aside in its file, or elsewhere.
fn set_aside(result: &SarifResult) -> u8 {
    match result.suppressions.as_deref().and_then(<[_]>::first) {
        None => 0,
        Some(suppression) if suppression.kind == json!("inSource") => 1,
        Some(_) => 2,
    }
}

/// What tells results apart in code scanning.
fn identity(result: &SarifResult) -> (Option<String>, Option<Vec<u8>>, Option<i64>, Option<i64>) {
    let locations = result.locations.as_deref();
    let region = place(locations).and_then(|place| place.region.as_ref());
    let (line, column) = (region.and_then(|region| region.start_line), region.and_then(|region| region.start_column));
    (result.rule_id.clone(), path_of(locations), line, column)
}

fn level(result: &SarifResult) -> Level {
    match result.level {
        Some(ResultLevel::Error) => Level::Error,
        Some(ResultLevel::Note | ResultLevel::None) => Level::Note,
        _ => Level::Warning,
    }
}

/// The order that notifications have in an outcome.
fn order(told: &SarifNotification) -> (Reverse<Level>, Option<Vec<u8>>, Option<String>, Option<String>) {
    let level = told.level.as_ref().and_then(Value::as_str).unwrap_or_default();
    let properties = told.properties.as_ref().map(|properties| &properties.additional_properties);
    let plugin = properties.and_then(|properties| properties.get("plugin")?.as_str().map(str::to_owned));
    (Reverse(Level::from_interface(level)), path_of(told.locations.as_deref()), plugin, told.message.text.clone())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{finding, full, outcome, place_of, plugin, rule, source, written};
    use super::super::sarif::left_out;
    use super::super::{Context, Format};
    use super::*;
    use crate::finding::{Finding, Outcome};

    fn file(name: &str, outcome: &Outcome) -> (String, Vec<u8>) {
        (name.to_owned(), written(Format::Sarif, outcome, &Context::default()).into_bytes())
    }

    fn merged(files: &[(String, Vec<u8>)]) -> Merged {
        merge(files).unwrap().unwrap()
    }

    /// The outcome cut up by files.
    fn parts(outcome: &Outcome) -> [Outcome; 2] {
        [true, false].map(|first| {
            let mut part = outcome.clone();
            part.findings.retain(|finding| (finding.place.source.path() == "app/Dockerfile") == first);
            part.notifications.retain(|told| told.path.is_none() || !first);
            part
        })
    }

    #[test]
    fn parts_come_to_what_the_whole_is_in_any_order() {
        let [one, other] = parts(&full());
        let whole = file("whole", &full()).1;
        for parts in [[&one, &other], [&other, &one]] {
            let merged = merged(&parts.map(|part| file("part", part)));
            assert_eq!(String::from_utf8_lossy(&merged.bytes), String::from_utf8_lossy(&whole));
            assert!(!merged.complete);
        }
        let again = merged(&[file("a", &full()), file("b", &full())]);
        assert_eq!(again.bytes, whole, "nothing stands twice");
    }

    #[test]
    fn what_is_no_report_of_the_same_run_is_refused() {
        let good = || file("a.sarif", &outcome(Vec::new()));
        let mut other = outcome(Vec::new());
        other.plugins.push(plugin("more", vec![rule("more/rule")]).into());
        let category = Context { sarif_category: Some("b"), ..Context::default() };
        let category = written(Format::Sarif, &outcome(Vec::new()), &category).into_bytes();
        let text = String::from_utf8(good().1).unwrap();
        for (bytes, fault) in [
            (b"".to_vec(), "`b` is no SARIF: EOF while parsing a value at line 1 column 0"),
            (text.as_bytes()[..200].to_vec(), "`b` is no SARIF: EOF while parsing"),
            (b"\xff\xfe{}".to_vec(), "`b` is no SARIF: expected value"),
            (b"{\"version\": \"2.1.0\", \"runs\": []}".to_vec(), "`b` has 0 runs and not one"),
            (
                text.replacen("\"name\":\"hullmark\"", "\"name\":\"other\"", 1).into_bytes(),
                "`b` is no report of hullmark",
            ),
            (file("b", &other).1, "`b` is of another version or other plugins than `a.sarif`"),
            (category, "`b` is of another category than `a.sarif`"),
        ] {
            let error = merge(&[good(), ("b".to_owned(), bytes)]).unwrap_err();
            assert!(error.to_string().starts_with(fault), "{error}");
        }
        assert!(merge(&[]).unwrap().is_none());
    }

    #[test]
    fn the_whole_keeps_to_what_github_takes_though_parts_had_no_room_for_all() {
        let findings = |path: &str, count: usize| -> Vec<Finding> {
            let file = source(path, "x\n".repeat(count).as_bytes());
            let at = |line| finding("image/root", place_of(&file, "x", line), "m");
            (0..count).map(|line| Finding { level: [Level::Error, Level::Note][line % 2], ..at(line) }).collect()
        };
        let with_remark = |findings| {
            let mut outcome = outcome(findings);
            outcome.notifications.extend(left_out(&outcome, false));
            outcome
        };
        let (one, other) = (findings("a", 6000), findings("b", 3000));
        let whole = with_remark([one.clone(), other.clone()].concat());
        let merged = merged(&[file("a", &with_remark(one)), file("b", &with_remark(other))]);
        assert!(merged.bytes == file("whole", &whole).1);
        let run: Value = serde_json::from_slice(&merged.bytes).unwrap();
        let run = &run["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), 5000);
        let told = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        assert!(
            told.len() == 1 && told[0]["message"]["text"].as_str().unwrap().ends_with("left out are 4000 notes"),
            "{told:?}"
        );
        assert!(merged.complete);
    }
}
