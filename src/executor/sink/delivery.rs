//! Where every row of a region stands: read, on its way, waiting, owed. Pure.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use super::super::tables::Entry;
use super::producer::Token;
use super::strays::Strays;

/// How long a cluster that takes rows may still carry out requests of an earlier run: they lie in its buffers,
/// and are read as soon as it runs.
const SETTLE_MS: i64 = 3_000;
pub(in super::super) const SETTLE: Duration = Duration::from_millis(SETTLE_MS.unsigned_abs());

/// Where every row stands.
#[derive(Default)]
pub(super) struct Delivery {
    /// The next sequence to read from the outbox.
    pub(super) scanned: u64,
    pub(super) read: VecDeque<(u64, Entry)>,
    pub(super) flights: HashMap<Token, Flight>,
    pub(super) next_token: Token,
    /// Sequences on their way, to be tried again, or waiting for a topic.
    pub(super) open: BTreeSet<u64>,
    pub(super) again: BTreeSet<u64>,
    pub(super) without_topic: BTreeSet<u64>,
    pub(super) strays: Strays,
    /// Rows below may have been on their way when an earlier run was killed.
    inherited: u64,
    /// When each cluster took the first row of this run, as long as that matters.
    settling: Vec<Settling>,
    pub(super) sent: u64,
    pub(super) acknowledged: u64,
    pub(super) reported_ms: i64,
    /// When it was looked at last whether too much waits.
    pub(super) bounded_ms: i64,
    /// Since when too much waits.
    pub(super) too_much_since_ms: Option<i64>,
    /// Rows that were given up, ever.
    pub(super) given_up: u64,
    /// Rows below are given up, also those that are on their way.
    floor: u64,
}

/// Whether requests of an earlier run may still be carried out by a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settling {
    /// It has taken nothing yet.
    Waiting,
    Since {
        ms: i64,
    },
    Settled,
}

/// A row on its way.
pub(super) struct Flight {
    pub(super) purpose: Purpose,
    pub(super) home: usize,
    pub(super) entry: Entry,
    /// Where it goes.
    pub(super) cluster: usize,
    pub(super) sent_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Row(u64),
    /// For its home, which may have it already.
    Stray(u64, usize),
    Progress,
}

impl Delivery {
    /// Nothing on its way; everything below `cursor` was acknowledged before, and the rows from there to
    /// `committed` may have been sent.
    pub(super) fn new(cursor: u64, committed: u64, clusters: usize) -> Self {
        let settling = if cursor < committed { Settling::Waiting } else { Settling::Settled };
        Self {
            scanned: cursor,
            inherited: committed,
            settling: vec![settling; clusters],
            strays: Strays::new(clusters),
            ..Self::default()
        }
    }

    /// Whether a cluster that has just taken a row may yet be given an older one of the same key, by a request
    /// of a run that was killed.
    pub(super) fn may_be_overtaken(&mut self, cluster: usize, sequence: u64, now_ms: i64) -> bool {
        let settling = &mut self.settling[cluster];
        match settling {
            Settling::Waiting => {
                *settling = Settling::Since { ms: now_ms };
                true
            }
            Settling::Since { ms } => now_ms - *ms < SETTLE_MS || sequence < self.inherited,
            Settling::Settled => false,
        }
    }

    /// When the oldest row that is on its way to a cluster was sent.
    pub(super) fn oldest_ms(&self, cluster: usize) -> Option<i64> {
        let there = self.flights.values().filter(|flight| flight.cluster == cluster);
        there.map(|flight| flight.sent_ms).min()
    }

    /// Lets go what was held back for a cluster that has been up long enough.
    pub(super) fn settle(&mut self, now_ms: i64) {
        for (home, settling) in self.settling.iter_mut().enumerate() {
            if matches!(settling, Settling::Since { ms } if now_ms - *ms >= SETTLE_MS) {
                *settling = Settling::Settled;
                self.strays.release(home);
            }
        }
    }

    /// Wants nothing below to be delivered any more.
    pub(super) fn give_up_below(&mut self, floor: u64, rows: u64) {
        self.floor = floor;
        self.given_up += rows;
        self.scanned = self.scanned.max(floor);
        self.read.retain(|(sequence, _)| *sequence >= floor);
        for waiting in [&mut self.open, &mut self.again, &mut self.without_topic] {
            *waiting = waiting.split_off(&floor);
        }
    }

    /// A row is to be tried again, unless it was given up.
    pub(super) fn try_again(&mut self, sequence: u64) {
        if sequence >= self.floor {
            self.again.insert(sequence);
        }
    }

    /// Everything below has been acknowledged.
    pub(super) fn cursor(&self) -> u64 {
        let unread = self.read.front().map_or(self.scanned, |(sequence, _)| *sequence);
        self.open.first().map_or(unread, |open| unread.min(*open))
    }
}
