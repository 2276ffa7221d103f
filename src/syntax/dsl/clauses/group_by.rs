//! The clauses of a group by.

use crate::diag::{Code, Diagnostic, Span};
use crate::syntax::ast::{GroupBy, Name};
use crate::syntax::dsl::builder::{Builder, end, only, parts};
use crate::syntax::dsl::{Pair, Rule};

use super::{Clauses, Seen};

pub(in crate::syntax::dsl) struct GroupByClauses {
    node: GroupBy,
    seen: Seen,
    /// Where the clause before ended, if it was a feature: offset in the excerpt.
    feature_end: Option<usize>,
    last: Option<Rule>,
}

/// A suffix of an aggregate that stands in the wrong place.
pub(in crate::syntax::dsl) fn suffix_order(word: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::E0115, span, format!("`{word}` stands in the wrong place")).hint(
        "an aggregate's suffixes stand in this order: `sum(x) where … by … over 1h, 24h tail hop default 0`",
    )
}

impl GroupByClauses {
    pub(in crate::syntax::dsl) fn new(name: Name) -> Self {
        Self { node: GroupBy::named(name), seen: Seen::default(), feature_end: None, last: None }
    }

    /// `where` behind a feature on its line is meant for the feature, where it comes before `over`.
    fn where_after_feature(&self, builder: &mut Builder<'_, '_>, clause: &Pair<'_>) -> bool {
        let start = clause.as_span().start();
        let Some(end) = self.feature_end.filter(|end| !builder.excerpt.text[*end..start].contains('\n'))
        else {
            return false;
        };
        debug_assert!(end <= start);
        let span = builder.excerpt.span(start, start + "where".len());
        builder.problems.push(suffix_order("where", span));
        true
    }
}

impl Clauses for GroupByClauses {
    type Node = GroupBy;

    fn distrust(&mut self) {
        match self.last.take() {
            Some(Rule::filter) => self.node.filter = None,
            Some(Rule::feature) => drop(self.node.features.pop()),
            Some(Rule::binding) => drop(self.node.lets.pop()),
            Some(Rule::lookup) => drop(self.node.lookups.pop()),
            _ => {}
        }
    }

    fn resumed(&mut self) {
        self.feature_end = None;
    }

    fn take(&mut self, builder: &mut Builder<'_, '_>, clause: Pair<'_>) {
        let rule = clause.as_rule();
        let misplaced = rule == Rule::filter && self.where_after_feature(builder, &clause);
        self.feature_end = (rule == Rule::feature).then(|| end(&clause));
        self.last = Some(rule);
        let many = matches!(rule, Rule::feature | Rule::binding | Rule::lookup);
        if misplaced || !(many || self.seen.first(builder, &clause)) {
            return;
        }
        let node = &mut self.node;
        match rule {
            Rule::from => node.from = Some(builder.name(&only(&clause))),
            Rule::lookup => node.lookups.push(builder.lookup(&only(&clause))),
            Rule::filter => node.filter = builder.expr(only(&clause)),
            Rule::binding => node.lets.extend(builder.binding(&clause)),
            Rule::key => node.key = builder.names(&only(&clause)),
            Rule::feature => {
                let mut inner = parts(&clause);
                let name = inner.next().map(|name| builder.name(&name));
                let aggregate = inner.next();
                node.features
                    .extend(name.zip(aggregate).and_then(|(name, pair)| builder.feature(name, &pair)));
            }
            Rule::refresh => node.refresh = builder.duration(&only(&clause)),
            Rule::ttl => node.ttl = builder.duration(&only(&clause)),
            Rule::unbounded => node.unbounded = Some(builder.span(&clause)),
            Rule::publish => node.publish = builder.publish(&only(&clause)),
            _ => builder.about(&mut node.about, &clause),
        }
    }

    fn finish(self) -> GroupBy {
        self.node
    }
}
