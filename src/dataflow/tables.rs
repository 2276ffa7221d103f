//! A step's share of tables and lookups (rule S9): changes are kept as versions, rows wait until a
//! table is complete for them, take its columns along and go on.
//!
//! Each version is a record of its own, so nothing here is written twice, and nothing is replayed.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

use crate::state::{Store, StoreError, WriteBatch, corrupt, keys};
use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{Row, Value};

use super::engine::Engine;
use super::operator;
use super::operator::join_buffer::Buffer;
use super::operator::versions::{Home, Kept, Version, Versions};
use super::program::{Program, TableReader};
use super::route::{Change, Item, Left, Worked, key_of};

const VERSION: u8 = 1;

/// What a table remembers, and what of it is in memory.
#[derive(Debug, Default)]
pub(super) struct TableState {
    keys: HashMap<Vec<u8>, Versions>,
    /// Keys in memory, oldest first.
    loaded: VecDeque<Vec<u8>>,
    /// By reader: the newest instant that was looked up, if any.
    asked: Vec<i64>,
    asked_changed: bool,
    /// Up to where timers have been looked at.
    timers_to: i64,
}

/// What a lookup remembers.
#[derive(Debug, Default)]
pub(super) struct LookupState {
    pub(super) waiting: Buffer,
    /// Times of the rows that came to wait in this step.
    new: Vec<i64>,
}

impl TableState {
    pub(super) fn open(program: &Program, table: usize, store: &dyn Store) -> Result<Self, StoreError> {
        let node = &program.tables[table];
        let mut asked = vec![i64::MIN; node.readers.len()];
        let key = keys::asked(node.slot);
        if let Some(record) = store.get(&key)? {
            read_asked(&mut asked, &record).map_err(|Malformed| corrupt(&key))?;
        }
        Ok(Self { asked, timers_to: i64::MIN, ..Self::default() })
    }

    fn versions(&mut self, home: Home<'_>, store: &dyn Store) -> Result<&mut Versions, StoreError> {
        if !self.keys.contains_key(home.key) {
            self.keys.insert(home.key.to_vec(), Versions::load(home, store)?);
            self.loaded.push_back(home.key.to_vec());
        }
        Ok(self.keys.get_mut(home.key).expect("loaded above"))
    }

    /// Everything in memory has been written: the oldest may go.
    pub(super) fn forget(&mut self, keys_max: usize) {
        while self.keys.len() > keys_max {
            let Some(key) = self.loaded.pop_front() else {
                return;
            };
            self.keys.remove(&key);
        }
    }

    fn note_asked(&mut self, reader: usize, q: i64) {
        if self.asked[reader] < q {
            self.asked[reader] = q;
            self.asked_changed = true;
        }
    }

    fn write_asked(&mut self, slot: keys::Slot, batch: &mut WriteBatch) {
        if std::mem::take(&mut self.asked_changed) {
            let mut out = vec![VERSION];
            bytes::put_u64(&mut out, self.asked.len() as u64);
            self.asked.iter().for_each(|q| bytes::put_i64(&mut out, *q));
            batch.put(keys::asked(slot), out);
        }
    }
}

fn read_asked(asked: &mut [i64], record: &[u8]) -> Result<(), Malformed> {
    let mut reader = Reader::new(record);
    if reader.u8()? != VERSION || reader.len()? != asked.len() {
        return Err(Malformed);
    }
    asked.iter_mut().try_for_each(|asked| reader.i64().map(|q| *asked = q))
}

impl Engine {
    /// Keeps a step's changes of tables.
    pub(super) fn change_tables(
        &mut self,
        changes: Vec<Change>,
        store: &dyn Store,
        batch: &mut WriteBatch,
    ) -> Result<(), StoreError> {
        for state in &mut self.tables {
            state.forget(self.tuning.table_keys_max);
        }
        let horizons: Vec<i64> = (0..self.tables.len()).map(|table| self.table_horizon(table)).collect();
        for change in changes {
            let horizon = horizons[change.table];
            self.change_table(change, horizon, store, batch)?;
        }
        Ok(())
    }

    fn change_table(
        &mut self,
        change: Change,
        horizon: i64,
        store: &dyn Store,
        batch: &mut WriteBatch,
    ) -> Result<(), StoreError> {
        let node = &self.program.tables[change.table];
        let home = Home { slot: node.slot, key: &change.key };
        let id = node.event_id.zip(change.row.as_ref()).map_or(Value::Null, |(slot, row)| row[slot].clone());
        let version = Version { ts: change.ts, id, payload: change.payload, row: change.row };
        let versions = self.tables[change.table].versions(home, store)?;
        let kept = if node.is_static {
            versions.replace(version, home, batch)
        } else {
            versions.insert(version, horizon, home, batch)
        };
        let counts = &mut self.counts.nodes;
        match kept {
            Kept::New => counts[usize::from(node.slot)].applied += 1,
            Kept::Duplicate => counts[usize::from(node.slot)].duplicate += 1,
            Kept::Expired => counts[usize::from(node.slot)].expired += 1,
        }
        if kept != Kept::Duplicate {
            for (reader, asked) in node.readers.iter().zip(&self.tables[change.table].asked) {
                let slot = match reader {
                    TableReader::Lookup(at) => self.program.lookups[*at].slot,
                    TableReader::Join(at) => self.program.joins[*at].slot,
                };
                counts[usize::from(slot)].lookup_missed += u64::from(change.ts < *asked);
            }
        }
        Ok(())
    }

