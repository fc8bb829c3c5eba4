//! Our own JSON. It may gain members inside a version; nothing is renamed, removed or given another meaning.

use std::io::{self, Write};

use serde::Serialize;

use super::{Context, place};
use crate::document::{Region, Span};
use crate::finding::{Edit, Finding, Fix, Level, ObjectName, Outcome, Related, Suppressed};

/// Version of the format.
const VERSION: &str = "1";

pub(super) fn write(outcome: &Outcome, _: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, &report(outcome))?;
    writeln!(to)
}

#[derive(Serialize)]
pub(super) struct JsonReport<'a> {
    pub(super) version: &'static str,
    pub(super) findings: Vec<JsonFinding<'a>>,
    pub(super) suppressed: Vec<JsonSuppressed<'a>>,
    /// What was mended, or would be.
    pub(super) fixed: Vec<JsonApplied<'a>>,
    /// Findings that a baseline accepts.
    pub(super) baselined: Vec<JsonFinding<'a>>,
    pub(super) notifications: Vec<JsonNotification<'a>>,
    pub(super) summary: JsonSummary<'a>,
}

#[derive(Serialize)]
pub(super) struct JsonFinding<'a> {
    rule: &'a str,
    aliases: &'a [String],
    level: &'static str,
    message: &'a str,
    path: &'a str,
    /// Bytes.
    span: JsonSpan,
    region: JsonRegion,
    object: Option<JsonObject<'a>>,
    stage: Option<&'a str>,
    related: Vec<JsonRelated<'a>>,
    fixes: Vec<JsonFix<'a>>,
    fingerprint: &'a str,
}

/// A fix that was applied, at the line of the finding as it was then.
#[derive(Serialize)]
pub(super) struct JsonApplied<'a> {
    rule: &'a str,
    path: &'a str,
    line: u32,
    title: &'a str,
    /// False where files were left as they are.
    written: bool,
}

/// A finding with the comment that keeps it from being reported.
#[derive(Serialize)]
pub(super) struct JsonSuppressed<'a> {
    #[serde(flatten)]
    finding: JsonFinding<'a>,
    suppression: JsonSuppression<'a>,
}

/// A comment in the finding's file.
#[derive(Serialize)]
struct JsonSuppression<'a> {
    span: JsonSpan,
    region: JsonRegion,
    /// Whose form it has.
    tool: &'a str,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonSpan {
    start: u32,
    end: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonRegion {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonObject<'a> {
    api_version: Option<&'a str>,
    kind: Option<&'a str>,
    namespace: Option<&'a str>,
    name: Option<&'a str>,
    container: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    path: &'a str,
    span: JsonSpan,
    region: JsonRegion,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    applicability: &'static str,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    path: &'a str,
    span: JsonSpan,
    text: &'a str,
}

#[derive(Serialize)]
pub(super) struct JsonNotification<'a> {
    level: &'static str,
    path: Option<&'a str>,
    plugin: Option<&'a str>,
    message: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsonSummary<'a> {
    errors: usize,
    warnings: usize,
    notes: usize,
    suppressed: usize,
    baselined: usize,
    /// Findings that were left out, because no line of theirs changed.
    unchanged: usize,
    /// Whether everything could be checked.
    complete: bool,
    files: usize,
    dockerfiles: usize,
    manifest_files: usize,
    manifests: usize,
    /// Paths of the templates that were passed over.
    templates_passed_over: &'a [String],
}

pub(super) fn report(outcome: &Outcome) -> JsonReport<'_> {
    let count = |level| outcome.findings.iter().filter(|finding| finding.level == level).count();
    let counts = outcome.counts;
    JsonReport {
        version: VERSION,
        findings: outcome.findings.iter().map(finding).collect(),
        suppressed: outcome.suppressed.iter().map(suppressed).collect(),
        fixed: outcome
            .fixes
            .applied
            .iter()
            .map(|applied| JsonApplied {
                rule: &applied.rule,
                path: &applied.path,
                line: applied.line,
                title: &applied.title,
                written: !outcome.fixes.dry,
            })
            .collect(),
        baselined: outcome.baselined.iter().map(finding).collect(),
        notifications: outcome
            .notifications
            .iter()
            .map(|notification| JsonNotification {
                level: notification.level.as_str(),
                path: notification.path.as_deref(),
                plugin: notification.plugin.as_deref(),
                message: &notification.message,
            })
            .collect(),
        summary: JsonSummary {
            errors: count(Level::Error),
            warnings: count(Level::Warning),
            notes: count(Level::Note),
            suppressed: outcome.suppressed.len(),
            baselined: outcome.baselined.len(),
            unchanged: outcome.unchanged,
            complete: !outcome.incomplete(),
            files: counts.dockerfiles + counts.manifest_files,
            dockerfiles: counts.dockerfiles,
            manifest_files: counts.manifest_files,
            manifests: counts.manifests,
            templates_passed_over: &outcome.templates,
        },
    }
}

