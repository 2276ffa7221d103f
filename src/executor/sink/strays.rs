//! Rows that another cluster took instead of their home, until the home has them too. Pure.
//!
//! A compacted topic keeps the last record of a key, not the one with the highest version, so a row goes home
//! only while no newer one of its key has gone there: a newer one takes its place here, also while it flies.

use std::collections::BTreeMap;

use super::super::tables::Entry;

/// What takes whose place: publish, key, and for rows that never do their sequence.
pub(super) type StrayKey = (u16, Vec<u8>, u64);

/// The strays of a group, by home.
#[derive(Debug, Default)]
pub(super) struct Strays {
    homes: Vec<Home>,
}

#[derive(Debug, Clone, Default)]
struct Home {
    waiting: BTreeMap<StrayKey, (u64, Entry)>,
    /// Sequences of those on their way home.
    flying: BTreeMap<StrayKey, u64>,
}

impl Strays {
    pub(super) fn new(clusters: usize) -> Self {
        Self { homes: vec![Home::default(); clusters] }
    }

    pub(super) fn is_waiting(&self, home: usize) -> bool {
        !self.homes[home].waiting.is_empty()
    }

    /// Another cluster has taken a row.
    pub(super) fn add(&mut self, home: usize, key: StrayKey, sequence: u64, entry: Entry) {
        self.homes[home].flying.remove(&key);
        self.homes[home].waiting.insert(key, (sequence, entry));
    }

    /// One that is to go home now.
    pub(super) fn take(&mut self, home: usize) -> Option<(StrayKey, u64, Entry)> {
        let (key, (sequence, entry)) = self.homes[home].waiting.pop_first()?;
        self.homes[home].flying.insert(key.clone(), sequence);
        Some((key, sequence, entry))
    }

    /// It is there.
    pub(super) fn arrived(&mut self, home: usize, key: &StrayKey, sequence: u64) {
        if self.homes[home].flying.get(key) == Some(&sequence) {
            self.homes[home].flying.remove(key);
        }
    }

    /// It did not get there: it waits again, unless something newer has taken its place.
    pub(super) fn failed(&mut self, home: usize, key: StrayKey, sequence: u64, entry: Entry) {
        if self.homes[home].flying.get(&key) == Some(&sequence) {
            self.add(home, key, sequence, entry);
        }
    }

    /// A newer row of the key goes home itself.
    pub(super) fn replaced(&mut self, home: usize, key: &StrayKey) {
        self.homes[home].waiting.remove(key);
        self.homes[home].flying.remove(key);
    }
}
