//! `windrow fmt`: one layout for every DSL file, with every comment at its place.
//!
//! Works on the words and signs of the text, not on the tree: only blanks and line breaks change, so
//! nothing can be lost. The parser says where clauses begin and what is one word. The result depends on
//! the words, on which comments stand on a line of their own, and on blank lines between clauses,
//! never on other blanks: formatting twice is formatting once. What comes out is read again and compared.

mod align;
mod lines;
mod marks;
mod shape;
mod spacing;
mod token;
mod wrap;

use crate::diag::{Diagnostics, FileId, SourceMap};

use super::ast::Ast;
use super::dsl;
use super::lexer::{Piece, Pieces};
use super::parse::unreadable;

/// Code wider than this is broken into several lines where it can be.
const WIDTH_MAX: usize = 120;

/// Why a file was left as it is.
#[derive(Debug)]
pub enum Unformatted {
    /// The text does not parse.
    Wrong(Diagnostics),
    /// The new text would not have meant the same: a mistake of the formatter.
    Changed,
}

/// The text of a DSL file in the one layout.
pub fn format(sources: &SourceMap, file: FileId) -> Result<String, Unformatted> {
    let mut problems = Diagnostics::default();
    if let Some(problem) = unreadable(sources, file) {
        problems.push(problem);
        return Err(Unformatted::Wrong(problems));
    }
    let text = sources.text(file);
    let (ast, found) = dsl::parse(file, text);
    if found.has_errors() || ast.incomplete {
        return Err(Unformatted::Wrong(found));
    }
    let formatted = laid_out(text);
    let mut candidates = [with_line_ends_of(text, &formatted), formatted].into_iter();
    candidates.find(|formatted| is_same(&ast, text, file, formatted)).ok_or(Unformatted::Changed)
}

/// The layout of a text that parses.
fn laid_out(text: &str) -> String {
    lines::file(&token::tokens(text.strip_prefix('\u{feff}').unwrap_or(text)))
}

/// A file with Windows line ends keeps them (unless they are mixed in a text of several lines).
fn with_line_ends_of(text: &str, formatted: &str) -> String {
    let windows = text.find('\n').is_some_and(|newline| text[..newline].ends_with('\r'));
    let plain = formatted.replace("\r\n", "\n");
    if windows { plain.replace('\n', "\r\n") } else { formatted.to_owned() }
}

/// Whether both texts give one tree and have the same comments in the same order.
fn is_same(ast: &Ast, text: &str, file: FileId, formatted: &str) -> bool {
    let (other, problems) = dsl::parse(file, formatted);
    !problems.has_errors() && other == *ast && comments(text).eq(comments(formatted))
}

fn comments(text: &str) -> impl Iterator<Item = &str> {
    let all = Pieces::new(text, 0).filter(|(piece, ..)| *piece == Piece::Comment);
    all.map(|(_, start, end)| text[start..end].trim_end())
}

#[cfg(test)]
mod tests;
