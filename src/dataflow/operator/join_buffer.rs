//! Left rows of a point-in-time join that wait for the rights' watermarks (rule S9), in order of time.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::state::{Hashes, Slot, Store, StoreError, WriteBatch, corrupt, keys};
use crate::types::Row;
use crate::types::bytes::{self, Malformed, Reader};

const VERSION: u8 = 1;

/// Where a left row stands among those that wait: time, hashes, and a serial where there is no id.
pub(in crate::dataflow) type Place = (i64, Hashes, u64);

/// The rows that wait.
#[derive(Debug, Default)]
pub(in crate::dataflow) struct Buffer {
    rows: BTreeMap<Place, Waiting>,
    next_serial: u64,
}

#[derive(Debug)]
struct Waiting {
    row: Row,
    /// Whether the store knows of it.
    stored: bool,
}

impl Buffer {
    pub(in crate::dataflow) fn push(&mut self, ts: i64, hashes: Hashes, row: Row) {
        self.next_serial += 1;
        self.rows.insert((ts, hashes, self.next_serial), Waiting { row, stored: false });
    }

    /// Time of the oldest row.
    pub(in crate::dataflow) fn oldest(&self) -> Option<i64> {
        self.rows.first_key_value().map(|((ts, _, _), _)| *ts)
    }

    /// Takes out the rows up to `q`, in order.
    pub(in crate::dataflow) fn release(
        &mut self,
        q: i64,
        slot: Slot,
        batch: &mut WriteBatch,
    ) -> Vec<(Place, Row)> {
        let later = match q.checked_add(1) {
            Some(next) => self.rows.split_off(&(next, [0, 0], 0)),
            None => BTreeMap::new(),
        };
        let released = std::mem::replace(&mut self.rows, later);
        let take = |((ts, hashes, serial), waiting): (Place, Waiting)| {
            if waiting.stored {
                batch.delete(keys::pending(slot, ts, hashes, serial));
            }
            ((ts, hashes, serial), waiting.row)
        };
        released.into_iter().map(take).collect()
    }

    /// Writes the rows that came in this step and still wait.
    pub(in crate::dataflow) fn write(&mut self, new: &[i64], slot: Slot, batch: &mut WriteBatch) {
        let (Some(from), Some(to)) = (new.iter().min(), new.iter().max()) else {
            return;
        };
        let range = (*from, [0, 0], 0)..=(*to, [u64::MAX, u64::MAX], u64::MAX);
        for ((ts, hashes, serial), waiting) in self.rows.range_mut(range).filter(|(_, row)| !row.stored) {
            let mut out = vec![VERSION];
            bytes::put_i64(&mut out, *ts);
            bytes::put_fixed(&mut out, hashes[0]);
            bytes::put_fixed(&mut out, hashes[1]);
            bytes::put_u64(&mut out, *serial);
            bytes::put_row(&mut out, &waiting.row);
            batch.put(keys::pending(slot, *ts, *hashes, *serial), out);
            waiting.stored = true;
        }
    }

    pub(in crate::dataflow) fn load(&mut self, slot: Slot, store: &dyn Store) -> Result<(), StoreError> {
        let prefix = keys::node(keys::Table::Pending, slot);
        let mut outcome = Ok(());
        store.scan(&prefix, &keys::after_prefix(&prefix), &mut |key, value| {
            outcome = self.read(value).map_err(|Malformed| corrupt(key));
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        outcome
    }

    fn read(&mut self, value: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(value);
        if reader.u8()? != VERSION {
            return Err(Malformed);
        }
        let (ts, hashes) = (reader.i64()?, [reader.fixed()?, reader.fixed()?]);
        let serial = reader.u64()?;
        self.next_serial = self.next_serial.max(serial);
        self.rows.insert((ts, hashes, serial), Waiting { row: reader.row()?, stored: true });
        Ok(())
    }
}
