//! A text to parse and where each of its bytes stands in its file.
//!
//! The DSL parses slices of a file; YAML parses decoded scalars, whose bytes may stand elsewhere
//! (quotes, escapes, folded lines).

use crate::diag::{FileId, Span};

/// A piece of text with its places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Excerpt<'a> {
    pub(super) text: &'a str,
    file: FileId,
    places: Places<'a>,
}

/// How offsets in the text become offsets in the file.
#[derive(Debug, Clone, Copy)]
enum Places<'a> {
    /// The text is a slice of the file that begins here.
    From(usize),
    /// The file offset of each byte of the text.
    Table(&'a [u32]),
}

impl<'a> Excerpt<'a> {
    /// A slice of the file that begins at `start`.
    pub(super) const fn slice(file: FileId, start: usize, text: &'a str) -> Self {
        Self { text, file, places: Places::From(start) }
    }

    /// A decoded text, with the file offset of each of its bytes; it must not be empty.
    pub(super) const fn decoded(file: FileId, text: &'a str, table: &'a [u32]) -> Self {
        Self { text, file, places: Places::Table(table) }
    }

    /// Where the bytes `start..end` of the text stand in the file.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        match self.places {
            Places::From(base) => Span::new(self.file, base + start, base + end),
            Places::Table(table) => {
                let after = |byte: usize| table.get(byte).map_or(0, |place| *place as usize + 1);
                let ends = if end == 0 { 0 } else { after((end - 1).min(table.len().saturating_sub(1))) };
                let starts = table.get(start).map_or(ends, |place| *place as usize);
                Span::new(self.file, starts, ends.max(starts))
            }
        }
    }

    /// This text up to `end`.
    pub(super) fn until(&self, end: usize) -> Self {
        Self { text: &self.text[..end], ..*self }
    }

    /// The rest of this text from `start`, with the same places.
    pub(super) fn rest(&self, start: usize) -> Self {
        let places = match self.places {
            Places::From(base) => Places::From(base + start),
            Places::Table(table) => Places::Table(&table[start.min(table.len())..]),
        };
        Self { text: &self.text[start..], file: self.file, places }
    }
}
