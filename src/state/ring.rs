//! The events of one key, in chunks ordered by time.

use std::collections::VecDeque;

use crate::types::bytes::Malformed;

use super::chunk::{CHUNK_EVENTS_MAX, Chunk, Event};
use super::{Cells, Layout};

/// What an insert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    New,
    /// A copy with the same id and bytes is here: nothing was changed.
    Duplicate,
    /// An event of the same time and id but with other bytes is here: both count.
    IdConflict,
}

/// A key's events.
#[derive(Debug, Clone, Default)]
pub struct Ring {
    pub(super) chunks: VecDeque<Chunk>,
    pub(super) next_number: u32,
    /// Chunks that are gone but still have a record.
    pub(super) removed: Vec<u32>,
}

impl Ring {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    #[must_use]
    pub fn events(&self) -> usize {
        self.chunks.iter().map(Chunk::len).sum()
    }

    /// Time of the newest event.
    #[must_use]
    pub fn newest(&self) -> Option<i64> {
        self.chunks.back().map(Chunk::last)
    }

    /// Time of the oldest event at or after `ts`.
    #[must_use]
    pub fn oldest_from(&self, ts: i64) -> Option<i64> {
        let chunk = self.chunks.get(self.chunks.partition_point(|chunk| chunk.last() < ts))?;
        Some(chunk.times()[chunk.times().partition_point(|time| *time < ts)])
    }

    /// Inserts an event unless it is a copy.
    pub fn insert(&mut self, layout: &Layout, event: &Event<'_>) -> Inserted {
        let found = if layout.hashed { self.find(event) } else { Inserted::New };
        if found == Inserted::Duplicate {
            return found;
        }
        // The chunk the event goes into: the last one that begins at or before it.
        let follows = |chunk: &Chunk| chunk.compare(0, event).is_le();
        let index = self.chunks.partition_point(follows).saturating_sub(1);
        if self.chunks.is_empty() {
            let number = self.take_number();
            self.chunks.push_back(Chunk::numbered(number));
        }
        let at = self.chunks[index].position(event, true);
        self.chunks[index].insert(at, event, layout.hashed);
        if self.chunks[index].len() > CHUNK_EVENTS_MAX {
            self.split(index, at);
        }
        found
    }

    fn take_number(&mut self) -> u32 {
        self.next_number = self.next_number.wrapping_add(1);
        self.next_number
    }

    /// Events mostly come in order: a chunk that grew at its end is left full, any other is halved.
    fn split(&mut self, index: usize, inserted: usize) {
        let number = self.take_number();
        let chunk = &mut self.chunks[index];
        let at = if inserted + 1 == chunk.len() { inserted } else { chunk.len() / 2 };
        let right = chunk.split_off(at, number);
        self.chunks.insert(index + 1, right);
    }

    /// Whether an event of the same time has both hashes, or the id's alone.
    fn find(&self, event: &Event<'_>) -> Inserted {
        let lowest = Event { hashes: [event.hashes[0], 0], ..*event };
        let mut index = self.chunks.partition_point(|chunk| {
            chunk.last() < event.ts || chunk.compare(chunk.len() - 1, &lowest).is_lt()
        });
        let mut found = Inserted::New;
        while let Some(chunk) = self.chunks.get(index) {
            for i in chunk.position(&lowest, false)..chunk.len() {
                if !chunk.has_id(i, event) {
                    return found;
                }
                if chunk.compare(i, event).is_eq() {
                    return Inserted::Duplicate;
                }
                found = Inserted::IdConflict;
            }
            index += 1;
        }
        found
    }

    /// Adds the events of [from, to): whole chunks by their partials, the edges event by event.
    pub(super) fn aggregate(
        &mut self,
        layout: &Layout,
        cells: &mut Cells,
        from: i64,
        to: i64,
    ) -> Result<(), Malformed> {
        let start = self.chunks.partition_point(|chunk| chunk.last() < from);
        for chunk in self.chunks.iter_mut().skip(start) {
            if chunk.first() >= to {
                break;
            }
            if chunk.first() >= from && chunk.last() < to && chunk.len() > 1 {
                let partial = chunk.partial(layout)?;
                cells.add_partial(partial, from)?;
                continue;
            }
            let low = chunk.times().partition_point(|ts| *ts < from);
            let high = chunk.times().partition_point(|ts| *ts < to);
            for i in low..high {
                cells.add_event(layout, chunk.times()[i], chunk.data(i), from)?;
            }
        }
        Ok(())
    }

    /// Forgets events for which `gone` holds; it holds for a prefix of time. Returns how many.
    pub fn trim(&mut self, gone: impl Fn(i64) -> bool) -> usize {
        let mut count = 0;
        while let Some(chunk) = self.chunks.front_mut() {
            if gone(chunk.last()) {
                count += chunk.len();
                if chunk.stored {
                    self.removed.push(chunk.number);
                }
                self.chunks.pop_front();
                continue;
            }
            let expired = chunk.times().partition_point(|ts| gone(*ts));
            if expired > 0 {
                chunk.drop_front(expired);
                count += expired;
            }
            break;
        }
        count
    }
}
