//! The registry of partitions: numbers that stay for the life of the state, positions that go into every
//! step's batch, and the translation of what readers say into the engine's input.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use super::sink::corrupt_record;
use super::source::{BATCH_RECORDS, Declared, Event, Gathered, Headers};
use super::store::RocksStore;
use super::tables::{self, PartitionKey, Position};
use super::wiring::ReaderWiring;
use crate::dataflow::{Input, PartitionId, PartitionStatus, PartitionUpdate, Record};
use crate::state::{StoreError, WriteBatch};

/// Stands for all partitions of a topic of a cluster that has not answered yet.
const UNRESOLVED: i32 = -1;

/// A partition with no more records to come than these is up to date: its end is asked for now and then.
const NEWS_LAG: i64 = 1_000;

/// What is known of one partition.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) key: PartitionKey,
    pub(super) position: Position,
    pub(super) status: PartitionStatus,
    pub(super) log_end: i64,
    /// Offsets the log has lost.
    pub(super) gap: Option<(i64, i64)>,
    /// Too many of its records could not be decoded: nothing of it is taken any more.
    pub(super) halted: Option<String>,
    /// No record of it that was read has a later timestamp; of those before this run, the start.
    pub(super) newest_ms: i64,
    /// Something has been heard of it in this run.
    pub(super) is_heard: bool,
    is_dirty: bool,
}

/// What is known of one cluster that is read.
#[derive(Debug, Clone, Default)]
pub(super) struct ReaderStanding {
    /// By the reader's own number.
    slots: Vec<PartitionId>,
    pub(super) is_resolved: bool,
    pub(super) trouble: String,
    /// Topics that the cluster, which answers, has not got.
    pub(super) missing_topics: Vec<String>,
    pub(super) records: u64,
    /// What it said last was as much as it may say at once: more has come than could be handed on.
    is_full: bool,
    /// Another has taken its place, or nobody reads the cluster any more.
    pub(super) is_gone: bool,
}

/// All partitions of the state.
pub(super) struct Partitions {
    by_key: BTreeMap<PartitionKey, PartitionId>,
    all: BTreeMap<PartitionId, Known>,
    pub(super) readers: Vec<ReaderStanding>,
    /// While history is read an end is not the end of time: the log was empty there when it was fixed.
    ends_are_quiet: bool,
    dirty: BTreeSet<PartitionId>,
    /// What came with the records of the last input, should one of them be a dead letter.
    pub(super) envelopes: Vec<Envelope>,
    /// Halted since the last input: the engine is still to hear of it.
    just_halted: BTreeSet<PartitionId>,
    /// Readers look here for what they need not read.
    pub(super) halted: Halted,
    /// Records that a reader hands on at once, at most.
    pub(super) batch_records: usize,
}

/// Partitions that are stopped because of what they hold.
pub(super) type Halted = Arc<Mutex<BTreeSet<PartitionKey>>>;

/// What a record has beside its payload. The engine does not look at it.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) partition: PartitionId,
    pub(super) offset: i64,
    pub(super) key: Option<Vec<u8>>,
    pub(super) headers: Headers,
}

impl Partitions {
    /// Reads the registry. Nothing is known to answer yet.
    pub(super) fn open(
        store: &RocksStore,
        readers: usize,
        ends_are_quiet: bool,
        now_ms: i64,
    ) -> Result<Self, StoreError> {
        let mut partitions = Self {
            by_key: BTreeMap::new(),
            all: BTreeMap::new(),
            readers: vec![ReaderStanding::default(); readers],
            ends_are_quiet,
            dirty: BTreeSet::new(),
            envelopes: Vec::new(),
            just_halted: BTreeSet::new(),
            halted: Halted::default(),
            batch_records: BATCH_RECORDS,
        };
        let (from, to) = tables::positions();
        let mut corrupt = None;
        store.shell_scan(&from, &to, &mut |key, value| {
            let found = PartitionKey::from_bytes(key).zip(Position::from_bytes(value));
            let Some((key, position)) = found else {
                corrupt = Some(corrupt_record(key));
                return ControlFlow::Break(());
            };
            partitions.insert(key, position, now_ms, false);
            ControlFlow::Continue(())
        })?;
        corrupt.map_or(Ok(partitions), Err)
    }

