//! The piece of a source that a person sees around a finding: few lines, cut around the token where they are long, and
//! nothing in it that a terminal would obey.

use std::ops::Range;

use miette::{LabeledSpan, MietteError, SourceCode, SourceSpan, SpanContents};

use crate::document::{Region, Source, Span};

/// Lines shown before the first and after the last label.
const AROUND: u32 = 1;
/// A related place at most this many lines away is shown in the same excerpt.
const NEAR: u32 = 4;
/// A token of more lines is shown by its first.
const TALLEST: u32 = 5;
/// Stands where a line was cut.
const CUT: char = '…';

/// A piece of a source with labels in it.
#[derive(Debug)]
pub(super) struct Excerpt {
    path: String,
    text: String,
    /// Line of the source, from 0, that the text begins with.
    first_line: usize,
    line_count: usize,
    /// Line and column of the token, from 0.
    position: (usize, usize),
    labels: Vec<LabeledSpan>,
}

/// A line of the source as it is shown.
struct Shown {
    /// What is shown of the source.
    span: Span,
    /// Where that begins in the excerpt.
    at: usize,
}

impl Excerpt {
    /// The token with its region, and those of the related places that stand near enough; `width` is the number of
    /// characters that a line may have. Gives back which of the related places are in it.
    pub(super) fn new(
        source: &Source,
        token: Span,
        region: Region,
        related: &[(Span, &str)],
        width: usize,
    ) -> (Self, Vec<bool>) {
        let lines = |span: Span| (source.line(span.start), source.line(span.end.max(span.start + 1) - 1));
        let (first, last) = lines(token);
        let tall = last - first >= TALLEST;
        let token = if tall { Span::new(token.start, source.line_span(first).end) } else { token };
        let last = if tall { first } else { last };
        let near = |&(span, _): &(Span, &str)| {
            let (start, end) = lines(span);
            start == end && start + NEAR >= first && end <= last + NEAR
        };
        let mut shown: Vec<bool> = related.iter().map(near).collect();
        let nearby = || related.iter().zip(&shown).filter(|(_, near)| **near).map(|((span, _), _)| *span);
        let from = nearby().map(|span| lines(span).0).fold(first, u32::min).saturating_sub(AROUND).max(1);
        let to = nearby().map(|span| lines(span).1).fold(last, u32::max);
        let to = (to + AROUND).min(source.line_count());

        let mut excerpt = Self {
            path: clean(source.path()),
            text: String::new(),
            first_line: from as usize - 1,
            line_count: (to - from) as usize + 1,
            position: (region.start_line as usize - 1, region.start_column as usize - 1),
            labels: Vec::new(),
        };
        let anchors: Vec<u32> = std::iter::once(token.start).chain(nearby().map(|span| span.start)).collect();
        let mut pieces = Vec::new();
        for line in from..=to {
            if line > from {
                excerpt.text.push('\n');
            }
            pieces.push(excerpt.push_line(source, source.line_span(line), &anchors, width));
        }
        let piece = |offset: u32| pieces.get((source.line(offset).max(from) - from) as usize).or(pieces.last());
        let offset = |at: u32| {
            piece(at).map_or(0, |piece| {
                let inside = at.clamp(piece.span.start, piece.span.end);
                piece.at + clean(source.slice(Span::new(piece.span.start, inside))).len()
            })
        };
        let range = |span: Span| offset(span.start)..offset(span.end.max(span.start)).max(offset(span.start));
        excerpt.labels.push(LabeledSpan::new_primary_with_span(None, range(token)));
        for (index, (span, message)) in related.iter().enumerate() {
            // The window around the token may have cut a related place of the same line off.
            shown[index] &= piece(span.start).is_some_and(|piece| piece.span.contains(*span));
            if shown[index] {
                let label = Some(clean(message)).filter(|label| !label.is_empty());
                excerpt.labels.push(LabeledSpan::new_with_span(label, range(*span)));
            }
        }
        (excerpt, shown)
    }

