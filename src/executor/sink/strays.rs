//! Rows that their home is still to get: another cluster took them instead, or an older row of their key may
//! yet arrive there. Pure.
//!
//! A compacted topic keeps the last record of a key, not the one with the highest version, so a row goes home
//! only while no newer one of its key has gone there: a newer one takes its place here, also while it flies.
//! What changes here is written to the state, by those who take [`Strays::changes`].

use std::collections::BTreeMap;

use super::super::tables::Entry;

/// What takes whose place: publish, key, and for rows that never do their sequence.
pub(super) type StrayKey = (u16, Vec<u8>, u64);

/// A row of the home with that number is owed, or (`None`) no longer.
pub(super) type Change = (usize, StrayKey, Option<(u64, Entry)>);

/// The strays of a group, by home.
#[derive(Debug, Default)]
pub(super) struct Strays {
    homes: Vec<Home>,
    changes: Vec<Change>,
}

#[derive(Debug, Clone, Default)]
struct Home {
    waiting: BTreeMap<StrayKey, (u64, Entry)>,
    /// To be sent once it is certain that nothing older is on its way.
    held: BTreeMap<StrayKey, (u64, Entry)>,
    /// Sequences of those on their way home.
    flying: BTreeMap<StrayKey, u64>,
}

impl Strays {
    pub(super) fn new(clusters: usize) -> Self {
        Self { homes: vec![Home::default(); clusters], changes: Vec::new() }
    }

    #[cfg(test)]
    pub(super) fn is_waiting(&self, home: usize) -> bool {
        !self.homes[home].waiting.is_empty()
    }

    /// What the state knows from an earlier run.
    pub(super) fn restore(&mut self, home: usize, key: StrayKey, sequence: u64, entry: Entry) {
        self.homes[home].waiting.insert(key, (sequence, entry));
    }

    /// Another cluster has taken a row.
    pub(super) fn add(&mut self, home: usize, key: StrayKey, sequence: u64, entry: Entry) {
        self.changes.push((home, key.clone(), Some((sequence, entry.clone()))));
        self.homes[home].flying.remove(&key);
        self.homes[home].held.remove(&key);
        self.homes[home].waiting.insert(key, (sequence, entry));
    }

    /// Its home has taken a row, but a request of an earlier run may still bring an older one.
    pub(super) fn hold(&mut self, home: usize, key: StrayKey, sequence: u64, entry: Entry) {
        self.changes.push((home, key.clone(), Some((sequence, entry.clone()))));
        self.homes[home].held.insert(key, (sequence, entry));
    }

    /// Nothing older can come any more.
    pub(super) fn release(&mut self, home: usize) {
        let held = std::mem::take(&mut self.homes[home].held);
        self.homes[home].waiting.extend(held);
    }

    /// One that is to go home now, of those publishes whose topic the home has.
    pub(super) fn take(
        &mut self,
        home: usize,
        has_topic: impl Fn(u16) -> bool,
    ) -> Option<(StrayKey, u64, Entry)> {
        let Home { waiting, flying, .. } = &mut self.homes[home];
        let mut publish = 0;
        let key = loop {
            let (key, _) = waiting.range((publish, Vec::new(), 0)..).next()?;
            if has_topic(key.0) {
                break key.clone();
            }
            publish = key.0.checked_add(1)?;
        };
        let (sequence, entry) = waiting.remove(&key)?;
        flying.insert(key.clone(), sequence);
        Some((key, sequence, entry))
    }

    /// It is there.
    pub(super) fn arrived(&mut self, home: usize, key: &StrayKey, sequence: u64) {
        if self.homes[home].flying.get(key) == Some(&sequence) {
            self.homes[home].flying.remove(key);
            self.changes.push((home, key.clone(), None));
        }
    }

    /// It did not get there: it waits again, unless something newer has taken its place.
    pub(super) fn failed(&mut self, home: usize, key: StrayKey, sequence: u64, entry: Entry) {
        if self.homes[home].flying.get(&key) == Some(&sequence) {
            self.homes[home].flying.remove(&key);
            self.homes[home].waiting.insert(key, (sequence, entry));
        }
    }

    /// A newer row of the key goes home itself.
    pub(super) fn replaced(&mut self, home: usize, key: &StrayKey) {
        let Home { waiting, held, flying } = &mut self.homes[home];
        let known = [waiting.remove(key).is_some(), held.remove(key).is_some(), flying.remove(key).is_some()];
        if known.contains(&true) {
            self.changes.push((home, key.clone(), None));
        }
    }

    /// What has changed since the last call, in order.
    pub(super) fn changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }
}
