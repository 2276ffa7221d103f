//! The durable outbox: rows to deliver, by a sequence that never goes back.
//!
//! `as latest` keeps one entry per key: a newer row takes a new sequence and deletes the older entry, so
//! what waits for a frozen region is bounded by its distinct keys. `as events` keeps every row. An entry goes
//! when every region's cursor has passed it.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::super::letter::Letter;
use super::super::store::RocksStore;
use super::super::tables::{self, Entry};
use super::super::wiring::PublishWiring;
use super::handle::DEAD_LETTERS;
use crate::dataflow::{Publication, Version};
use crate::plan::PublishMode;
use crate::state::{StoreError, WriteBatch};
use crate::types::EventTime;
use crate::wire;

const NEXT: &str = "outbox_next";
const PRUNED: &str = "outbox_pruned";
/// Entries to look at per call of `prune`: a step must not wait for a whole region's backlog.
const PRUNE_MAX: usize = 20_000;

/// The writing side, in the step loop.
#[derive(Debug)]
pub(in super::super) struct Outbox {
    /// The next sequence.
    next: u64,
    /// Everything below has been delivered everywhere and is gone.
    pruned: u64,
}

impl Outbox {
    pub(in super::super) fn open(store: &RocksStore) -> Result<Self, StoreError> {
        Ok(Self { next: number(store, NEXT)?, pruned: number(store, PRUNED)? })
    }

    /// The next sequence: what stands below it is committed once the batch is.
    pub(in super::super) const fn next(&self) -> u64 {
        self.next
    }

    /// Everything below has been delivered to all regions of then, and is gone.
    pub(in super::super) const fn pruned(&self) -> u64 {
        self.pruned
    }

    /// Adds the rows of one step to its batch.
    pub(in super::super) fn append(
        &mut self,
        publishes: &[PublishWiring],
        publications: &[Publication],
        store: &RocksStore,
        batch: &mut WriteBatch,
    ) -> Result<(), StoreError> {
        // What this batch has put already: the store does not know it yet.
        let mut newest: HashMap<Vec<u8>, u64> = HashMap::new();
        for publication in publications {
            let Some(at) = publishes.iter().position(|publish| publish.node == publication.node) else {
                continue;
            };
            let entry = entry(&publishes[at], publication);
            if publishes[at].mode == PublishMode::Latest {
                let index = tables::newest_key(entry.publish, &entry.key);
                let older = match newest.insert(index.clone(), self.next) {
                    Some(older) => Some(older),
                    None => sequence(store.shell_get(&index)?, &index)?,
                };
                if let Some(older) = older {
                    batch.delete(tables::outbox_key(older));
                }
                batch.put(index, self.next.to_be_bytes().to_vec());
            }
            batch.put(tables::outbox_key(self.next), entry.to_bytes());
            self.next += 1;
        }
        if !publications.is_empty() {
            batch.put(tables::meta_key(NEXT), self.next.to_be_bytes().to_vec());
        }
        Ok(())
    }

    /// Adds a dead letter, which `text` is, to a step's batch: the one with that number.
    pub(in super::super) fn append_letter(
        &mut self,
        letter: &Letter,
        number: u64,
        text: &[u8],
        batch: &mut WriteBatch,
    ) {
        let entry = Entry {
            publish: DEAD_LETTERS,
            version: Version { lease: 0, start: 0, seq: number },
            as_of: EventTime(letter.timestamp_ms),
            key: letter.key.as_ref().map(|key| key.0.clone()).unwrap_or_default(),
            payload: Some(text.to_vec()),
        };
        batch.put(tables::outbox_key(self.next), entry.to_bytes());
        self.next += 1;
        batch.put(tables::meta_key(NEXT), self.next.to_be_bytes().to_vec());
    }

    /// Removes entries that every region has acknowledged: those below `acknowledged`.
    pub(in super::super) fn prune(
        &mut self,
        acknowledged: u64,
        store: &RocksStore,
        batch: &mut WriteBatch,
    ) -> Result<(), StoreError> {
        if acknowledged <= self.pruned {
            return Ok(());
        }
        let entries = read(store, self.pruned, acknowledged, PRUNE_MAX)?;
        let done =
            if entries.len() < PRUNE_MAX { acknowledged } else { entries.last().map_or(0, |e| e.0 + 1) };
        for (sequence_of_entry, entry) in entries {
            batch.delete(tables::outbox_key(sequence_of_entry));
            let index = tables::newest_key(entry.publish, &entry.key);
            if sequence(store.shell_get(&index)?, &index)? == Some(sequence_of_entry) {
                batch.delete(index);
            }
        }
        self.pruned = done;
        batch.put(tables::meta_key(PRUNED), done.to_be_bytes().to_vec());
        Ok(())
    }
}

/// Entries `from <= sequence < to`, in order.
pub(super) fn read(
    store: &RocksStore,
    from: u64,
    to: u64,
    entries_max: usize,
) -> Result<Vec<(u64, Entry)>, StoreError> {
    let (mut entries, mut corrupt) = (Vec::new(), None);
    store.shell_scan(&tables::outbox_key(from), &tables::outbox_key(to), &mut |key, value| {
        match tables::sequence_of(key).zip(Entry::from_bytes(value)) {
            Some(found) => entries.push(found),
            None => corrupt = Some(corrupt_record(key)),
        }
        if corrupt.is_some() || entries.len() >= entries_max {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    corrupt.map_or(Ok(entries), Err)
}

/// One entry; `None`: a newer row of its key has taken its place.
pub(super) fn get(store: &RocksStore, sequence: u64) -> Result<Option<Entry>, StoreError> {
    let key = tables::outbox_key(sequence);
    let Some(value) = store.shell_get(&key)? else { return Ok(None) };
    Entry::from_bytes(&value).map(Some).ok_or_else(|| corrupt_record(&key))
}

/// How many entries stand in `from..to`, counted up to a limit.
pub(super) fn count(store: &RocksStore, from: u64, to: u64, limit: usize) -> Result<usize, StoreError> {
    let mut entries = 0;
    store.shell_scan(&tables::outbox_key(from), &tables::outbox_key(to), &mut |_, _| {
        entries += 1;
        if entries >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(entries)
}

fn entry(publish: &PublishWiring, publication: &Publication) -> Entry {
    Entry {
        publish: publish.number,
        version: publication.version,
        as_of: publication.as_of,
        key: wire::encode_key(&publication.key),
        payload: publication.row.as_ref().map(|row| wire::encode_row(&publish.fields, row)),
    }
}

pub(in super::super) fn number(store: &RocksStore, name: &str) -> Result<u64, StoreError> {
    let key = tables::meta_key(name);
    Ok(sequence(store.shell_get(&key)?, &key)?.unwrap_or(0))
}

pub(in super::super) fn sequence(value: Option<Vec<u8>>, key: &[u8]) -> Result<Option<u64>, StoreError> {
    let Some(value) = value else { return Ok(None) };
    let bytes = value.try_into().map_err(|_| corrupt_record(key))?;
    Ok(Some(u64::from_be_bytes(bytes)))
}

pub(in super::super) fn corrupt_record(key: &[u8]) -> StoreError {
    let what = "the executor cannot read it".to_owned();
    StoreError::Corrupt { key: String::from_utf8_lossy(key).escape_debug().to_string(), what }
}