    fn insert(&mut self, key: PartitionKey, position: Position, now_ms: i64, is_dirty: bool) {
        let status = PartitionStatus::Down { since_ms: now_ms };
        let newest_ms = if position.next > position.first { now_ms } else { i64::MIN };
        self.by_key.insert(key.clone(), position.id);
        if is_dirty {
            self.dirty.insert(position.id);
        }
        self.all.insert(
            position.id,
            Known {
                key,
                position,
                status,
                log_end: 0,
                gap: None,
                halted: None,
                newest_ms,
                is_heard: false,
                is_dirty,
            },
        );
    }

    /// What a cluster's reader needs to know.
    pub(super) fn positions(&self, cluster: &str) -> Vec<(PartitionKey, Position)> {
        let of_cluster = |known: &&Known| known.key.cluster == cluster && known.key.partition != UNRESOLVED;
        self.all.values().filter(of_cluster).map(|known| (known.key.clone(), known.position)).collect()
    }

    pub(super) fn of_cluster<'a>(&'a self, cluster: &'a str) -> impl Iterator<Item = &'a Known> {
        self.all
            .values()
            .filter(move |known| known.key.cluster == cluster && known.key.partition != UNRESOLVED)
    }

    pub(super) fn get(&self, id: PartitionId) -> Option<&Known> {
        self.all.get(&id)
    }

    /// The first update of a run: everything that is to be read is down until it answers, also topics of
    /// clusters that never have.
    ///
    /// Clusters that nobody reads are missing from now on, unless they were read to their ends.
    pub(super) fn begin(
        &mut self,
        readers: &[ReaderWiring],
        is_retired: &dyn Fn(&str) -> bool,
        now_ms: i64,
    ) -> Vec<PartitionUpdate> {
        let mut updates = Vec::new();
        for known in self.all.values_mut() {
            if readers.iter().any(|reader| reader.cluster.name == known.key.cluster) {
                continue;
            }
            known.status = if is_retired(&known.key.cluster) {
                PartitionStatus::Ended
            } else {
                PartitionStatus::Down { since_ms: 0 }
            };
            updates.push(update(known));
        }
        for reader in readers {
            updates.extend(self.declare_all(reader, now_ms));
        }
        updates
    }

    /// A cluster is to be read, from where it was left: it is down until it answers.
    pub(super) fn join(&mut self, reader: &ReaderWiring, now_ms: i64) -> Vec<PartitionUpdate> {
        self.readers.push(ReaderStanding::default());
        for known in self.all.values_mut().filter(|known| known.key.cluster == reader.cluster.name) {
            known.status = PartitionStatus::Down { since_ms: now_ms };
            (known.gap, known.is_heard) = (None, false);
        }
        self.declare_all(reader, now_ms)
    }

    /// Nobody reads a cluster any more, though not all of it has been read.
    pub(super) fn leave(&mut self, cluster: &str) -> Vec<PartitionUpdate> {
        self.set_all(cluster, PartitionStatus::Down { since_ms: 0 })
    }

    /// All of a cluster has been read.
    pub(super) fn end(&mut self, cluster: &str) -> Vec<PartitionUpdate> {
        self.set_all(cluster, PartitionStatus::Ended)
    }

    fn set_all(&mut self, cluster: &str, status: PartitionStatus) -> Vec<PartitionUpdate> {
        let of_cluster = self.all.values_mut().filter(|known| known.key.cluster == cluster);
        of_cluster
            .map(|known| {
                known.status = status;
                update(known)
            })
            .collect()
    }

    /// Placeholders for topics that may not have been found yet, and what is known of them.
    fn declare_all(&mut self, reader: &ReaderWiring, now_ms: i64) -> Vec<PartitionUpdate> {
        let mut updates = Vec::new();
        for (topic, sources) in &reader.topics {
            for source in sources {
                let key = placeholder(source, &reader.cluster.name, topic);
                self.id_of(&key, now_ms);
                updates.extend(self.updates_of(source, &reader.cluster.name, topic));
            }
        }
        updates
    }

