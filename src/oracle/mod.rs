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

use crate::model::{Source, Table as TableDefinition};

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

/// The records of each source, by its name, in any order.
pub type Records = BTreeMap<String, Vec<Record>>;

fn records_of<'r>(records: &'r Records, source: &str) -> &'r [Record] {
    records.get(source).map_or(&[], Vec::as_slice)
}

/// Why a record is a dead letter, or nothing if it is an event.
#[must_use]
pub fn dead_letter(source: &Source, record: &Record) -> Option<&'static str> {
    decode::decode(&decode::Declared::source(source), record).err()
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
