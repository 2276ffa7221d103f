//! What a layout costs in the store, for typical values: what `windrow explain` shows. A test measures it.

use crate::aggregates;

use super::Layout;

/// Bytes of the store, without what its own compression saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Of an event, as long as a window holds it.
    pub event_bytes: u64,
    /// Of an event that only columns of all time have seen.
    pub old_event_bytes: u64,
    /// Of a key that has events, beside them: its head and its timer, with a key of that many bytes.
    pub key_bytes: u64,
}

/// Time since the event before, some minutes; length of the data.
const EVENT_HEAD: u64 = 4;
/// Hashes of id and bytes.
const GUARD: u64 = 16;
/// A head's step, as-of time, hash and timer.
const KEY_HEAD: u64 = 36;
/// Codes, slots, numbers and times in the store's keys: of the head, the timer and a chunk.
const STORE_KEYS: u64 = 3 + 11 + 7;
/// A chunk's version, counts and lengths.
const CHUNK_HEAD: u64 = 8;

impl Layout {
    /// `key_len`: bytes of an encoded key.
    #[must_use]
    pub fn cost(&self, key_len: u64) -> Cost {
        let guard = if self.hashed { GUARD } else { 0 };
        let mask = self.filters.div_ceil(8) as u64;
        let inputs: u64 = self.inputs.iter().map(|input| aggregates::value_bytes(*input)).sum();
        Cost {
            event_bytes: EVENT_HEAD + guard + mask + inputs,
            old_event_bytes: if self.hashed && self.is_lifetime() { EVENT_HEAD + GUARD } else { 0 },
            key_bytes: KEY_HEAD + STORE_KEYS + CHUNK_HEAD + 3 * key_len,
        }
    }
}
