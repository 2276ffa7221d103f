//! A run of a key's events, sorted, with the partial of its whole.

use std::cmp::Ordering;
use std::ops::Range;

use crate::types::bytes::{self, Malformed, Reader};

use super::{Cells, Layout};

/// Events in one chunk at most: what a late insert moves.
pub const CHUNK_EVENTS_MAX: usize = 128;

const VERSION: u8 = 1;

/// Event id and value bytes, hashed: a copy has both (rule S10). Zero where the source has no id.
pub type Hashes = [u64; 2];

/// One event to insert.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    pub ts: i64,
    pub hashes: Hashes,
    /// As [`Layout::put_event`] has written it.
    pub data: &'a [u8],
}

/// Up to [`CHUNK_EVENTS_MAX`] events ordered by time, then hashes; column by column.
#[derive(Debug, Clone, Default)]
pub(super) struct Chunk {
    /// Its number in the store, unique within the key.
    pub(super) number: u32,
    /// Whether the store has a record of it.
    pub(super) stored: bool,
    /// Whether that record is behind.
    pub(super) changed: bool,
    ts: Vec<i64>,
    /// Empty if the layout has no hashes.
    hashes: Vec<Hashes>,
    /// Where each event's data ends.
    ends: Vec<u32>,
    data: Vec<u8>,
    partial: Partial,
}

/// The cells over all events of a chunk; made when first needed, dropped by a change.
#[derive(Debug, Clone, Default)]
enum Partial {
    #[default]
    Unknown,
    Kept(Box<[u8]>),
    /// It would not be much smaller than the events: these are aggregated one by one.
    TooLarge,
}

/// A partial is kept if it is at most this part of its events: so much more the store holds for it.
const PARTIAL_PART: usize = 8;
/// What an event costs beside its data, about: how far its time is from the one before, and its length.
const EVENT_BYTES: usize = 4;

impl Chunk {
    pub(super) fn numbered(number: u32) -> Self {
        Self { number, ..Self::default() }
    }

