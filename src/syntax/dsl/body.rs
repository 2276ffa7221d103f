//! The clauses of one block, as far as they can be read: after a mistake reading goes on at the next
//! line that begins a clause, so that several problems of one block show in one run.

use pest::Parser as _;

use crate::diag::{Diagnostics, FileId};
use crate::syntax::ast::{Definition, Name};
use crate::syntax::blocks::{Block, PROBLEMS_MAX};
use crate::syntax::excerpt::Excerpt;
use crate::syntax::lexer::{Piece, Pieces, skip_blank, token};
use crate::syntax::words::{self, Kind};

use super::builder::{Builder, end, only, parts};
use super::clauses::{
    Clauses, ConstantsClauses, GroupByClauses, JoinClauses, SourceClauses, StreamClauses, TableClauses,
    TestClauses,
};
use super::complain::Failure;
use super::{Grammar, Pair, Rule};

/// Each mistake costs two passes over the rest of its block; beyond this much text there are fewer.
const PASSES_BYTES_MAX: usize = 4 << 20;

/// The definition of a block, with what is good of its body.
pub(super) fn definition(
    file: FileId,
    text: &str,
    block: &Block,
    name: Name,
    of: Option<Name>,
    problems: &mut Diagnostics,
) -> Definition {
    let body = Body { file, text, block };
    match block.kind {
        Kind::Source => Definition::Source(body.read(SourceClauses::new(name), problems)),
        Kind::Table => Definition::Table(body.read(TableClauses::new(name), problems)),
        Kind::Stream => Definition::Stream(body.read(StreamClauses::new(name), problems)),
        Kind::GroupBy => Definition::GroupBy(body.read(GroupByClauses::new(name), problems)),
        Kind::Join => Definition::Join(body.read(JoinClauses::new(name), problems)),
        Kind::Constants => Definition::Constants(body.read(ConstantsClauses::new(name), problems)),
        Kind::Test => Definition::Test(body.read(TestClauses::new(of, name), problems)),
    }
}

#[derive(Clone, Copy)]
struct Body<'a> {
    file: FileId,
    text: &'a str,
    block: &'a Block,
}

impl Body<'_> {
    /// Reads the whole body, or what is good of it.
    fn read<C: Clauses>(self, mut clauses: C, problems: &mut Diagnostics) -> C::Node {
        let Block { kind, body: (start, end), .. } = *self.block;
        let whole = Excerpt::slice(self.file, start, &self.text[start..end]);
        let reported: Vec<usize> =
            self.block.reported.iter().filter_map(|place| place.checked_sub(start)).collect();
        let mut from = 0;
        for _ in 0..(PASSES_BYTES_MAX / whole.text.len().max(1)).clamp(1, PROBLEMS_MAX) {
            let excerpt = whole.rest(from);
            let Some(failure) = read_from(excerpt, kind, problems, &mut clauses) else { break };
            let next = recover(whole.text, from + failure.start, from + failure.far, &reported, kind);
            let known = reported.iter().any(|place| (from + failure.start..next).contains(place))
                || is_unit_apart(whole.text, from + failure.start);
            // The scanner's problem in this clause is the cause; a second message would be noise.
            if !known && !reported.contains(&(from + failure.far)) {
                complain(&failure, excerpt, next - from, kind, problems, &mut clauses);
            }
            from = next;
            clauses.resumed();
        }
        clauses.finish()
    }
}

