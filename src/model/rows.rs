//! What those who read a source or a stream see of it, and the scopes of definitions that read them.

use std::collections::BTreeSet;

use crate::types::Field;

use super::{GroupBy, Input, Join, Lookup, Model, ORIGIN, SourceId, StreamBody};

/// The rows of a source or stream.
#[derive(Debug, Clone)]
pub struct Rows<'m> {
    pub name: &'m str,
    pub fields: Vec<&'m Field>,
    /// Slot of the event time.
    pub event_time: usize,
    /// Slot of the event id; without one the rows are at-least-once (rule S10).
    pub event_id: Option<usize>,
    /// The sources they come from.
    pub sources: BTreeSet<SourceId>,
    /// The largest of its sources.
    pub disorder_ms: i64,
    /// The smallest of its sources.
    pub retention_ms: i64,
}

impl Model {
    /// What is seen of a source or stream.
    #[must_use]
    pub fn rows(&self, input: Input) -> Rows<'_> {
        let sources = self.sources_of(input);
        let each = || sources.iter().map(|id| self.source(*id));
        let disorder_ms = each().map(|source| source.disorder_ms).max().unwrap_or(0);
        let retention_ms = each().map(|source| source.retention_ms).min().unwrap_or(0);
        let (name, fields, event_time, event_id) = match input {
            Input::Source(id) => {
                let source = self.source(id);
                let fields = source.fields.iter().map(|field| &field.field).collect();
                (source.name.as_str(), fields, source.event_time, source.event_id)
            }
            Input::Stream(id) => {
                let stream = self.stream(id);
                (stream.name.as_str(), stream.fields.iter().collect(), stream.event_time, stream.event_id)
            }
        };
        Rows { name, fields, event_time, event_id, sources, disorder_ms, retention_ms }
    }

    /// The sources that a source or stream comes from.
    #[must_use]
    pub fn sources_of(&self, input: Input) -> BTreeSet<SourceId> {
        let (mut found, mut open) = (BTreeSet::new(), vec![input]);
        let mut seen = BTreeSet::new();
        while let Some(next) = open.pop() {
            match next {
                Input::Source(id) => drop(found.insert(id)),
                Input::Stream(id) if seen.insert(id) => match &self.stream(id).body {
                    StreamBody::Derive(derivation) => open.push(derivation.from),
                    StreamBody::Union(inputs) => open.extend(inputs),
                },
                Input::Stream(_) => {}
            }
        }
        found
    }

    /// The columns that lets, conditions and aggregates of a group by see, in slot order.
    #[must_use]
    pub fn group_by_scope(&self, group_by: &GroupBy) -> Vec<Field> {
        let mut scope: Vec<Field> = self.rows(group_by.from).fields.into_iter().cloned().collect();
        scope.extend(group_by.lookups.iter().flat_map(|lookup| self.looked_up(lookup)));
        let lets = group_by.lets.iter();
        scope
            .extend(lets.map(|column| Field::new(&column.name, column.expr.data_type, column.expr.nullable)));
        scope
    }

    /// The columns of a join's left rows: without [`ORIGIN`], which would be the last.
    #[must_use]
    pub fn left_fields(&self, join: &Join) -> Vec<Field> {
        let fields = self.rows(join.left).fields.into_iter();
        fields.filter(|field| field.name != ORIGIN).cloned().collect()
    }

    /// The columns a lookup adds: null where the table has no row.
    #[must_use]
    pub fn looked_up(&self, lookup: &Lookup) -> Vec<Field> {
        let table = self.table(lookup.table);
        let field = |slot: &usize| Field { nullable: true, ..table.fields[*slot].field.clone() };
        lookup.columns.iter().map(field).collect()
    }
}
