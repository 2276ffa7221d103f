//! The DSL front end: blocks from the scanner, clauses from pest, both into the [`Ast`].

mod body;
mod builder;
mod clauses;
mod complain;
mod expr;
mod lookup;
mod operator;
mod parts;
mod query;
pub(super) mod read;
mod types;

use crate::diag::{Diagnostics, FileId, Spanned};

use super::ast::{Ast, Definition, Name};
use super::blocks::{self, Block};
use super::excerpt::Excerpt;
use super::words::Header;

pub(super) use builder::Builder;
pub use query::parse_query;

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
    let name = header_name(file, text, block.name, block.kind.header() == Header::Name, problems);
    let of = block.of.map(|of| header_name(file, text, of, true, problems));
    let known = problems.error_count();
    let mut definition = body::definition(file, text, block, name, of, problems);
    if problems.error_count() > known || !block.reported.is_empty() {
        definition.set_incomplete();
    }
    Some(definition)
}

/// A name of a block's header: an identifier, or any title.
fn header_name(
    file: FileId,
    text: &str,
    (start, end): (usize, usize),
    is_identifier: bool,
    problems: &mut Diagnostics,
) -> Name {
    let written = &text[start..end];
    let excerpt = Excerpt::slice(file, start, written);
    let span = excerpt.span(0, written.len());
    let name = is_identifier.then(|| Builder::new(excerpt, problems).checked_name(written, span)).flatten();
    name.unwrap_or_else(|| Spanned::new(builder::without_quotes(written), span))
}

#[cfg(test)]
mod tests;
