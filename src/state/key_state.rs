//! All that is kept of one key of a windowed aggregation: its events, what was published of it, when
//! it must be looked at again.

use std::ops::ControlFlow;

use crate::types::bytes::{self, Malformed, Reader};

use super::base::Base;
use super::chunk::Chunk;
use super::ring::GUARD;
use super::{Ring, Slot, Store, StoreError, WriteBatch, keys};

const VERSION: u8 = 1;
/// The number of the record of what columns of all time keep: chunks are numbered from 1.
const BASE: u32 = 0;

/// No instant: nothing is due.
pub const NEVER: i64 = i64::MAX;

/// One key.
#[derive(Debug, Clone)]
pub struct KeyState {
    pub ring: Ring,
    /// As-of time of the last publication; `i64::MIN` before the first.
    pub as_of: i64,
    /// Hash of the last row published; `None`: unpublished, which stands for V(∅).
    pub published: Option<u128>,
    /// Per join that reads this aggregation, the newest q for which a final row was made of this key.
    pub finals: Vec<i64>,
    /// When W reaches this, a value may change by expiry, or the key may be dropped.
    pub timer: i64,
    /// The last step whose effects the store's record includes.
    pub written_step: u64,
    /// The first step whose effects it does not; `None`: the record is current.
    pub dirty_since: Option<u64>,
    /// The timer as recorded in the store; [`NEVER`]: none is.
    stored_timer: i64,
    stored: bool,
    /// While it is in memory.
    pub counted: Counted,
}

/// What a key counts for among those in memory.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    pub bytes: usize,
    /// Of its last entry in the queue of those that may leave.
    pub turn: u64,
}

impl Default for KeyState {
    fn default() -> Self {
        Self {
            ring: Ring::default(),
            as_of: i64::MIN,
            published: None,
            finals: Vec::new(),
            timer: NEVER,
            written_step: 0,
            dirty_since: None,
            stored_timer: NEVER,
            stored: false,
            counted: Counted::default(),
        }
    }
}

impl KeyState {
    /// Reads a key's head and chunks; a key without a record is new.
    ///
    /// # Errors
    /// When the store fails or a record cannot be read.
    pub fn load(store: &dyn Store, slot: Slot, key: &[u8]) -> Result<Self, StoreError> {
        let head = keys::head(slot, key);
        let mut state = Self::default();
        let mut outcome = Ok(());
        store.scan(&head, &keys::after_prefix(&head), &mut |record, value| {
            outcome = state.read_record(&record[head.len()..], value).map_err(|_| corrupt(record));
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        outcome?;
        state.ring.chunks.make_contiguous().sort_by_key(Chunk::first);
        state.ring.guards.make_contiguous().sort_by_key(Chunk::first);
        Ok(state)
    }

    fn read_record(&mut self, number: &[u8], value: &[u8]) -> Result<(), Malformed> {
        if number.is_empty() {
            return self.read_head(value);
        }
        let number = number.try_into().map(u32::from_be_bytes).map_err(|_| Malformed)?;
        if number == BASE {
            self.ring.base = Some(Base::read(value)?);
            self.ring.base_stored = true;
            return Ok(());
        }
        let chunk = Chunk::read(number, value)?;
        if chunk.is_empty() {
            return Err(Malformed);
        }
        let chunks = if number & GUARD == 0 { &mut self.ring.chunks } else { &mut self.ring.guards };
        chunks.push_back(chunk);
        Ok(())
    }

    fn read_head(&mut self, value: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(value);
        if reader.u8()? != VERSION {
            return Err(Malformed);
        }
        self.stored = true;
        self.written_step = reader.u64()?;
        self.as_of = reader.i64()?;
        if reader.u8()? == 1 {
            self.published = Some(reader.hash()?);
        }
        self.timer = reader.i64()?;
        self.stored_timer = self.timer;
        self.ring.next_number = u32::try_from(reader.u64()?).map_err(|_| Malformed)?;
        let finals = reader.len()?;
        self.finals = (0..finals).map(|_| reader.i64()).collect::<Result<_, _>>()?;
        Ok(())
    }

    /// The head record.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        bytes::put_u64(&mut out, self.written_step);
        bytes::put_i64(&mut out, self.as_of);
        out.push(u8::from(self.published.is_some()));
        if let Some(hash) = self.published {
            bytes::put_hash(&mut out, hash);
        }
        bytes::put_i64(&mut out, self.timer);
        bytes::put_u64(&mut out, u64::from(self.ring.next_number));
        bytes::put_u64(&mut out, self.finals.len() as u64);
        for q in &self.finals {
            bytes::put_i64(&mut out, *q);
        }
        out
    }

    /// What it takes in memory, about, in bytes.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.ring.memory_bytes() + self.finals.capacity() * size_of::<i64>()
    }

