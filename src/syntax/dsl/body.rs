//! The clauses of one block, as far as they can be read: after a mistake reading goes on at the next
//! line that begins a clause, so that several problems of one block show in one run.

use pest::Parser as _;

use crate::diag::{Diagnostics, FileId};
use crate::syntax::ast::{GroupBy, Join, Name, Source};
use crate::syntax::blocks::{Block, PROBLEMS_MAX};
use crate::syntax::excerpt::Excerpt;
use crate::syntax::lexer::{Piece, Pieces, skip_blank};
use crate::syntax::words::{self, Kind};

use super::builder::{Builder, end, only};
use super::clauses::{Clauses, GroupByClauses, JoinClauses, SourceClauses};
use super::complain::Failure;
use super::{Grammar, Pair, Rule};

/// Each mistake costs two passes over the rest of its block; beyond this much text there are fewer.
const PASSES_BYTES_MAX: usize = 4 << 20;

pub(super) fn source(
    file: FileId,
    text: &str,
    block: &Block,
    name: Name,
    problems: &mut Diagnostics,
) -> Source {
    let mut clauses = SourceClauses::new(name);
    read(file, text, block, problems, &mut clauses);
    clauses.node
}

pub(super) fn group_by(
    file: FileId,
    text: &str,
    block: &Block,
    name: Name,
    problems: &mut Diagnostics,
) -> GroupBy {
    let mut clauses = GroupByClauses::new(name);
    read(file, text, block, problems, &mut clauses);
    clauses.node
}

pub(super) fn join(file: FileId, text: &str, block: &Block, name: Name, problems: &mut Diagnostics) -> Join {
    let mut clauses = JoinClauses::new(name);
    read(file, text, block, problems, &mut clauses);
    clauses.node
}

/// Reads the whole body, or what is good of it.
fn read(file: FileId, text: &str, block: &Block, problems: &mut Diagnostics, clauses: &mut impl Clauses) {
    let (start, end) = block.body;
    let whole = Excerpt::slice(file, start, &text[start..end]);
    let reported: Vec<usize> = block.reported.iter().filter_map(|place| place.checked_sub(start)).collect();
    let mut from = 0;
    for _ in 0..(PASSES_BYTES_MAX / whole.text.len().max(1)).clamp(1, PROBLEMS_MAX) {
        let excerpt = whole.rest(from);
        let Some(failure) = read_from(excerpt, block.kind, problems, clauses) else { return };
        let next = recover(whole.text, from + failure.start, from + failure.far, &reported);
        let known = reported.iter().any(|place| (from + failure.start..next).contains(place));
        // The scanner's problem in this clause is the cause; a second message would be noise.
        if !known && !reported.contains(&(from + failure.far)) {
            problems.push(failure.diagnostic(&excerpt, Some(block.kind)));
            for problem in failure.foreign_after(&excerpt, next - from) {
                problems.push(problem);
            }
        }
        from = next;
        clauses.resumed();
    }
}

/// Reads the clauses up to the first mistake, which it returns.
fn read_from(
    excerpt: Excerpt<'_>,
    kind: Kind,
    problems: &mut Diagnostics,
    clauses: &mut impl Clauses,
) -> Option<Failure> {
    let (body, start) = rules(kind);
    let (pairs, error) = match Grammar::parse(body, excerpt.text) {
        Ok(pairs) => (Ok(pairs), None),
        Err(error) => (Grammar::parse(start, excerpt.text), Some(error)),
    };
    let mut builder = Builder::new(excerpt, problems);
    let mut good = 0;
    for clause in pairs.into_iter().flatten().flat_map(Pair::into_inner) {
        if clause.as_rule() != Rule::EOI {
            good = end(&clause);
            clauses.take(&mut builder, only(&clause));
        }
    }
    error.map(|error| {
        let start = skip_blank(excerpt.text, good);
        if !excerpt.text[good..start].contains('\n') {
            clauses.distrust();
        }
        Failure::new(&error, start, excerpt.text)
    })
}

const fn rules(kind: Kind) -> (Rule, Rule) {
    match kind {
        Kind::Source => (Rule::source_body, Rule::source_start),
        Kind::GroupBy => (Rule::group_by_body, Rule::group_by_start),
        Kind::Join => (Rule::join_body, Rule::join_start),
    }
}

/// The next line, from the mistake on, that begins a clause: outside the brackets opened since `start`
/// (unless one of them is never closed).
fn recover(text: &str, start: usize, far: usize, reported: &[usize]) -> usize {
    let (mut depth, mut new_line) = (0_usize, false);
    for (piece, from, to) in Pieces::new(text, start) {
        match piece {
            Piece::Blank => new_line |= text[from..to].contains('\n'),
            Piece::Comment => {}
            Piece::Word if new_line && depth == 0 && from >= far && from > start => {
                if !words::continues_a_clause(&text[from..to]) {
                    return from;
                }
                new_line = false;
            }
            Piece::Open(_) if !reported.contains(&from) => depth += 1,
            Piece::Close(_) => depth = depth.saturating_sub(1),
            Piece::Open(_) | Piece::Word | Piece::Quoted { .. } | Piece::Symbol(_) => new_line = false,
        }
    }
    text.len()
}
