//! Keys whose last record in a cluster may be one of a former lease. Pure; time is an argument.

use std::collections::BTreeMap;

use super::super::tables::PublishedKey;

/// Keys in memory at once; with more of them all keys are put out again.
const KEYS_MAX: usize = 10_000;
/// A key that was put out again comes within this, or is put out once more.
const AGAIN_MS: i64 = 30_000;

/// The keys of one cluster.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    keys: BTreeMap<PublishedKey, Suspect>,
    were_too_many: bool,
}

/// A record of a former lease that no newer one of its key has followed yet.
#[derive(Debug, Clone, Copy)]
struct Suspect {
    partition: i32,
    offset: i64,
    /// When its key was put out again.
    asked_ms: Option<i64>,
}

impl Suspects {
    /// A record of a former lease.
    pub(super) fn add(&mut self, key: PublishedKey, partition: i32, offset: i64) {
        // What was put out again before it does not count: it may stand before it.
        self.keys.insert(key, Suspect { partition, offset, asked_ms: None });
        if self.keys.len() > KEYS_MAX {
            self.keys.clear();
            self.were_too_many = true;
        }
    }

    /// A record of this lease: it is the newest of its key.
    pub(super) fn clear(&mut self, key: &PublishedKey) {
        self.keys.remove(key);
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there were more than memory is for since the last call.
    pub(super) fn take_too_many(&mut self) -> bool {
        std::mem::take(&mut self.were_too_many)
    }

    /// Up to `limit` keys to be put out now.
    pub(super) fn due(&mut self, limit: usize, now_ms: i64) -> Vec<PublishedKey> {
        let is_due = |suspect: &Suspect| {
            suspect.asked_ms.is_none_or(|asked_ms| now_ms.abs_diff(asked_ms) >= AGAIN_MS.unsigned_abs())
        };
        let due = self.keys.iter_mut().filter(|(_, suspect)| is_due(suspect)).take(limit);
        due.map(|(key, suspect)| {
            suspect.asked_ms = Some(now_ms);
            key.clone()
        })
        .collect()
    }

    /// From where a partition must be read again so that no key is forgotten.
    pub(super) fn needed_from(&self, publish: u16, partition: i32) -> Option<i64> {
        let of_publish =
            self.keys.range((publish, Vec::new())..).take_while(|((number, _), _)| *number == publish);
        of_publish.filter(|(_, s)| s.partition == partition).map(|(_, s)| s.offset).min()
    }
}
