//! Which left rows have come: a copy counts once, for as long as it could still be accepted (rule
//! S10). A guard lives until W > ts + `left_late`, released or not.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::state::{Hashes, Inserted, Slot, Store, StoreError, WriteBatch, corrupt, keys};
use crate::types::bytes::{self, Malformed, Reader};

const VERSION: u8 = 1;

/// The left rows of a join that are remembered.
#[derive(Debug, Default)]
pub(in crate::dataflow) struct History {
    seen: BTreeSet<(i64, Hashes)>,
    /// Newest time in each step's record: when the record can go.
    records: BTreeMap<u64, i64>,
}

impl History {
    /// Takes note of a left row, unless it is a copy.
    pub(in crate::dataflow) fn insert(&mut self, ts: i64, hashes: Hashes) -> Inserted {
        if !self.seen.insert((ts, hashes)) {
            return Inserted::Duplicate;
        }
        let of_id = (ts, [hashes[0], 0])..=(ts, [hashes[0], u64::MAX]);
        if self.seen.range(of_id).nth(1).is_some() { Inserted::IdConflict } else { Inserted::New }
    }

    /// Writes the step's rows, and forgets those before `from`.
    pub(in crate::dataflow) fn write(
        &mut self,
        new: &[(i64, Hashes)],
        from: i64,
        (slot, step): (Slot, u64),
        batch: &mut WriteBatch,
    ) {
        if let Some(newest) = new.iter().map(|(ts, _)| *ts).max() {
            let mut out = vec![VERSION];
            bytes::put_u64(&mut out, new.len() as u64);
            for (ts, hashes) in new {
                bytes::put_i64(&mut out, *ts);
                bytes::put_fixed(&mut out, hashes[0]);
                bytes::put_fixed(&mut out, hashes[1]);
            }
            batch.put(keys::guard(slot, step), out);
            self.records.insert(step, newest);
        }
        self.records.retain(|step, newest| {
            if *newest < from {
                batch.delete(keys::guard(slot, *step));
            }
            *newest >= from
        });
        self.seen = self.seen.split_off(&(from, [0, 0]));
    }

    pub(in crate::dataflow) fn load(&mut self, slot: Slot, store: &dyn Store) -> Result<(), StoreError> {
        let prefix = keys::node(keys::Table::Guard, slot);
        let mut outcome = Ok(());
        store.scan(&prefix, &keys::after_prefix(&prefix), &mut |key, value| {
            outcome = self.read(&key[prefix.len()..], value).map_err(|Malformed| corrupt(key));
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        outcome
    }

    fn read(&mut self, step: &[u8], value: &[u8]) -> Result<(), Malformed> {
        let step = step.try_into().map(u64::from_be_bytes).map_err(|_| Malformed)?;
        let mut reader = Reader::new(value);
        if reader.u8()? != VERSION {
            return Err(Malformed);
        }
        let mut newest = i64::MIN;
        for _ in 0..reader.len()? {
            let ts = reader.i64()?;
            self.seen.insert((ts, [reader.fixed()?, reader.fixed()?]));
            newest = newest.max(ts);
        }
        self.records.insert(step, newest);
        Ok(())
    }
}
