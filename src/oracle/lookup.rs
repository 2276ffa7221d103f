//! What a table holds for a key strictly before an instant (rules S5, S9).

use crate::model::{Lookup, Model, Table};
use crate::types::{Row, Value};

use super::decode::{Declared, decode, deleted_key};
use super::{Key, Record, Records, records_of};

/// All that a table was told, in the order in which it was read.
#[derive(Debug)]
pub(super) struct Rows<'m> {
    table: &'m Table,
    all: Vec<Version>,
}

#[derive(Debug)]
struct Version {
    key: Key,
    ts: i64,
    id: Value,
    payload: Vec<u8>,
    /// Nothing: the key is deleted.
    row: Option<Row>,
}

impl<'m> Rows<'m> {
    pub(super) fn of(model: &'m Model, lookup: &Lookup, records: &Records) -> Self {
        let table = model.table(lookup.table);
        let mut all = Vec::new();
        for record in records_of(records, &table.name) {
            all.extend(version(table, record));
        }
        Self { table, all }
    }

    /// The looked-up columns for a row as of its own time; null where a key part is, or nothing is found.
    pub(super) fn columns(&self, lookup: &Lookup, row: &[Value], q: i64) -> Row {
        let key = Key(lookup.on.iter().map(|slot| row[*slot].clone()).collect());
        let mut of_key = self.all.iter().filter(|version| version.key == key);
        let newest = if self.table.event_time.is_none() {
            // It holds at all times: the last one read.
            of_key.next_back()
        } else {
            // S9: of one millisecond a deletion comes first, then by event id and the value's bytes.
            let order = |version: &&Version| {
                let id = Key(vec![version.id.clone()]);
                (version.ts, id, version.row.is_some(), version.payload.clone())
            };
            of_key.filter(|version| version.ts < q).max_by_key(order)
        };
        let row = newest.and_then(|version| version.row.as_ref());
        let cell = |slot: &usize| row.map_or(Value::Null, |row| row[*slot].clone());
        lookup.columns.iter().map(cell).collect()
    }
}

/// What a record says of a key; nothing if it is a dead letter, or has no key (S6).
fn version(table: &Table, record: &Record) -> Option<Version> {
    let declared = Declared::table(table);
    if let Some(key) = &record.deleted_key {
        let key = Key(deleted_key(&declared, key).ok()?);
        return Some(Version {
            key,
            ts: record.timestamp_ms,
            id: Value::Null,
            payload: Vec::new(),
            row: None,
        });
    }
    let event = decode(&declared, record).ok()?;
    let key = Key(table.keys.iter().map(|slot| event.row[*slot].clone()).collect());
    let has_key = !key.0.iter().any(Value::is_null);
    let payload = record.payload.clone();
    has_key.then_some(Version { key, ts: event.ts, id: event.id, payload, row: Some(event.row) })
}

/// The tables of several lookups.
pub(super) fn tables<'m>(model: &'m Model, lookups: &[Lookup], records: &Records) -> Vec<Rows<'m>> {
    lookups.iter().map(|lookup| Rows::of(model, lookup, records)).collect()
}
