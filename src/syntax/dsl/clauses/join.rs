//! The clauses of a join.

use crate::syntax::ast::{Join, Name};
use crate::syntax::dsl::builder::{Builder, only};
use crate::syntax::dsl::{Pair, Rule};

use super::{Clauses, Seen};

pub(in crate::syntax::dsl) struct JoinClauses {
    node: Join,
    seen: Seen,
    last: Option<Rule>,
}

impl JoinClauses {
    pub(in crate::syntax::dsl) fn new(name: Name) -> Self {
        Self { node: Join::named(name), seen: Seen::default(), last: None }
    }
}

impl Clauses for JoinClauses {
    type Node = Join;

    fn distrust(&mut self) {
        match self.last.take() {
            Some(Rule::derived) => drop(self.node.derived.pop()),
            Some(Rule::part) => drop(self.node.parts.pop()),
            Some(Rule::lookup) => drop(self.node.lookups.pop()),
            _ => {}
        }
    }

    fn take(&mut self, builder: &mut Builder<'_, '_>, clause: Pair<'_>) {
        let rule = clause.as_rule();
        self.last = Some(rule);
        let many = matches!(rule, Rule::derived | Rule::part | Rule::lookup);
        if !(many || self.seen.first(builder, &clause)) {
            return;
        }
        let node = &mut self.node;
        match rule {
            Rule::left => node.left = Some(builder.name(&only(&clause))),
            Rule::part => node.parts.push(builder.join_part(&only(&clause))),
            Rule::lookup => node.lookups.push(builder.lookup(&only(&clause))),
            Rule::derived => node.derived.extend(builder.binding(&clause)),
            Rule::join_mode => node.mode = Some(builder.join_mode(&only(&clause))),
            Rule::hold_for => node.hold_for = builder.duration(&only(&clause)),
            Rule::left_late => node.left_late = builder.duration(&only(&clause)),
            Rule::publish => node.publish = builder.publish(&only(&clause)),
            _ => builder.about(&mut node.about, &clause),
        }
    }

    fn finish(self) -> Join {
        self.node
    }
}
