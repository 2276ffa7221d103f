//! Ast → DSL text, in the layout of `windrow fmt`. What it prints parses to the same tree.
//!
//! Clauses stand in the order of their places, where the tree has some; else in the order of the
//! reference.

mod clause;
mod convert;
mod definition;
mod expr;
mod stream;
mod test;
mod types;
mod word;

use crate::diag::SourceMap;

use super::ast::{Ast, ExprKind};
use super::fmt;
use clause::Block;
pub use convert::convert;

/// The DSL text of a tree.
#[must_use]
pub fn print(ast: &Ast) -> String {
    laid_out(blocks(ast).iter().map(Block::text).collect::<Vec<_>>().join("\n"))
}

/// An expression as DSL text, with no more parentheses than it needs.
#[must_use]
pub fn print_expr(expr: &ExprKind) -> String {
    expr::text(expr)
}

fn blocks(ast: &Ast) -> Vec<Block> {
    ast.definitions.iter().map(definition::block).collect()
}

/// The text in columns; as it is, if the tree was no tree of a text.
fn laid_out(text: String) -> String {
    let mut sources = SourceMap::default();
    let file = sources.add("printed.wr", text.as_str());
    fmt::format(&sources, file).unwrap_or(text)
}
