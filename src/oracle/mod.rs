//! An independent, deliberately simple computation of V(key, Q) and of join rows from the event log.
//!
//! It reads the Model and raw records and shares no code with operators, aggregates, expression
//! evaluation or decoding: what both agree on, two people have worked out. Slow on purpose. The
//! rules are those of grammar/SEMANTICS.md, and each function names its own.
//!
//! It knows sets, not arrivals: lateness, partitions, steps and restarts do not exist here (S0, S5).
//! [`Table`] and [`compare`] hold a result against another one, cell by cell and bit by bit.
#![deny(clippy::disallowed_methods)]

mod aggregate;
mod approximate;
mod avro;
mod big;
mod call;
mod cast;
mod compare;
mod decode;
mod expr;
mod group_by;
mod join;
mod lookup;
mod number;
mod spread;
mod stream;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::model::{Call, Model, Source, Table as TableDefinition};
use crate::types::Row;

pub use compare::{Comparison, Difference, compare};
pub use group_by::{empty_row, group_by_rows};
pub use join::join_rows;
pub use table::{Key, Table, group_by_table, join_table};

/// One raw record as it arrived: the bytes and the record's own timestamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub payload: Vec<u8>,
    pub timestamp_ms: i64,
    /// Of a record without value: its key, which a table takes for a deletion.
    pub deleted_key: Option<Vec<u8>>,
}

impl Record {
    #[must_use]
    pub const fn new(payload: Vec<u8>, timestamp_ms: i64) -> Self {
        Self { payload, timestamp_ms, deleted_key: None }
    }
}

/// Answers model calls, by another way than the engines ask.
pub trait Models: fmt::Debug + Send + Sync {
    /// For each row of arguments what the function returns, as JSON; nothing where it gives no answer.
    fn answers(&self, call: &Call, rows: &[Row]) -> Vec<Option<Json>>;
}

/// The records of each source, by its name, in any order; and who answers model calls.
#[derive(Debug, Clone, Default)]
pub struct Records {
    by_source: BTreeMap<String, Vec<Record>>,
    models: Option<Arc<dyn Models>>,
}

impl Records {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn with_models(self, models: Option<Arc<dyn Models>>) -> Self {
        Self { models, ..self }
    }
}

impl Deref for Records {
    type Target = BTreeMap<String, Vec<Record>>;

    fn deref(&self) -> &Self::Target {
        &self.by_source
    }
}

impl DerefMut for Records {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.by_source
    }
}

impl IntoIterator for Records {
    type Item = (String, Vec<Record>);
    type IntoIter = std::collections::btree_map::IntoIter<String, Vec<Record>>;

    fn into_iter(self) -> Self::IntoIter {
        self.by_source.into_iter()
    }
}

impl<const N: usize> From<[(String, Vec<Record>); N]> for Records {
    fn from(records: [(String, Vec<Record>); N]) -> Self {
        records.into_iter().collect()
    }
}

impl FromIterator<(String, Vec<Record>)> for Records {
    fn from_iter<I: IntoIterator<Item = (String, Vec<Record>)>>(records: I) -> Self {
        Self { by_source: records.into_iter().collect(), models: None }
    }
}

fn records_of<'r>(records: &'r Records, source: &str) -> &'r [Record] {
    records.get(source).map_or(&[], Vec::as_slice)
}

/// Why a record is a dead letter, or nothing if it is an event.
#[must_use]
pub fn dead_letter(source: &Source, record: &Record) -> Option<&'static str> {
    decode::decode(&decode::Declared::source(source), record).err()
}

/// The records that the call of a stream makes dead letters of, for their rows have no answer that must be there (S14):
/// source and place of each whose event is before `q`, copies once.
#[must_use]
pub fn unanswered(model: &Model, stream: &str, records: &Records, q: i64) -> Vec<(String, usize)> {
    let Some(stream) = model.streams.iter().find(|known| known.name == stream) else { return Vec::new() };
    let all = stream::unanswered(model, stream, records).into_iter().filter(|(_, _, ts)| *ts < q);
    all.map(|(source, place, _)| (model.source(source).name.clone(), place)).collect()
}

/// Why a record is a dead letter, or nothing if it is a row of the table.
#[must_use]
pub fn dead_letter_of_table(table: &TableDefinition, record: &Record) -> Option<&'static str> {
    let declared = decode::Declared::table(table);
    match &record.deleted_key {
        Some(key) => decode::deleted_key(&declared, key).err(),
        None => decode::decode(&declared, record).err(),
    }
}

#[cfg(test)]
mod tests;
