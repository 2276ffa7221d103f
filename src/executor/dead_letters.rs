//! Records that could not be decoded: kept whole in the state, in the step that met them, and put out to the
//! deployment's dead-letter topic through the outbox.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::letter::{Blob, Letter};
use super::partitions::{Envelope, Partitions};
use super::sink::{Outbox, corrupt_record, number};
use super::store::RocksStore;
use super::tables;
use crate::dataflow::{DeadLetter, PartitionId};
use crate::state::{StoreError, WriteBatch};

const NEXT: &str = "dead_letters_next";

/// How many there are, and where the next one goes.
#[derive(Debug)]
pub(super) struct DeadLetters {
    next: u64,
}

impl DeadLetters {
    pub(super) fn open(store: &RocksStore) -> Result<Self, StoreError> {
        Ok(Self { next: number(store, NEXT)? })
    }

    pub(super) const fn count(&self) -> u64 {
        self.next
    }

    /// Adds the dead letters of one step to its batch.
    pub(super) fn append(
        &mut self,
        letters: &[DeadLetter],
        partitions: &Partitions,
        outbox: &mut Outbox,
        batch: &mut WriteBatch,
    ) {
        if letters.is_empty() {
            return;
        }
        let envelopes: BTreeMap<(PartitionId, i64), &Envelope> = partitions
            .envelopes
            .iter()
            .map(|envelope| ((envelope.partition, envelope.offset), envelope))
            .collect();
        for letter in letters {
            let envelope = envelopes.get(&(letter.partition, letter.offset)).copied();
            let Some(kept) = kept(letter, envelope, partitions) else { continue };
            let text = serde_json::to_vec(&kept).expect("plain fields are JSON");
            outbox.append_letter(&kept, self.next, &text, batch);
            batch.put(tables::dead_letter_key(self.next), text);
            self.next += 1;
        }
        batch.put(tables::meta_key(NEXT), self.next.to_be_bytes().to_vec());
    }
}

fn kept(letter: &DeadLetter, envelope: Option<&Envelope>, partitions: &Partitions) -> Option<Letter> {
    let place = &partitions.get(letter.partition)?.key;
    let headers = envelope.map_or(&[][..], |envelope| &envelope.headers);
    Some(Letter {
        source: place.source.clone(),
        cluster: place.cluster.clone(),
        topic: place.topic.clone(),
        partition: place.partition,
        offset: letter.offset,
        timestamp_ms: letter.timestamp_ms,
        reason: letter.reason.to_owned(),
        detail: letter.detail.clone(),
        key: envelope.and_then(|envelope| envelope.key.clone()).map(Blob),
        headers: headers.iter().map(|(name, value)| (name.clone(), value.clone().map(Blob))).collect(),
        payload: Blob(letter.payload.clone()),
    })
}

/// The dead letters of a state, oldest first.
///
/// # Errors
/// When the store fails.
pub fn dead_letters(store: &RocksStore) -> Result<Vec<Letter>, StoreError> {
    let ((from, to), mut letters, mut corrupt) = (tables::dead_letters(), Vec::new(), None);
    store.shell_scan(&from, &to, &mut |key, value| {
        if let Ok(letter) = serde_json::from_slice(value) {
            letters.push(letter);
            return ControlFlow::Continue(());
        }
        corrupt = Some(corrupt_record(key));
        ControlFlow::Break(())
    })?;
    corrupt.map_or(Ok(letters), Err)
}
