//! The texts of one run and places in them.

use std::path::{Path, PathBuf};

/// A text in the [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one text, `start <= end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

/// A value and the place it was written at. Equality ignores the place.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

/// Line and column, both from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// All texts of one run, in the order they were added.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<File>,
}

#[derive(Debug, Clone)]
struct File {
    path: PathBuf,
    text: String,
    /// Where each line begins: many problems in a large text are placed without reading it again.
    lines: Vec<u32>,
}

impl Span {
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end) }
    }

    /// The smallest span that covers both; they must be in one file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl<T> Spanned<T> {
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl SourceMap {
    /// Adds a text under the path it is shown by.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let starts = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let lines =
            std::iter::once(0).chain(starts).map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect();
        self.files.push(File { path: path.into(), text, lines });
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// # Panics
    /// When the id is from another map.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].text
    }

    /// # Panics
    /// When the id is from another map.
    #[must_use]
    pub fn path(&self, file: FileId) -> &Path {
        &self.files[file.0 as usize].path
    }

    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..u32::try_from(self.files.len()).unwrap_or(u32::MAX)).map(FileId)
    }

    /// Where a byte offset stands, for people: offsets inside a character belong to it.
    #[must_use]
    pub fn position(&self, file: FileId, offset: u32) -> Position {
        let text = self.text(file);
        let mut at = (offset as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let line = self.line_of(file, at);
        Position { line, column: text[self.line_start(file, line)..at].chars().count() + 1 }
    }

    /// The whole lines that hold a range of bytes: the number of the first, and where they lie.
    #[must_use]
    pub fn lines(&self, file: FileId, range: &std::ops::Range<usize>) -> (usize, std::ops::Range<usize>) {
        let first = self.line_of(file, range.start);
        let last = self.line_of(file, range.end);
        (first, self.line_start(file, first)..self.line_start(file, last + 1))
    }

    /// The line of a byte, from 1.
    fn line_of(&self, file: FileId, at: usize) -> usize {
        self.files[file.0 as usize].lines.partition_point(|start| *start as usize <= at)
    }

    /// Where a line begins; behind the last one, the end.
    fn line_start(&self, file: FileId, line: usize) -> usize {
        let file = &self.files[file.0 as usize];
        file.lines.get(line - 1).map_or(file.text.len(), |start| *start as usize)
    }
}
