//! Which keys of a shard are in memory, in the order in which they may leave it, and how many bytes they take.

use std::collections::VecDeque;

use crate::state::KeyState;

use super::shard::Key;

/// What a key takes beside its state, about: its bytes' counts, its places in the table, the queue and the timers.
const ENTRY_BYTES: usize = 128;

/// Keys in memory that the store knows; those that it does not are counted as they were when it did.
#[derive(Debug, Default)]
pub(super) struct Resident {
    /// Oldest first. An entry whose turn is not the key's any more is left over.
    queue: VecDeque<Entry>,
    /// The last one.
    turn: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    aggregate: usize,
    key: Key,
    turn: u64,
}

impl Resident {
    /// The key has been loaded or written back: it is the last to leave.
    pub(super) fn admit(&mut self, aggregate: usize, key: &Key, state: &mut KeyState) {
        self.turn += 1;
        self.bytes -= state.counted.bytes;
        state.counted.bytes = ENTRY_BYTES + key.len() + state.memory_bytes();
        state.counted.turn = self.turn;
        self.bytes += state.counted.bytes;
        self.queue.push_back(Entry { aggregate, key: key.clone(), turn: self.turn });
    }

    /// The key has left memory.
    pub(super) fn gone(&mut self, state: &KeyState) {
        self.bytes -= state.counted.bytes;
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn entries(&self) -> usize {
        self.queue.len()
    }

    /// The oldest entry, whose key may be another's by now.
    pub(super) fn pop(&mut self) -> Option<(usize, Key, u64)> {
        self.queue.pop_front().map(|Entry { aggregate, key, turn }| (aggregate, key, turn))
    }

    /// It cannot leave yet.
    pub(super) fn put_back(&mut self, (aggregate, key, turn): (usize, Key, u64)) {
        self.queue.push_back(Entry { aggregate, key, turn });
    }

    /// Forgets entries that are left over, once they are more than the keys.
    pub(super) fn sweep(&mut self, keys: usize, turn_of: impl Fn(usize, &Key) -> Option<u64>) {
        const FEW: usize = 1024;
        if self.queue.len() > 2 * keys + FEW {
            self.queue.retain(|entry| turn_of(entry.aggregate, &entry.key) == Some(entry.turn));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_counts_once_and_leaves_with_its_last_entry() {
        let (mut resident, key) = (Resident::default(), Key::from(&b"a"[..]));
        let mut state = KeyState::default();
        resident.admit(0, &key, &mut state);
        let once = resident.bytes();
        assert!(once > ENTRY_BYTES);
        resident.admit(0, &key, &mut state);
        assert_eq!((resident.bytes(), resident.entries()), (once, 2));
        let turns: Vec<u64> = std::iter::from_fn(|| resident.pop()).map(|(_, _, turn)| turn).collect();
        assert_eq!(turns, [1, 2]);
        assert_eq!(state.counted.turn, 2, "the first is left over");
        resident.gone(&state);
        assert_eq!(resident.bytes(), 0);
    }

    #[test]
    fn entries_that_are_left_over_do_not_pile_up() {
        let (mut resident, key) = (Resident::default(), Key::from(&b"a"[..]));
        let mut state = KeyState::default();
        for _ in 0..10_000 {
            resident.admit(0, &key, &mut state);
            resident.sweep(1, |_, _| Some(state.counted.turn));
        }
        assert!(resident.entries() < 2_000, "{}", resident.entries());
    }
}