    /// The labels in the order of the text, the token's among them.
    pub(super) fn labels(&self) -> Vec<LabeledSpan> {
        let mut labels = self.labels.clone();
        labels.sort_by_key(LabeledSpan::offset);
        labels
    }

    /// Each line with its number, and what of it is marked: the piece, and the label that it belongs to.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str, Vec<(Range<usize>, &LabeledSpan)>)> {
        let mut at = 0;
        self.text.split('\n').enumerate().map(move |(index, line)| {
            let (start, end) = (at, at + line.len());
            at = end + 1;
            let piece = |label: &LabeledSpan| {
                let from = label.offset().clamp(start, end);
                let to = (label.offset() + label.len()).clamp(start, end);
                from - start..to - start
            };
            let mut marks: Vec<_> = self.labels.iter().map(|label| (piece(label), label)).collect();
            // Of two that overlap the first one stands: the token is the first of the labels.
            marks.retain(|(piece, _)| !piece.is_empty());
            marks.sort_by_key(|(piece, _)| piece.start);
            marks.dedup_by(|later, first| later.0.start < first.0.end);
            (self.first_line + index + 1, line, marks)
        })
    }

    fn push_line(&mut self, source: &Source, line: Span, anchors: &[u32], width: usize) -> Shown {
        let anchor = anchors.iter().copied().find(|&anchor| line.start <= anchor && anchor <= line.end);
        let span = window(source, line, anchor.unwrap_or(line.start), width);
        if span.start > line.start {
            self.text.push(CUT);
        }
        let at = self.text.len();
        self.text.push_str(&clean(source.slice(span)));
        if span.end < line.end {
            self.text.push(CUT);
        }
        Shown { span, at }
    }
}

/// The whole line where it fits, else as much as fits with a third of it before the anchor. Takes time for the width
/// only, however long the line is.
fn window(source: &Source, line: Span, anchor: u32, width: usize) -> Span {
    let text = source.slice(line);
    if text.chars().nth(width).is_none() {
        return line;
    }
    let before = &text[..text.floor_char_boundary(anchor.saturating_sub(line.start) as usize)];
    let back = before.chars().rev().take(width / 3).map(char::len_utf8).sum::<usize>();
    let start = before.len() - back;
    let length = text[start..].chars().take(width).map(char::len_utf8).sum::<usize>();
    let start = line.start + start as u32;
    Span::new(start, start + length as u32)
}

/// Text without what a terminal obeys or hides: control characters but the tab, and those that change the direction of
/// writing. A line end, which only a message can have, becomes a blank.
pub(super) fn clean(text: &str) -> String {
    let harmless = |character| match character {
        '\n' | '\r' => ' ',
        character if is_harmless(character) => character,
        _ => char::REPLACEMENT_CHARACTER,
    };
    text.chars().map(harmless).collect()
}

fn is_harmless(character: char) -> bool {
    let hidden = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
    character == '\t' || !(character.is_control() || hidden)
}

impl SourceCode for Excerpt {
    /// All of it, or without context the token's own place.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let whole = before > 0;
        let span = if whole { (0, self.text.len()).into() } else { *span };
        Ok(Box::new(Contents { excerpt: self, span, whole }))
    }
}

struct Contents<'a> {
    excerpt: &'a Excerpt,
    span: SourceSpan,
    whole: bool,
}

impl<'a> SpanContents<'a> for Contents<'a> {
    fn data(&self) -> &'a [u8] {
        self.excerpt.text.as_bytes()
    }

    fn span(&self) -> &SourceSpan {
        &self.span
    }

    fn name(&self) -> Option<&str> {
        Some(&self.excerpt.path)
    }

    fn line(&self) -> usize {
        if self.whole { self.excerpt.first_line } else { self.excerpt.position.0 }
    }

    fn column(&self) -> usize {
        if self.whole { 0 } else { self.excerpt.position.1 }
    }

    fn line_count(&self) -> usize {
        self.excerpt.line_count
    }
}
