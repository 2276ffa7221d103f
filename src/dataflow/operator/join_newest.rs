//! Of the rows of a join that is published as latest, which is the newest of its key: a left row that comes
//! late has a row of its own, but not the last word (rule S9). With `every` a row within it waits; if none that is newer has
//! come by its end, it is put out then (rule S4).
//!
//! A key is remembered for as long as an older left row could still be accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::state::{Slot, Store, StoreError, WriteBatch, corrupt, keys};
use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{Row, Value, compare_rows};

/// Of keys without `every`, and of those with it.
const VERSION: u8 = 1;
const PACED: u8 = 2;

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
    keys: BTreeMap<Vec<u8>, Entry>,
    /// Keys of which nothing waits, by when they are forgotten.
    by_time: BTreeSet<(i64, Vec<u8>)>,
    /// Keys of which the newest row waits, by as of when it may be put out.
    waiting: BTreeSet<(i64, Vec<u8>)>,
}

#[derive(Debug)]
struct Entry {
    rank: Rank,
    /// As of when the last row was put out, with `every`.
    shown: Option<i64>,
    /// Whether that was an older one.
    waits: bool,
}

/// How often a publication's rows of a key come at most, and how far all that makes them has been read.
#[derive(Debug, Clone, Copy)]
pub(in crate::dataflow) struct Pace {
    pub(in crate::dataflow) every_ms: i64,
    pub(in crate::dataflow) reached: i64,
}

/// A row that has waited: which of the join's publications it is for, its key, and as of when it holds.
pub(in crate::dataflow) type Waited = (usize, Row, Row, i64);

impl Rank {
    pub(in crate::dataflow) fn new(ts: i64, id: Option<&Value>, row: &Row) -> Self {
        Self { ts, id: id.map(|id| id.to_string().into_bytes()).unwrap_or_default(), row: row.clone() }
    }

    fn is_newer_than(&self, other: &Self) -> bool {
        let by_id = (self.ts, &self.id).cmp(&(other.ts, &other.id));
        by_id.then_with(|| compare_rows(&self.row, &other.row)).is_gt()
    }
}

impl Entry {
    /// As of when the next row may be put out at the earliest.
    fn next(&self, every_ms: i64) -> i64 {
        self.shown.map_or(i64::MIN, |shown| shown.saturating_add(every_ms))
    }
}

impl Newest {
    /// As of when the row is put out, if it is newer than all before of its key and need not wait; a newer one is
    /// remembered. `publisher`: which of the join's publications it is for.
    pub(in crate::dataflow) fn takes(
        &mut self,
        (publisher, key): (usize, &[Value]),
        rank: Rank,
        Pace { every_ms, reached }: Pace,
        slot: Slot,
        batch: &mut WriteBatch,
    ) -> Option<i64> {
        let key = key_bytes(publisher, key);
        let before = self.keys.get(&key);
        if before.is_some_and(|before| !rank.is_newer_than(&before.rank)) {
            return None;
        }
        let next = before.map_or(i64::MIN, |before| before.next(every_ms));
        let (waits, as_of) = (rank.ts < next && reached < next, rank.ts.max(next));
        let shown = if waits { before.and_then(|before| before.shown) } else { Some(as_of) };
        let shown = shown.filter(|_| every_ms > 0);
        self.put(key, Entry { rank, shown, waits }, every_ms, slot, batch);
        (!waits).then_some(as_of)
    }

    /// The rows that have waited long enough; `cut`: all of them, as of no later time. `every_ms`: by publication.
    pub(in crate::dataflow) fn waited(
        &mut self,
        every_ms: &[i64],
        (reached, cut): (i64, Option<i64>),
        slot: Slot,
        batch: &mut WriteBatch,
    ) -> Vec<Waited> {
        let mut waited = Vec::new();
        while self.waiting.first().is_some_and(|(next, _)| cut.is_some() || *next <= reached) {
            let Some((next, key)) = self.waiting.pop_first() else { break };
            let Some(Entry { rank, .. }) = self.keys.remove(&key) else { continue };
            let as_of = cut.map_or(next, |cut| next.min(cut));
            let publisher = usize::from(key[0]);
            let values = keys::read_key(&key[1..]).expect("keys are written by this engine");
            waited.push((publisher, values, rank.row.clone(), as_of));
            self.put(key, Entry { rank, shown: Some(as_of), waits: false }, every_ms[publisher], slot, batch);
        }
        waited
    }

