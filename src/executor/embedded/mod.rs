//! One Kafka cluster in this process, for the demo and for quick tests. It keeps what it acknowledged in a
//! folder, so a killed process comes back on the same port with the same records, offsets and timestamps.
//!
//! Two halves share a port. The *data* half is ours: `Produce`, `Fetch`, `ListOffsets` and the like (`api/`)
//! work on append-only files that are journal and log in one (`partition.rs`). The *control* half (versions,
//! metadata, topics, consumer groups, producer ids) is krafka's in-memory test broker (`control.rs`);
//! `connection.rs` forwards it what is not ours, and what it decides is written to the folder before the
//! client hears of it (`catalog.rs`).
//!
//! The test broker cannot be the log: it copies a partition's whole rest into every fetch, looks at every
//! batch for it, and forgets all when its process ends.
//!
//! Not here: transactions (a transactional write is refused), replication, retention, compaction, security.
//! Written data is safe from a kill of the process, not from a crash of the machine.

mod api;
mod batch;
mod catalog;
mod cluster;
mod connection;
mod control;
mod decoder;
mod error;
mod partition;
mod producers;
mod store;
mod wire;

#[cfg(test)]
mod tests;

pub use cluster::{EmbeddedCluster, Options, Topic};
pub use error::Error;