    fn updates_of(&self, source: &str, cluster: &str, topic: &str) -> Vec<PartitionUpdate> {
        let of_topic = |known: &&Known| {
            known.key.source == source && known.key.cluster == cluster && known.key.topic == topic
        };
        self.all.values().filter(of_topic).map(update).collect()
    }

    /// The number of a partition, given out now if it has none.
    fn id_of(&mut self, key: &PartitionKey, now_ms: i64) -> PartitionId {
        if let Some(id) = self.by_key.get(key) {
            return *id;
        }
        let id = PartitionId(self.all.last_key_value().map_or(0, |(last, _)| last.0 + 1));
        let position = Position { id, next: 0, first: 0, log_start: 0, end: -1, end_ms: 0, first_ms: -1 };
        self.insert(key.clone(), position, now_ms, true);
        id
    }

    /// What was heard, as the input of one step.
    pub(super) fn input(&mut self, gathered: Gathered, wiring: &[ReaderWiring], now_ms: i64) -> Input {
        let mut records = Vec::new();
        let mut touched = std::mem::take(&mut self.just_halted);
        self.envelopes.clear();
        for (reader, event) in gathered {
            match event {
                Event::Declared(declared) => {
                    let ids = declared.iter().map(|declared| self.declare(declared, now_ms));
                    let ids: Vec<_> = ids.collect();
                    touched.extend(&ids);
                    self.readers[reader].slots.extend(ids);
                }
                Event::Resolved => {
                    self.readers[reader].is_resolved = true;
                    touched.extend(self.retire_placeholders(&wiring[reader]));
                }
                Event::Records(batch) => {
                    self.readers[reader].records += batch.len() as u64;
                    self.readers[reader].is_full = batch.len() >= self.batch_records;
                    records.reserve(batch.len());
                    for raw in batch {
                        let id = self.readers[reader].slots[raw.slot];
                        if self.all.get(&id).is_some_and(|known| known.halted.is_some()) {
                            continue;
                        }
                        self.read_to(id, raw.offset, raw.timestamp_ms);
                        let (key, headers) = (raw.key, raw.headers);
                        self.envelopes.push(Envelope { partition: id, offset: raw.offset, key, headers });
                        records.push(Record {
                            partition: id,
                            offset: raw.offset,
                            timestamp_ms: raw.timestamp_ms,
                            payload: raw.payload,
                            deleted_key: raw.deleted_key,
                        });
                    }
                }
                Event::Standing { slot, status, log_end, gap } => {
                    let id = self.readers[reader].slots[slot];
                    self.stand(id, status, log_end, gap);
                    touched.insert(id);
                }
                Event::Missing(topics) => self.readers[reader].missing_topics = topics,
                Event::Trouble(trouble) => self.readers[reader].trouble = trouble,
            }
        }
        let partitions = touched.iter().filter_map(|id| self.all.get(id)).map(update).collect();
        Input { records, partitions, now_ms, finish: false }
    }

    /// Readers with more to come than news. Where a log ends may not be known yet when a cluster is back.
    pub(super) fn behind(&self) -> BTreeSet<usize> {
        let has_lag = |id: &PartitionId| self.all.get(id).is_some_and(|known| known.lag() > NEWS_LAG);
        let is_behind = |reader: &ReaderStanding| reader.is_full || reader.slots.iter().any(has_lag);
        let readers = self.readers.iter().enumerate();
        readers.filter(|(_, reader)| is_behind(reader)).map(|(at, _)| at).collect()
    }

    fn declare(&mut self, declared: &Declared, now_ms: i64) -> PartitionId {
        let is_new = !self.by_key.contains_key(&declared.key);
        let id = self.id_of(&declared.key, now_ms);
        self.change(id, |known| {
            if is_new {
                (known.position.next, known.position.first) = (declared.next, declared.next);
                known.position.log_start = declared.log_start;
            }
            known.position.end = declared.end.unwrap_or(-1);
            known.position.end_ms = declared.end_ms;
            known.log_end = declared.log_end;
        });
        id
    }

