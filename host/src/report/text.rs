//! For people: every finding with its source line and the token marked, what to do about it, and one line that sums up.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode};

use super::excerpt::{Excerpt, clean};
use super::tally::counted;
use super::{Context, Verbosity, markdown, place};
use crate::finding::{AppliedFix, Counts, Finding, Fixes, Level, Notification, Outcome, Place};

/// Narrower than this, nothing is readable.
const MIN_WIDTH: usize = 40;
/// Wider than this, lines are hard to read.
const MAX_WIDTH: usize = 160;
/// Width of errors: what everyone has.
const WIDTH: usize = 80;
/// Columns beside the source text: line number and gutter.
const MARGIN: usize = 10;
/// Related places listed under a finding.
const MAX_RELATED: usize = 10;

pub(super) fn write(outcome: &Outcome, context: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    let mut writer = TextWriter::new(outcome, context, to);
    for finding in &outcome.findings {
        writer.finding(finding)?;
    }
    writer.fixes(&outcome.fixes)?;
    writer.notifications(&outcome.notifications)?;
    if context.verbosity == Verbosity::Verbose {
        for path in &outcome.templates {
            writeln!(writer.to, "passed over, since a template is no YAML yet: {}", clean(path))?;
        }
    }
    if context.verbosity > Verbosity::Quiet {
        writer.summary(outcome)?;
    }
    Ok(())
}

struct TextWriter<'a> {
    to: &'a mut dyn Write,
    theme: GraphicalTheme,
    width: usize,
    verbosity: Verbosity,
    /// What each rule says about mending it.
    advice: HashMap<&'a str, String>,
}

impl<'a> TextWriter<'a> {
    fn new(outcome: &'a Outcome, context: &Context<'_>, to: &'a mut dyn Write) -> Self {
        let rules = outcome.plugins.iter().flat_map(|plugin| &plugin.rules);
        let advice = rules.filter_map(|rule| {
            let section = markdown::section(&rule.explanation, "How to fix")?;
            Some((rule.id.as_str(), clean(&markdown::first_sentence(section))))
        });
        let theme = if context.colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let width = context.width.clamp(MIN_WIDTH, MAX_WIDTH);
        Self { to, theme, width, verbosity: context.verbosity, advice: advice.collect() }
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let Place { source, span } = &finding.place;
        let token = place::visible(source, *span);
        let here: Vec<_> = finding
            .related
            .iter()
            .filter(|related| same_file(&related.place, &finding.place))
            .map(|related| (place::visible(source, related.place.span), related.message.as_str()))
            .collect();
        let region = place::region(source, *span);
        let (excerpt, shown) = Excerpt::new(source, token, region, &here, self.width - MARGIN);
        let shown_view = View {
            message: clean(&finding.message),
            severity: severity(finding.level),
            labels: excerpt.labels(),
            help: self.advice.get(&*finding.rule).cloned().filter(|advice| !advice.is_empty()),
            excerpt,
        };
        let mut text = String::new();
        let handler = self.handler(finding, &shown_view.labels);
        handler.render_report(&mut text, &shown_view).map_err(io::Error::other)?;
        writeln!(self.to, "{}", text.trim_start_matches([' ', '\n']).trim_end_matches('\n'))?;

        let mut shown = shown.into_iter();
        let elsewhere = finding.related.iter().filter(|related| {
            let labelled = same_file(&related.place, &finding.place) && shown.next() == Some(true);
            !labelled
        });
        let elsewhere: Vec<_> = elsewhere.collect();
        for related in elsewhere.iter().take(MAX_RELATED) {
            let region = place::region(&related.place.source, related.place.span);
            let path = clean(related.place.source.path());
            let place = format!("{path}:{}:{}", region.start_line, region.start_column);
            self.entry("related", &format!("{place}: {}", clean(&related.message)))?;
        }
        if let Some(more) = elsewhere.len().checked_sub(MAX_RELATED).filter(|&more| more > 0) {
            self.entry("related", &format!("and {}", counted(more, "more place")))?;
        }
        for fix in &finding.fixes {
            self.entry(if fix.safe { "fix" } else { "unsafe fix" }, &clean(&fix.title))?;
        }
        writeln!(self.to)
    }

