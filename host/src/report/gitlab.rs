//! GitLab's code quality report: a list of issues, of which GitLab shows in a merge request those that are new.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Context, place};
use crate::finding::{Finding, Level, Outcome, Place};

pub(super) fn write(outcome: &Outcome, _: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    let issues: Vec<Value> = outcome.findings.iter().map(issue).collect();
    serde_json::to_writer_pretty(&mut *to, &issues)?;
    writeln!(to)
}

fn issue(finding: &Finding) -> Value {
    let Place { source, span } = &finding.place;
    let region = place::region(source, *span);
    json!({
        "type": "issue",
        "check_name": &*finding.rule,
        "description": finding.message,
        "fingerprint": finding.fingerprint,
        "severity": severity(finding.level),
        "location": {
            "path": source.path(),
            "lines": {"begin": region.start_line, "end": region.end_line},
        },
    })
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "critical",
        Level::Warning => "major",
        Level::Note => "info",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::Format;
    use super::super::samples::{full, hostile, outcome, written};
    use super::*;

    fn gitlab(outcome: &Outcome) -> Vec<Value> {
        serde_json::from_str(&written(Format::Gitlab, outcome, &Context::default())).unwrap()
    }

    #[test]
    fn an_issue_says_what_gitlab_shows() {
        let fingerprint = &full().findings[1].fingerprint;
        assert_eq!(
            gitlab(&full())[1],
            json!({
                "type": "issue",
                "check_name": "image/root",
                "description": "the image runs as `root`",
                "fingerprint": fingerprint,
                "severity": "critical",
                "location": {"path": "app/Dockerfile", "lines": {"begin": 4, "end": 4}},
            })
        );
        assert_eq!(written(Format::Gitlab, &outcome(Vec::new()), &Context::default()), "[]\n");
    }

    /// What GitLab asks for: its schema, and beyond it a severity that it knows and a path without `./`.
    #[test]
    fn every_issue_is_one_that_gitlab_takes() {
        for outcome in [full(), hostile()] {
            let issues = gitlab(&outcome);
            let prints: HashSet<_> = issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
            assert_eq!(prints.len(), outcome.findings.len(), "GitLab shows one issue for each fingerprint");
            for issue in issues {
                assert!(issue["description"].as_str().is_some_and(|text| !text.is_empty()));
                let severity = issue["severity"].as_str().unwrap();
                assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
                let path = issue["location"]["path"].as_str().unwrap();
                assert!(!path.starts_with("./") && !path.starts_with('/'));
                assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() > 0);
            }
        }
    }
}
