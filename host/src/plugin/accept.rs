//! What comes back from a check is taken apart here, and only what holds becomes a finding. A fault in one finding costs
//! that finding, or the part of it at fault, and no other.

use std::collections::HashSet;
use std::sync::Arc;

use super::bindings::types;
use super::text;
use super::{LoadedPlugin, PluginError};
use crate::document::{Document, Span};
use crate::finding::{Edit, Fix, Place, Related};

/// Most second places of a finding; the first are kept.
const RELATED: usize = 100;
/// Most fixes of a finding; the first are kept.
const FIXES: usize = 20;
/// Most edits of a fix.
const EDITS: usize = 1_000;
/// Most faults that are told of one call: the rest would say the same.
const FAULTS: usize = 20;

/// What a rule reports at a place, before level, suppressions and fingerprint.
#[derive(Clone, Debug)]
pub struct RawFinding {
    /// Index of the rule in its plugin.
    pub rule: usize,
    /// One sentence.
    pub message: String,
    /// The document that it lies in.
    pub document: Arc<Document>,
    /// Bytes of the document's source.
    pub span: Span,
    /// Second places.
    pub related: Vec<Related>,
    /// Fixes, the best first.
    pub fixes: Vec<Fix>,
    /// Those of the rule's aliases whose tool would report this very occurrence.
    pub aliases: Vec<String>,
}

/// All that a call gave: a failure hides no result, so there may be both.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// In the order in which the plugin returned them.
    pub findings: Vec<RawFinding>,
    /// What was wrong with the call, or with single findings.
    pub errors: Vec<PluginError>,
}

impl Checked {
    /// Whether the call used up a budget.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.errors.iter().any(PluginError::is_exhausted)
    }
}

impl From<PluginError> for Checked {
    fn from(error: PluginError) -> Self {
        Self { findings: Vec::new(), errors: vec![error] }
    }
}

/// What one call may speak of.
pub(super) struct Scope<'a> {
    pub(super) plugin: &'a LoadedPlugin,
    /// Indexes of the rules that were asked for.
    pub(super) rules: &'a [u32],
    /// The document of an id.
    pub(super) document: &'a dyn Fn(u32) -> Option<Arc<Document>>,
    /// Most findings.
    pub(super) limit: usize,
}

impl Scope<'_> {
    /// The findings that hold, and what is wrong with the others.
    pub(super) fn accept(&self, findings: Vec<types::Finding>) -> Checked {
        let mut checked = Checked::default();
        let count = findings.len();
        if count > self.limit {
            checked.errors.push(PluginError::TooManyFindings { count, limit: self.limit });
        }
        let mut untold = 0;
        for finding in findings.into_iter().take(self.limit) {
            let mut faults = Vec::new();
            match self.finding(finding, &mut faults) {
                Ok(finding) => checked.findings.push(finding),
                Err(fault) => faults.push(fault),
            }
            let room = FAULTS.saturating_sub(checked.errors.len());
            untold += faults.len().saturating_sub(room);
            checked.errors.extend(faults.into_iter().take(room));
        }
        if untold > 0 {
            checked.errors.push(PluginError::MoreFaults { count: untold });
        }
        checked
    }

    fn finding(&self, finding: types::Finding, faults: &mut Vec<PluginError>) -> Result<RawFinding, PluginError> {
        let rule = self.rule(&finding.rule)?;
        let name = finding.rule;
        let (document, span) = self.place(&name, finding.at)?;
        let span = visible(document.source.text(), span);
        let mut related = Vec::new();
        for second in finding.related.into_iter().take(RELATED) {
            match self.place(&name, second.at) {
                Ok((document, span)) => related.push(Related {
                    place: Place { source: Arc::clone(&document.source), span },
                    message: text::line(&second.message, text::MESSAGE),
                }),
                Err(fault) => faults.push(fault),
            }
        }
        let mut fixes = Vec::new();
        for fix in finding.fixes.into_iter().take(FIXES) {
            match self.fix(&name, fix) {
                Ok(fix) => fixes.push(fix),
                Err(fault) => faults.push(fault),
            }
        }
        let known = &self.plugin.info().rules[rule].aliases;
        let aliases = match finding.aliases {
            None => known.clone(),
            Some(aliases) => known.iter().filter(|alias| aliases.contains(alias)).cloned().collect(),
        };
        let message = text::line(&finding.message, text::MESSAGE);
        Ok(RawFinding { rule, message, document, span, related, fixes, aliases })
    }

    fn rule(&self, name: &str) -> Result<usize, PluginError> {
        let shown = || text::line(name, 100);
        let rule = self.plugin.rule(name).ok_or_else(|| PluginError::Undeclared(shown()))?;
        let asked = self.rules.iter().any(|&asked| asked as usize == rule);
        if asked { Ok(rule) } else { Err(PluginError::NotEnabled(shown())) }
    }

    fn place(&self, rule: &str, at: types::Place) -> Result<(Arc<Document>, Span), PluginError> {
        let document = (self.document)(at.document)
            .ok_or_else(|| PluginError::UnknownDocument { rule: rule.to_owned(), document: at.document })?;
        let span = Span::new(at.at.start, at.at.end);
        match fault(document.source.text(), span) {
            None => Ok((document, span)),
            Some(why) => Err(PluginError::BadSpan { rule: rule.to_owned(), start: span.start, end: span.end, why }),
        }
    }

    fn fix(&self, rule: &str, fix: types::Fix) -> Result<Fix, PluginError> {
        let bad = |why: &str| PluginError::BadFix { rule: rule.to_owned(), why: why.to_owned() };
        if fix.edits.is_empty() {
            return Err(bad("it has no edits"));
        }
        if fix.edits.len() > EDITS {
            return Err(bad("it has more than 1000 edits"));
        }
        let mut edits = Vec::with_capacity(fix.edits.len());
        let mut spans = Vec::with_capacity(fix.edits.len());
        for edit in fix.edits {
            let id = edit.at.document;
            let (document, span) = self.place(rule, edit.at).map_err(|error| bad(&error.to_string()))?;
            spans.push((id, span));
            let place = Place { source: Arc::clone(&document.source), span };
            edits.push(Edit { place, text: text::verbatim(&edit.text) });
        }
        if overlap(spans) {
            return Err(bad("its edits overlap"));
        }
        let title = text::line(&fix.title, text::MESSAGE);
        Ok(Fix { title, safe: fix.applicability == "safe", edits })
    }
}

