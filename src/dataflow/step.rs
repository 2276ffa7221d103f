//! The contract of one step: what goes into the engine and what comes out.

use std::sync::Arc;

use crate::plan::NodeId;
use crate::state::{StoreError, WriteBatch};
use crate::types::{EventTime, Row};
pub use crate::wire::Version;

use super::call::{Caller, NobodyAnswers};

/// One reader's partition: (cluster, topic, partition) for Kafka, a file for a preview. The driver
/// numbers them and keeps the numbers for the life of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId(pub u32);

/// One raw record.
#[derive(Debug, Clone)]
pub struct Record {
    pub partition: PartitionId,
    pub offset: i64,
    /// The record's own timestamp, ms; the bound of `ahead` (rule S1) is measured against it.
    pub timestamp_ms: i64,
    pub payload: Vec<u8>,
    /// Of a record without value: its key, which a table takes for a deletion.
    pub deleted_key: Option<Vec<u8>>,
}

/// What is known of a partition now (rule S11). A partition is `Live` until told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartitionStatus {
    /// Being read; contributes newest ts - disorder.
    Live,
    /// At the log end, proven by a fetch that answered at `now_ms`; contributes now - disorder.
    Quiet { now_ms: i64 },
    /// Not being read since `since_ms`: holds the watermark for at most `hold_for`, then is missing.
    Down { since_ms: i64 },
    /// Being read, but not beyond a transaction that is open since `since_ms`: holds like `Down`.
    Pinned { since_ms: i64 },
    /// Bounded input that has been read to its end: contributes the end of time (held to the cut).
    Ended,
}

/// A partition and its state; the first update of a partition declares it.
#[derive(Debug, Clone)]
pub struct PartitionUpdate {
    pub partition: PartitionId,
    /// The source it belongs to, by the name in the plan.
    pub source: String,
    pub status: PartitionStatus,
}

/// Everything a step may depend on.
#[derive(Debug, Default)]
pub struct Input {
    pub records: Vec<Record>,
    pub partitions: Vec<PartitionUpdate>,
    /// The driver's clock, ms; only for `hold_for`.
    pub now_ms: i64,
    /// Finish at the cut: advance every watermark to cut - 1 and publish V(key, cut) where it differs.
    pub finish: bool,
}

/// Fixed for the life of an engine.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Parallel shards of the key space, >= 1. Values never depend on it.
    pub shards: usize,
    /// No row is computed as of a later time, and no watermark passes `cut - 1`.
    pub cut: Option<EventTime>,
    /// `false` while history is replayed: rows are kept as unpublished, not put out.
    pub publish: bool,
    /// How long a partition that is down holds the watermark, ms (rule S11).
    pub hold_for_ms: i64,
    pub lease: u64,
    pub start: u64,
    /// Who answers model calls; a plan without calls needs nobody.
    pub caller: Option<Arc<dyn Caller>>,
}

/// A row to put out: the new row of a key, or a tombstone.
#[derive(Debug, Clone)]
pub struct Publication {
    /// The publish node.
    pub node: NodeId,
    pub key: Row,
    /// In the columns of the publish node's output; `None`: tombstone.
    pub row: Option<Row>,
    pub as_of: EventTime,
    pub version: Version,
}

/// A record that could not be decoded: its place, why, and the bytes as they came.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    pub partition: PartitionId,
    pub offset: i64,
    pub timestamp_ms: i64,
    /// Stable word: `not_json`, `missing_field`, `wrong_type`, `out_of_range`, `future` …
    pub reason: &'static str,
    /// The field and what was found, for people.
    pub detail: String,
    pub payload: Vec<u8>,
}

impl DeadLetter {
    pub(super) fn of(record: Record, reason: &'static str, detail: String) -> Self {
        let Record { partition, offset, timestamp_ms, payload, deleted_key: _ } = record;
        Self { partition, offset, timestamp_ms, reason, detail, payload }
    }
}

/// Exact counts of what happened to every record, since the state was created.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// By source name, in plan order.
    pub sources: Vec<(String, SourceLedger)>,
    /// By keyed node, in plan order.
    pub nodes: Vec<(NodeId, NodeLedger)>,
    /// By stream that calls a model, in plan order.
    pub calls: Vec<(String, CallLedger)>,
}

/// Rows for which a model was called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallLedger {
    pub answered: u64,
    /// No try gave an answer that fits: the row has nulls, or is a dead letter `call`.
    pub failed: u64,
}

impl CallLedger {
    pub(super) const fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.failed += other.failed;
    }
}

/// `consumed = decoded + dead_lettered`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceLedger {
    pub consumed: u64,
    pub decoded: u64,
    pub dead_lettered: u64,
}

/// `decoded = applied + filtered + null_key + duplicate + expired + call_failed`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NodeLedger {
    pub decoded: u64,
    pub applied: u64,
    pub filtered: u64,
    /// No row is of a key that is not known (rule S6): at a group by or table, and at a join that is published as
    /// latest alone.
    pub null_key: u64,
    pub duplicate: u64,
    pub expired: u64,
    /// Same event id, other bytes: counted beside `applied` (rule S10).
    pub id_conflict: u64,
    /// Right events that came after a join row they belonged to was final (rule S9).
    pub missed: u64,
    /// Rows of a table that came when a later instant had been looked up already (rule S9): not one
    /// whose coming changed nothing, but some whose key nobody had asked for. At a join or lookup.
    pub lookup_missed: u64,
    /// Events without an answer of a model that must give one: dead letters `call` (rule S14).
    pub call_failed: u64,
}

/// The effects of one step. The driver commits `batch`, syncs, and only then publishes.
#[derive(Debug, Default)]
pub struct Output {
    pub batch: WriteBatch,
    pub publications: Vec<Publication>,
    pub dead_letters: Vec<DeadLetter>,
    pub calls: Called,
    /// W per source, in plan order.
    pub watermarks: Vec<(String, EventTime)>,
    /// Partitions that were down longer than `hold_for` and no longer hold W.
    pub missing: Vec<PartitionId>,
}

/// What came of a step's model calls.
#[derive(Debug, Default)]
pub struct Called {
    pub answered: u64,
    pub failed: u64,
    /// The first that failed, in a line: stream, function and why.
    pub first_failure: Option<String>,
}

impl Called {
    pub fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.failed += other.failed;
        self.first_failure = self.first_failure.take().or(other.first_failure);
    }
}

/// The engine cannot go on: the store failed or holds what it cannot read.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the state was made by another plan: {0}; use a new state directory, or see `windrow diff`")]
    OtherPlan(String),
    #[error(
        "the cut {cut} is before {as_of}, as of which rows have been published; choose a later `--until`"
    )]
    CutInThePast { cut: EventTime, as_of: EventTime },
    #[error(transparent)]
    Calls(#[from] NobodyAnswers),
}
