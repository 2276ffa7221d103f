//! What a partition remembers of idempotent producers, so that a batch sent twice is written once.

use std::collections::{HashMap, VecDeque};

use super::batch;

/// How many batches per producer can be recognised again: what Kafka keeps, and what a client may have in
/// flight.
const BATCHES_REMEMBERED: usize = 5;

/// The producers of one partition. Rebuilt from the log when the partition is opened.
#[derive(Default)]
pub(super) struct Producers {
    by_id: HashMap<i64, Entry>,
}

struct Entry {
    epoch: i16,
    batches: VecDeque<Seen>,
}

#[derive(Clone, Copy)]
struct Seen {
    first_sequence: i32,
    last_sequence: i32,
    base_offset: i64,
}

/// What to do with a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Append,
    /// It is in the log already, at this offset.
    Duplicate(i64),
    /// Its producer was replaced by one with a higher epoch.
    Fenced,
    /// A batch before it is missing.
    Gap,
}

impl Producers {
    /// Judges a batch. A producer that was never seen may begin anywhere (KIP-360).
    pub(super) fn judge(&self, header: &batch::Header) -> Verdict {
        let producer = header.producer;
        let Some(entry) = self.by_id.get(&producer.id) else { return Verdict::Append };
        if producer.epoch < entry.epoch {
            return Verdict::Fenced;
        }
        if producer.epoch > entry.epoch {
            return if producer.first_sequence == 0 { Verdict::Append } else { Verdict::Gap };
        }
        let last_sequence = last_sequence(header);
        let same = |seen: &&Seen| {
            seen.first_sequence == producer.first_sequence && seen.last_sequence == last_sequence
        };
        if let Some(seen) = entry.batches.iter().find(same) {
            return Verdict::Duplicate(seen.base_offset);
        }
        match entry.batches.back() {
            Some(last) if wrapping_add(last.last_sequence, 1) != producer.first_sequence => Verdict::Gap,
            _ => Verdict::Append,
        }
    }

    /// Remembers a batch that was written.
    pub(super) fn remember(&mut self, header: &batch::Header, base_offset: i64) {
        let producer = header.producer;
        if producer.id < 0 {
            return;
        }
        let entry = self
            .by_id
            .entry(producer.id)
            .or_insert_with(|| Entry { epoch: producer.epoch, batches: VecDeque::new() });
        if entry.epoch != producer.epoch {
            *entry = Entry { epoch: producer.epoch, batches: VecDeque::new() };
        }
        if entry.batches.len() == BATCHES_REMEMBERED {
            entry.batches.pop_front();
        }
        let seen = Seen {
            first_sequence: producer.first_sequence,
            last_sequence: last_sequence(header),
            base_offset,
        };
        entry.batches.push_back(seen);
    }
}

fn last_sequence(header: &batch::Header) -> i32 {
    wrapping_add(header.producer.first_sequence, header.last_offset_delta)
}

/// Sequence numbers count from 0 to `i32::MAX` and begin again at 0.
fn wrapping_add(sequence: i32, count: i32) -> i32 {
    sequence.wrapping_add(count) & i32::MAX
}
