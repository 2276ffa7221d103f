//! What the step loop and a region's thread share: how far the outbox is committed, how far the region is,
//! the newest progress record, and when to stop. The region never waits for the loop, nor the loop for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::super::clock::Moment;
use super::super::tables::{Entry, PublishedKey};
use super::trouble::Trouble;

/// How long a look at the lease vouches for it: several times as long as the loop takes between two.
const LEASE_MS: u64 = 5_000;

/// The publish number of progress records: they come from no publish node.
pub(super) const PROGRESS: u16 = u16::MAX;
/// That of dead letters.
pub(super) const DEAD_LETTERS: u16 = u16::MAX - 1;

/// Topics that take what comes from no publish, where they exist.
#[derive(Debug, Clone)]
pub(in super::super) struct OwnTopics {
    pub(in super::super) progress: String,
    pub(in super::super) dead_letters: String,
}

/// How a region does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) enum Health {
    #[default]
    Ok,
    /// Some clusters are down.
    Degraded,
    /// All are.
    Down,
    /// Some take rows late.
    Slow,
    /// A topic does not exist on any cluster that answers.
    NoTopic,
}

impl Health {
    pub(in super::super) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Slow => "slow",
            Self::Down => "down",
            Self::NoTopic => "no_topic",
        }
    }
}

/// What is shown of a region.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Standing {
    pub(in super::super) health: Health,
    /// Rows that are not acknowledged, counted up to a limit.
    pub(in super::super) backlog: usize,
    pub(in super::super) sent: u64,
    pub(in super::super) acknowledged: u64,
    pub(in super::super) given_up: u64,
    /// Whether each takes rows, and what is wrong with it.
    pub(in super::super) clusters: Vec<(String, bool, Option<Trouble>)>,
}

/// The shared part.
#[derive(Default)]
pub(super) struct Handle {
    committed: AtomicU64,
    cursor: AtomicU64,
    vouched: Mutex<Moment>,
    wants_all_keys: AtomicBool,
    /// Keys of which the next row is to go to certain clusters also.
    wanted: Mutex<BTreeMap<PublishedKey, BTreeSet<usize>>>,
    progress: Mutex<Option<Entry>>,
    /// Records of the state to write, or (`None`) to delete: what clusters are owed. Those that a cursor rests
    /// on stand here before it moves.
    debts: Mutex<BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
    standing: Mutex<Standing>,
    stop_by: Mutex<Option<Instant>>,
}

impl Handle {
    pub(super) fn new(committed: u64, cursor: u64, vouched: Moment) -> Self {
        let handle = Self::default();
        handle.set_committed(committed);
        handle.set_cursor(cursor);
        handle.vouch(vouched);
        handle
    }

    pub(super) fn committed(&self) -> u64 {
        self.committed.load(Ordering::Acquire)
    }

    pub(super) fn set_committed(&self, sequence: u64) {
        self.committed.store(sequence, Ordering::Release);
    }

    pub(super) fn cursor(&self) -> u64 {
        self.cursor.load(Ordering::Acquire)
    }

    pub(super) fn set_cursor(&self, sequence: u64) {
        self.cursor.store(sequence, Ordering::Release);
    }

    /// The lease was ours at that moment.
    pub(super) fn vouch(&self, asked: Moment) {
        *lock(&self.vouched) = asked;
    }

    /// Whether the last look at the lease is recent. A process that was stopped, or moved with its machine,
    /// wakes up with an old one.
    pub(super) fn is_vouched(&self, now: Moment) -> bool {
        lock(&self.vouched).is_within(LEASE_MS, now)
    }

    /// Every key is to be put out again.
    pub(super) fn wish_for_all_keys(&self) {
        self.wants_all_keys.store(true, Ordering::Release);
    }

    pub(super) fn take_wish(&self) -> bool {
        self.wants_all_keys.swap(false, Ordering::AcqRel)
    }

    /// The next row of that key is to go to that cluster, whoever its home is.
    pub(super) fn want_at(&self, key: &PublishedKey, cluster: usize) {
        lock(&self.wanted).entry(key.clone()).or_default().insert(cluster);
    }

    /// Where the next row of a key is to go to also.
    pub(super) fn take_wanted(&self, publish: u16, key: &[u8]) -> BTreeSet<usize> {
        let mut wanted = lock(&self.wanted);
        if wanted.is_empty() {
            BTreeSet::new()
        } else {
            wanted.remove(&(publish, key.to_vec())).unwrap_or_default()
        }
    }

    pub(super) fn put_debts(&self, changes: impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)>) {
        lock(&self.debts).extend(changes);
    }

    pub(super) fn take_debts(&self) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        std::mem::take(&mut *lock(&self.debts))
    }

    pub(super) fn put_progress(&self, entry: Entry) {
        *lock(&self.progress) = Some(entry);
    }

    pub(super) fn take_progress(&self) -> Option<Entry> {
        lock(&self.progress).take()
    }

    pub(super) fn report(&self, standing: Standing) {
        *lock(&self.standing) = standing;
    }

    pub(super) fn standing(&self) -> Standing {
        lock(&self.standing).clone()
    }

    pub(super) fn stop(&self, by: Instant) {
        *lock(&self.stop_by) = Some(by);
    }

    /// Whether the region's thread should end now.
    pub(super) fn stopping(&self, is_drained: impl FnOnce() -> bool) -> bool {
        let stop_by = *lock(&self.stop_by);
        stop_by.is_some_and(|by| is_drained() || Instant::now() >= by)
    }
}

/// No holder leaves a half-done change behind, so a poisoned lock is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
