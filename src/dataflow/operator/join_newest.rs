//! Of the rows of a join that is published as latest, which is the newest of its key: a left row that comes
//! late has a row of its own, but not the last word (rule S9).
//!
//! A key is remembered for as long as an older left row could still be accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::state::{Slot, Store, StoreError, WriteBatch, corrupt, keys};
use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{Row, Value, compare_rows};

const VERSION: u8 = 1;

/// What decides between two rows of a key: time, then event id, then the row's values (rules S5, S9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dataflow) struct Rank {
    ts: i64,
    /// Its UTF-8 text; empty where the left has none.
    id: Vec<u8>,
    row: Row,
}

/// The newest row of each key.
#[derive(Debug, Default)]
pub(in crate::dataflow) struct Newest {
    keys: BTreeMap<Vec<u8>, Rank>,
    /// The same by time: what is forgotten first.
    by_time: BTreeSet<(i64, Vec<u8>)>,
}

impl Rank {
    pub(in crate::dataflow) fn new(ts: i64, id: Option<&Value>, row: &Row) -> Self {
        Self { ts, id: id.map(|id| id.to_string().into_bytes()).unwrap_or_default(), row: row.clone() }
    }

    fn is_newer_than(&self, other: &Self) -> bool {
        let by_id = (self.ts, &self.id).cmp(&(other.ts, &other.id));
        by_id.then_with(|| compare_rows(&self.row, &other.row)).is_gt()
    }
}

impl Newest {
    /// Whether the row is newer than all before of its key; then it is remembered. `publisher`: which of the
    /// join's publications it is for.
    pub(in crate::dataflow) fn takes(
        &mut self,
        (publisher, key): (usize, &[Value]),
        rank: Rank,
        slot: Slot,
        batch: &mut WriteBatch,
    ) -> bool {
        let key = key_bytes(publisher, key);
        if let Some(before) = self.keys.get(&key) {
            if !rank.is_newer_than(before) {
                return false;
            }
            self.by_time.remove(&(before.ts, key.clone()));
        }
        let mut record = vec![VERSION];
        bytes::put_i64(&mut record, rank.ts);
        bytes::put_bytes(&mut record, &rank.id);
        let mut row = Vec::new();
        bytes::put_row(&mut row, &rank.row);
        bytes::put_bytes(&mut record, &row);
        batch.put(keys::newest(slot, &key), record);
        self.by_time.insert((rank.ts, key.clone()));
        self.keys.insert(key, rank);
        true
    }

    /// The newest row of a key with its time, as long as it is remembered.
    pub(in crate::dataflow) fn get(&self, publisher: usize, key: &[Value]) -> Option<(i64, &Row)> {
        self.keys.get(&key_bytes(publisher, key)).map(|rank| (rank.ts, &rank.row))
    }

    /// No left row before `from` is accepted any more.
    pub(in crate::dataflow) fn forget(&mut self, from: i64, slot: Slot, batch: &mut WriteBatch) {
        while self.by_time.first().is_some_and(|(ts, _)| *ts < from) {
            let Some((_, key)) = self.by_time.pop_first() else { return };
            batch.delete(keys::newest(slot, &key));
            self.keys.remove(&key);
        }
    }

    pub(in crate::dataflow) fn load(&mut self, slot: Slot, store: &dyn Store) -> Result<(), StoreError> {
        let prefix = keys::node(keys::Table::Newest, slot);
        let mut outcome = Ok(());
        store.scan(&prefix, &keys::after_prefix(&prefix), &mut |record, value| {
            outcome = self.read(&record[prefix.len()..], value).map_err(|Malformed| corrupt(record));
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        outcome
    }

    fn read(&mut self, key: &[u8], record: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(record);
        if reader.u8()? != VERSION {
            return Err(Malformed);
        }
        let rank = Rank {
            ts: reader.i64()?,
            id: reader.bytes()?.to_vec(),
            row: Reader::new(reader.bytes()?).row()?,
        };
        self.by_time.insert((rank.ts, key.to_vec()));
        self.keys.insert(key.to_vec(), rank);
        Ok(())
    }
}

fn key_bytes(publisher: usize, key: &[Value]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(publisher).expect("few publications of one join")];
    keys::put_key(&mut bytes, key);
    bytes
}