fn finding(finding: &Finding) -> JsonFinding<'_> {
    let place = &finding.place;
    JsonFinding {
        rule: &finding.rule,
        aliases: &finding.aliases,
        level: finding.level.as_str(),
        message: &finding.message,
        path: place.source.path(),
        span: place.span.into(),
        region: place::region(&place.source, place.span).into(),
        object: finding.object.as_ref().map(object),
        stage: finding.stage.as_deref(),
        related: finding.related.iter().map(related).collect(),
        fixes: finding.fixes.iter().map(fix).collect(),
        fingerprint: &finding.fingerprint,
    }
}

fn suppressed(suppressed: &Suppressed) -> JsonSuppressed<'_> {
    let source = &suppressed.finding.place.source;
    JsonSuppressed {
        finding: finding(&suppressed.finding),
        suppression: JsonSuppression {
            span: suppressed.comment.into(),
            region: place::region(source, suppressed.comment).into(),
            tool: suppressed.tool,
            reason: suppressed.reason.as_deref(),
        },
    }
}

fn object(object: &ObjectName) -> JsonObject<'_> {
    JsonObject {
        api_version: object.api_version.as_deref(),
        kind: object.kind.as_deref(),
        namespace: object.namespace.as_deref(),
        name: object.name.as_deref(),
        container: object.container.as_deref(),
    }
}

fn related(related: &Related) -> JsonRelated<'_> {
    let place = &related.place;
    JsonRelated {
        path: place.source.path(),
        span: place.span.into(),
        region: place::region(&place.source, place.span).into(),
        message: &related.message,
    }
}

fn fix(fix: &Fix) -> JsonFix<'_> {
    let applicability = if fix.safe { "safe" } else { "unsafe" };
    JsonFix { title: &fix.title, applicability, edits: fix.edits.iter().map(edit).collect() }
}

fn edit(edit: &Edit) -> JsonEdit<'_> {
    JsonEdit { path: edit.place.source.path(), span: edit.place.span.into(), text: &edit.text }
}

impl From<Span> for JsonSpan {
    fn from(span: Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}

impl From<Region> for JsonRegion {
    fn from(region: Region) -> Self {
        let Region { start_line, start_column, end_line, end_column } = region;
        Self { start_line, start_column, end_line, end_column }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Format;
    use super::super::samples::{full, outcome, written};
    use super::*;

    #[test]
    fn a_clean_run_is_short() {
        let want = r#"{
  "version": "1",
  "findings": [],
  "suppressed": [],
  "fixed": [],
  "baselined": [],
  "notifications": [],
  "summary": {
    "errors": 0,
    "warnings": 0,
    "notes": 0,
    "suppressed": 0,
    "baselined": 0,
    "unchanged": 0,
    "complete": true,
    "files": 2,
    "dockerfiles": 1,
    "manifestFiles": 1,
    "manifests": 2,
    "templatesPassedOver": []
  }
}
"#;
        assert_eq!(written(Format::Json, &outcome(Vec::new()), &Context::default()), want);
    }

    #[test]
    fn a_whole_report() {
        let report: Value = serde_json::from_str(&written(Format::Json, &full(), &Context::default())).unwrap();
        let fingerprint = &full().findings[0].fingerprint;
        assert_eq!(
            report["findings"][0],
            json!({
                "rule": "image/latest-tag",
                "aliases": ["DL3006"],
                "level": "warning",
                "message": "`nginx` has no tag, so `CMD [\"a\"]` may change",
                "path": "app/Dockerfile",
                "span": {"start": 5, "end": 10},
                "region": {"startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 11},
                "object": null,
                "stage": "0",
                "related": [
                    {
                        "path": "app/Dockerfile",
                        "span": {"start": 67, "end": 70},
                        "region": {"startLine": 5, "startColumn": 1, "endLine": 5, "endColumn": 4},
                        "message": "the [command](x) \\ here",
                    },
                    {
                        "path": "deploy/web app.yaml",
                        "span": {"start": 142, "end": 147},
                        "region": {"startLine": 10, "startColumn": 18, "endLine": 10, "endColumn": 23},
                        "message": "used here, too",
                    },
                ],
                "fixes": [{
                    "title": "pin the tag",
                    "applicability": "unsafe",
                    "edits": [{"path": "app/Dockerfile", "span": {"start": 10, "end": 10}, "text": ":1.27"}],
                }],
                "fingerprint": fingerprint,
            })
        );
        assert_eq!(
            report["findings"][2]["object"],
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "namespace": null, "name": "web", "container": "web"})
        );
        assert_eq!(
            report["notifications"][0],
            json!({"level": "error", "path": "a b.yaml", "plugin": null, "message": "cannot be read: check its permissions"})
        );
        assert_eq!(report["summary"]["complete"], false);
    }
}