    fn retire_placeholders(&mut self, wiring: &ReaderWiring) -> Vec<PartitionId> {
        let mut retired = Vec::new();
        for (topic, sources) in &wiring.topics {
            for source in sources {
                let key = placeholder(source, &wiring.cluster.name, topic);
                let Some(id) = self.by_key.get(&key).copied() else { continue };
                self.change(id, |known| known.status = PartitionStatus::Ended);
                retired.push(id);
            }
        }
        retired
    }

    fn read_to(&mut self, id: PartitionId, offset: i64, timestamp_ms: i64) {
        self.change(id, |known| {
            known.position.next = offset + 1;
            if known.position.first_ms < 0 {
                known.position.first_ms = timestamp_ms.max(0);
            }
            known.newest_ms = known.newest_ms.max(timestamp_ms);
            known.log_end = known.log_end.max(offset + 1);
        });
    }

    fn stand(&mut self, id: PartitionId, status: PartitionStatus, log_end: i64, gap: Option<(i64, i64)>) {
        let ends_are_quiet = self.ends_are_quiet;
        let Some(known) = self.all.get_mut(&id) else { return };
        (known.log_end, known.gap, known.is_heard) = (known.log_end.max(log_end), gap, true);
        if known.halted.is_some() {
            return;
        }
        known.status = match status {
            PartitionStatus::Ended if ends_are_quiet => {
                PartitionStatus::Quiet { now_ms: known.position.end_ms }
            }
            status => status,
        };
        if status == PartitionStatus::Ended && known.position.next < known.position.end {
            // The last offsets hold no records (compaction): they have been passed all the same.
            self.change(id, |known| known.position.next = known.position.end);
        }
    }

    /// Takes nothing more of a partition, from its position on.
    pub(super) fn halt(&mut self, id: PartitionId, why: String, now_ms: i64) {
        let Some(known) = self.all.get_mut(&id) else { return };
        (known.halted, known.status) = (Some(why), PartitionStatus::Down { since_ms: now_ms });
        self.just_halted.insert(id);
        self.halted.lock().unwrap_or_else(PoisonError::into_inner).insert(known.key.clone());
    }

    fn change(&mut self, id: PartitionId, change: impl FnOnce(&mut Known)) {
        let Some(known) = self.all.get_mut(&id) else { return };
        change(known);
        if !std::mem::replace(&mut known.is_dirty, true) {
            self.dirty.insert(id);
        }
    }

    /// Adds every position that has moved to a step's batch.
    pub(super) fn write(&mut self, batch: &mut WriteBatch) {
        for id in std::mem::take(&mut self.dirty) {
            let known = self.all.get_mut(&id).expect("what is dirty is known");
            known.is_dirty = false;
            batch.put(known.key.to_bytes(), known.position.to_bytes());
        }
    }

    /// Forgets the ends of a backfill: from now on reading is live.
    pub(super) fn forget_ends(&mut self) {
        let ids: Vec<_> = self.all.keys().copied().collect();
        for id in ids {
            self.change(id, |known| known.position.end = -1);
        }
    }
}

impl Known {
    /// Whether bounded reading is done with it.
    pub(super) const fn is_at_end(&self) -> bool {
        self.position.end >= 0 && self.position.next >= self.position.end
            || matches!(self.status, PartitionStatus::Ended)
    }

    pub(super) const fn lag(&self) -> i64 {
        let lag = self.log_end - self.position.next;
        if lag > 0 { lag } else { 0 }
    }
}

fn placeholder(source: &str, cluster: &str, topic: &str) -> PartitionKey {
    PartitionKey {
        source: source.to_owned(),
        cluster: cluster.to_owned(),
        topic: topic.to_owned(),
        partition: UNRESOLVED,
    }
}

fn update(known: &Known) -> PartitionUpdate {
    let PartitionKey { source, .. } = &known.key;
    PartitionUpdate { partition: known.position.id, source: source.clone(), status: known.status }
}

impl Known {
    /// How long there has been no answer; 0 while there is.
    pub(super) const fn silent_ms(&self, now_ms: i64) -> i64 {
        match self.status {
            PartitionStatus::Down { since_ms } | PartitionStatus::Pinned { since_ms } => now_ms - since_ms,
            PartitionStatus::Live | PartitionStatus::Quiet { .. } | PartitionStatus::Ended => 0,
        }
    }
}
