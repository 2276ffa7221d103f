//! Plan → operators, pure and synchronous: events and time come in as arguments, effects go out.
//!
//! [`Engine`] is the whole of it: it knows nothing of Kafka, disks, clocks or threads' schedules.
//! `sim` drives it over files, `executor` over Kafka; both see the same code.
//!
//! A step: `route` decodes records and runs the row operators, slices in parallel; each `shard`
//! merges its keys' events; the `watermark` moves on; left rows that need wait no longer are
//! enriched; each shard publishes what changed. All effects leave in one batch.
#![deny(clippy::disallowed_methods)]

mod broadcast;
mod build;
mod call;
mod calling;
mod cost;
pub mod decode;
mod engine;
mod identity;
mod joining;
mod ledger;
mod operator;
mod owed;
mod parallel;
mod program;
mod recover;
mod refuse;
mod resident;
mod route;
mod shard;
mod step;
mod tables;
mod tuning;
mod watermark;
mod write_back;

pub use call::{Answer, Caller, NobodyAnswers, Request};
pub use cost::{StateCost, state_costs};
pub use engine::Engine;
pub use refuse::refusals;
pub use step::{
    CallLedger, Called, DeadLetter, EngineError, Input, Ledger, NodeLedger, Options, Output, PartitionId,
    PartitionStatus, PartitionUpdate, Publication, Record, SourceLedger, Version,
};
pub use tuning::Tuning;

#[cfg(test)]
mod tests;
