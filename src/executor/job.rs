//! What the executor is asked to do: plain values, put together by the command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::board::Board;
use super::checkpoint::Place;
use super::gap::AcceptedGap;
use super::reshape::TopologyFile;
use crate::plan::{Operator, Plan};
use crate::topology::Topology;

/// How long a partition that is down holds the watermark unless a join says otherwise (rule S11).
const HOLD_FOR_MS: i64 = 300_000;

/// What a run on an empty state directory begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// With what the clusters hold, unless there is a checkpoint: then somebody must say it.
    Ask,
    /// With what the clusters hold, whatever checkpoints there are.
    Fresh,
    /// With the newest checkpoint, if there is one.
    Restore,
    /// With the newest checkpoint, and not at all without one.
    TakeOver,
}

/// One deployment on one state directory.
#[derive(Debug, Clone)]
pub struct Job {
    pub plan: Plan,
    pub topology: Topology,
    /// Where it is written: changes are applied while a live run goes on.
    pub topology_file: Option<TopologyFile>,
    /// The environment's place of leases and checkpoints.
    pub checkpoints: Place,
    /// How often one is made; `None`: never.
    pub checkpoint_every: Option<Duration>,
    /// How many of them are kept.
    pub checkpoints_kept: usize,
    pub state: PathBuf,
    /// What to begin with, where the state directory is empty.
    pub begin: Begin,
    /// Rewritten once a second by rename, for whoever watches; beside the one in the state directory.
    pub status: Option<PathBuf>,
    /// Where health pages are served.
    pub http: Option<SocketAddr>,
    /// What they show.
    pub board: Arc<Board>,
    pub shards: usize,
    /// Overrides what the joins say.
    pub hold_for_ms: Option<i64>,
    /// More bad records than this within a minute stop a partition.
    pub max_bad_percent: f64,
    /// Lost offsets to go on behind.
    pub accepted_gaps: Vec<AcceptedGap>,
    /// Rows `as events` that may wait for a region.
    pub backlog_max: u64,
    /// Set from outside to end the run in order.
    pub stop: Arc<AtomicBool>,
}

impl Job {
    /// How long a partition that is down holds the watermark: the longest of the joins'.
    pub(super) fn hold_for_ms(&self) -> i64 {
        let of_joins =
            self.plan.topological().into_iter().filter_map(|id| match &self.plan.node(id).operator {
                Operator::PointInTimeJoin(join) => Some(join.hold_for_ms),
                _ => None,
            });
        self.hold_for_ms.or_else(|| of_joins.max()).unwrap_or(HOLD_FOR_MS)
    }

    /// The topic in each publish group that takes the deployment's progress records, if it exists there.
    pub(super) fn progress_topic(&self) -> String {
        format!("{}.progress", self.plan.deployment)
    }
}

/// The topic in each publish group that takes the records that a deployment could not decode, if it exists
/// there.
#[must_use]
pub fn dead_letter_topic(deployment: &str) -> String {
    format!("{deployment}.dead_letters")
}
