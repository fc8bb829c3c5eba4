//! JSON Lines: what the JSON report has, one object a line, for programs that read as they go.

use std::io::{self, Write};

use serde::Serialize;

use super::Context;
use super::json::{JsonApplied, JsonFinding, JsonNotification, JsonReport, JsonSummary, JsonSuppressed, report};
use crate::finding::Outcome;

/// A line; `type` says what it is.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Line<'a> {
    /// The first.
    Report {
        version: &'static str,
    },
    Finding(JsonFinding<'a>),
    Suppressed(JsonSuppressed<'a>),
    Fixed(JsonApplied<'a>),
    Baselined(JsonFinding<'a>),
    Notification(JsonNotification<'a>),
    /// The last: where it is missing, so is something else.
    Summary(JsonSummary<'a>),
}

pub(super) fn write(outcome: &Outcome, _: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    let JsonReport { version, findings, suppressed, fixed, baselined, notifications, summary } = report(outcome);
    let lines = std::iter::once(Line::Report { version })
        .chain(findings.into_iter().map(Line::Finding))
        .chain(suppressed.into_iter().map(Line::Suppressed))
        .chain(fixed.into_iter().map(Line::Fixed))
        .chain(baselined.into_iter().map(Line::Baselined))
        .chain(notifications.into_iter().map(Line::Notification))
        .chain([Line::Summary(summary)]);
    for line in lines {
        serde_json::to_writer(&mut *to, &line)?;
        writeln!(to)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Format;
    use super::super::samples::{full, hostile, written};
    use super::*;

    fn lines(outcome: &Outcome) -> Vec<Value> {
        let text = written(Format::Jsonl, outcome, &Context::default());
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn lines_hold_what_the_json_report_holds() {
        let lines = lines(&full());
        let types: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
        let want = ["report", "finding", "finding", "finding", "notification", "notification", "summary"];
        assert_eq!(types, want);
        assert_eq!(lines[0], json!({"type": "report", "version": "1"}));
        let whole: Value = serde_json::from_str(&written(Format::Json, &full(), &Context::default())).unwrap();
        for (line, member) in [(1, &whole["findings"][0]), (4, &whole["notifications"][0]), (6, &whole["summary"])] {
            let mut line = lines[line].clone();
            line.as_object_mut().unwrap().remove("type");
            assert_eq!(line, *member);
        }
    }

    #[test]
    fn nothing_in_a_text_breaks_a_line() {
        assert_eq!(lines(&hostile()).len(), 4);
    }
}