    /// A line under a finding, in line with the help.
    fn entry(&mut self, name: &str, text: &str) -> io::Result<()> {
        let name = format!("{name}:");
        writeln!(self.to, "  {} {text}", self.theme.styles.help.style(name))
    }

    /// One for each finding, since the heading stands where the drawing has its icon, and the token has the colour of
    /// the level while related places have another.
    fn handler(&self, finding: &Finding, labels: &[LabeledSpan]) -> GraphicalReportHandler {
        let mut theme = self.theme.clone();
        let heading = format!("{}[{}]:", finding.level.as_str(), clean(&finding.rule));
        let style = match finding.level {
            Level::Error => {
                theme.characters.error = heading;
                theme.styles.error
            }
            Level::Warning => {
                theme.characters.warning = heading;
                theme.styles.warning
            }
            Level::Note => {
                theme.characters.advice = heading;
                theme.styles.advice
            }
        };
        let related = theme.styles.linum;
        theme.styles.highlights = labels.iter().map(|label| if label.primary() { style } else { related }).collect();
        GraphicalReportHandler::new_themed(theme)
            .with_width(self.width)
            .with_links(false)
            .with_context_lines(1)
            .without_syntax_highlighting()
    }

    fn notifications(&mut self, notifications: &[Notification]) -> io::Result<()> {
        let quiet = self.verbosity == Verbosity::Quiet;
        let loud = || notifications.iter().filter(|notification| !quiet || notification.level > Level::Note);
        for notification in loud() {
            let level = self.level(notification.level, notification.level.as_str());
            write!(self.to, "{level}: ")?;
            if let Some(path) = &notification.path {
                write!(self.to, "{}: ", clean(path))?;
            }
            if let Some(plugin) = &notification.plugin {
                write!(self.to, "plugin `{}`: ", clean(plugin))?;
            }
            writeln!(self.to, "{}", clean(&notification.message))?;
        }
        if loud().next().is_some() && !quiet {
            writeln!(self.to)?;
        }
        Ok(())
    }

    fn level(&self, level: Level, text: &str) -> String {
        let styles = &self.theme.styles;
        let style = match level {
            Level::Error => styles.error,
            Level::Warning => styles.warning,
            Level::Note => styles.advice,
        };
        style.style(text).to_string()
    }

    /// What was mended, a line each.
    fn fixes(&mut self, fixes: &Fixes) -> io::Result<()> {
        let done = if fixes.dry { "would fix" } else { "fixed" };
        for AppliedFix { rule, path, line, title } in &fixes.applied {
            let done = self.theme.styles.help.style(done);
            writeln!(self.to, "{done} {}:{line}: {} [{}]", clean(path), clean(title), clean(rule))?;
        }
        Ok(())
    }

    fn summary(&mut self, outcome: &Outcome) -> io::Result<()> {
        let mut parts = Vec::new();
        for level in [Level::Error, Level::Warning, Level::Note] {
            let count = outcome.findings.iter().filter(|finding| finding.level == level).count();
            if count > 0 {
                parts.push(self.level(level, &counted(count, level.as_str())));
            }
        }
        let checked = checked(&outcome.counts);
        match (parts.is_empty(), checked) {
            (true, None) => write!(self.to, "found no Dockerfile and no Kubernetes manifest to check")?,
            (true, Some(checked)) => write!(self.to, "no findings in {checked}{}", kinds(&outcome.counts))?,
            (false, Some(checked)) => write!(self.to, "{} in {checked}", parts.join(", "))?,
            (false, None) => write!(self.to, "{}", parts.join(", "))?,
        }
        let left_out = [
            (outcome.suppressed.len(), "suppressed"),
            (outcome.baselined.len(), "in the baseline"),
            (outcome.unchanged, "on unchanged lines"),
        ];
        for (count, how) in left_out.into_iter().filter(|(count, _)| *count > 0) {
            write!(self.to, "; {count} {how}")?;
        }
        if !outcome.fixes.applied.is_empty() {
            let done = if outcome.fixes.dry { "would be fixed" } else { "fixed" };
            write!(self.to, "; {} {done}", outcome.fixes.applied.len())?;
        }
        if outcome.incomplete() {
            let incomplete = self.level(Level::Error, "the run is incomplete");
            write!(self.to, "; {incomplete}: see above what could not be checked")?;
        }
        writeln!(self.to)?;
        let templates = outcome.counts.templates.max(outcome.templates.len());
        if templates > 0 && self.verbosity < Verbosity::Verbose {
            writeln!(self.to, "{} passed over (--verbose names them)", counted(templates, "template"))?;
        }
        Ok(())
    }
}

