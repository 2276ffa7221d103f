//! What is known of one partition of one cluster (rule S11), as a pure state machine: `step` takes what
//! happened and returns what to tell the engine. No Kafka, no clock: time enters with the events.
//!
//! A connection proves nothing: a frozen broker keeps its connections open. Only answers count, so a
//! partition is down once the last answer is too old.

use super::super::gap::AcceptedGap;
use crate::dataflow::PartitionStatus;

/// Without an answer for this long, a partition is down.
pub(super) const DOWN_AFTER_MS: i64 = 3_000;

/// Where the partition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing has answered yet.
    Starting { since_ms: i64 },
    /// Being read.
    Live,
    /// At the log end, as an answer to a question asked at `proven_ms` showed.
    Quiet { proven_ms: i64 },
    /// What comes next is part of a transaction that is open: nobody may read it yet.
    Pinned { since_ms: i64 },
    /// No answers since.
    Down { since_ms: i64 },
    /// Bounded reading has come to its end.
    Ended,
    /// The log no longer holds what comes next. Stays so: only a person can decide what to do.
    Stopped { since_ms: i64, gap: Gap },
    /// Nothing of it is wanted any more. The loop, which said so, knows how it stands.
    Halted,
}

/// What cannot be read: offsets `from..to`, which the log has lost, or which it never had (`to < from`: the
/// topic was made again and is shorter than what was read of it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) from: i64,
    pub(super) to: i64,
}

/// One partition.
#[derive(Debug, Clone)]
pub(super) struct Partition {
    pub(super) standing: Standing,
    /// The next offset to read.
    pub(super) next: i64,
    /// Where bounded reading ends.
    pub(super) end: Option<i64>,
    answered_ms: i64,
    /// A gap that is to be passed over.
    accepted: Option<AcceptedGap>,
    /// A gap was seen once; a second sight without a record between makes it one.
    suspect: bool,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// A record of this offset arrived.
    Record { offset: i64, now_ms: i64 },
    /// The log may be read in `low..end`: the answer to a question asked at `asked_ms`. Before that, some fetch
    /// had shown that records have been written up to `high`; `None`: none has yet.
    Bounds { low: i64, end: i64, high: Option<i64>, asked_ms: i64 },
    /// The client has handed over everything below: what has not come of it are no records, but marks of
    /// transactions.
    Passed { offset: i64 },
    /// The client refuses to go on at this position; the log holds `low..end`.
    OutOfRange { low: i64, end: i64, now_ms: i64 },
    /// The cluster is unreachable.
    Failed { now_ms: i64 },
    /// Nothing of it is wanted any more, because of what it holds.
    Halted,
    /// Time passes.
    Tick { now_ms: i64 },
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Hand the record on.
    Deliver,
    /// Tell the engine.
    Tell(PartitionStatus),
    /// Read again from `next`: the client has stopped although nothing is missing.
    Seek,
    /// No more records of it are wanted.
    Pause,
    /// Say that those are passed over.
    Passed(Gap),
}

impl Partition {
    pub(super) const fn new(next: i64, end: Option<i64>, now_ms: i64) -> Self {
        let standing = Standing::Starting { since_ms: now_ms };
        Self { standing, next, end, answered_ms: now_ms, accepted: None, suspect: false }
    }

    /// Passes over that gap, should it be met.
    pub(super) fn accepting(self, accepted: Option<AcceptedGap>) -> Self {
        Self { accepted, ..self }
    }

    /// What the engine is told of it now.
    pub(super) const fn status(&self) -> PartitionStatus {
        match self.standing {
            Standing::Live => PartitionStatus::Live,
            Standing::Quiet { proven_ms } => PartitionStatus::Quiet { now_ms: proven_ms },
            Standing::Ended => PartitionStatus::Ended,
            Standing::Halted => PartitionStatus::Down { since_ms: 0 },
            Standing::Pinned { since_ms } => PartitionStatus::Pinned { since_ms },
            Standing::Starting { since_ms }
            | Standing::Down { since_ms }
            | Standing::Stopped { since_ms, .. } => PartitionStatus::Down { since_ms },
        }
    }

