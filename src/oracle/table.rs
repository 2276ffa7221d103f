//! Rows by key, as the oracle expects them or as an engine put them out.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::model::{GroupById, JoinId, Model, PublishMode};
use crate::types::{Row, Value};

use super::join::latest_rows;
use super::number::order;
use super::{Records, empty_row, group_by_rows, join_rows};

/// The key of a row, in order of its parts; nulls first.
#[derive(Debug, Clone)]
pub struct Key(pub Row);

/// A set of rows to compare: of a group by one per key, of a join one per left event.
#[derive(Debug, Clone)]
pub struct Table {
    /// The columns of a row, without the key.
    pub columns: Vec<String>,
    /// What a key without a row equals (S0): V(∅) for a group by, nothing for a join.
    pub absent: Option<Row>,
    /// Two left events of one id (S10) have two rows under one key.
    pub rows: BTreeMap<Key, Vec<Row>>,
}

/// The expected rows of a group by as of `q`.
#[must_use]
pub fn group_by_table(model: &Model, id: GroupById, records: &Records, q: i64) -> Table {
    let group_by = model.group_by(id);
    let columns = group_by.aggregates.iter().map(|aggregate| aggregate.column.clone()).collect();
    let rows = group_by_rows(model, id, records, q).into_iter().map(|(key, row)| (key, vec![row])).collect();
    Table { columns, absent: Some(empty_row(group_by)), rows }
}

/// The expected rows of a join: of every left event with `ts < until`.
#[must_use]
pub fn join_table(model: &Model, id: JoinId, records: &Records, until: i64) -> Table {
    let join = model.join(id);
    let mut columns: Vec<_> = model.left_fields(join).into_iter().map(|field| field.name).collect();
    for part in &join.parts {
        let aggregates = &model.group_by(part.group_by).aggregates;
        columns.extend(aggregates.iter().map(|aggregate| format!("{}_{}", part.alias, aggregate.column)));
    }
    for lookup in &join.lookups {
        let fields = model.looked_up(lookup).into_iter();
        columns.extend(fields.map(|field| format!("{}_{}", lookup.alias, field.name)));
    }
    columns.extend(join.derived_order.iter().map(|position| join.derived[*position].name.clone()));
    let mut table = Table { columns, absent: None, rows: BTreeMap::new() };
    if join.publish.as_ref().is_some_and(|publish| publish.mode == PublishMode::Latest) {
        let rows = latest_rows(model, id, records, until).into_iter();
        table.rows.extend(rows.map(|(key, row)| (key, vec![row])));
        return table;
    }
    for (key, row) in join_rows(model, id, records, until) {
        table.add(key, row);
    }
    table
}

impl Table {
    /// A table of the same shape without rows, to be filled with what an engine put out.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self { columns: self.columns.clone(), absent: self.absent.clone(), rows: BTreeMap::new() }
    }

    /// The row a key has from now on; `None` (a tombstone) takes it away.
    pub fn set(&mut self, key: Row, row: Option<Row>) {
        match row {
            Some(row) => self.rows.insert(Key(key), vec![row]),
            None => self.rows.remove(&Key(key)),
        };
    }

    /// One more row under a key.
    pub fn add(&mut self, key: Row, row: Row) {
        self.rows.entry(Key(key)).or_default().push(row);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = self.0.iter().zip(&other.0).map(|(a, b)| nulls_first(a, b));
        parts.fold(self.0.len().cmp(&other.0.len()), Ordering::then)
    }
}

/// The order of two values of one type where null may be among them.
pub(super) fn nulls_first(a: &Value, b: &Value) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (false, false) => order(a, b),
        (a, b) => b.cmp(&a),
    }
}
