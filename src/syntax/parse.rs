//! The front door: bytes are text, texts are neither empty nor huge, the extension picks the front end.

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, Position, SourceMap, Span};

use super::lexer::{Piece, Pieces};
use super::{Ast, dsl, invisible, yaml};

/// The largest definition file. The caller should not read more than this and one byte.
pub const SIZE_MAX_BYTES: usize = 16 << 20;

/// The most words and signs of a file, comments aside: what is built of them takes memory and time.
const WORDS_MAX: usize = 400_000;

/// The first byte that is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset} is not UTF-8 (line {}, column {})", position.line, position.column)]
pub struct NotUtf8 {
    pub offset: usize,
    pub position: Position,
}

/// The text of a file's bytes.
///
/// On failure, add the file's lossy text to the [`SourceMap`]: everything before the bad byte keeps
/// its offset there, so [`NotUtf8::diagnostic`] points at it.
pub fn text_of(bytes: &[u8]) -> Result<&str, NotUtf8> {
    std::str::from_utf8(bytes).map_err(|error| {
        let (good, _) = bytes.split_at(error.valid_up_to());
        let line_start = good.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        // A byte that continues a character (10xxxxxx) begins none.
        let column = good[line_start..].iter().filter(|byte| **byte & 0xC0 != 0x80).count() + 1;
        let line = String::from_utf8_lossy(good).matches('\n').count() + 1;
        NotUtf8 { offset: good.len(), position: Position { line, column } }
    })
}

impl NotUtf8 {
    /// The problem, in the file's lossy text.
    #[must_use]
    pub fn diagnostic(&self, file: FileId) -> Diagnostic {
        let span = Span::new(file, self.offset, self.offset + 1);
        Diagnostic::error(Code::E0001, span, "the file is not UTF-8").hint("save it as UTF-8")
    }
}

/// Parses one definition file: the DSL, or YAML by the extension `.yaml` or `.yml`.
#[must_use]
pub fn parse(sources: &SourceMap, file: FileId) -> (Ast, Diagnostics) {
    if let Some(problem) = unreadable(sources, file) {
        let mut problems = Diagnostics::default();
        problems.push(problem);
        return (Ast::default(), problems);
    }
    let text = sources.text(file);
    let mut problems = Diagnostics::default();
    invisible::check(file, text, &mut problems);
    if problems.has_errors() {
        return (Ast { incomplete: true, ..Ast::default() }, problems);
    }
    let extension = sources.path(file).extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    let is_yaml = matches!(extension.to_ascii_lowercase().as_str(), "yaml" | "yml");
    let (ast, problems) = if is_yaml { yaml::parse(file, text) } else { dsl::parse(file, text) };
    (ast, problems.rounded_off())
}

/// What makes a text unfit for any front end: nothing in it, or far too much.
pub(super) fn unreadable(sources: &SourceMap, file: FileId) -> Option<Diagnostic> {
    let text = sources.text(file);
    if text.len() > SIZE_MAX_BYTES {
        let message = format!("the file has {} bytes, more than {SIZE_MAX_BYTES}", text.len());
        return Some(Diagnostic::error(Code::E0003, Span::new(file, 0, 0), message).hint("split it"));
    }
    let words = Pieces::new(text, 0).filter(|(piece, ..)| !matches!(piece, Piece::Blank | Piece::Comment));
    if let Some((_, start, end)) = { words }.nth(WORDS_MAX) {
        let message = format!("the file has more than {WORDS_MAX} words and signs");
        let hint = "split the definitions over several files: all files of a project form one namespace";
        return Some(Diagnostic::error(Code::E0003, Span::new(file, start, end), message).hint(hint));
    }
    let blank = text.strip_prefix('\u{feff}').unwrap_or(text).lines().all(is_blank);
    let message = "expected a definition, found an empty file";
    blank.then(|| {
        Diagnostic::error(Code::E0002, Span::new(file, 0, 0), message).hint("delete it, or define something")
    })
}

/// A line without anything but a comment.
fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

#[cfg(test)]
mod tests;
