//! What the executor is asked to do: plain values, put together by the command line.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::board::Board;
use super::checkpoint::Place;
use super::gap::AcceptedGap;
use super::reshape::TopologyFile;
use crate::dataflow::Caller;
use crate::plan::{Operator, Plan};
use crate::topology::Topology;
use crate::types::EventTime;

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
    /// An operator says that whoever held the lease before never comes back: nothing of it is watched for.
    pub former_are_gone: bool,
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
    /// How far back an empty state begins to read; `None`: as far as the longest window reaches.
    pub from: Option<EventTime>,
    /// Rows `as events` that may wait for a region.
    pub backlog_max: u64,
    /// Who answers model calls.
    pub caller: Option<Arc<dyn Caller>>,
    /// What the code of each function is that the plan calls, as far as it is the project's.
    pub models: BTreeMap<String, String>,
    /// What the state of keys may take in memory, about.
    pub state_memory_bytes: usize,
    /// Set from outside to end the run in order.
    pub stop: Arc<AtomicBool>,
}

/// Rows `as events` that may wait for a region unless something else is asked for: a gigabyte or so.
pub const BACKLOG_MAX: u64 = 1_000_000;

/// Memory for the state of keys unless something else is asked for, in MB.
pub const STATE_MEMORY_MB: usize = 1024;

/// How many percent of a partition's records may be bad unless something else is asked for.
pub const MAX_BAD_PERCENT: f64 = 5.0;

impl Job {
    /// With what counts unless something else is asked for: no checkpoints, no pages, one thread that computes.
    #[must_use]
    pub fn new(plan: Plan, topology: Topology, checkpoints: Place, state: PathBuf) -> Self {
        Self {
            plan,
            topology,
            topology_file: None,
            checkpoints,
            checkpoint_every: None,
            checkpoints_kept: 1,
            state,
            begin: Begin::Fresh,
            former_are_gone: false,
            status: None,
            http: None,
            board: Arc::default(),
            shards: 1,
            hold_for_ms: None,
            max_bad_percent: MAX_BAD_PERCENT,
            accepted_gaps: Vec::new(),
            from: None,
            backlog_max: BACKLOG_MAX,
            caller: None,
            models: BTreeMap::new(),
            state_memory_bytes: STATE_MEMORY_MB << 20,
            stop: Arc::default(),
        }
    }

    /// Where an empty state begins to read, in ms.
    pub(super) fn origin_ms(&self, now_ms: i64, reach_ms: i64) -> i64 {
        self.from.map_or(now_ms.saturating_sub(reach_ms), |from| from.0)
    }

    /// How long a partition that is down holds the watermark: the longest of the joins'.
    pub(super) fn hold_for_ms(&self) -> i64 {
        self.hold_for_ms.or_else(|| self.longest_of_joins()).unwrap_or(HOLD_FOR_MS)
    }

    /// How long a bounded run waits for a cluster that does not answer. A join that waits for nobody cannot make
    /// it end before anybody could have answered.
    pub(super) fn patience_ms(&self) -> i64 {
        let longest = || self.longest_of_joins().unwrap_or(0).max(HOLD_FOR_MS);
        self.hold_for_ms.unwrap_or_else(longest)
    }

    fn longest_of_joins(&self) -> Option<i64> {
        let of_join = |id| match &self.plan.node(id).operator {
            Operator::PointInTimeJoin(join) => Some(join.hold_for_ms),
            _ => None,
        };
        self.plan.topological().into_iter().filter_map(of_join).max()
    }

    /// The plan as it runs: what was said for this run counts for its joins, too. A bounded run ends without rows
    /// if a cluster does not answer, so none of its joins goes on without one.
    pub(super) fn plan_with_patience(&self, is_bounded: bool) -> Plan {
        let mut plan = self.plan.clone();
        let wanted = if is_bounded { Some(self.patience_ms()) } else { self.hold_for_ms };
        let Some(wanted) = wanted else { return plan };
        for id in plan.topological() {
            match &mut plan.node_mut(id).operator {
                Operator::PointInTimeJoin(join) => join.hold_for_ms = wanted,
                Operator::Lookup(lookup) => lookup.hold_for_ms = wanted,
                _ => {}
            }
        }
        plan
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
