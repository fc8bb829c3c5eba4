//! The text that a shell gets, and the way back to the bytes of the file.

use std::borrow::Cow;

use crate::document::Span;
use crate::document::dockerfile::{Extent, Logical};

/// A text that a shell reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Text<'t> {
    text: Cow<'t, str>,
    /// In order; at least one for a text that is not empty.
    pieces: Vec<Piece>,
}

/// From `at` on, up to the next piece.
#[derive(Clone, Copy, Debug)]
struct Piece {
    at: u32,
    /// Offset in the file of its first byte.
    physical: u32,
    /// Bytes in the file of the escape sequence that this piece stands for; 0 where it stands byte for byte.
    escape: u32,
}

impl<'t> Text<'t> {
    /// A part of an instruction.
    pub(super) fn of(logical: &'t Logical<'_>, extent: Extent) -> Self {
        let pieces = logical.pieces(extent).map(|(at, physical)| Piece { at: at - extent.start, physical, escape: 0 });
        Self { text: Cow::Borrowed(logical.slice(extent)), pieces: pieces.collect() }
    }

    /// A part of the file as it stands.
    pub(super) fn verbatim(text: &'t str, physical: u32) -> Self {
        Self { text: Cow::Borrowed(text), pieces: vec![Piece { at: 0, physical, escape: 0 }] }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Appends text that stands in the file from `physical` on.
    pub(super) fn push_file(&mut self, text: &str, physical: u32) {
        self.pieces.push(Piece { at: self.text.len() as u32, physical, escape: 0 });
        self.text.to_mut().push_str(text);
    }

    /// Appends a part of another text.
    pub(super) fn push(&mut self, from: &Text<'_>, start: usize, end: usize) {
        let Some(part) = from.text.get(start..end).filter(|part| !part.is_empty()) else { return };
        let base = self.text.len() as u32;
        let first = from.piece(start as u32);
        let begun = from.pieces.partition_point(|piece| piece.at <= start as u32);
        let skipped = if first.escape == 0 { start as u32 - first.at } else { 0 };
        self.add(Piece { at: base, physical: first.physical + skipped, escape: first.escape });
        for piece in from.pieces[begun..].iter().take_while(|piece| (piece.at as usize) < end) {
            self.add(Piece { at: base + piece.at - start as u32, ..*piece });
        }
        self.text.to_mut().push_str(part);
    }

    /// Appends characters that the escape sequence `start..end` of another text stands for.
    pub(super) fn push_escape(&mut self, from: &Text<'_>, start: usize, end: usize, text: &str) {
        let span = from.span(start, end);
        self.pieces.push(Piece { at: self.text.len() as u32, physical: span.start, escape: span.len().max(1) });
        self.text.to_mut().push_str(text);
    }

    /// Adds a piece unless the last one goes on into it.
    fn add(&mut self, piece: Piece) {
        let joined = self.pieces.last().is_some_and(|last| {
            last.escape == 0 && piece.escape == 0 && last.physical + (piece.at - last.at) == piece.physical
        });
        if !joined {
            self.pieces.push(piece);
        }
    }

    fn piece(&self, offset: u32) -> Piece {
        let before = self.pieces.partition_point(|piece| piece.at <= offset);
        let index = before.saturating_sub(1);
        self.pieces.get(index).copied().unwrap_or(Piece { at: offset, physical: 0, escape: 0 })
    }

    /// Where a byte, or the end of the text, stands in the file.
    pub(super) fn physical(&self, offset: usize) -> u32 {
        let piece = self.piece(offset as u32);
        match piece.escape {
            0 => piece.physical + (offset as u32 - piece.at),
            // The end of a text that ends in an escape sequence.
            escape if offset == self.text.len() => piece.physical + escape,
            _ => piece.physical,
        }
    }

    /// Where a range stands in the file, with all that lies between its first and its last byte.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let first = self.physical(start);
        if end <= start {
            return Span::new(first, first);
        }
        let last = self.piece(end as u32 - 1);
        let end = if last.escape == 0 { last.physical + (end as u32 - last.at) } else { last.physical + last.escape };
        Span::new(first, end)
    }
}
