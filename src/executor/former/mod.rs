//! What may still come of those who held the lease before.
//!
//! Whoever takes a lease cannot stop a process that is only frozen: rows lie in its Kafka clients, half of a
//! request perhaps, and go out when it thaws, before it looks at the lease. Readers by version drop them. A
//! compacted topic keeps the last record of a key, so the one who took over reads its own output topics
//! (`reader.rs`, a thread per cluster) from the instant of the takeover, and puts keys out again that have a row
//! of a former lease last, to each cluster that does (`suspects.rs`, pure; `watch.rs`; `turn.rs` is the step
//! loop's part). Of rows `as events` it only counts them: a left event has one row, whoever computes it.
//!
//! That ends once every former lease is over (see `lease.rs`) and every cluster has been read to an end that it
//! had a while after that. A cluster that is down is read when it comes back. Where reading stands is in the
//! state: a watch survives its run. Without a takeover nothing of this runs.

mod reader;
mod suspects;
mod turn;
mod watch;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::Error;
use super::checkpoint::Remote;
use super::clock::now_ms;
use super::job::Job;
use super::lease::{Known, Leases, SaidBy};

pub(super) use watch::Watch;

/// Leases that nobody has said to be over when a later one was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Former {
    leases: Vec<u64>,
    /// When that was: rows of the later lease are no older.
    since_ms: i64,
}

impl Former {
    /// `None`: whoever came before that lease has said that nothing of it is left.
    pub(super) fn before(lease: u64, known: &Known, now_ms: i64) -> Option<Self> {
        let leases = known.open_before(lease);
        (!leases.is_empty()).then_some(Self { leases, since_ms: now_ms })
    }
}

/// An operator says that all who held a deployment's lease before the newest one never come back. Returns the
/// leases of which nobody had said it.
///
/// # Errors
/// When the place of leases cannot be used.
pub fn say_gone(job: &Job) -> Result<Vec<u64>, Error> {
    let leases = Leases::new(Remote::open(&job.checkpoints)?, &job.plan.deployment);
    let known = leases.look()?;
    let gone = known.open_before(known.newest());
    for lease in &gone {
        leases.sign_off(*lease, SaidBy::Operator, now_ms())?;
    }
    Ok(gone)
}
