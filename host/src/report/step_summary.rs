//! Markdown for the summary of a CI step: what was found by rule and by file, and the weightiest findings.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::excerpt::clean;
use super::markup::prose;
use super::tally::{Tally, counted, tallies};
use super::{Context, place};
use crate::finding::{Finding, Outcome, Place};

/// Rows of a table: GitHub takes one mebibyte.
const ROWS: usize = 100;

pub(super) fn write(outcome: &Outcome, _: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    let files = counted(outcome.counts.dockerfiles + outcome.counts.manifest_files, "file");
    writeln!(to, "## hullmark: {} in {files}", Tally::of(&outcome.findings))?;
    if outcome.incomplete() {
        writeln!(to, "\n**The run is incomplete:** something could not be checked.")?;
    }
    if !outcome.notifications.is_empty() {
        writeln!(to)?;
    }
    for notification in outcome.notifications.iter().take(ROWS) {
        let what = notification.path.as_deref().or(notification.plugin.as_deref()).unwrap_or("hullmark");
        writeln!(to, "- {}: {}: {}", notification.level.as_str(), code(what), text(&notification.message))?;
    }
    if outcome.findings.is_empty() {
        return Ok(());
    }
    writeln!(to, "\n| rule | findings | what it flags |\n|---|---|---|")?;
    let rules = tallies(&outcome.findings, |finding| &finding.rule);
    rows(to, &rules, "rule", |&(id, tally)| {
        let summary = outcome.rule(id).map_or("", |rule| &*rule.summary);
        format!("| {} | {tally} | {} |", code(id), text(summary))
    })?;
    writeln!(to, "\n| file | findings |\n|---|---|")?;
    let files = tallies(&outcome.findings, |finding| finding.place.source.path());
    rows(to, &files, "file", |(path, tally)| format!("| {} | {tally} |", code(path)))?;
    let mut findings: Vec<&Finding> = outcome.findings.iter().collect();
    findings.sort_by_key(|finding| Reverse(finding.level));
    writeln!(to, "\n<details><summary>Findings</summary>\n\n| place | level | finding |\n|---|---|---|")?;
    rows(to, &findings, "finding", |finding| {
        let Place { source, span } = &finding.place;
        let region = place::region(source, *span);
        let place = format!("{}:{}:{}", source.path(), region.start_line, region.start_column);
        let (level, message, rule) = (finding.level.as_str(), text(&finding.message), code(&finding.rule));
        format!("| {} | {level} | {message} ({rule}) |", code(&place))
    })?;
    writeln!(to, "\n</details>")
}

/// The first rows, and how many more there would be.
fn rows<T>(to: &mut dyn Write, items: &[T], noun: &str, row: impl Fn(&T) -> String) -> io::Result<()> {
    for item in items.iter().take(ROWS) {
        writeln!(to, "{}", row(item))?;
    }
    if items.len() > ROWS {
        writeln!(to, "\n…and {}.", counted(items.len() - ROWS, &format!("more {noun}")))?;
    }
    Ok(())
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

fn text(text: &str) -> String {
    prose(text, escaped)
}

/// Text that neither Markdown nor HTML takes for anything else, on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in clean(text).chars() {
        if "&<>|`*_[]\\~!#@$".contains(character) {
            escaped += &format!("&#{};", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::samples::{finding, full, hostile, outcome, place_of, source, written};
    use super::*;

    fn markdown(outcome: &Outcome) -> String {
        written(Format::Markdown, outcome, &Context::default())
    }

    #[test]
    fn tables_by_rule_and_by_file_come_before_the_findings() {
        let want = "## hullmark: 1 error, 1 warning, 1 note in 2 files

**The run is incomplete:** something could not be checked.

- error: <code>a b.yaml</code>: cannot be read: check its permissions
- warning: <code>image</code>: took long: raise its fuel

| rule | findings | what it flags |
|---|---|---|
| <code>image/root</code> | 1 error | A summary. |
| <code>image/latest-tag</code> | 1 warning, 1 note | A summary. |

| file | findings |
|---|---|
| <code>app/Dockerfile</code> | 1 error, 1 warning |
| <code>deploy/web app.yaml</code> | 1 note |

<details><summary>Findings</summary>

| place | level | finding |
|---|---|---|
| <code>app/Dockerfile:4:6</code> | error | the image runs as <code>root</code> (<code>image/root</code>) |
| <code>app/Dockerfile:1:6</code> | warning | <code>nginx</code> has no tag, so <code>CMD &#91;\"a\"&#93;</code> may change (<code>image/latest-tag</code>) |
| <code>deploy/web app.yaml:10:18</code> | note | <code>nginx</code> has no tag (<code>image/latest-tag</code>) |

</details>
";
        assert_eq!(markdown(&full()), want);
        assert_eq!(markdown(&outcome(Vec::new())), "## hullmark: no findings in 2 files\n");
    }

    #[test]
    fn no_text_is_markup() {
        let text = markdown(&hostile());
        assert!(!text.contains("<script>") && !text.contains("<b>") && !text.contains('\u{1b}'), "{text}");
        for row in text.lines().filter(|line| line.starts_with('|')) {
            assert!([3, 4].contains(&row.matches('|').count()), "{row}");
        }
    }

    #[test]
    fn a_summary_stays_small() {
        let place = place_of(&source("Dockerfile", b"FROM a\n"), "a", 0);
        let text = markdown(&outcome(vec![finding("a/b", place, "x"); 5000]));
        assert!(text.contains("\n…and 4900 more findings.\n") && text.len() < 20_000, "{text}");
    }
}
