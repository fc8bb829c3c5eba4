//! Reports: an [`Outcome`] written out, one module for each format. Only the modules in here know formats; none of them
//! decides what is reported, reads a clock, a terminal or the environment, or names a path that is not in the outcome.

mod checkstyle;
mod concise;
mod excerpt;
mod github;
mod gitlab;
mod html;
mod json;
mod jsonl;
mod junit;
mod left_out;
pub mod line_hash;
mod markdown;
mod markup;
mod place;
mod rdjson;
mod sarif;
mod sarif_merge;
mod step_summary;
mod tally;
mod text;
mod uri;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

pub use sarif_merge::{MergeError, Merged, merge as merge_sarif};
pub use text::located;

use crate::finding::{Notification, Outcome};

/// What a report is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people, with the source line and the token marked.
    #[default]
    Text,
    /// One line for each finding.
    Concise,
    /// Our own JSON, with a version.
    Json,
    /// The same, one object a line.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit's XML.
    Junit,
    /// Checkstyle's XML.
    Checkstyle,
    /// Reviewdog's diagnostic format.
    Rdjson,
    /// Tables for the summary of a CI step.
    Markdown,
    /// One page to look at, without anything from the network.
    Html,
}

impl Format {
    /// All, in the order that help shows.
    pub const ALL: [Self; 12] = [
        Self::Text,
        Self::Concise,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Junit,
        Self::Checkstyle,
        Self::Rdjson,
        Self::Markdown,
        Self::Html,
    ];

    /// The format's name in options.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Checkstyle => "checkstyle",
            Self::Rdjson => "rdjson",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// Whether it has a place for notifications; where it has none, they must be told beside the report.
    #[must_use]
    pub const fn has_notifications(self) -> bool {
        !matches!(self, Self::Gitlab | Self::Checkstyle | Self::Rdjson)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A format that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no format `{0}`: use one of {formats}", formats = Format::ALL.map(Format::as_str).join(", "))]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.as_str() == name).ok_or_else(|| UnknownFormat(name.into()))
    }
}

/// How much the text format says beside the findings. The other formats always say all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verbosity {
    /// Findings, and what kept the run from being complete.
    Quiet,
    /// Also notes and the summary line.
    #[default]
    Normal,
    /// Also what was passed over.
    Verbose,
}

/// What a report must know beyond the outcome.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Version of the program.
    pub version: &'a str,
    /// Whether the text format may use ANSI colours.
    pub colours: bool,
    /// Columns that the text format may fill.
    pub width: usize,
    /// How much the text format says.
    pub verbosity: Verbosity,
    /// Whether SARIF has what comments and baselines keep from being reported. GitHub would open alerts for it.
    pub sarif_suppressed: bool,
    /// Category of SARIF in code scanning; where there is none, the upload decides.
    pub sarif_category: Option<&'a str>,
}

impl Default for Context<'_> {
    /// This version, without colours, 100 columns.
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            colours: false,
            width: 100,
            verbosity: Verbosity::Normal,
            sarif_suppressed: false,
            sarif_category: None,
        }
    }
}

/// What a format has no room for, to be told among the notifications before any report is written.
#[must_use]
pub fn left_out(format: Format, outcome: &Outcome, context: &Context<'_>) -> Option<Notification> {
    (format == Format::Sarif).then(|| sarif::left_out(outcome, context.sarif_suppressed)).flatten()
}

/// Writes one report. The same outcome and context always give the same bytes.
///
/// # Errors
/// Those of the writer.
pub fn write(format: Format, outcome: &Outcome, context: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    let mut to = io::BufWriter::new(to);
    match format {
        Format::Text => text::write(outcome, context, &mut to),
        Format::Concise => concise::write(outcome, context, &mut to),
        Format::Json => json::write(outcome, context, &mut to),
        Format::Jsonl => jsonl::write(outcome, context, &mut to),
        Format::Sarif => sarif::write(outcome, context, &mut to),
        Format::Github => github::write(outcome, context, &mut to),
        Format::Gitlab => gitlab::write(outcome, context, &mut to),
        Format::Junit => junit::write(outcome, context, &mut to),
        Format::Checkstyle => checkstyle::write(outcome, context, &mut to),
        Format::Rdjson => rdjson::write(outcome, context, &mut to),
        Format::Markdown => step_summary::write(outcome, context, &mut to),
        Format::Html => html::write(outcome, context, &mut to),
    }?;
    to.flush()
}

/// Writes the notifications, one line each, for a report that has no place for them.
///
/// # Errors
/// Those of the writer.
pub fn write_notifications(outcome: &Outcome, to: &mut dyn Write) -> io::Result<()> {
    outcome.notifications.iter().try_for_each(|told| writeln!(to, "{}", concise::notification_line(told)))
}

#[cfg(test)]
mod samples;

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    use super::samples::{full, written};
    use super::*;

    /// `BLESS=1` writes the files anew.
    #[test]
    fn every_format_writes_what_its_golden_file_holds() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("host/src/report/golden");
        let context = Context { version: "1.2.3", ..Context::default() };
        for format in Format::ALL {
            let (path, fresh) = (folder.join(format!("full.{format}")), written(format, &full(), &context));
            if env::var_os("BLESS").is_some() {
                fs::write(&path, fresh).unwrap();
                continue;
            }
            let golden = fs::read_to_string(&path).unwrap_or_default();
            assert!(golden == fresh, "{} is stale: run `BLESS=1 cargo test golden`, and look", path.display());
        }
    }

    #[test]
    fn formats_are_named_as_they_are_written() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        let unknown = "SARIF".parse::<Format>().unwrap_err();
        let unknown = unknown.to_string();
        assert!(unknown.starts_with("there is no format `SARIF`: use one of text, concise, json, "), "{unknown}");
    }
}
