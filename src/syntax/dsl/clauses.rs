//! Clause by clause into the nodes of the tree. Clauses stand in any order; those that may stand once
//! are checked here.

use crate::diag::{Code, Diagnostic, Span, Spanned};
use crate::syntax::ast::{Binding, GroupBy, Join, Name, Source};

use super::builder::{Builder, end, only, parts};
use super::{Pair, Rule};

/// Takes the clauses of one kind of block.
pub(super) trait Clauses {
    fn take(&mut self, builder: &mut Builder<'_, '_>, clause: Pair<'_>);

    /// What follows the last clause on its line is a mistake, which may belong to it: `where a == b`.
    fn distrust(&mut self) {}

    /// Reading went on behind a mistake: offsets count from there.
    fn resumed(&mut self) {}
}

/// The clauses seen so far that may stand once.
#[derive(Debug, Default)]
struct Seen(Vec<(Rule, Span)>);

pub(super) struct SourceClauses {
    pub(super) node: Source,
    seen: Seen,
}

pub(super) struct GroupByClauses {
    pub(super) node: GroupBy,
    seen: Seen,
    /// Where the clause before ended, if it was a feature: offset in the excerpt.
    feature_end: Option<usize>,
    last: Option<Rule>,
}

pub(super) struct JoinClauses {
    pub(super) node: Join,
    seen: Seen,
    last: Option<Rule>,
}

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

impl SourceClauses {
    pub(super) fn new(name: Name) -> Self {
        Self { node: Source::named(name), seen: Seen::default() }
    }
}

impl Clauses for SourceClauses {
    fn take(&mut self, builder: &mut Builder<'_, '_>, clause: Pair<'_>) {
        if !self.seen.first(builder, &clause) {
            return;
        }
        let node = &mut self.node;
        match clause.as_rule() {
            Rule::topic => node.topic = Some(builder.topic_ref(&only(&clause))),
            Rule::format => node.format = builder.format(parts(&clause)),
            Rule::schema => node.schema = parts(&clause).filter_map(|field| builder.field(&field)).collect(),
            Rule::event_time => node.event_time = Some(builder.name(&only(&clause))),
            Rule::event_id => node.event_id = Some(builder.name(&only(&clause))),
            Rule::disorder => node.disorder = builder.duration(&only(&clause)),
            Rule::ahead => node.ahead = builder.duration(&only(&clause)),
            Rule::retention => node.retention = builder.duration(&only(&clause)),
            Rule::doc => node.about.doc = Some(builder.label(&only(&clause))),
            _ => node.about.owner = Some(builder.label(&only(&clause))),
        }
    }
}

impl GroupByClauses {
    pub(super) fn new(name: Name) -> Self {
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

/// A suffix of an aggregate that stands in the wrong place.
pub(super) fn suffix_order(word: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::E0115, span, format!("`{word}` stands in the wrong place"))
        .hint("an aggregate's suffixes stand in this order: `sum(x) where … over 1h, 24h tail hop`")
}

impl Clauses for GroupByClauses {
    fn distrust(&mut self) {
        match self.last.take() {
            Some(Rule::filter) => self.node.filter = None,
            Some(Rule::feature) => drop(self.node.features.pop()),
            Some(Rule::binding) => drop(self.node.lets.pop()),
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
        let many = matches!(rule, Rule::feature | Rule::binding);
        if misplaced || !(many || self.seen.first(builder, &clause)) {
            return;
        }
        let node = &mut self.node;
        match rule {
            Rule::from => node.from = Some(builder.name(&only(&clause))),
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
            Rule::publish => node.publish = Some(builder.publish(&only(&clause))),
            Rule::doc => node.about.doc = Some(builder.label(&only(&clause))),
            _ => node.about.owner = Some(builder.label(&only(&clause))),
        }
    }
}

impl JoinClauses {
    pub(super) fn new(name: Name) -> Self {
        Self { node: Join::named(name), seen: Seen::default(), last: None }
    }
}

impl Clauses for JoinClauses {
    fn distrust(&mut self) {
        match self.last.take() {
            Some(Rule::derived) => drop(self.node.derived.pop()),
            Some(Rule::part) => drop(self.node.parts.pop()),
            _ => {}
        }
    }

    fn take(&mut self, builder: &mut Builder<'_, '_>, clause: Pair<'_>) {
        let rule = clause.as_rule();
        self.last = Some(rule);
        let many = matches!(rule, Rule::derived | Rule::part);
        if !(many || self.seen.first(builder, &clause)) {
            return;
        }
        let node = &mut self.node;
        match rule {
            Rule::left => node.left = Some(builder.name(&only(&clause))),
            Rule::part => node.parts.push(builder.join_part(&only(&clause))),
            Rule::derived => node.derived.extend(builder.binding(&clause)),
            Rule::hold_for => node.hold_for = builder.duration(&only(&clause)),
            Rule::left_late => node.left_late = builder.duration(&only(&clause)),
            Rule::publish => node.publish = Some(builder.publish(&only(&clause))),
            Rule::doc => node.about.doc = Some(builder.label(&only(&clause))),
            _ => node.about.owner = Some(builder.label(&only(&clause))),
        }
    }
}

impl Builder<'_, '_> {
    /// `NAME = EXPR`, unless the expression is wrong.
    fn binding(&mut self, pair: &Pair<'_>) -> Option<Binding> {
        let mut inner = parts(pair);
        let (name, value) = inner.next().zip(inner.next())?;
        let name: Spanned<String> = self.name(&name);
        Some(Binding { name, expr: self.expr(value)? })
    }
}