fn same_file(one: &Place, other: &Place) -> bool {
    one.source.path() == other.source.path()
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Note => Severity::Advice,
    }
}

fn checked(counts: &Counts) -> Option<String> {
    let files = counts.dockerfiles + counts.manifest_files;
    (files > 0).then(|| counted(files, "file"))
}

/// What the files are, in brackets.
fn kinds(counts: &Counts) -> String {
    let kinds = [(counts.dockerfiles, "Dockerfile"), (counts.manifests, "manifest")];
    let kinds: Vec<_> =
        kinds.iter().filter(|(count, _)| *count > 0).map(|&(count, kind)| counted(count, kind)).collect();
    format!(" ({})", kinds.join(", "))
}

/// An error at a place, as people read it.
#[must_use]
pub fn located(place: &Place, message: &str, help: Option<String>) -> impl Diagnostic + Send + Sync + 'static {
    let Place { source, span } = place;
    let token = place::visible(source, *span);
    let (excerpt, _) = Excerpt::new(source, token, place::region(source, *span), &[], WIDTH - MARGIN);
    View {
        message: clean(message),
        severity: Severity::Error,
        labels: excerpt.labels(),
        help: help.map(|help| clean(&help)),
        excerpt,
    }
}

/// A finding in the form that the drawing takes.
#[derive(Debug)]
struct View {
    message: String,
    severity: Severity,
    excerpt: Excerpt,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for View {}

impl Diagnostic for View {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Format;
    use super::super::samples::{finding, full, outcome, place_of, source, written};
    use super::*;
    use crate::document::Span;
    use crate::finding::Related;

    fn text(outcome: &Outcome, verbosity: Verbosity) -> String {
        written(Format::Text, outcome, &Context { verbosity, ..Context::default() })
    }

    fn one(bytes: &[u8], token: &str) -> Outcome {
        outcome(vec![finding("image/root", place_of(&source("x", bytes), token, 0), "a message")])
    }

    #[test]
    fn a_finding_shows_its_token_its_places_and_what_to_do() {
        let want = r#"warning[image/latest-tag]: `nginx` has no tag, so `CMD ["a"]` may change
   ╭─[app/Dockerfile:1:6]
 1 │ FROM nginx
   ·      ─────
 2 │ RUN apt-get update \
 3 │  && apt-get install curl
 4 │ USER root
 5 │ CMD ["a"]
   · ─┬─
   ·  ╰── the [command](x) \ here
   ╰────
  help: Mend it.
  related: deploy/web app.yaml:10:18: used here, too
  unsafe fix: pin the tag

error[image/root]: the image runs as `root`
"#;
        let text = text(&full(), Verbosity::Normal);
        assert!(text.starts_with(want), "{text}");
    }

    #[test]
    fn notifications_and_the_summary_close_the_report() {
        let want = "
error: a b.yaml: cannot be read: check its permissions
warning: plugin `image`: took long: raise its fuel

1 error, 1 warning, 1 note in 2 files; the run is incomplete: see above what could not be checked
";
        let text = text(&full(), Verbosity::Normal);
        assert!(text.ends_with(want), "{text}");
    }

    #[test]
    fn a_clean_run_says_what_was_checked() {
        let mut clean = outcome(Vec::new());
        assert_eq!(text(&clean, Verbosity::Normal), "no findings in 2 files (1 Dockerfile, 2 manifests)\n");
        assert_eq!(text(&clean, Verbosity::Quiet), "");
        clean.counts = Counts::default();
        assert_eq!(text(&clean, Verbosity::Normal), "found no Dockerfile and no Kubernetes manifest to check\n");
    }

