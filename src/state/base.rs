//! What columns of all time keep of a key: one partial of the events that no window needs any more.
//!
//! Events are taken over some at a time. With an event id their times and hashes stay, so that a copy is
//! recognised however late it comes (rule S10).

use std::collections::VecDeque;

use crate::types::bytes::{self, Malformed, Reader};

use super::chunk::Chunk;
use super::{Cells, Layout};

const VERSION: u8 = 1;

/// The partial of the events that were taken over.
#[derive(Debug, Clone)]
pub(super) struct Base {
    /// Event times of the oldest and the newest of them.
    pub(super) first: i64,
    pub(super) newest: i64,
    /// One length-prefixed run per cell, empty for those that are not of all time.
    pub(super) partial: Vec<u8>,
}

/// What of a key is alive as of some time, for columns of all time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    /// Events before this do not count: the key had none for longer than its ttl before it.
    pub(super) start: i64,
    pub(super) with_base: bool,
}

impl Life {
    pub(super) const NONE: Self = Self { start: i64::MAX, with_base: false };
}

impl Base {
    /// Version, times, partial.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        bytes::put_i64(&mut out, self.first);
        bytes::put_i64(&mut out, self.newest);
        bytes::put_bytes(&mut out, &self.partial);
        out
    }

    /// What [`Self::write`] has written.
    pub(super) fn read(record: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(record);
        if reader.u8()? != VERSION {
            return Err(Malformed);
        }
        let (first, newest) = (reader.i64()?, reader.i64()?);
        Ok(Self { first, newest, partial: reader.bytes()?.to_vec() })
    }
}

/// What is alive as of `q`: the newest event before `q`, and each older one that came at most `ttl_ms`
/// before the next.
pub(super) fn life(chunks: &VecDeque<Chunk>, base: Option<&Base>, ttl_ms: Option<i64>, q: i64) -> Life {
    let Some(ttl_ms) = ttl_ms else { return Life { start: i64::MIN, with_base: base.is_some() } };
    let mut life = Life { start: q, with_base: false };
    // Takes the base in as soon as it is in reach, whose events are near enough to each other.
    let reach = |life: &mut Life| {
        let from = life.start.saturating_sub(ttl_ms);
        if let Some(base) = base.filter(|base| !life.with_base && base.newest >= from) {
            *life = Life { start: life.start.min(base.first), with_base: true };
        }
        life.start.saturating_sub(ttl_ms)
    };
    for chunk in chunks.iter().rev().filter(|chunk| chunk.first() < q) {
        let times = &chunk.times()[..chunk.times().partition_point(|ts| *ts < q)];
        let (first, last) = (times[0], times[times.len() - 1]);
        if last >= reach(&mut life) && last.saturating_sub(first) <= ttl_ms {
            life.start = life.start.min(first);
            continue;
        }
        for ts in times.iter().rev() {
            if *ts < reach(&mut life) {
                return life;
            }
            life.start = life.start.min(*ts);
        }
    }
    reach(&mut life);
    life
}

/// Events on their way into a base.
#[derive(Debug)]
pub(super) struct Folding<'l> {
    layout: &'l Layout,
    cells: Cells,
    /// Event times of the oldest and the newest event in it.
    times: Option<(i64, i64)>,
}

impl<'l> Folding<'l> {
    /// Goes on from a base.
    pub(super) fn of(layout: &'l Layout, base: Option<&Base>) -> Result<Self, Malformed> {
        let mut cells = Cells::new(layout);
        cells.begin_base(layout);
        if let Some(base) = base {
            cells.add_partial(&base.partial, i64::MIN)?;
        }
        Ok(Self { layout, cells, times: base.map(|base| (base.first, base.newest)) })
    }

    /// Takes over the first `count` events of a chunk.
    pub(super) fn take(&mut self, chunk: &mut Chunk, count: usize) -> Result<(), Malformed> {
        let (first, last) = (chunk.times()[0], chunk.times()[count - 1]);
        let whole = count == chunk.len() && count > 1;
        if whole
            && last.saturating_sub(first) <= self.layout.ttl_ms.unwrap_or(i64::MAX)
            && self.reaches(first)
        {
            chunk.add_to(self.layout, &mut self.cells, i64::MIN)?;
            self.note(first, last);
            return Ok(());
        }
        for i in 0..count {
            let ts = chunk.times()[i];
            if self.is_dead(ts) {
                continue;
            }
            if !self.reaches(ts) {
                self.cells.begin_base(self.layout);
                self.times = None;
            }
            self.cells.add_event(self.layout, ts, chunk.data(i), i64::MIN)?;
            self.note(ts, ts);
        }
        Ok(())
    }

    /// Whether an event is near enough to go on from what is here.
    fn reaches(&self, ts: i64) -> bool {
        let (Some(ttl_ms), Some((_, newest))) = (self.layout.ttl_ms, self.times) else { return true };
        ts.saturating_sub(newest) <= ttl_ms && !self.is_dead(ts)
    }

    /// Whether an event is so much older than all others that the key was forgotten between them.
    fn is_dead(&self, ts: i64) -> bool {
        let (Some(ttl_ms), Some((first, _))) = (self.layout.ttl_ms, self.times) else { return false };
        first.saturating_sub(ts) > ttl_ms
    }

    fn note(&mut self, first: i64, last: i64) {
        let (known_first, known_last) = self.times.unwrap_or((first, last));
        self.times = Some((known_first.min(first), known_last.max(last)));
    }

    pub(super) fn finish(mut self) -> Option<Base> {
        let (first, newest) = self.times?;
        Some(Base { first, newest, partial: self.cells.base() })
    }
}
