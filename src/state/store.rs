//! The store operators read from, and the batch they write through.

use std::ops::ControlFlow;

/// The world under a store failed, or a record in it cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the state store failed: {0}")]
    Backend(String),
    /// Files are not what was written; the text names one.
    #[error("the state is damaged: {0}")]
    Damaged(String),
    /// There is no room for more.
    #[error("the disk of the state is full: {0}")]
    Full(String),
    #[error(
        "state record {key}: {what}; restore the state from a checkpoint or rebuild it with `windrow backfill`"
    )]
    Corrupt { key: String, what: String },
}

/// Sees one record; breaks to see no more.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// An ordered map of bytes. Reads see what was committed before this step.
pub trait Store: Sync {
    /// # Errors
    /// When the world under the store fails.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Visits `from <= key < to` in order until the visitor breaks.
    ///
    /// # Errors
    /// When the world under the store fails.
    fn scan(&self, from: &[u8], to: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError>;
}

/// The writes of one step, applied in order, all or nothing.
#[derive(Debug, Default, Clone)]
pub struct WriteBatch {
    /// Key and new value; `None` deletes.
    pub operations: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl WriteBatch {
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.operations.push((key, Some(value)));
    }

    pub fn delete(&mut self, key: Vec<u8>) {
        self.operations.push((key, None));
    }

    /// Bytes of all that is put.
    #[must_use]
    pub fn size(&self) -> u64 {
        let size =
            |(key, value): &(Vec<u8>, Option<Vec<u8>>)| value.as_ref().map(|value| key.len() + value.len());
        self.operations.iter().filter_map(size).sum::<usize>() as u64
    }

    pub fn append(&mut self, mut other: Self) {
        self.operations.append(&mut other.operations);
    }
}