    fn put(&mut self, key: Vec<u8>, entry: Entry, every_ms: i64, slot: Slot, batch: &mut WriteBatch) {
        batch.put(keys::newest(slot, &key), record(&entry));
        self.insert(key, entry, every_ms);
    }

    fn insert(&mut self, key: Vec<u8>, entry: Entry, every_ms: i64) {
        if let Some(before) = self.keys.get(&key) {
            let next = before.next(every_ms);
            self.by_time.remove(&(before.rank.ts.max(next), key.clone()));
            self.waiting.remove(&(next, key.clone()));
        }
        let next = entry.next(every_ms);
        if entry.waits {
            self.waiting.insert((next, key.clone()));
        } else {
            self.by_time.insert((entry.rank.ts.max(next), key.clone()));
        }
        self.keys.insert(key, entry);
    }

    /// The newest row of a key and as of when it holds, as long as it is remembered.
    pub(in crate::dataflow) fn get(&self, publisher: usize, key: &[Value]) -> Option<(i64, &Row)> {
        let of = |entry: &'_ Entry| entry.shown.map_or(entry.rank.ts, |shown| shown.max(entry.rank.ts));
        self.keys.get(&key_bytes(publisher, key)).map(|entry| (of(entry), &entry.rank.row))
    }

    /// No left row before `from` is accepted any more.
    pub(in crate::dataflow) fn forget(&mut self, from: i64, slot: Slot, batch: &mut WriteBatch) {
        while self.by_time.first().is_some_and(|(ts, _)| *ts < from) {
            let Some((_, key)) = self.by_time.pop_first() else { return };
            batch.delete(keys::newest(slot, &key));
            self.keys.remove(&key);
        }
    }

    pub(in crate::dataflow) fn load(
        &mut self,
        every_ms: &[i64],
        slot: Slot,
        store: &dyn Store,
    ) -> Result<(), StoreError> {
        let prefix = keys::node(keys::Table::Newest, slot);
        let mut outcome = Ok(());
        store.scan(&prefix, &keys::after_prefix(&prefix), &mut |record, value| {
            let key = record[prefix.len()..].to_vec();
            outcome = read(value).map_err(|Malformed| corrupt(record)).map(|entry| {
                let every_ms = every_ms.get(usize::from(key[0])).copied().unwrap_or_default();
                self.insert(key, entry, every_ms);
            });
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        outcome
    }
}

fn record(Entry { rank, shown, waits }: &Entry) -> Vec<u8> {
    let mut record = vec![if shown.is_some() { PACED } else { VERSION }];
    if let Some(shown) = shown {
        bytes::put_i64(&mut record, *shown);
        record.push(u8::from(*waits));
    }
    bytes::put_i64(&mut record, rank.ts);
    bytes::put_bytes(&mut record, &rank.id);
    let mut row = Vec::new();
    bytes::put_row(&mut row, &rank.row);
    bytes::put_bytes(&mut record, &row);
    record
}

fn read(record: &[u8]) -> Result<Entry, Malformed> {
    let mut reader = Reader::new(record);
    let (shown, waits) = match reader.u8()? {
        VERSION => (None, false),
        PACED => (Some(reader.i64()?), reader.u8()? == 1),
        _ => return Err(Malformed),
    };
    let rank =
        Rank { ts: reader.i64()?, id: reader.bytes()?.to_vec(), row: Reader::new(reader.bytes()?).row()? };
    Ok(Entry { rank, shown, waits })
}

fn key_bytes(publisher: usize, key: &[Value]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(publisher).expect("few publications of one join")];
    keys::put_key(&mut bytes, key);
    bytes
}
