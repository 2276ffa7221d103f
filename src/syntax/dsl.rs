//! The DSL front end: blocks from the scanner, clauses from pest, both into the [`Ast`].

mod body;
mod builder;
mod clauses;
mod complain;
mod expr;
mod operator;
mod parts;
pub(super) mod read;

use crate::diag::{Diagnostics, FileId, Spanned};

use super::ast::{Ast, Definition};
use super::blocks::{self, Block};
use super::excerpt::Excerpt;
use super::words::Kind;

pub(super) use builder::Builder;

/// The generated parser; pest stays inside this module.
#[derive(pest_derive::Parser)]
#[grammar = "../grammar/feature.pest"]
pub(super) struct Grammar;

type Pair<'i> = pest::iterators::Pair<'i, Rule>;

/// Parses a whole DSL file.
pub(super) fn parse(file: FileId, text: &str) -> (Ast, Diagnostics) {
    let mut problems = Diagnostics::default();
    let blocks = blocks::split(file, text, &mut problems);
    // What the scanner reported outside of the blocks that it found may be definitions.
    let inside: usize = blocks.iter().map(|block| block.reported.len()).sum();
    let incomplete = problems.error_count() > inside;
    let definitions = blocks.iter().map_while(|block| definition(file, text, block, &mut problems)).collect();
    (Ast { definitions, incomplete }, problems)
}

fn definition(file: FileId, text: &str, block: &Block, problems: &mut Diagnostics) -> Option<Definition> {
    if problems.is_full() {
        return None;
    }
    let (start, end) = block.name;
    let excerpt = Excerpt::slice(file, start, &text[start..end]);
    let mut builder = Builder::new(excerpt, problems);
    let name = builder.checked_name(&text[start..end], excerpt.span(0, end - start));
    let name = name.unwrap_or_else(|| Spanned::new(text[start..end].into(), excerpt.span(0, end - start)));
    let known = problems.error_count();
    let mut definition = match block.kind {
        Kind::Source => Definition::Source(body::source(file, text, block, name, problems)),
        Kind::GroupBy => Definition::GroupBy(body::group_by(file, text, block, name, problems)),
        Kind::Join => Definition::Join(body::join(file, text, block, name, problems)),
    };
    if problems.error_count() > known || !block.reported.is_empty() {
        definition.set_incomplete();
    }
    Some(definition)
}

#[cfg(test)]
mod tests;