    /// Brings the key's records up to `step`: head, changed chunks, timer.
    pub fn write_back(&mut self, batch: &mut WriteBatch, slot: Slot, key: &[u8], step: u64) {
        for number in self.ring.removed.drain(..) {
            batch.delete(keys::chunk(slot, key, number));
        }
        self.write_base(batch, slot, key);
        for chunk in self.ring.chunks.iter_mut().chain(&mut self.ring.guards) {
            if chunk.changed {
                batch.put(keys::chunk(slot, key, chunk.number), chunk.write());
                (chunk.changed, chunk.stored) = (false, true);
            }
        }
        self.move_timer(batch, slot, key, self.timer);
        self.written_step = step;
        self.dirty_since = None;
        self.stored = true;
        batch.put(keys::head(slot, key), self.head());
    }

    fn write_base(&mut self, batch: &mut WriteBatch, slot: Slot, key: &[u8]) {
        if !std::mem::take(&mut self.ring.base_changed) {
            return;
        }
        let record = keys::chunk(slot, key, BASE);
        match &self.ring.base {
            Some(base) => batch.put(record, base.write()),
            None if self.ring.base_stored => batch.delete(record),
            None => {}
        }
        self.ring.base_stored = self.ring.base.is_some();
    }

    /// Whether the store's timer is another than the key's.
    #[must_use]
    pub fn has_moved_timer(&self) -> bool {
        self.timer != self.stored_timer
    }

    fn move_timer(&mut self, batch: &mut WriteBatch, slot: Slot, key: &[u8], timer: i64) {
        if timer == self.stored_timer {
            return;
        }
        if self.stored_timer != NEVER {
            batch.delete(keys::timer(slot, self.stored_timer, key));
        }
        if timer != NEVER {
            batch.put(keys::timer(slot, timer, key), Vec::new());
        }
        self.stored_timer = timer;
    }

    /// Deletes whatever the store holds of the key.
    pub fn erase(&mut self, batch: &mut WriteBatch, slot: Slot, key: &[u8]) {
        self.ring.clear();
        for number in self.ring.removed.drain(..) {
            batch.delete(keys::chunk(slot, key, number));
        }
        self.write_base(batch, slot, key);
        self.move_timer(batch, slot, key, NEVER);
        if self.stored {
            batch.delete(keys::head(slot, key));
        }
    }

    /// Back to a new key, but still knowing which records the store has of it.
    pub fn forget(&mut self) {
        self.ring.clear();
        (self.as_of, self.published, self.timer) = (i64::MIN, None, NEVER);
        self.finals.clear();
    }

    /// Notes that a final row as of `q` was made of this key for a join.
    pub fn note_final(&mut self, join: usize, q: i64) {
        if self.finals.len() <= join {
            self.finals.resize(join + 1, i64::MIN);
        }
        self.finals[join] = self.finals[join].max(q);
    }
}

/// A record that cannot be read, named by its key.
#[must_use]
pub fn corrupt(key: &[u8]) -> StoreError {
    use std::fmt::Write as _;
    let key = key.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    StoreError::Corrupt { key, what: "its bytes cannot be read by this version".to_owned() }
}
