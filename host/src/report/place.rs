//! Where a finding is shown: a span that has something to mark, and its region. All formats use it, so that they agree.

use crate::document::{Region, Source, Span};

const LINE_ENDS: [char; 2] = ['\n', '\r'];
const BOM: char = '\u{feff}';

/// The span without line ends behind it; one character wide where it would mark nothing: the next character of the
/// line, or else the one before, or else the line's end. It is empty only in an empty file.
pub(super) fn visible(source: &Source, span: Span) -> Span {
    let text = source.text();
    let slice = source.slice(span);
    let start = text.floor_char_boundary(span.start as usize).min(text.floor_char_boundary(span.end as usize));
    let marked = slice.trim_end_matches(LINE_ENDS);
    if !marked.trim_start_matches(BOM).is_empty() {
        return to_span(start, start + marked.len());
    }
    let start = start + marked.len();
    if let Some(next) = text[start..].trim_start_matches(BOM).chars().next().filter(|next| !LINE_ENDS.contains(next)) {
        let end = start + text[start..].find(next).unwrap_or_default() + next.len_utf8();
        return to_span(start, end);
    }
    let before = text[..start].trim_start_matches(BOM);
    if let Some(last) = before.chars().next_back().filter(|last| !LINE_ENDS.contains(last)) {
        return to_span(start - last.len_utf8(), start);
    }
    if text[start..].starts_with(LINE_ENDS) {
        return to_span(start, start + line_end(&text[start..]));
    }
    last_character(text)
}

/// The last character that is no line end, else the first line end.
fn last_character(text: &str) -> Span {
    let text_before = text.trim_end_matches(LINE_ENDS);
    match text_before.chars().next_back().filter(|&last| last != BOM) {
        Some(last) => to_span(text_before.len() - last.len_utf8(), text_before.len()),
        None => to_span(text_before.len(), text_before.len() + line_end(&text[text_before.len()..])),
    }
}

/// Length of the line end that a text begins with.
fn line_end(text: &str) -> usize {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// The region of what [`visible`] gives. It is never empty: in an empty file it has one column that does not exist.
pub(super) fn region(source: &Source, span: Span) -> Region {
    let visible = visible(source, span);
    let line = source.line_span(source.line(visible.start));
    // Up to three bytes that are no UTF-8 read as one character, and a span may begin inside.
    (0..=3)
        .map_while(|back| visible.start.checked_sub(back).filter(|&start| start >= line.start))
        .map(|start| source.region(Span::new(start, visible.end)))
        .find(|region| !is_empty(region))
        .unwrap_or_else(|| {
            let region = source.region(visible);
            Region { end_column: region.end_column + 1, ..region }
        })
}

fn is_empty(region: &Region) -> bool {
    (region.start_line, region.start_column) == (region.end_line, region.end_column)
}

fn to_span(start: usize, end: usize) -> Span {
    // A source holds less than 4 GiB.
    Span::new(start as u32, end as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str, start: u32, end: u32) -> [u32; 4] {
        let region = region(&Source::new("x", text.into()), Span::new(start, end));
        [region.start_line, region.start_column, region.end_line, region.end_column]
    }

    #[test]
    fn what_can_be_seen_stays_as_it_is() {
        assert_eq!(shown("FROM a\nUSER b\n", 5, 6), [1, 6, 1, 7]);
        assert_eq!(shown("a\nbc\n", 0, 4), [1, 1, 2, 3]);
        assert_eq!(shown("a\r\nb", 0, 3), [1, 1, 1, 2]);
    }

    #[test]
    fn an_empty_span_takes_the_next_character_or_the_one_before() {
        assert_eq!(shown("abc\n", 1, 1), [1, 2, 1, 3]);
        assert_eq!(shown("abc\n", 3, 3), [1, 3, 1, 4]);
        assert_eq!(shown("ab\u{1f433}", 6, 6), [1, 3, 1, 5]);
        assert_eq!(shown("a\r\nb", 1, 3), [1, 1, 1, 2]);
        assert_eq!(shown("\u{feff}abc", 0, 0), [1, 1, 1, 2]);
        assert_eq!(shown("\u{feff}abc", 0, 3), [1, 1, 1, 2]);
    }

    #[test]
    fn an_empty_line_is_marked_by_its_end() {
        assert_eq!(shown("a\n\nb", 2, 2), [2, 1, 3, 1]);
        assert_eq!(shown("\n", 0, 0), [1, 1, 2, 1]);
        assert_eq!(shown("\u{feff}\n", 0, 0), [1, 1, 2, 1]);
    }

    #[test]
    fn the_end_of_the_file_is_marked_at_its_last_character() {
        assert_eq!(shown("a\nbc\n\n", 6, 6), [2, 2, 2, 3]);
        assert_eq!(shown("a\nbc\n", 90, 99), [2, 2, 2, 3]);
        assert_eq!(shown("\n", 1, 1), [1, 1, 2, 1]);
        assert_eq!(shown("", 0, 0), [1, 1, 1, 2]);
    }

    proptest! {
        #[test]
        fn no_region_is_empty_or_leaves_the_text(bytes in prop::collection::vec(prop::sample::select(b"a \r\n\xef\xbb\xbf\xc3\xa9".to_vec()), 0..12), start in 0..14_u32, len in 0..4_u32) {
            let source = Source::new("x", bytes);
            let region = region(&source, Span::new(start, start + len));
            prop_assert!((region.start_line, region.start_column) < (region.end_line, region.end_column));
            prop_assert!(region.end_line <= source.line_count());
            let full = source.region(source.line_span(region.end_line)).end_column;
            prop_assert!(region.end_column <= full || source.text().trim_start_matches(BOM).is_empty());
        }
    }
}