/// `10 s`: the number without a unit is the mistake, which is reported.
fn is_unit_apart(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\t']);
    words::unit(token(text, at)).is_some() && before.ends_with(|c: char| c.is_ascii_digit())
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

/// Reports a mistake that ends at `next` at the latest, and reads what is good of it.
fn complain(
    failure: &Failure,
    excerpt: Excerpt<'_>,
    next: usize,
    kind: Kind,
    problems: &mut Diagnostics,
    clauses: &mut impl Clauses,
) {
    if let Some(inside) = schema(&excerpt, failure.start) {
        fields(inside, kind, problems, clauses);
        return;
    }
    problems.push(failure.diagnostic(&excerpt, Some(kind)));
    for problem in failure.foreign_after(&excerpt, next) {
        problems.push(problem);
    }
}

/// The inside of the schema that begins here, with its end.
fn schema<'e>(excerpt: &Excerpt<'e>, start: usize) -> Option<Excerpt<'e>> {
    let mut pieces = Pieces::new(excerpt.text, start)
        .filter(|(piece, ..)| !matches!(piece, Piece::Blank | Piece::Comment));
    let (_, from, to) = pieces.next()?;
    let (_, _, open) = pieces.next().filter(|(piece, ..)| *piece == Piece::Open('{'))?;
    let mut depth = 1_usize;
    let (_, _, end) = pieces.find(|(piece, ..)| {
        match piece {
            Piece::Open(_) => depth += 1,
            Piece::Close(_) => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    (&excerpt.text[from..to] == "schema").then(|| excerpt.until(end).rest(open))
}

/// Reads a schema field by field: those that are good, and a problem for each line that is not.
fn fields(inside: Excerpt<'_>, kind: Kind, problems: &mut Diagnostics, clauses: &mut impl Clauses) {
    let mut from = 0;
    for _ in 0..(PASSES_BYTES_MAX / inside.text.len().max(1)).clamp(1, PROBLEMS_MAX) {
        let excerpt = inside.rest(from);
        let (pairs, error) = match Grammar::parse(Rule::fields_body, excerpt.text) {
            Ok(pairs) => (Ok(pairs), None),
            Err(error) => (Grammar::parse(Rule::fields_start, excerpt.text), Some(error)),
        };
        let good: Vec<Pair<'_>> = pairs.into_iter().flatten().flat_map(|body| parts(&body)).collect();
        let start = skip_blank(excerpt.text, good.last().map_or(0, end));
        // What follows a field on its line may belong to it: `tags list<strin g>`.
        let is_last_bad =
            error.is_some() && good.last().is_some_and(|last| !excerpt.text[end(last)..start].contains('\n'));
        let mut builder = Builder::new(excerpt, problems);
        for pair in &good[..good.len() - usize::from(is_last_bad)] {
            builder.field(pair).into_iter().for_each(|field| clauses.field(field));
        }
        let Some(error) = error else { return };
        let failure = Failure::new(&error, start, excerpt.text);
        problems.push(failure.diagnostic(&excerpt, Some(kind)));
        from += recover(excerpt.text, failure.start, failure.far, &[], kind);
        if from >= inside.text.len() {
            return;
        }
    }
}

const fn rules(kind: Kind) -> (Rule, Rule) {
    match kind {
        Kind::Source => (Rule::source_body, Rule::source_start),
        Kind::Table => (Rule::table_body, Rule::table_start),
        Kind::Stream => (Rule::stream_body, Rule::stream_start),
        Kind::GroupBy => (Rule::group_by_body, Rule::group_by_start),
        Kind::Join => (Rule::join_body, Rule::join_start),
        Kind::Constants => (Rule::constants_body, Rule::constants_start),
        Kind::Test => (Rule::test_body, Rule::test_start),
    }
}

/// The next line, from the mistake on, that begins a clause: outside the brackets opened since `start`
/// (unless one of them is never closed).
fn recover(text: &str, start: usize, far: usize, reported: &[usize], kind: Kind) -> usize {
    let (mut depth, mut new_line) = (0_usize, false);
    for (piece, from, to) in Pieces::new(text, start) {
        match piece {
            Piece::Blank => new_line |= text[from..to].contains('\n'),
            Piece::Comment => {}
            Piece::Word if new_line && depth == 0 && from >= far && from > start => {
                if !words::continues_a_clause(&text[from..to], kind) {
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
