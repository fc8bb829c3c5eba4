//! Reviewdog's diagnostic format: findings as comments on a pull request, fixes as suggestions that a click applies.
//! Columns count bytes.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Context, place, uri};
use crate::document::{Source, Span};
use crate::finding::{Edit, Finding, Fix, Level, Outcome, Place, Related, Rule};

pub(super) fn write(outcome: &Outcome, _: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    let pages = pages(outcome);
    let diagnostics: Vec<Value> = outcome.findings.iter().map(|finding| diagnostic(finding, &pages)).collect();
    let source = json!({"name": "hullmark", "url": env!("CARGO_PKG_HOMEPAGE")});
    serde_json::to_writer_pretty(&mut *to, &json!({"source": source, "diagnostics": diagnostics}))?;
    writeln!(to)
}

/// Where more is written about each rule.
fn pages(outcome: &Outcome) -> HashMap<&str, &str> {
    let rules = outcome.plugins.iter().flat_map(|plugin| &plugin.rules);
    let page = |rule: &'_ Rule| rule.references.iter().position(|reference| uri::is_web_address(reference));
    rules.filter_map(|rule| Some((rule.id.as_str(), &*rule.references[page(rule)?]))).collect()
}

fn diagnostic(finding: &Finding, pages: &HashMap<&str, &str>) -> Value {
    let Place { source, span } = &finding.place;
    let mut code = json!({"value": &*finding.rule});
    if let Some(page) = pages.get(&*finding.rule) {
        code["url"] = json!(page);
    }
    let mut diagnostic = json!({
        "message": finding.message,
        "location": location(&finding.place),
        "severity": severity(finding.level),
        "code": code,
    });
    let suggestions: Vec<Value> = finding.fixes.iter().filter_map(|fix| suggestion(fix, source, *span)).collect();
    if !suggestions.is_empty() {
        diagnostic["suggestions"] = json!(suggestions);
    }
    if !finding.related.is_empty() {
        diagnostic["related_locations"] = finding.related.iter().map(related).collect();
    }
    diagnostic
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "ERROR",
        Level::Warning => "WARNING",
        Level::Note => "INFO",
    }
}

fn location(place: &Place) -> Value {
    let visible = place::visible(&place.source, place.span);
    json!({"path": place.source.path(), "range": range(&place.source, visible)})
}

fn related(related: &Related) -> Value {
    json!({"message": related.message, "location": location(&related.place)})
}

fn range(source: &Source, span: Span) -> Value {
    json!({"start": position(source, span.start), "end": position(source, span.end)})
}

fn position(source: &Source, offset: u32) -> Value {
    let line = source.line(offset);
    json!({"line": line, "column": offset - source.line_span(line).start + 1})
}

/// A fix as one replacement, since each suggestion is applied on its own: from the first edit to the last, with the text
/// between them. Nothing where it changes another file, which a suggestion cannot, or where that text is no UTF-8.
fn suggestion(fix: &Fix, source: &Source, at: Span) -> Option<Value> {
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| (edit.place.span.start, edit.place.span.end));
    let here = |edit: &&Edit| edit.place.source.path() == source.path();
    if !edits.iter().all(here) || source.bytes() != source.text().as_bytes() {
        return None;
    }
    let start = edits.first()?.place.span.start;
    let mut end = start;
    let mut text = String::new();
    for edit in edits {
        let span = edit.place.span;
        text += source.slice(Span::new(end.min(span.start), span.start));
        text += &edit.text;
        end = span.end.max(end);
    }
    let replaced = Span::new(start, end);
    // A suggestion is shown at its own lines; far from the finding it would explain nothing.
    let near = source.line(start) <= source.line(at.end) && source.line(at.start) <= source.line(end);
    near.then(|| json!({"range": range(source, replaced), "text": text}))
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::samples::{finding, full, hostile, outcome, place_of, source, written};
    use super::*;

    fn rdjson(outcome: &Outcome) -> Value {
        serde_json::from_str(&written(Format::Rdjson, outcome, &Context::default())).unwrap()
    }

    #[test]
    fn a_whole_diagnostic() {
        let report = rdjson(&full());
        assert_eq!(report["source"]["name"], "hullmark");
        let range = |line: u32, start: u32, end: u32| json!({"start": {"line": line, "column": start}, "end": {"line": line, "column": end}});
        assert_eq!(
            report["diagnostics"][0],
            json!({
                "message": "`nginx` has no tag, so `CMD [\"a\"]` may change",
                "location": {"path": "app/Dockerfile", "range": range(1, 6, 11)},
                "severity": "WARNING",
                "code": {"value": "image/latest-tag"},
                "suggestions": [{"range": range(1, 11, 11), "text": ":1.27"}],
                "related_locations": [
                    {
                        "message": "the [command](x) \\ here",
                        "location": {"path": "app/Dockerfile", "range": range(5, 1, 4)},
                    },
                    {
                        "message": "used here, too",
                        "location": {"path": "deploy/web app.yaml", "range": range(10, 18, 23)},
                    },
                ],
            })
        );
        let url = "https://docs.docker.com/reference/dockerfile/#user";
        assert_eq!(report["diagnostics"][1]["code"], json!({"value": "image/root", "url": url}));
        assert_eq!(report["diagnostics"][1]["suggestions"][0]["text"], "");
        assert_eq!(report["diagnostics"][2].get("suggestions"), None);
        assert_eq!(rdjson(&hostile())["diagnostics"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn columns_count_bytes() {
        let place = place_of(&source("x", "a: é\u{1f433} root\n".as_bytes()), "root", 0);
        let report = rdjson(&outcome(vec![finding("a/b", place, "x")]));
        let range = &report["diagnostics"][0]["location"]["range"];
        assert_eq!(*range, json!({"start": {"line": 1, "column": 11}, "end": {"line": 1, "column": 15}}));
    }

    #[test]
    fn a_fix_of_several_edits_is_one_suggestion_and_one_of_another_file_is_none() {
        let file = source("x", b"FROM a as b\nRUN c\n");
        let edit = |token, text: &str| Edit { place: place_of(&file, token, 0), text: text.into() };
        let mut found = finding("a/b", place_of(&file, "FROM a as b", 0), "x");
        let elsewhere = Edit { place: place_of(&source("y", b"z"), "z", 0), text: String::new() };
        let fix = |edits| Fix { title: "mend it".into(), safe: true, edits };
        found.fixes = vec![
            fix(vec![edit("b", "B"), edit("as", "AS")]),
            fix(vec![edit("b", "B"), elsewhere]),
            fix(Vec::new()),
            fix(vec![edit("c", "d")]),
        ];
        let suggestions = rdjson(&outcome(vec![found]))["diagnostics"][0]["suggestions"].take();
        let range = json!({"start": {"line": 1, "column": 8}, "end": {"line": 1, "column": 12}});
        assert_eq!(suggestions, json!([{"range": range, "text": "AS B"}]));
    }
}