    /// As of no earlier time will anyone ask a table.
    fn table_horizon(&self, table: usize) -> i64 {
        let node = &self.program.tables[table];
        let of = |reader: &TableReader| match reader {
            TableReader::Lookup(at) => {
                let input = self.clock.watermark(self.views.lookups[*at].input).saturating_sub(node.kept_ms);
                input.min(self.lookups[*at].waiting.oldest().unwrap_or(i64::MAX))
            }
            TableReader::Join(at) => {
                let left = self.clock.watermark(self.views.joins[*at].left);
                let acceptable = left.saturating_sub(self.program.joins[*at].left_late_ms);
                acceptable.min(self.joins[*at].buffer.oldest().unwrap_or(i64::MAX))
            }
        };
        node.readers.iter().map(of).min().unwrap_or(i64::MIN)
    }

    /// Sends on the rows that wait no longer, with what they look up, and those that need not wait at
    /// all; `asking`: those that came in this step.
    pub(super) fn look_up(
        &mut self,
        asking: Vec<Left>,
        store: &dyn Store,
        batch: &mut WriteBatch,
    ) -> Result<Worked, StoreError> {
        let mut worked = Worked::new(&self.program, self.shards.len());
        worked.asking = asking;
        for lookup in 0..self.lookups.len() {
            let to = self.looked_up_to(lookup);
            let slot = self.program.lookups[lookup].slot;
            for ((ts, hashes, _), row) in self.lookups[lookup].waiting.release(to, slot, batch) {
                self.answer_lookup(lookup, Left { to: lookup, ts, hashes, row }, store, &mut worked)?;
            }
            let (mine, others) =
                std::mem::take(&mut worked.asking).into_iter().partition(|row| row.to == lookup);
            worked.asking = others;
            let mine: Vec<Left> = mine;
            self.counts.nodes[usize::from(slot)].applied += mine.len() as u64;
            for row in mine {
                if row.ts <= to {
                    self.answer_lookup(lookup, row, store, &mut worked)?;
                } else {
                    self.lookups[lookup].new.push(row.ts);
                    self.lookups[lookup].waiting.push(row.ts, row.hashes, row.row);
                }
            }
        }
        Ok(worked)
    }

    /// The newest row that a lookup's table is complete for: W >= ts - 1.
    fn looked_up_to(&self, lookup: usize) -> i64 {
        let watermark = self.clock.watermark(self.views.lookups[lookup].table);
        if watermark == i64::MIN { watermark } else { watermark.saturating_add(1) }
    }

    fn answer_lookup(
        &mut self,
        lookup: usize,
        asking: Left,
        store: &dyn Store,
        worked: &mut Worked,
    ) -> Result<(), StoreError> {
        let node = &self.program.lookups[lookup];
        let mut row = asking.row;
        let found = if operator::has_null(&node.on, &row) {
            None
        } else {
            let key = key_of(&node.on, &row);
            self.tables[node.table].note_asked(node.reader, asking.ts);
            let home = Home { slot: self.program.tables[node.table].slot, key: &key };
            self.tables[node.table].versions(home, store)?.as_of(asking.ts)
        };
        match found {
            Some(found) => row.extend(node.columns.iter().map(|slot| found[*slot].clone())),
            None => row.extend(node.columns.iter().map(|_| Value::Null)),
        }
        let item = Item {
            ts: asking.ts,
            hashes: asking.hashes,
            own_hashes: asking.hashes,
            record: None,
            is_deletion: false,
        };
        worked.row(&self.program, (&node.next, &node.keyed), item, &row);
        Ok(())
    }

    /// A join's question to a table: the row of `key` as of `q`, `is_final` if the answer stays.
    pub(super) fn ask_table(
        &mut self,
        (table, reader): (usize, usize),
        (key, q, is_final): (&[u8], i64, bool),
        store: &dyn Store,
    ) -> Result<Option<&Row>, StoreError> {
        let home = Home { slot: self.program.tables[table].slot, key };
        let state = &mut self.tables[table];
        if is_final {
            state.note_asked(reader, q);
        }
        Ok(state.versions(home, store)?.as_of(q))
    }

    /// The oldest row that waits, by lookup.
    pub(super) fn oldest_waiting(&self) -> Vec<i64> {
        self.lookups.iter().map(|state| state.waiting.oldest().unwrap_or(i64::MAX)).collect()
    }

    /// Writes what lookups and tables remember, and forgets versions nobody can ask for.
    pub(super) fn remember_tables(
        &mut self,
        store: &dyn Store,
        batch: &mut WriteBatch,
    ) -> Result<(), StoreError> {
        for (state, node) in self.lookups.iter_mut().zip(&self.program.lookups) {
            let new = std::mem::take(&mut state.new);
            state.waiting.write(&new, node.slot, batch);
        }
        for table in 0..self.tables.len() {
            self.trim_table(table, store, batch)?;
            let slot = self.program.tables[table].slot;
            self.tables[table].write_asked(slot, batch);
        }
        Ok(())
    }

    fn trim_table(
        &mut self,
        table: usize,
        store: &dyn Store,
        batch: &mut WriteBatch,
    ) -> Result<(), StoreError> {
        let horizon = self.table_horizon(table);
        let slot = self.program.tables[table].slot;
        if self.program.tables[table].is_static || horizon <= self.tables[table].timers_to {
            return Ok(());
        }
        let (from, to) =
            (keys::timers_from(slot, self.tables[table].timers_to), keys::timers_from(slot, horizon));
        let mut due: Vec<Vec<u8>> = Vec::new();
        store.scan(&from, &to, &mut |record, _| {
            due.push(record.to_vec());
            ControlFlow::Continue(())
        })?;
        for timer in due {
            let key = keys::read_timer(&timer).map_err(|Malformed| corrupt(&timer))?;
            let home = Home { slot, key };
            self.tables[table].versions(home, store)?.trim(horizon, home, batch);
            batch.delete(timer);
        }
        self.tables[table].timers_to = horizon;
        Ok(())
    }
}
