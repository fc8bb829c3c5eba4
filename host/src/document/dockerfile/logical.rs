//! The text of an instruction as the grammar sees it, and the way back to the bytes of the file.

use std::borrow::Cow;

use crate::document::Span;

/// A half-open range of bytes in a [`Logical`] text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Extent {
    /// A range from `start` up to `end`; texts are below 4 GiB.
    #[must_use]
    pub(crate) const fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// Whether it holds no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The same range `by` bytes further on.
    #[must_use]
    pub(crate) const fn shifted(self, by: u32) -> Self {
        Self { start: self.start + by, end: self.end + by }
    }
}

/// An instruction's lines joined: without line ends, continuation characters, and the comments and blank lines between.
#[derive(Clone, Debug)]
pub struct Logical<'s> {
    text: Cow<'s, str>,
    first: Piece,
    /// All further pieces, in order; empty for an instruction of one line.
    more: Vec<Piece>,
}

/// From `logical` on, up to the next piece, the bytes stand in the file from `physical` on.
#[derive(Clone, Copy, Debug)]
struct Piece {
    logical: u32,
    physical: u32,
}

impl<'s> Logical<'s> {
    /// The text of one physical line, which begins at byte `physical`.
    pub(crate) const fn new(line: &'s str, physical: usize) -> Self {
        let first = Piece { logical: 0, physical: physical as u32 };
        Self { text: Cow::Borrowed(line), first, more: Vec::new() }
    }

    /// Appends a continuation line.
    pub(crate) fn push(&mut self, line: &'s str, physical: usize) {
        if line.is_empty() {
            return;
        }
        if self.text.is_empty() {
            *self = Self::new(line, physical);
            return;
        }
        self.more.push(Piece { logical: self.text.len() as u32, physical: physical as u32 });
        self.text.to_mut().push_str(line);
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A part of the text; empty where the range is not one of it.
    #[must_use]
    pub fn slice(&self, extent: Extent) -> &str {
        self.text.get(extent.start as usize..extent.end as usize).unwrap_or_default()
    }

    /// The byte of the file that a logical byte is. One binary search over the instruction's lines.
    #[must_use]
    pub fn physical(&self, offset: u32) -> u32 {
        let before = self.more.partition_point(|piece| piece.logical <= offset);
        let piece = before.checked_sub(1).map_or(self.first, |index| self.more[index]);
        piece.physical + (offset - piece.logical)
    }

    /// The parts of a range that stand in one piece in the file: where each begins in the text, and where in the file.
    pub(crate) fn pieces(&self, extent: Extent) -> impl Iterator<Item = (u32, u32)> {
        let first = (extent.start, self.physical(extent.start));
        let begun = self.more.partition_point(|piece| piece.logical <= extent.start);
        let more = self.more[begun..].iter().take_while(move |piece| piece.logical < extent.end);
        std::iter::once(first).chain(more.map(|piece| (piece.logical, piece.physical)))
    }

    /// Where a range stands in the file, from its first byte to its last, with all that lies between.
    #[must_use]
    pub fn span(&self, extent: Extent) -> Span {
        let start = self.physical(extent.start);
        if extent.is_empty() {
            return Span::new(start, start);
        }
        Span::new(start, self.physical(extent.end - 1) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_lead_back_through_continuations() {
        // "RUN a \\\n# c\n  b"
        let mut logical = Logical::new("RUN a ", 0);
        logical.push("  b", 12);
        assert_eq!(logical.text(), "RUN a   b");
        assert_eq!(logical.physical(4), 4);
        assert_eq!(logical.physical(6), 12);
        assert_eq!(logical.span(Extent::new(4, 9)), Span::new(4, 15));
        assert_eq!(logical.span(Extent::new(4, 6)), Span::new(4, 6), "ends before the continuation");
        assert_eq!(logical.physical(9), 15, "the end of the text has a place too");
    }

    #[test]
    fn an_empty_first_line_takes_no_room() {
        let mut logical = Logical::new("", 0);
        logical.push("", 2);
        logical.push("FROM x", 4);
        assert_eq!(logical.physical(0), 4);
    }
}
