//! The redo record: what one step did to the keys of one shard, as it was applied.
//!
//! It stands for the key records that the step did not rewrite; recovery applies it to them again.

use std::ops::Range;

use crate::types::bytes::{self, Malformed, Reader};

use super::chunk::Event;
use super::{KeyState, Layout, Slot};

const VERSION: u8 = 1;

/// One effect on a key.
#[derive(Debug, Clone, Copy)]
pub enum Delta<'a> {
    Event(Event<'a>),
    /// A row was published, or (no hash) the key went back to unpublished.
    Published {
        as_of: i64,
        hash: Option<u128>,
    },
    /// A final row as of `q` was made of the key for a join.
    Final {
        join: usize,
        q: i64,
    },
    /// Nothing of the key is kept.
    Dropped,
}

/// Collects a step's effects, grouped by key.
#[derive(Debug, Default)]
pub struct RedoWriter {
    out: Vec<u8>,
    /// Effects of the current key and how many.
    deltas: Vec<u8>,
    count: u64,
    /// Effects of all keys.
    total: u64,
}

impl RedoWriter {
    pub fn push(&mut self, delta: &Delta<'_>) {
        self.count += 1;
        let out = &mut self.deltas;
        match delta {
            Delta::Event(event) => {
                out.push(0);
                bytes::put_i64(out, event.ts);
                bytes::put_fixed(out, event.hashes[0]);
                bytes::put_fixed(out, event.hashes[1]);
                bytes::put_bytes(out, event.data);
            }
            Delta::Published { as_of, hash } => {
                out.push(1 + u8::from(hash.is_some()));
                bytes::put_i64(out, *as_of);
                if let Some(hash) = hash {
                    bytes::put_hash(out, *hash);
                }
            }
            Delta::Final { join, q } => {
                out.push(3);
                bytes::put_u64(out, *join as u64);
                bytes::put_i64(out, *q);
            }
            Delta::Dropped => out.push(4),
        }
    }

    /// Ends the current key; true if it had effects.
    pub fn end_key(&mut self, slot: Slot, key: &[u8]) -> bool {
        if self.count == 0 {
            return false;
        }
        if self.out.is_empty() {
            self.out.push(VERSION);
        }
        bytes::put_u64(&mut self.out, u64::from(slot));
        bytes::put_bytes(&mut self.out, key);
        bytes::put_u64(&mut self.out, self.count);
        self.out.append(&mut self.deltas);
        self.total += self.count;
        self.count = 0;
        true
    }

    /// The record and the number of its effects, if there are any.
    #[must_use]
    pub fn finish(self) -> Option<(Vec<u8>, u64)> {
        (!self.out.is_empty()).then_some((self.out, self.total))
    }
}

/// Sees one key, and where in the record the effects on it stand.
pub type KeyVisit<'v, 'a, E> = dyn FnMut(Slot, &'a [u8], Range<usize>) -> Result<(), E> + 'v;

/// Visits the keys of a redo record, and counts the effects. All of them can be read.
pub fn read_keys<'a, E: From<Malformed>>(
    record: &'a [u8],
    visit: &mut KeyVisit<'_, 'a, E>,
) -> Result<u64, E> {
    let mut reader = Reader::new(record);
    if reader.u8()? != VERSION {
        return Err(Malformed.into());
    }
    let mut total = 0;
    while !reader.is_empty() {
        let slot = Slot::try_from(reader.u64()?).map_err(|_| Malformed)?;
        let key = reader.bytes()?;
        let count = reader.len()?;
        let from = record.len() - reader.rest().len();
        for _ in 0..count {
            read_delta(&mut reader)?;
        }
        total += count as u64;
        visit(slot, key, from..record.len() - reader.rest().len())?;
    }
    Ok(total)
}

/// The effects on one key, in their order.
pub fn read_effects(effects: &[u8]) -> impl Iterator<Item = Result<Delta<'_>, Malformed>> {
    let mut reader = Reader::new(effects);
    std::iter::from_fn(move || (!reader.is_empty()).then(|| read_delta(&mut reader)))
}

fn read_delta<'a>(reader: &mut Reader<'a>) -> Result<Delta<'a>, Malformed> {
    Ok(match reader.u8()? {
        0 => {
            let ts = reader.i64()?;
            let hashes = [reader.fixed()?, reader.fixed()?];
            Delta::Event(Event { ts, hashes, data: reader.bytes()? })
        }
        1 => Delta::Published { as_of: reader.i64()?, hash: None },
        2 => Delta::Published { as_of: reader.i64()?, hash: Some(reader.hash()?) },
        3 => {
            let join = usize::try_from(reader.u64()?).map_err(|_| Malformed)?;
            Delta::Final { join, q: reader.i64()? }
        }
        4 => Delta::Dropped,
        _ => return Err(Malformed),
    })
}

/// Does to a key what the step did.
pub fn apply(state: &mut KeyState, layout: &Layout, delta: &Delta<'_>) {
    match delta {
        Delta::Event(event) => {
            state.ring.insert(layout, event);
        }
        Delta::Published { as_of, hash } => (state.as_of, state.published) = (*as_of, *hash),
        Delta::Final { join, q } => state.note_final(*join, *q),
        Delta::Dropped => state.forget(),
    }
}
