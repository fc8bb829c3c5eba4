//! The text of one file, and the only place that turns byte offsets into lines and columns.

use super::Span;

/// A file's text under its path.
#[derive(Debug)]
pub struct Source {
    path: String,
    text: String,
    /// The bytes as they are, kept only where they are no UTF-8.
    original: Option<Vec<u8>>,
    /// Offset of each line's first byte.
    line_starts: Vec<u32>,
}

/// A span as SARIF counts it: lines and columns from 1, columns in UTF-16 code units, the end exclusive. A byte order
/// mark takes no column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    pub start_line: u32,
    pub start_column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

/// UTF-8's byte order mark.
const BOM: &str = "\u{feff}";

impl Source {
    /// A source of fewer than 4 GiB; `path` is relative to the root, with `/`.
    ///
    /// Lines end at `\n`, `\r\n` and a lone `\r`, as GitHub's and SARIF's readers have it.
    #[must_use]
    pub fn new(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        let (text, original) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let bytes = error.into_bytes();
                (question_marks(&bytes), Some(bytes))
            }
        };
        let mut line_starts = vec![0];
        let raw = text.as_bytes();
        for at in memchr::memchr2_iter(b'\n', b'\r', raw) {
            if raw[at] == b'\n' || raw.get(at + 1) != Some(&b'\n') {
                line_starts.push(at as u32 + 1);
            }
        }
        Self { path: path.into(), text, original, line_starts }
    }

    /// Path relative to the root, with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text; each byte that is no UTF-8 stands as `?`, so that offsets are those of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.original.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// The text of a span, cut down to what exists.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        let end = self.floor(span.end);
        let start = self.floor(span.start).min(end);
        &self.text[start..end]
    }

    /// Number of lines; a text that ends in a line end has an empty last line.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        self.line_starts.len() as u32
    }

    /// Line, from 1, of an offset.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        self.line_starts.partition_point(|&start| start <= offset) as u32
    }

    /// Span of a line, counted from 1, without its line end.
    #[must_use]
    pub fn line_span(&self, line: u32) -> Span {
        let index = (line.max(1) - 1) as usize;
        let len = self.text.len() as u32;
        let start = self.line_starts.get(index).copied().unwrap_or(len);
        let end = self.line_starts.get(index + 1).copied().unwrap_or(len);
        let text = self.slice(Span::new(start, end));
        Span::new(start, start + text.trim_end_matches(['\n', '\r']).len() as u32)
    }

    /// Lines and columns of a span.
    #[must_use]
    pub fn region(&self, span: Span) -> Region {
        let (start_line, start_column) = self.position(span.start);
        let (end_line, end_column) = self.position(span.end.max(span.start));
        Region { start_line, start_column, end_line, end_column }
    }

    fn position(&self, offset: u32) -> (u32, u32) {
        let offset = self.floor(offset);
        let line = self.line(offset as u32);
        let start = self.line_starts[line as usize - 1] as usize;
        let before = &self.bytes()[start..offset];
        let units = match &self.original {
            None => self.text[start..offset].encode_utf16().count(),
            // A reader sees one U+FFFD where the bytes are no UTF-8, perhaps for several bytes.
            Some(_) => String::from_utf8_lossy(before).encode_utf16().count(),
        };
        let bom = usize::from(start == 0 && before.starts_with(BOM.as_bytes()));
        (line, (units - bom) as u32 + 1)
    }

    /// The character boundary at or before an offset.
    fn floor(&self, offset: u32) -> usize {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// The bytes as text of the same length: what is no UTF-8 becomes `?`, byte for byte.
fn question_marks(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(bytes: &[u8], start: u32, end: u32) -> [u32; 4] {
        let region = Source::new("x", bytes.to_vec()).region(Span::new(start, end));
        [region.start_line, region.start_column, region.end_line, region.end_column]
    }

    #[test]
    fn columns_are_utf16_and_a_bom_takes_none() {
        assert_eq!(region("\u{1f433} whale".as_bytes(), 5, 10), [1, 4, 1, 9]);
        assert_eq!(region("\u{feff}FROM a".as_bytes(), 3, 7), [1, 1, 1, 5]);
        assert_eq!(region(b"a\xff\xfeb\nc", 3, 4), [1, 4, 1, 5]);
    }

    #[test]
    fn every_kind_of_line_end_counts_once() {
        assert_eq!(region(b"a\r\nb\rc\nd", 7, 8), [4, 1, 4, 2]);
        assert_eq!(region(b"a\r\nb", 0, 1), [1, 1, 1, 2]);
        assert_eq!(Source::new("x", b"a\r\nb\n".to_vec()).line_span(1), Span::new(0, 1));
    }

    #[test]
    fn bytes_that_are_no_utf8_keep_their_offsets() {
        let source = Source::new("x", b"a\xff\xf0\x9fz".to_vec());
        assert_eq!(source.text(), "a???z");
        assert_eq!(source.bytes(), b"a\xff\xf0\x9fz");
    }
}