    /// What it takes in memory, about, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        let partial = if let Partial::Kept(cells) = &self.partial { cells.len() } else { 0 };
        let (times, hashes) =
            (self.ts.capacity() * size_of::<i64>(), self.hashes.capacity() * size_of::<Hashes>());
        size_of::<Self>()
            + times
            + hashes
            + self.ends.capacity() * size_of::<u32>()
            + self.data.capacity()
            + partial
    }

    pub(super) fn len(&self) -> usize {
        self.ts.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ts.is_empty()
    }

    pub(super) fn first(&self) -> i64 {
        self.ts[0]
    }

    pub(super) fn last(&self) -> i64 {
        self.ts[self.ts.len() - 1]
    }

    pub(super) fn times(&self) -> &[i64] {
        &self.ts
    }

    pub(super) fn data(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.data[start..self.ends[i] as usize]
    }

    pub(super) fn event(&self, i: usize) -> Event<'_> {
        Event { ts: self.ts[i], hashes: self.hashes(i), data: self.data(i) }
    }

    fn hashes(&self, i: usize) -> Hashes {
        self.hashes.get(i).copied().unwrap_or_default()
    }

    /// The order of the event at `i` and another.
    pub(super) fn compare(&self, i: usize, event: &Event<'_>) -> Ordering {
        self.ts[i].cmp(&event.ts).then_with(|| self.hashes(i).cmp(&event.hashes))
    }

    /// Whether the event at `i` has the time and id of another.
    pub(super) fn has_id(&self, i: usize, event: &Event<'_>) -> bool {
        self.ts[i] == event.ts && self.hashes(i)[0] == event.hashes[0]
    }

    /// The first place whose event is greater than (`after`: greater than, else at least) `event`.
    pub(super) fn position(&self, event: &Event<'_>, after: bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let order = self.compare(middle, event);
            if order.is_lt() || after && order.is_eq() { low = middle + 1 } else { high = middle }
        }
        low
    }

    pub(super) fn insert(&mut self, at: usize, event: &Event<'_>, hashed: bool) {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        let size = u32::try_from(event.data.len()).expect("an event is smaller than a record");
        self.ts.insert(at, event.ts);
        if hashed {
            self.hashes.insert(at, event.hashes);
        }
        self.data.splice(start..start, event.data.iter().copied());
        let start = u32::try_from(start).expect("a chunk is small");
        self.ends.insert(at, start);
        self.ends[at..].iter_mut().for_each(|end| *end += size);
        self.touch();
    }

    fn touch(&mut self) {
        self.changed = true;
        self.partial = Partial::Unknown;
    }

    /// Takes the events from `at` on into a new chunk.
    pub(super) fn split_off(&mut self, at: usize, number: u32) -> Self {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        let right = Self {
            number,
            stored: false,
            changed: true,
            ts: self.ts.split_off(at),
            hashes: if self.hashes.is_empty() { Vec::new() } else { self.hashes.split_off(at) },
            ends: self.ends.split_off(at).into_iter().map(|end| end - start).collect(),
            data: self.data.split_off(start as usize),
            partial: Partial::Unknown,
        };
        self.touch();
        right
    }

    /// Forgets the first `count` events.
    pub(super) fn drop_front(&mut self, count: usize) {
        let rest = self.split_off(count, self.number);
        *self = Self { stored: self.stored, ..rest };
    }

    /// The partial of all its events, if it is worth having.
    pub(super) fn partial(&mut self, layout: &Layout) -> Result<Option<&[u8]>, Malformed> {
        if matches!(self.partial, Partial::Unknown) {
            let mut cells = Cells::new(layout);
            for i in 0..self.len() {
                cells.add_event(layout, self.ts[i], self.data(i), i64::MIN)?;
            }
            let partial = cells.partial();
            let is_small = partial.len() * PARTIAL_PART <= self.data.len() + self.len() * EVENT_BYTES;
            self.partial = if is_small { Partial::Kept(partial) } else { Partial::TooLarge };
        }
        Ok(self.kept())
    }

    fn kept(&self) -> Option<&[u8]> {
        match &self.partial {
            Partial::Kept(partial) => Some(partial),
            Partial::Unknown | Partial::TooLarge => None,
        }
    }

    /// Adds all its events to the cells that some window from `from` on still needs.
    pub(super) fn add_to(&mut self, layout: &Layout, cells: &mut Cells, from: i64) -> Result<(), Malformed> {
        if let Some(partial) = self.partial(layout)? {
            return cells.add_partial(partial, from);
        }
        self.add_some(0..self.len(), layout, cells, from)
    }

    /// As [`Self::add_to`], of some of its events.
    pub(super) fn add_some(
        &self,
        places: Range<usize>,
        layout: &Layout,
        cells: &mut Cells,
        from: i64,
    ) -> Result<(), Malformed> {
        for i in places {
            cells.add_event(layout, self.ts[i], self.data(i), from)?;
        }
        Ok(())
    }

    /// Version, count, times as differences, hashes, lengths, data, and the partial if there is one.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.data.len() + self.len() * 24 + 16);
        out.push(VERSION);
        bytes::put_u64(&mut out, self.len() as u64);
        let mut before = 0_i64;
        for ts in &self.ts {
            bytes::put_i64(&mut out, ts.wrapping_sub(before));
            before = *ts;
        }
        out.push(u8::from(!self.hashes.is_empty()));
        for word in self.hashes.iter().flatten() {
            bytes::put_fixed(&mut out, *word);
        }
        let mut start = 0;
        for end in &self.ends {
            bytes::put_u64(&mut out, u64::from(end - start));
            start = *end;
        }
        bytes::put_bytes(&mut out, &self.data);
        bytes::put_bytes(&mut out, self.kept().unwrap_or_default());
        out
    }

    /// What [`Self::write`] has written.
    pub(super) fn read(number: u32, record: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(record);
        if reader.u8()? != VERSION {
            return Err(Malformed);
        }
        let count = reader.len()?;
        let mut chunk = Self { number, stored: true, ..Self::default() };
        let mut ts = 0_i64;
        for _ in 0..count {
            ts = ts.wrapping_add(reader.i64()?);
            chunk.ts.push(ts);
        }
        if reader.u8()? == 1 {
            for _ in 0..count {
                chunk.hashes.push([reader.fixed()?, reader.fixed()?]);
            }
        }
        let mut end = 0_u32;
        for _ in 0..count {
            let size = u32::try_from(reader.u64()?).map_err(|_| Malformed)?;
            end = end.checked_add(size).ok_or(Malformed)?;
            chunk.ends.push(end);
        }
        chunk.data = reader.bytes()?.to_vec();
        if chunk.data.len() != end as usize {
            return Err(Malformed);
        }
        let partial = reader.bytes()?;
        if !partial.is_empty() {
            chunk.partial = Partial::Kept(partial.into());
        }
        Ok(chunk)
    }
}
