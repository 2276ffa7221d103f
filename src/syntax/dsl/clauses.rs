//! Clause by clause into the nodes of the tree, a file per kind of definition. Clauses stand in any
//! order; those that may stand once are checked here.

mod constants;
mod group_by;
mod join;
mod source;
mod stream;
mod table;
mod test;

use crate::diag::{Code, Diagnostic, Span, Spanned};
use crate::syntax::ast::{About, Binding, FieldDef};

use super::builder::{Builder, only, parts};
use super::{Pair, Rule};

pub(super) use constants::ConstantsClauses;
pub(super) use group_by::{GroupByClauses, suffix_order};
pub(super) use join::JoinClauses;
pub(super) use source::SourceClauses;
pub(super) use stream::StreamClauses;
pub(super) use table::TableClauses;
pub(super) use test::TestClauses;

/// Takes the clauses of one kind of block.
pub(super) trait Clauses {
    type Node;

    fn take(&mut self, builder: &mut Builder<'_, '_>, clause: Pair<'_>);

    /// What follows the last clause on its line is a mistake, which may belong to it: `where a == b`.
    fn distrust(&mut self) {}

    /// Reading went on behind a mistake: offsets count from there.
    fn resumed(&mut self) {}

    /// A field of a schema that is not good as a whole.
    fn field(&mut self, _field: FieldDef) {}

    fn finish(self) -> Self::Node;
}

/// The clauses seen so far that may stand once.
#[derive(Debug, Default)]
struct Seen(Vec<(Rule, Span)>);

impl Seen {
    /// False, and reported, the second time.
    fn first(&mut self, builder: &mut Builder<'_, '_>, clause: &Pair<'_>) -> bool {
        let (rule, span) = (clause.as_rule(), builder.span(clause));
        let Some((_, first)) = self.0.iter().find(|(seen, _)| *seen == rule) else {
            self.0.push((rule, span));
            return true;
        };
        let word = clause.as_str().split_whitespace().next().unwrap_or_default();
        let error = Diagnostic::error(Code::E0110, span, format!("`{word}` is given twice"));
        builder.problems.push(error.also(*first, "first given here").hint("keep one of them"));
        false
    }
}

impl Builder<'_, '_> {
    /// `doc`, `owner`, `tags`, `deprecated`.
    fn about(&mut self, about: &mut About, clause: &Pair<'_>) {
        match clause.as_rule() {
            Rule::doc => about.doc = Some(self.label(&only(clause))),
            Rule::owner => about.owner = Some(self.label(&only(clause))),
            Rule::tags => about.tags = self.labels(&only(clause)),
            _ => about.deprecated = Some(self.label(&only(clause))),
        }
    }

    /// `NAME = EXPR`, unless the expression is wrong.
    fn binding(&mut self, pair: &Pair<'_>) -> Option<Binding> {
        let mut inner = parts(pair);
        let (name, value) = inner.next().zip(inner.next())?;
        let name: Spanned<String> = self.name(&name);
        Some(Binding { name, expr: self.expr(value)? })
    }
}
