//! The events of one key, in chunks ordered by time.

use std::collections::VecDeque;

use crate::types::bytes::Malformed;

use super::base::{self, Base, Folding, Life};
use super::chunk::{CHUNK_EVENTS_MAX, Chunk, Event};
use super::runs::Runs;
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
    /// Partials of many chunks each.
    runs: Runs,
    /// Of columns of all time: what was taken over from events that are gone.
    pub(super) base: Option<Base>,
    /// Whether the store's record of it is behind.
    pub(super) base_changed: bool,
    pub(super) base_stored: bool,
    /// Times and hashes of the events that were taken over, without data.
    pub(super) guards: VecDeque<Chunk>,
    pub(super) next_number: u32,
    /// Chunks that are gone but still have a record.
    pub(super) removed: Vec<u32>,
}

/// Numbers of chunks that guard against copies have this bit.
pub(super) const GUARD: u32 = 1 << 31;
/// Events that are taken over at once: fewer would rewrite the base too often.
const TAKEN_MIN: usize = 32;

impl Ring {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.base.is_none()
    }

    #[must_use]
    pub fn events(&self) -> usize {
        self.chunks.iter().map(Chunk::len).sum()
    }

    /// What it takes beside itself, about, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().chain(&self.guards).map(Chunk::memory_bytes).sum();
        let base = self.base.as_ref().map_or(0, |base| base.partial.capacity());
        chunks + base + self.runs.memory_bytes()
    }

    /// Time of the newest event there ever was.
    #[must_use]
    pub fn newest(&self) -> Option<i64> {
        let of_base = self.base.as_ref().map(|base| base.newest);
        self.chunks.back().map(Chunk::last).max(of_base)
    }

    /// Time of the oldest event at or after `ts`.
    #[must_use]
    pub fn oldest_from(&self, ts: i64) -> Option<i64> {
        let chunk = self.chunks.get(self.chunks.partition_point(|chunk| chunk.last() < ts))?;
        Some(chunk.times()[chunk.times().partition_point(|time| *time < ts)])
    }

    /// What of it columns of all time see as of `q`.
    pub(super) fn life(&self, ttl_ms: Option<i64>, q: i64) -> Life {
        base::life(&self.chunks, self.base.as_ref(), ttl_ms, q)
    }

    /// The partial of what was taken over.
    pub(super) fn base(&self) -> &[u8] {
        self.base.as_ref().map_or(&[], |base| &base.partial)
    }

    /// Inserts an event unless it is a copy.
    pub fn insert(&mut self, layout: &Layout, event: &Event<'_>) -> Inserted {
        let mut found = Inserted::New;
        if layout.hashed {
            for chunks in [&self.chunks, &self.guards] {
                match find(chunks, event) {
                    Inserted::Duplicate => return Inserted::Duplicate,
                    Inserted::IdConflict => found = Inserted::IdConflict,
                    Inserted::New => {}
                }
            }
        }
        let place = insert(&mut self.chunks, &mut self.next_number, 0, event, layout.hashed);
        self.runs.changed(place.index, place.is_split && place.index + 2 < self.chunks.len());
        found
    }

    /// Adds the events of [from, to): runs of whole chunks and whole chunks by their partials, the edges
    /// event by event.
    pub(super) fn aggregate(
        &mut self,
        layout: &Layout,
        cells: &mut Cells,
        from: i64,
        to: i64,
    ) -> Result<(), Malformed> {
        let mut at = self.chunks.partition_point(|chunk| chunk.last() < from);
        while at < self.chunks.len() && self.chunks[at].first() < to {
            if let Some(end) = self.runs.whole(&self.chunks, at, from, to) {
                self.runs.add_to(layout, cells, &mut self.chunks, at..end, from)?;
                at = end;
                continue;
            }
            let chunk = &mut self.chunks[at];
            if chunk.first() >= from && chunk.last() < to && chunk.len() > 1 {
                chunk.add_to(layout, cells, from)?;
            } else {
                let low = chunk.times().partition_point(|ts| *ts < from);
                let high = chunk.times().partition_point(|ts| *ts < to);
                chunk.add_some(low..high, layout, cells, from)?;
            }
            at += 1;
        }
        Ok(())
    }

    /// Forgets what no window reaches as of `horizon` or later; columns of all time take it over first.
    /// Returns how many events went.
    pub fn trim(&mut self, layout: &Layout, horizon: i64) -> Result<usize, Malformed> {
        let gone = |ts: i64| layout.leaves_last(ts) <= horizon;
        if layout.is_lifetime() {
            if self.newest().is_none_or(|newest| layout.ends_at(newest) <= horizon) {
                let count = self.events();
                self.clear();
                return Ok(count);
            }
            let going = |chunk: &Chunk| chunk.times().partition_point(|ts| gone(*ts));
            let count: usize = self.chunks.iter().map(going).take_while(|count| *count > 0).sum();
            if count < TAKEN_MIN {
                return Ok(0);
            }
            self.take_over(layout, gone)?;
        }
        Ok(self.drop_while(gone))
    }

    fn take_over(&mut self, layout: &Layout, gone: impl Fn(i64) -> bool) -> Result<(), Malformed> {
        let mut folding = Folding::of(layout, self.base.as_ref())?;
        for chunk in &mut self.chunks {
            let count = chunk.times().partition_point(|ts| gone(*ts));
            if count == 0 {
                break;
            }
            folding.take(chunk, count)?;
            for i in 0..if layout.hashed { count } else { 0 } {
                let event = Event { data: &[], ..chunk.event(i) };
                insert(&mut self.guards, &mut self.next_number, GUARD, &event, true);
            }
        }
        self.base = folding.finish();
        self.base_changed = true;
        Ok(())
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.drop_while(|_| true);
        for guard in self.guards.drain(..).filter(|guard| guard.stored) {
            self.removed.push(guard.number);
        }
        self.base_changed |= self.base.take().is_some();
    }

    /// Forgets events for which `gone` holds; it holds for a prefix of time. Returns how many.
    fn drop_while(&mut self, gone: impl Fn(i64) -> bool) -> usize {
        let mut count = 0;
        while let Some(chunk) = self.chunks.front_mut() {
            if gone(chunk.last()) {
                count += chunk.len();
                if chunk.stored {
                    self.removed.push(chunk.number);
                }
                self.chunks.pop_front();
                self.runs.dropped_front();
                continue;
            }
            let expired = chunk.times().partition_point(|ts| gone(*ts));
            if expired > 0 {
                chunk.drop_front(expired);
                self.runs.changed(0, false);
                count += expired;
            }
            break;
        }
        count
    }
}

