//! Records → rows → where they belong: decoding and the row operators, for a slice of a step's
//! records. Pure, so that slices run in parallel; nothing here depends on how they were cut.

use std::collections::BTreeMap;
use std::ops::Range;

use twox_hash::XxHash64;

use crate::state::{Hashes, keys};
use crate::types::Row;

use super::decode::{Decoded, decode};
use super::operator;
use super::program::{Program, RowOp, SourceDecode};
use super::step::{DeadLetter, NodeLedger, PartitionId, Record, SourceLedger};

/// Shards and the phases of expiry depend on it, values never.
const HASH_SEED: u64 = 0;

/// An event on its way to a key; its bytes stand in its batch.
#[derive(Debug)]
pub(super) struct Routed {
    pub(super) aggregate: usize,
    pub(super) ts: i64,
    pub(super) hashes: Hashes,
    pub(super) key: Range<usize>,
    pub(super) data: Range<usize>,
}

/// Events for one shard.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) events: Vec<Routed>,
    pub(super) bytes: Vec<u8>,
}

/// A left row on its way to a join.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) join: usize,
    pub(super) ts: i64,
    pub(super) hashes: Hashes,
    pub(super) row: Row,
}

/// What became of a slice of records.
#[derive(Debug)]
pub(super) struct Worked {
    pub(super) dead_letters: Vec<DeadLetter>,
    /// By source, in plan order.
    pub(super) sources: Vec<SourceLedger>,
    /// By slot.
    pub(super) nodes: Vec<NodeLedger>,
    /// Newest event per partition.
    pub(super) newest: BTreeMap<PartitionId, i64>,
    /// By shard.
    pub(super) batches: Vec<Batch>,
    pub(super) lefts: Vec<Left>,
}

/// The hash that says which shard a key belongs to, and when its expiry is looked at.
pub(super) fn key_hash(key: &[u8]) -> u64 {
    XxHash64::oneshot(HASH_SEED, key)
}

/// The shard of a key.
pub(super) fn shard_of(key: &[u8], shards: usize) -> usize {
    usize::try_from(key_hash(key) % shards as u64).unwrap_or(0)
}

/// Reads records, each of the source given beside it.
pub(super) fn work(program: &Program, shards: usize, records: Vec<(usize, Record)>) -> Worked {
    let mut worked = Worked {
        dead_letters: Vec::new(),
        sources: vec![SourceLedger::default(); program.sources.len()],
        nodes: vec![NodeLedger::default(); program.keyed.len()],
        newest: BTreeMap::new(),
        batches: (0..shards).map(|_| Batch::default()).collect(),
        lefts: Vec::new(),
    };
    for (source, record) in records {
        worked.record(program, source, record);
    }
    worked
}

impl Worked {
    fn record(&mut self, program: &Program, source: usize, record: Record) {
        self.sources[source].consumed += 1;
        for (i, way) in program.sources[source].decodes.iter().enumerate() {
            match decode(&way.spec, way.slots, &record.payload, record.timestamp_ms) {
                Ok(decoded) => {
                    if i == 0 {
                        self.sources[source].decoded += 1;
                        let newest = self.newest.entry(record.partition).or_insert(i64::MIN);
                        *newest = decoded.ts.max(*newest);
                    }
                    self.row(program, way, &decoded);
                }
                // All ways of reading a source check the same fields: the first speaks for all.
                Err(refused) => {
                    self.sources[source].dead_lettered += 1;
                    self.dead_letters.push(DeadLetter {
                        partition: record.partition,
                        offset: record.offset,
                        timestamp_ms: record.timestamp_ms,
                        reason: refused.reason,
                        detail: refused.detail,
                        payload: record.payload,
                    });
                    return;
                }
            }
        }
    }

    fn row(&mut self, program: &Program, way: &SourceDecode, decoded: &Decoded) {
        for slot in &way.keyed {
            self.nodes[usize::from(*slot)].decoded += 1;
        }
        self.walk(program, &way.next, decoded.ts, decoded.hashes, &decoded.row);
    }

    fn walk(&mut self, program: &Program, next: &[usize], ts: i64, hashes: Hashes, row: &Row) {
        for step in next.iter().map(|i| &program.steps[*i]) {
            let below = &step.next;
            match &step.op {
                RowOp::Pass => self.walk(program, below, ts, hashes, row),
                RowOp::Filter(predicate) => {
                    if operator::filter(predicate, row) {
                        self.walk(program, below, ts, hashes, row);
                    } else {
                        step.keyed.iter().for_each(|slot| self.nodes[usize::from(*slot)].filtered += 1);
                    }
                }
                RowOp::Project(columns) => {
                    self.walk(program, below, ts, hashes, &operator::project(columns, row));
                }
                RowOp::Derive { columns, select } => {
                    self.walk(program, below, ts, hashes, &operator::derive(columns, select, row));
                }
                RowOp::KeyBy(keys) => {
                    if operator::has_null(keys, row) {
                        step.keyed.iter().for_each(|slot| self.nodes[usize::from(*slot)].null_key += 1);
                    } else {
                        self.walk(program, below, ts, hashes, row);
                    }
                }
                RowOp::Aggregate(aggregate) => self.aggregate(program, *aggregate, ts, hashes, row),
                RowOp::JoinLeft(join) => {
                    self.lefts.push(Left { join: *join, ts, hashes, row: row.clone() });
                }
            }
        }
    }

    fn aggregate(&mut self, program: &Program, aggregate: usize, ts: i64, hashes: Hashes, row: &Row) {
        let node = &program.aggregates[aggregate];
        let mut key = Vec::with_capacity(32);
        node.keys.iter().for_each(|slot| keys::put_key(&mut key, std::slice::from_ref(&row[*slot])));
        let shards = self.batches.len();
        let batch = &mut self.batches[shard_of(&key, shards)];
        let start = batch.bytes.len();
        batch.bytes.extend_from_slice(&key);
        let middle = batch.bytes.len();
        operator::put_inputs(&mut batch.bytes, &node.layout, &node.filters, &node.inputs, row);
        let hashes = if node.layout.hashed { hashes } else { [0, 0] };
        let (key, data) = (start..middle, middle..batch.bytes.len());
        batch.events.push(Routed { aggregate, ts, hashes, key, data });
    }
}
