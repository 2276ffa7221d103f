//! The clauses of a source.

use crate::syntax::ast::{FieldDef, History, Name, Source};
use crate::syntax::dsl::builder::{Builder, only, parts};
use crate::syntax::dsl::{Pair, Rule};

use super::{Clauses, Seen};

pub(in crate::syntax::dsl) struct SourceClauses {
    node: Source,
    seen: Seen,
}

impl SourceClauses {
    pub(in crate::syntax::dsl) fn new(name: Name) -> Self {
        Self { node: Source::named(name), seen: Seen::default() }
    }
}

impl Clauses for SourceClauses {
    type Node = Source;

    fn take(&mut self, builder: &mut Builder<'_, '_>, clause: Pair<'_>) {
        if clause.as_rule() != Rule::history && !self.seen.first(builder, &clause) {
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
            Rule::history => node.history.push(builder.history(&clause)),
            _ => builder.about(&mut node.about, &clause),
        }
    }

    fn field(&mut self, field: FieldDef) {
        self.node.schema.push(field);
    }

    fn finish(self) -> Source {
        self.node
    }
}

impl Builder<'_, '_> {
    /// `history "files" [until '…']`
    fn history(&mut self, pair: &Pair<'_>) -> History {
        let mut inner = parts(pair);
        let files = inner.next().expect("a history names its files");
        let files = self.label(&files);
        let until = inner.next().map(|until| self.text(&only(&until)));
        History { files, until }
    }
}
