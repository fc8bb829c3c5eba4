//! The text of one file, and the only place that turns byte offsets into lines and columns.

use std::sync::OnceLock;

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
    /// UTF-16 units before some offsets, about [`STRIDE`] bytes apart; made when a long line is asked for a column.
    milestones: OnceLock<Vec<Milestone>>,
}

#[derive(Clone, Copy, Debug)]
struct Milestone {
    offset: u32,
    units: u32,
}

/// Bytes that may be counted for one column.
const STRIDE: usize = 1024;

/// A span as SARIF counts it: lines and columns from 1, columns in UTF-16 code units, the end exclusive. A byte order
/// mark takes no column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// From 1.
    pub start_line: u32,
    /// From 1, in UTF-16 units.
    pub start_column: u32,
    /// At least the start's.
    pub end_line: u32,
    /// After the last unit.
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
        Self { path: path.into(), text, original, line_starts, milestones: OnceLock::new() }
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

    /// Whether this is no text at all: a NUL byte among the first kilobytes, as git tells. UTF-16 has them too.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        let bytes = self.bytes();
        memchr::memchr(0, &bytes[..bytes.len().min(8000)]).is_some()
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
        let units = if before.len() <= STRIDE {
            self.units(start, offset)
        } else {
            self.units_before(offset) - self.units_before(start)
        };
        let bom = usize::from(start == 0 && before.starts_with(BOM.as_bytes()));
        (line, (units - bom) as u32 + 1)
    }

    /// UTF-16 units between two offsets.
    fn units(&self, start: usize, end: usize) -> usize {
        match &self.original {
            None => self.text[start..end].encode_utf16().count(),
            // A reader sees one U+FFFD where the bytes are no UTF-8, perhaps for several bytes.
            Some(bytes) => String::from_utf8_lossy(&bytes[start..end]).encode_utf16().count(),
        }
    }

    /// UTF-16 units before an offset, in time that does not grow with the offset once the milestones stand.
    fn units_before(&self, offset: usize) -> usize {
        let milestones = self.milestones.get_or_init(|| milestones(self.bytes()));
        let next = milestones.partition_point(|milestone| milestone.offset as usize <= offset);
        let last = next.checked_sub(1).map_or(Milestone { offset: 0, units: 0 }, |index| milestones[index]);
        last.units as usize + self.units(last.offset as usize, offset)
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

/// Offsets where a character begins, with the UTF-16 units before them.
fn milestones(bytes: &[u8]) -> Vec<Milestone> {
    let mut milestones = Vec::with_capacity(bytes.len() / STRIDE + 1);
    let (mut offset, mut units) = (0, 0);
    let mut advance = |bytes: usize, more: usize| {
        if offset >= milestones.len() * STRIDE {
            milestones.push(Milestone { offset: offset as u32, units: units as u32 });
        }
        offset += bytes;
        units += more;
    };
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|character| advance(character.len_utf8(), character.len_utf16()));
        if !chunk.invalid().is_empty() {
            advance(chunk.invalid().len(), 1);
        }
    }
    milestones
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
    fn columns_of_a_long_line_are_the_same() {
        let line = "a\u{e9}\u{1f433}".repeat(3000);
        for invalid in [b"".as_slice(), b"\xf0\x9f", b"\xff"] {
            let bytes = [b"\xef\xbb\xbfx\n", invalid, line.as_bytes(), b"\n"].concat();
            let source = Source::new("x", bytes.clone());
            for offset in (5..bytes.len()).step_by(7).filter(|&offset| source.text().is_char_boundary(offset)) {
                let want = String::from_utf8_lossy(&bytes[5..offset]).encode_utf16().count() as u32 + 1;
                assert_eq!(source.region(Span::new(offset as u32, offset as u32)).start_column, want, "{offset}");
            }
        }
    }

    #[test]
    fn every_kind_of_line_end_counts_once() {
        assert_eq!(region(b"a\r\nb\rc\nd", 7, 8), [4, 1, 4, 2]);
        assert_eq!(region(b"a\r\nb", 0, 1), [1, 1, 1, 2]);
        assert_eq!(Source::new("x", b"a\r\nb\n".to_vec()).line_span(1), Span::new(0, 1));
    }

    #[test]
    fn only_nul_bytes_make_a_file_binary() {
        let is_binary = |bytes: &[u8]| Source::new("x", bytes.to_vec()).is_binary();
        assert!(!is_binary(b"") && !is_binary(b"FROM caf\xe9\n\x1b[0m\xff\xfe"));
        assert!(is_binary(b"\xff\xfeF\0R\0") && is_binary(b"\x7fELF\x02\x01\x01\0"));
    }

    #[test]
    fn bytes_that_are_no_utf8_keep_their_offsets() {
        let source = Source::new("x", b"a\xff\xf0\x9fz".to_vec());
        assert_eq!(source.text(), "a???z");
        assert_eq!(source.bytes(), b"a\xff\xf0\x9fz");
    }
}
