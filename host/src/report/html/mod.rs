//! One page to look at: what was found by rule, plugin and folder, and every finding with its source lines. Everything is in
//! the file; it asks the network for nothing, and without scripts it shows all that it has.

use std::collections::HashMap;
use std::io::{self, Write};

use super::concise::notification_text;
use super::excerpt::{Excerpt, clean};
use super::markup::{Escaped, prose};
use super::tally::{Tally, by_file, counted, tallies};
use super::{Context, markdown, place};
use crate::finding::{Finding, Outcome, Place};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("filter.js");
/// Characters that a line of a source may have.
const WIDTH: usize = 160;
/// Rows of a chart that are seen at once; the others are behind a click.
const BARS: usize = 8;
/// Related places listed under a finding.
const MAX_RELATED: usize = 10;

pub(super) fn write(outcome: &Outcome, context: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    let tally = Tally::of(&outcome.findings);
    head(tally, to)?;
    header(outcome, tally, to)?;
    if !outcome.findings.is_empty() {
        writeln!(to, "<section class=\"charts\">")?;
        chart("By rule", &outcome.findings, |finding| &finding.rule, str::to_owned, to)?;
        chart("By plugin", &outcome.findings, plugin, |name| format!("{name}/"), to)?;
        chart("By folder", &outcome.findings, folder, str::to_owned, to)?;
        writeln!(to, "</section>")?;
        filter(tally, to)?;
    }
    writeln!(to, "<main>")?;
    let advice = advice(outcome);
    for (path, findings) in by_file(&outcome.findings) {
        let path = clean(path);
        let path = Escaped(&path);
        writeln!(to, "<section class=\"file\" data-path=\"{path}\">")?;
        writeln!(to, "<h2>{path} <span class=\"count\">{}</span></h2>", Tally::of(findings))?;
        for finding in findings {
            article(finding, advice.get(&*finding.rule).map(String::as_str), to)?;
        }
        writeln!(to, "</section>")?;
    }
    writeln!(to, "</main>\n<footer>hullmark {}</footer>", Escaped(context.version))?;
    writeln!(to, "<script>\n{SCRIPT}</script>\n</body>\n</html>")
}

fn head(tally: Tally, to: &mut dyn Write) -> io::Result<()> {
    writeln!(
        to,
        "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">
<title>hullmark: {tally}</title>
<style>
{STYLE}</style>
</head>
<body>"
    )
}

/// Title, numbers, and what kept the run from being complete.
fn header(outcome: &Outcome, tally: Tally, to: &mut dyn Write) -> io::Result<()> {
    let counts = outcome.counts;
    let files = counted(counts.dockerfiles + counts.manifest_files, "file");
    let kinds = [counted(counts.dockerfiles, "Dockerfile"), counted(counts.manifests, "manifest")].join(", ");
    writeln!(to, "<header>\n<h1>hullmark</h1>\n<p>{tally} in {files} ({kinds})</p>\n<ul class=\"tally\">")?;
    for (level, count) in tally.levels() {
        let level = level.as_str();
        let noun = if count == 1 { level.to_owned() } else { format!("{level}s") };
        let class = if count == 0 { "none" } else { level };
        writeln!(to, "<li class=\"{class}\"><b>{count}</b> {noun}</li>")?;
    }
    writeln!(to, "</ul>")?;
    if outcome.incomplete() {
        writeln!(to, "<p class=\"incomplete\">The run is incomplete: something could not be checked.</p>")?;
    }
    if !outcome.notifications.is_empty() {
        writeln!(to, "<ul class=\"notifications\">")?;
        for notification in &outcome.notifications {
            let level = notification.level.as_str();
            write!(to, "<li class=\"{level}\"><span class=\"level\">{level}</span> ")?;
            if let Some(path) = &notification.path {
                write!(to, "<code>{}</code>: ", Escaped(&clean(path)))?;
            }
            writeln!(to, "{}</li>", sentence(&notification_text(notification)))?;
        }
        writeln!(to, "</ul>")?;
    }
    writeln!(to, "</header>")
}