    /// Whether it is not read any more.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.standing, Standing::Stopped { .. } | Standing::Ended | Standing::Halted)
    }

    /// Takes one event.
    pub(super) fn step(&mut self, event: Event) -> Vec<Effect> {
        if self.is_over() {
            return Vec::new();
        }
        match event {
            Event::Record { offset, now_ms } => self.record(offset, now_ms),
            Event::Bounds { low, end, high, asked_ms } => self.bounds(low, end, high, asked_ms),
            Event::OutOfRange { low, end, now_ms } => match self.gap(low, end) {
                Some(gap) => self.pass_or_stop(gap, low, now_ms),
                None => vec![Effect::Seek],
            },
            Event::Passed { offset } => self.passed(offset),
            Event::Halted => {
                self.standing = Standing::Halted;
                vec![Effect::Pause]
            }
            Event::Failed { now_ms } => self.down(now_ms),
            Event::Tick { now_ms } if now_ms - self.answered_ms > DOWN_AFTER_MS => {
                self.down(self.answered_ms)
            }
            Event::Tick { .. } => Vec::new(),
        }
    }

    fn record(&mut self, offset: i64, now_ms: i64) -> Vec<Effect> {
        if self.end.is_some_and(|end| offset >= end) {
            return self.ended();
        }
        // Copies of what was read before: the client went back after a seek.
        if offset < self.next {
            return Vec::new();
        }
        (self.next, self.answered_ms, self.suspect) = (offset + 1, now_ms, false);
        let mut effects = vec![Effect::Deliver];
        if self.at_end() {
            effects.extend(self.ended());
        } else {
            effects.extend(self.to(Standing::Live));
        }
        effects
    }

    fn passed(&mut self, offset: i64) -> Vec<Effect> {
        self.next = self.next.max(offset);
        if self.at_end() { self.ended() } else { Vec::new() }
    }

    fn bounds(&mut self, low: i64, end: i64, high: Option<i64>, asked_ms: i64) -> Vec<Effect> {
        self.answered_ms = self.answered_ms.max(asked_ms);
        if let Some(gap) = self.gap(low, end) {
            // Records read ahead may still be on their way: believe it at the second sight.
            return if std::mem::replace(&mut self.suspect, true) {
                self.pass_or_stop(gap, low, asked_ms)
            } else {
                Vec::new()
            };
        }
        self.suspect = false;
        if self.at_end() {
            self.ended()
        } else if self.next < end {
            self.to(Standing::Live)
        } else {
            self.to(self.at_log_end(end, high, asked_ms))
        }
    }

    /// Everything that may be read is: but is that all there is?
    const fn at_log_end(&self, end: i64, high: Option<i64>, asked_ms: i64) -> Standing {
        match (high, self.standing) {
            (None, _) => Standing::Live,
            (Some(high), Standing::Pinned { since_ms }) if high > end => Standing::Pinned { since_ms },
            (Some(high), _) if high > end => Standing::Pinned { since_ms: asked_ms },
            (Some(_), _) => Standing::Quiet { proven_ms: asked_ms },
        }
    }

    const fn at_end(&self) -> bool {
        matches!(self.end, Some(end) if self.next >= end)
    }

    const fn gap(&self, low: i64, end: i64) -> Option<Gap> {
        if self.next < low {
            Some(Gap { from: self.next, to: low })
        } else if self.next > end {
            Some(Gap { from: self.next, to: end })
        } else {
            None
        }
    }

    fn ended(&mut self) -> Vec<Effect> {
        self.standing = Standing::Ended;
        vec![Effect::Tell(PartitionStatus::Ended), Effect::Pause]
    }

    /// What was accepted is passed over once: a second gap is another one.
    fn pass_or_stop(&mut self, gap: Gap, low: i64, now_ms: i64) -> Vec<Effect> {
        if self.accepted.take_if(|accepted| accepted.covers(gap.from, gap.to)).is_none() {
            return self.stop(gap, now_ms);
        }
        (self.next, self.suspect) = (low, false);
        vec![Effect::Passed(gap), Effect::Seek]
    }

    fn stop(&mut self, gap: Gap, since_ms: i64) -> Vec<Effect> {
        self.standing = Standing::Stopped { since_ms, gap };
        vec![Effect::Tell(PartitionStatus::Down { since_ms }), Effect::Pause]
    }

    fn down(&mut self, since_ms: i64) -> Vec<Effect> {
        if matches!(self.standing, Standing::Down { .. } | Standing::Starting { .. }) {
            return Vec::new();
        }
        self.to(Standing::Down { since_ms })
    }

    fn to(&mut self, standing: Standing) -> Vec<Effect> {
        if self.standing == standing {
            return Vec::new();
        }
        self.standing = standing;
        vec![Effect::Tell(self.status())]
    }
}
