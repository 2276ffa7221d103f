//! The clauses of a table: those of a source, and its key.

use crate::syntax::ast::{FieldDef, Name, Table};
use crate::syntax::dsl::builder::{Builder, only};
use crate::syntax::dsl::{Pair, Rule};

use super::{Clauses, Seen, SourceClauses};

pub(in crate::syntax::dsl) struct TableClauses {
    records: SourceClauses,
    key: Vec<Name>,
    seen: Seen,
}

impl TableClauses {
    pub(in crate::syntax::dsl) fn new(name: Name) -> Self {
        Self { records: SourceClauses::new(name), key: Vec::new(), seen: Seen::default() }
    }
}

impl Clauses for TableClauses {
    type Node = Table;

    fn take(&mut self, builder: &mut Builder<'_, '_>, clause: Pair<'_>) {
        if clause.as_rule() != Rule::key {
            self.records.take(builder, clause);
        } else if self.seen.first(builder, &clause) {
            self.key = builder.names(&only(&clause));
        }
    }

    fn field(&mut self, field: FieldDef) {
        self.records.field(field);
    }

    fn finish(self) -> Table {
        Table::of(self.records.finish(), self.key)
    }
}