/// Bars for what findings have in common; a click filters by it.
fn chart<'a>(
    title: &str,
    findings: &'a [Finding],
    key: impl Fn(&'a Finding) -> &'a str,
    words: impl Fn(&str) -> String,
    to: &mut dyn Write,
) -> io::Result<()> {
    let tallies = tallies(findings, key);
    let longest = tallies.iter().map(|(_, tally)| tally.total()).max().unwrap_or(1);
    writeln!(to, "<div class=\"chart\">\n<h2>{title}</h2>")?;
    for (index, (name, tally)) in tallies.iter().enumerate() {
        if index == BARS {
            writeln!(to, "<details><summary>{} more</summary>", tallies.len() - BARS)?;
        }
        let (words, name) = (clean(&words(name)), clean(name));
        let (words, name) = (Escaped(&words), Escaped(&name));
        write!(to, "<button type=\"button\" data-filter=\"{words}\" title=\"{name}: {tally}\">")?;
        write!(to, "<span class=\"name\"><bdi>{name}</bdi></span><span class=\"bar\">")?;
        for (level, count) in tally.levels().into_iter().filter(|(_, count)| *count > 0) {
            // Whole per mille, so that no machine rounds in another way.
            let width = count * 1000 / longest;
            write!(to, "<i class=\"{}\" style=\"width:{}.{}%\"></i>", level.as_str(), width / 10, width % 10)?;
        }
        writeln!(to, "</span><span class=\"count\">{}</span></button>", tally.total())?;
    }
    if tallies.len() > BARS {
        writeln!(to, "</details>")?;
    }
    writeln!(to, "</div>")
}

fn plugin(finding: &Finding) -> &str {
    finding.rule.split_once('/').map_or(&finding.rule, |(plugin, _)| plugin)
}

/// The folder with its slash; `/` for the root.
fn folder(finding: &Finding) -> &str {
    let path = finding.place.source.path();
    path.rfind('/').map_or("/", |slash| &path[..=slash])
}

/// A box to type in and a switch for each level; hidden where no script makes them work.
fn filter(tally: Tally, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "<form class=\"filter\" hidden>")?;
    writeln!(
        to,
        "<input type=\"search\" aria-label=\"Filter\" placeholder=\"Filter by path, rule or text\" autocomplete=\"off\" spellcheck=\"false\">"
    )?;
    for (level, count) in tally.levels().into_iter().filter(|(_, count)| *count > 0) {
        let level = level.as_str();
        let noun = if count == 1 { level.to_owned() } else { format!("{level}s") };
        writeln!(
            to,
            "<label class=\"{level}\"><input type=\"checkbox\" value=\"{level}\" checked> {noun} {count}</label>"
        )?;
    }
    writeln!(to, "<output></output>\n</form>")
}

/// What each rule says about mending it.
fn advice(outcome: &Outcome) -> HashMap<&str, String> {
    let rules = outcome.plugins.iter().flat_map(|plugin| &plugin.rules);
    let advice = rules.filter_map(|rule| {
        let section = markdown::section(&rule.explanation, "How to fix")?;
        Some((rule.id.as_str(), markdown::first_sentence(section))).filter(|(_, advice)| !advice.is_empty())
    });
    advice.collect()
}

fn article(finding: &Finding, advice: Option<&str>, to: &mut dyn Write) -> io::Result<()> {
    let Place { source, span } = &finding.place;
    let region = place::region(source, *span);
    let level = finding.level.as_str();
    writeln!(to, "<article class=\"{level}\" data-level=\"{level}\">")?;
    write!(to, "<h3><span class=\"level\">{level}</span> <code>{}</code>", Escaped(&clean(&finding.rule)))?;
    let aliases: Vec<_> = finding.aliases.iter().map(|alias| clean(alias)).collect();
    if !aliases.is_empty() {
        write!(to, " <span class=\"aliases\">{}</span>", Escaped(&aliases.join(" ")))?;
    }
    writeln!(to, " <span class=\"place\">{}:{}</span></h3>", region.start_line, region.start_column)?;
    writeln!(to, "<p>{}</p>", sentence(&finding.message))?;
    excerpt(finding, to)?;
    let related = finding.related.iter().take(MAX_RELATED).map(|related| {
        let Place { source, span } = &related.place;
        let region = place::region(source, *span);
        let place = format!("{}:{}:{}", clean(source.path()), region.start_line, region.start_column);
        ("see", format!("<code>{}</code> {}", Escaped(&place), sentence(&related.message)))
    });
    let fixes = finding.fixes.iter().map(|fix| (if fix.safe { "fix" } else { "unsafe fix" }, sentence(&fix.title)));
    let advice = advice.map(|advice| ("help", sentence(advice)));
    let entries: Vec<_> = related.chain(advice).chain(fixes).collect();
    if !entries.is_empty() {
        writeln!(to, "<dl>")?;
        for (name, text) in entries {
            writeln!(to, "<dt>{name}</dt><dd>{text}</dd>")?;
        }
        writeln!(to, "</dl>")?;
    }
    writeln!(to, "</article>")
}

