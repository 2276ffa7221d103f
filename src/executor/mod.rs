//! The shell around the engine: Kafka in, RocksDB, results out to every region.
//!
//! [`Job`] says what to do; [`run`], [`run_until`] and [`backfill`] do it, [`read_view`] reads what came of
//! it. Inside, data has one way: `source/` (a thread per cluster) → `step_loop.rs` (one engine step, one
//! synced batch) → `sink/` (a thread per region, fed from the outbox in the state). What can be decided
//! without Kafka, disk or clock is decided in pure files: `source/partition.rs`, `sink/route.rs`,
//! `wiring.rs`, `tables.rs`.
#![allow(clippy::disallowed_methods, reason = "the executor is where clocks, files and threads live")]

pub mod apache;
pub mod embedded;
pub mod feeder;

mod ask;
mod board;
mod bounded;
mod calls;
mod chain;
mod checkpoint;
mod clock;
mod dead_letters;
mod error;
mod fault;
mod former;
mod gap;
mod http;
mod inspect;
mod job;
mod kafka;
mod lease;
mod lease_watch;
mod letter;
mod metrics;
mod partitions;
mod progress;
mod quality;
mod readiness;
mod replay;
mod reshape;
mod run;
mod secret;
mod session;
mod shutdown;
mod sink;
mod source;
mod standby;
mod status;
mod step_loop;
mod store;
mod stride;
mod synced;
mod tables;
mod view;
mod wiring;

#[cfg(test)]
mod tests;

pub use ask::{ask_status, read_status, status_file};
pub use board::Board;
pub use bounded::{Complete, From, Progress, Summary, backfill};
pub use checkpoint::Place;
pub use clock::now_ms;
pub use dead_letters::dead_letters;
pub use error::Error;
pub use fault::FAIL_POINTS;
pub use former::say_gone;
pub use gap::AcceptedGap;
pub use inspect::{Answer, inspect};
pub use job::{BACKLOG_MAX, Begin, Job, MAX_BAD_PERCENT, STATE_MEMORY_MB, dead_letter_topic};
pub use letter::{Blob, Letter};
pub use replay::{Letters, ReplayError, read_letters, replay};
pub use reshape::{Parse, TopologyFile};
pub use run::{Ended, run, run_until};
pub use shutdown::on_signal;
pub use standby::{Asked, ask, stand_by};
pub use status::ledger_json;
pub use store::RocksStore;
pub use view::{Change, Group, View, ViewRow, follow, read_changes, read_view};
