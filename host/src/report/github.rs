//! Workflow commands of GitHub Actions: annotations on the lines of a pull request, where code scanning cannot be used.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::concise::notification_text;
use super::tally::Tally;
use super::{Context, place};
use crate::finding::{Level, Outcome, Place};

/// Annotations of one level that GitHub shows for a step.
const SHOWN: usize = 10;

pub(super) fn write(outcome: &Outcome, _: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    for finding in &outcome.findings {
        let Place { source, span } = &finding.place;
        let region = place::region(source, *span);
        let mut properties =
            format!("file={},line={},endLine={}", property(source.path()), region.start_line, region.end_line);
        // GitHub refuses columns of a place that goes over several lines.
        if region.start_line == region.end_line {
            let _ = write!(properties, ",col={},endColumn={}", region.start_column, region.end_column);
        }
        let (command, title) = (command(finding.level), property(&finding.rule));
        writeln!(to, "::{command} {properties},title={title}::{}", data(&finding.message))?;
    }
    for notification in &outcome.notifications {
        let file = notification.path.as_ref().map(|path| format!("file={},", property(path))).unwrap_or_default();
        let message = data(&notification_text(notification));
        writeln!(to, "::{} {file}title=hullmark::{message}", command(notification.level))?;
    }
    let tally = Tally::of(&outcome.findings);
    if tally.levels().into_iter().any(|(_, count)| count > SHOWN) {
        writeln!(to, "{tally}; GitHub shows the first {SHOWN} of each level in a step")?;
    }
    Ok(())
}

fn command(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    }
}

/// Text after the command.
fn data(text: &str) -> String {
    escaped(text, "%\r\n")
}

/// Text in a property.
fn property(text: &str) -> String {
    escaped(text, "%\r\n:,")
}

fn escaped(text: &str, special: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if special.contains(character) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "%{:02X}", u32::from(character));
        } else if character.is_control() && character != '\t' {
            escaped.push(char::REPLACEMENT_CHARACTER);
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

    fn github(outcome: &Outcome) -> String {
        written(Format::Github, outcome, &Context::default())
    }

    #[test]
    fn each_finding_is_a_command() {
        let want = "::warning file=app/Dockerfile,line=1,endLine=1,col=6,endColumn=11,title=image/latest-tag::`nginx` has no tag, so `CMD [\"a\"]` may change
::error file=app/Dockerfile,line=4,endLine=4,col=6,endColumn=10,title=image/root::the image runs as `root`
::notice file=deploy/web app.yaml,line=10,endLine=10,col=18,endColumn=23,title=image/latest-tag::`nginx` has no tag
::error file=a b.yaml,title=hullmark::cannot be read: check its permissions
::warning title=hullmark::plugin `image`: took long: raise its fuel
";
        assert_eq!(github(&full()), want);
    }

    #[test]
    fn no_text_is_a_command_or_another_property() {
        let text = github(&hostile());
        assert!(text.contains("file=a%0A%3A%3A%2C]]>\"'%25<b>`.yaml,line=1,"), "{text}");
        assert!(text.contains("::100%25%0A::error::]]> <script>alert(1)</script> \"'& | \u{fffd}[31m `x"), "{text}");
        assert_eq!(text.lines().count(), 2, "{text}");
    }

    #[test]
    fn a_place_over_several_lines_has_no_columns() {
        let place = place_of(&source("Dockerfile", b"RUN a \\\n  b\n"), "a \\\n  b", 0);
        let text = github(&outcome(vec![finding("a/b", place, "x")]));
        assert_eq!(text, "::warning file=Dockerfile,line=1,endLine=2,title=a/b::x\n");
    }

    #[test]
    fn it_says_how_many_there_are_where_github_does_not_show_all() {
        let place = place_of(&source("Dockerfile", b"FROM a\n"), "a", 0);
        let text = github(&outcome(vec![finding("a/b", place, "x"); 11]));
        assert!(text.ends_with("\n11 warnings; GitHub shows the first 10 of each level in a step\n"), "{text}");
    }
}
