//! What operators remember: event chunks, key blobs, timers, and the store they live in.
//!
//! The store is a trait: memory here, RocksDB in `executor`. Operators read through it and return
//! their writes as a [`WriteBatch`]; the step loop commits them (rule R1).
//!
//! A step does not rewrite the keys it touched. It writes one redo record per shard with what it did
//! to them; a key's own records follow in a later batch, oldest change first. Recovery reads the key
//! records and applies the redo tail to them.
#![deny(clippy::disallowed_methods)]

mod base;
mod cells;
mod chunk;
mod cost;
mod key_state;
pub mod keys;
mod layout;
mod memory;
pub mod redo;
mod ring;
mod runs;
mod store;

pub use cells::Cells;
pub use chunk::{CHUNK_EVENTS_MAX, Event, Hashes};
pub use cost::{Cost, typical};
pub use key_state::{KeyState, NEVER, corrupt};
pub use keys::Slot;
pub use layout::{Cell, Column, Layout};
pub use memory::MemoryStore;
pub use ring::{Inserted, Ring};
pub use store::{Store, StoreError, Visit, WriteBatch};

#[cfg(test)]
mod tests;