/// Whether an event of the same time has both hashes, or the id's alone.
fn find(chunks: &VecDeque<Chunk>, event: &Event<'_>) -> Inserted {
    let lowest = Event { hashes: [event.hashes[0], 0], ..*event };
    let mut index = chunks
        .partition_point(|chunk| chunk.last() < event.ts || chunk.compare(chunk.len() - 1, &lowest).is_lt());
    let mut found = Inserted::New;
    while let Some(chunk) = chunks.get(index) {
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

/// Puts an event into its chunk, which is split if it grows too long. New chunks are numbered with `mark`.
fn insert(
    chunks: &mut VecDeque<Chunk>,
    next_number: &mut u32,
    mark: u32,
    event: &Event<'_>,
    hashed: bool,
) -> Place {
    let mut number = || {
        *next_number = next_number.wrapping_add(1) & !GUARD;
        *next_number | mark
    };
    if chunks.is_empty() {
        chunks.push_back(Chunk::numbered(number()));
    }
    // The chunk the event goes into: the last one that begins at or before it.
    let follows = |chunk: &Chunk| !chunk.is_empty() && chunk.compare(0, event).is_le();
    let index = chunks.partition_point(follows).saturating_sub(1);
    let chunk = &mut chunks[index];
    let at = chunk.position(event, true);
    chunk.insert(at, event, hashed);
    let is_split = chunk.len() > CHUNK_EVENTS_MAX;
    if is_split {
        // Events mostly come in order: a chunk that grew at its end is left full, any other is halved.
        let split = if at + 1 == chunk.len() { at } else { chunk.len() / 2 };
        let right = chunk.split_off(split, number());
        chunks.insert(index + 1, right);
    }
    Place { index, is_split }
}

/// Where an event went, and whether its chunk became two.
struct Place {
    index: usize,
    is_split: bool,
}