    #[test]
    fn templates_are_counted_and_named_when_asked() {
        let mut clean = outcome(Vec::new());
        clean.counts.templates = 1;
        clean.templates = vec!["chart/templates/a.yaml".into()];
        assert!(text(&clean, Verbosity::Normal).ends_with("\n1 template passed over (--verbose names them)\n"));
        let verbose = text(&clean, Verbosity::Verbose);
        assert!(
            verbose.starts_with("passed over, since a template is no YAML yet: chart/templates/a.yaml\n"),
            "{verbose}"
        );
    }

    #[test]
    fn quiet_keeps_what_makes_a_run_incomplete() {
        let mut quiet = full();
        quiet.findings.clear();
        quiet.notifications[1].level = Level::Note;
        assert_eq!(text(&quiet, Verbosity::Quiet), "error: a b.yaml: cannot be read: check its permissions\n");
    }

    #[test]
    fn colours_come_only_when_told() {
        let coloured = written(Format::Text, &full(), &Context { colours: true, ..Context::default() });
        assert!(coloured.starts_with("\u{1b}[31m") || coloured.starts_with("\u{1b}[33m"), "{coloured:?}");
        assert!(!text(&full(), Verbosity::Verbose).contains('\u{1b}'));
    }

    #[test]
    fn nothing_in_a_file_reaches_the_terminal_as_a_command() {
        let mut outcome = one(b"USER \x1b[31mroot \xe2\x80\xaegnp\n", "root");
        outcome.findings[0].message = "a \u{1b}]8;;x\u{7}\nb".into();
        let text = text(&outcome, Verbosity::Verbose);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
        assert!(text.contains("\n   ·           ────\n"), "{text}");
    }

    #[test]
    fn a_long_line_is_cut_around_the_token() {
        let mut line = "é".repeat(1_000_000);
        line.insert_str(1_000_000, "root");
        let text = text(&one(line.as_bytes(), "root"), Verbosity::Normal);
        assert!(text.len() < 1000);
        assert!(text.contains("[x:1:500001]") && text.contains("…é") && text.contains("é…"), "{text}");
    }

    #[test]
    fn a_tall_token_is_shown_by_its_first_line() {
        let bytes = b"RUN a \\\n b \\\n c \\\n d \\\n e \\\n f\n";
        let mut outcome = one(bytes, "RUN");
        outcome.findings[0].place.span = Span::new(0, bytes.len() as u32);
        let text = text(&outcome, Verbosity::Normal);
        assert!(text.contains(" 1 │ RUN a \\\n   · ───────\n 2 │  b \\\n   ╰────\n"), "{text}");
    }

    #[test]
    fn a_far_place_of_the_same_file_is_named_below() {
        let bytes = "FROM a AS b\n".to_owned() + &"#\n".repeat(20) + "FROM a AS b\n";
        let file = source("Dockerfile", bytes.as_bytes());
        let mut twice = finding("image/root", place_of(&file, "b", 1), "the stage `b` exists");
        twice.related = vec![Related { place: place_of(&file, "b", 0), message: "first here".into() }];
        let text = text(&outcome(vec![twice]), Verbosity::Normal);
        assert!(text.contains("\n  related: Dockerfile:1:11: first here\n"), "{text}");
        assert!(text.contains("[Dockerfile:22:11]"), "{text}");
    }

    proptest! {
        #[test]
        fn any_places_in_any_text_can_be_drawn(
            bytes in prop::collection::vec(prop::sample::select(b"ab \t\r\n\n\x1b\xe2\x80\xae\xff\xf0\x9f\x90\xb3".to_vec()), 0..60),
            spans in prop::collection::vec((0..70_u32, 0..9_u32), 1..4),
            colours in any::<bool>(),
        ) {
            let file = source("x", &bytes);
            let mut places = spans.iter().map(|&(start, len)| Place { source: file.clone(), span: Span::new(start, start + len) });
            let mut found = finding("image/root", places.next().unwrap(), "a message");
            found.related = places.map(|place| Related { place, message: "there".into() }).collect();
            let text = written(Format::Text, &outcome(vec![found]), &Context { colours, width: 0, ..Context::default() });
            prop_assert!(text.ends_with("1 warning in 2 files\n") || colours);
        }
    }
}
