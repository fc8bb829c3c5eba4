//! JUnit's XML: a suite for each file with a failed test for each finding, and a suite for the run itself, so that a run
//! without findings is no empty report.

use std::io::{self, Write};

use super::concise::{line, notification_line, notification_text};
use super::markup::Escaped;
use super::tally::by_file;
use super::{Context, place};
use crate::finding::{Finding, Level, Notification, Outcome, Place};

pub(super) fn write(outcome: &Outcome, _: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    let failures = outcome.findings.len();
    let errors: Vec<_> = outcome.notifications.iter().filter(|told| told.level == Level::Error).collect();
    let tests = failures + errors.len().max(1);
    writeln!(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(to, "<testsuites name=\"hullmark\" {}>", numbers(tests, failures, errors.len()))?;
    for (path, findings) in by_file(&outcome.findings) {
        writeln!(to, "  <testsuite name=\"{}\" {}>", Escaped(path), numbers(findings.len(), findings.len(), 0))?;
        for finding in findings {
            failure(finding, to)?;
        }
        writeln!(to, "  </testsuite>")?;
    }
    run(&errors, outcome, to)?;
    writeln!(to, "</testsuites>")
}

fn numbers(tests: usize, failures: usize, errors: usize) -> String {
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"")
}

fn failure(finding: &Finding, to: &mut dyn Write) -> io::Result<()> {
    let Place { source, span } = &finding.place;
    let region = place::region(source, *span);
    let (path, rule, message) = (Escaped(source.path()), Escaped(&finding.rule), Escaped(&finding.message));
    let (row, column) = (region.start_line, region.start_column);
    writeln!(
        to,
        "    <testcase classname=\"{path}\" name=\"{rule} at {row}:{column}\" file=\"{path}\" line=\"{row}\">"
    )?;
    let (level, text) = (finding.level.as_str(), line(finding));
    writeln!(to, "      <failure type=\"{level}\" message=\"{message}\">{}</failure>", Escaped(&text))?;
    writeln!(to, "    </testcase>")
}

/// The suite of the run: what could not be checked, and what else there is to say.
fn run(errors: &[&Notification], outcome: &Outcome, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "  <testsuite name=\"hullmark\" {}>", numbers(errors.len().max(1), 0, errors.len()))?;
    for error in errors {
        let what = error.path.as_deref().or(error.plugin.as_deref()).unwrap_or("run");
        writeln!(to, "    <testcase classname=\"hullmark\" name=\"{}\">", Escaped(what))?;
        writeln!(to, "      <error type=\"incomplete\" message=\"{}\"/>", Escaped(&notification_text(error)))?;
        writeln!(to, "    </testcase>")?;
    }
    if errors.is_empty() {
        writeln!(to, "    <testcase classname=\"hullmark\" name=\"everything was checked\"/>")?;
    }
    let others = outcome.notifications.iter().filter(|told| told.level != Level::Error);
    let lines: Vec<String> = others.map(notification_line).collect();
    if !lines.is_empty() {
        writeln!(to, "    <system-out>{}</system-out>", Escaped(&lines.join("\n")))?;
    }
    writeln!(to, "  </testsuite>")
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::samples::{full, hostile, outcome, written};
    use super::*;

    fn junit(outcome: &Outcome) -> String {
        written(Format::Junit, outcome, &Context::default())
    }

    #[test]
    fn findings_are_failures_and_what_could_not_be_checked_is_an_error() {
        let want = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="hullmark" tests="4" failures="3" errors="1">
  <testsuite name="app/Dockerfile" tests="2" failures="2" errors="0">
    <testcase classname="app/Dockerfile" name="image/latest-tag at 1:6" file="app/Dockerfile" line="1">
      <failure type="warning" message="`nginx` has no tag, so `CMD [&quot;a&quot;]` may change">app/Dockerfile:1:6: warning image/latest-tag `nginx` has no tag, so `CMD [&quot;a&quot;]` may change</failure>
    </testcase>
    <testcase classname="app/Dockerfile" name="image/root at 4:6" file="app/Dockerfile" line="4">
      <failure type="error" message="the image runs as `root`">app/Dockerfile:4:6: error image/root the image runs as `root`</failure>
    </testcase>
  </testsuite>
  <testsuite name="deploy/web app.yaml" tests="1" failures="1" errors="0">
    <testcase classname="deploy/web app.yaml" name="image/latest-tag at 10:18" file="deploy/web app.yaml" line="10">
      <failure type="note" message="`nginx` has no tag">deploy/web app.yaml:10:18: note image/latest-tag `nginx` has no tag</failure>
    </testcase>
  </testsuite>
  <testsuite name="hullmark" tests="1" failures="0" errors="1">
    <testcase classname="hullmark" name="a b.yaml">
      <error type="incomplete" message="cannot be read: check its permissions"/>
    </testcase>
    <system-out>hullmark: warning plugin `image`: took long: raise its fuel</system-out>
  </testsuite>
</testsuites>
"#;
        assert_eq!(junit(&full()), want);
    }

    #[test]
    fn a_clean_run_is_one_test_that_passes() {
        let text = junit(&outcome(Vec::new()));
        assert!(text.contains("<testsuites name=\"hullmark\" tests=\"1\" failures=\"0\" errors=\"0\">"), "{text}");
        assert!(text.contains("name=\"everything was checked\"/>"), "{text}");
    }

    #[test]
    fn no_text_is_markup() {
        let text = junit(&hostile());
        assert!(!text.contains("]]>") && !text.contains("<script>") && !text.contains('\u{1b}'), "{text}");
        assert_eq!(text.matches('<').count(), 14, "{text}");
    }
}
