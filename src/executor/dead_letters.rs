//! Records that could not be decoded: kept whole in the state, in the step that met them, with their place
//! and the reason.

use std::ops::ControlFlow;

use serde::Serialize;

use super::partitions::Partitions;
use super::sink::{corrupt_record, number};
use super::store::RocksStore;
use super::tables;
use crate::dataflow::DeadLetter;
use crate::state::{StoreError, WriteBatch};

const NEXT: &str = "dead_letters_next";

/// How many there are, and where the next one goes.
#[derive(Debug)]
pub(super) struct DeadLetters {
    next: u64,
}

/// One as it is kept: a line of JSON.
#[derive(Debug, Serialize)]
struct Kept<'a> {
    source: &'a str,
    cluster: &'a str,
    topic: &'a str,
    partition: i32,
    offset: i64,
    timestamp_ms: i64,
    reason: &'a str,
    detail: &'a str,
    /// As text where it is text.
    payload: std::borrow::Cow<'a, str>,
    /// As numbers where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_bytes: Option<&'a [u8]>,
}

impl DeadLetters {
    pub(super) fn open(store: &RocksStore) -> Result<Self, StoreError> {
        Ok(Self { next: number(store, NEXT)? })
    }

    pub(super) const fn count(&self) -> u64 {
        self.next
    }

    /// Adds the dead letters of one step to its batch.
    pub(super) fn append(&mut self, letters: &[DeadLetter], partitions: &Partitions, batch: &mut WriteBatch) {
        for letter in letters {
            let Some(known) = partitions.get(letter.partition) else { continue };
            let is_text = std::str::from_utf8(&letter.payload).is_ok();
            let kept = Kept {
                source: &known.key.source,
                cluster: &known.key.cluster,
                topic: &known.key.topic,
                partition: known.key.partition,
                offset: letter.offset,
                timestamp_ms: letter.timestamp_ms,
                reason: letter.reason,
                detail: &letter.detail,
                payload: String::from_utf8_lossy(&letter.payload),
                payload_bytes: (!is_text).then_some(&letter.payload),
            };
            let line = serde_json::to_vec(&kept).expect("plain fields are JSON");
            batch.put(tables::dead_letter_key(self.next), line);
            self.next += 1;
        }
        if !letters.is_empty() {
            batch.put(tables::meta_key(NEXT), self.next.to_be_bytes().to_vec());
        }
    }
}

/// The dead letters of a state, as lines of JSON, oldest first.
///
/// # Errors
/// When the store fails.
pub fn dead_letters(store: &RocksStore) -> Result<Vec<String>, StoreError> {
    let ((from, to), mut lines, mut corrupt) = (tables::dead_letters(), Vec::new(), None);
    store.shell_scan(&from, &to, &mut |key, value| {
        if let Ok(line) = String::from_utf8(value.to_vec()) {
            lines.push(line);
            return ControlFlow::Continue(());
        }
        corrupt = Some(corrupt_record(key));
        ControlFlow::Break(())
    })?;
    corrupt.map_or(Ok(lines), Err)
}