/// Why a span is no part of a text.
fn fault(text: &str, span: Span) -> Option<&'static str> {
    let (start, end) = (span.start as usize, span.end as usize);
    if start > end {
        return Some("end before they begin");
    }
    if end > text.len() {
        return Some("lie beyond the end of the text");
    }
    let whole = text.is_char_boundary(start) && text.is_char_boundary(end);
    (!whole).then_some("cut a character in two")
}

/// An empty span made one character wide where its line has one, so that there is something to underline: the next
/// character, or at the end of a line the one before.
fn visible(text: &str, span: Span) -> Span {
    if !span.is_empty() {
        return span;
    }
    let (before, after) = text.split_at(span.start as usize);
    let on_line = |c: &char| !matches!(c, '\n' | '\r');
    if let Some(next) = after.chars().next().filter(on_line) {
        return Span::new(span.start, span.start + next.len_utf8() as u32);
    }
    match before.chars().next_back().filter(on_line) {
        Some(last) => Span::new(span.start - last.len_utf8() as u32, span.start),
        None => span,
    }
}

/// Whether two spans of one document share a byte, or insert at the same place, where the order would be open.
fn overlap(mut spans: Vec<(u32, Span)>) -> bool {
    spans.sort_unstable();
    let distinct: HashSet<_> = spans.iter().collect();
    distinct.len() < spans.len()
        || spans.windows(2).any(|pair| pair[0].0 == pair[1].0 && pair[0].1.end > pair[1].1.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_span_grows_on_its_own_line_only() {
        let wide = |text: &str, at: u32| visible(text, Span::new(at, at));
        assert_eq!(wide("a\u{e9}b", 1), Span::new(1, 3));
        assert_eq!(wide("ab\ncd", 2), Span::new(1, 2));
        assert_eq!(wide("ab", 2), Span::new(1, 2));
        assert_eq!(wide("a\n\nb", 2), Span::new(2, 2));
        assert_eq!(wide("", 0), Span::new(0, 0));
        assert_eq!(visible("abc", Span::new(0, 2)), Span::new(0, 2));
    }

    #[test]
    fn spans_end_inside_the_text_and_between_characters() {
        assert_eq!(fault("a\u{e9}", Span::new(0, 3)), None);
        assert!(fault("a\u{e9}", Span::new(0, 2)).is_some());
        assert!(fault("a\u{e9}", Span::new(0, 4)).is_some());
        assert!(fault("abc", Span::new(2, 1)).is_some());
    }

    #[test]
    fn edits_that_touch_do_not_overlap() {
        let spans = |list: &[(u32, u32, u32)]| list.iter().map(|&(d, s, e)| (d, Span::new(s, e))).collect();
        assert!(!overlap(spans(&[(0, 3, 5), (0, 0, 3)])));
        assert!(!overlap(spans(&[(0, 0, 3), (1, 0, 3)])));
        assert!(!overlap(spans(&[(0, 3, 3), (0, 3, 5)])));
        assert!(overlap(spans(&[(0, 0, 4), (0, 3, 5)])));
        assert!(overlap(spans(&[(0, 3, 3), (0, 3, 3)])));
        assert!(overlap(spans(&[(0, 0, 9), (0, 1, 2)])));
    }
}