/// The source lines around the token, with the token and the related places near it marked.
fn excerpt(finding: &Finding, to: &mut dyn Write) -> io::Result<()> {
    let Place { source, span } = &finding.place;
    let token = place::visible(source, *span);
    let here = finding.related.iter().filter(|related| related.place.source.path() == source.path());
    let here: Vec<_> =
        here.map(|related| (place::visible(source, related.place.span), related.message.as_str())).collect();
    let (excerpt, _) = Excerpt::new(source, token, place::region(source, *span), &here, WIDTH);
    let mut lines: Vec<_> = excerpt.lines().collect();
    // What follows the last line end is no line.
    lines.pop_if(|(_, line, marks)| line.is_empty() && marks.is_empty());
    write!(to, "<pre>")?;
    for (number, line, marks) in lines {
        write!(to, "<span class=\"number\">{number}</span>")?;
        let mut at = 0;
        for (piece, label) in marks {
            write!(to, "{}", Escaped(&line[at..piece.start]))?;
            match label.label().filter(|_| !label.primary()) {
                Some(text) => write!(to, "<mark class=\"related\" title=\"{}\">", Escaped(text))?,
                None => write!(to, "<mark>")?,
            }
            write!(to, "{}</mark>", Escaped(&line[piece.clone()]))?;
            at = piece.end;
        }
        writeln!(to, "{}", Escaped(&line[at..]))?;
    }
    writeln!(to, "</pre>")
}

/// A sentence with its code as code.
fn sentence(text: &str) -> String {
    prose(&clean(text), |part| Escaped(part).to_string())
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::samples::{full, hostile, outcome, written};
    use super::*;

    fn html(outcome: &Outcome) -> String {
        written(Format::Html, outcome, &Context::default())
    }

    #[test]
    fn a_finding_shows_its_lines_with_the_token_marked() {
        let want = r#"<article class="warning" data-level="warning">
<h3><span class="level">warning</span> <code>image/latest-tag</code> <span class="aliases">DL3006</span> <span class="place">1:6</span></h3>
<p><code>nginx</code> has no tag, so <code>CMD [&quot;a&quot;]</code> may change</p>
<pre><span class="number">1</span>FROM <mark>nginx</mark>
<span class="number">2</span>RUN apt-get update \
<span class="number">3</span> &amp;&amp; apt-get install curl
<span class="number">4</span>USER root
<span class="number">5</span><mark class="related" title="the [command](x) \ here">CMD</mark> [&quot;a&quot;]
</pre>
<dl>
<dt>see</dt><dd><code>app/Dockerfile:5:1</code> the [command](x) \ here</dd>
<dt>see</dt><dd><code>deploy/web app.yaml:10:18</code> used here, too</dd>
<dt>help</dt><dd>Mend it.</dd>
<dt>unsafe fix</dt><dd>pin the tag</dd>
</dl>
</article>
"#;
        let page = html(&full());
        assert!(page.contains(want), "{page}");
    }

    #[test]
    fn bars_sum_up_rules_plugins_and_folders() {
        let page = html(&full());
        for (words, name, bars) in [
            (
                "image/latest-tag",
                "image/latest-tag",
                "<i class=\"warning\" style=\"width:50.0%\"></i><i class=\"note\" style=\"width:50.0%\"></i>",
            ),
            ("image/", "image", "<i class=\"error\" style=\"width:33.3%\"></i>"),
            ("app/", "app/", "<i class=\"error\" style=\"width:50.0%\"></i>"),
        ] {
            let start = page.find(&format!("data-filter=\"{words}\"")).unwrap();
            let row = page[start..].lines().next().unwrap();
            assert!(
                row.contains(&format!("<span class=\"name\"><bdi>{name}</bdi></span>")) && row.contains(bars),
                "{row}"
            );
        }
    }

    #[test]
    fn what_could_not_be_checked_stands_at_the_top() {
        let page = html(&full());
        let told = "<li class=\"error\"><span class=\"level\">error</span> <code>a b.yaml</code>: cannot be read: check its permissions</li>";
        assert!(page.contains("The run is incomplete") && page.contains(told), "{page}");
    }

    #[test]
    fn a_clean_run_has_no_charts_and_no_filter() {
        let page = html(&outcome(Vec::new()));
        assert!(page.contains("<p>no findings in 2 files (1 Dockerfile, 2 manifests)</p>"), "{page}");
        assert!(!page.contains("<section") && !page.contains("<form"), "{page}");
        assert!(page.contains("<li class=\"none\"><b>0</b> errors</li>"), "{page}");
    }

    #[test]
    fn no_text_is_markup_and_nothing_is_loaded() {
        let page = html(&hostile());
        let body = page.replace(SCRIPT, "").replace(STYLE, "");
        assert_eq!((body.matches("<script").count(), body.matches("<b>").count()), (1, 3), "{body}");
        assert!(body.contains("<mark>&lt;script&gt;alert(2)</mark>&lt;/script&gt; | ]]&gt;"), "{body}");
        assert!(!body.contains('\u{1b}'));
        assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("url("));
    }
}
