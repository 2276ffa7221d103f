//! Records → rows → where they belong: decoding and the row operators, for a slice of a step's
//! records. Pure, so that slices run in parallel; nothing here depends on how they were cut.

use std::collections::BTreeMap;
use std::ops::Range;

use twox_hash::XxHash64;

use crate::state::{Hashes, Slot, keys};
use crate::types::Row;

use super::decode::{self, Refused};
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

/// A row on its way to a join's left or to a lookup.
#[derive(Debug)]
pub(super) struct Left {
    /// The join or lookup.
    pub(super) to: usize,
    pub(super) ts: i64,
    pub(super) hashes: Hashes,
    pub(super) row: Row,
}

/// A row of a table on its way there.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) table: usize,
    pub(super) ts: i64,
    pub(super) key: Vec<u8>,
    /// Breaks ties behind the event id, which the row has.
    pub(super) payload: Vec<u8>,
    /// `None`: the key is deleted.
    pub(super) row: Option<Row>,
}

/// A row and what goes along with it.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) ts: i64,
    pub(super) hashes: Hashes,
    /// As they were before any union.
    pub(super) own_hashes: Hashes,
    /// What it was decoded from; `None` below a lookup, where nothing asks.
    pub(super) record: Option<&'a Record>,
    pub(super) is_deletion: bool,
}

/// A row that waits for a model's answer.
#[derive(Debug)]
pub(super) struct Pending {
    /// The step that calls.
    pub(super) step: usize,
    pub(super) ts: i64,
    pub(super) hashes: Hashes,
    pub(super) own_hashes: Hashes,
    pub(super) row: Row,
    /// What becomes a dead letter if there is no answer.
    pub(super) record: Record,
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
    /// Rows that look something up.
    pub(super) asking: Vec<Left>,
    pub(super) changes: Vec<Change>,
    /// Rows that wait for models, in order.
    pub(super) pending: Vec<Pending>,
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
    let mut worked = Worked::new(program, shards);
    for (source, record) in records {
        worked.record(program, source, record);
    }
    worked
}

impl Worked {
    pub(super) fn new(program: &Program, shards: usize) -> Self {
        Self {
            dead_letters: Vec::new(),
            sources: vec![SourceLedger::default(); program.sources.len()],
            nodes: vec![NodeLedger::default(); program.keyed.len()],
            newest: BTreeMap::new(),
            batches: (0..shards).map(|_| Batch::default()).collect(),
            lefts: Vec::new(),
            asking: Vec::new(),
            changes: Vec::new(),
            pending: Vec::new(),
        }
    }

    fn record(&mut self, program: &Program, source: usize, record: Record) {
        self.sources[source].consumed += 1;
        for (i, way) in program.sources[source].decodes.iter().enumerate() {
            match self.decoded(program, way, &record) {
                Ok(ts) => {
                    if i == 0 {
                        self.sources[source].decoded += 1;
                        let newest = self.newest.entry(record.partition).or_insert(i64::MIN);
                        *newest = ts.max(*newest);
                    }
                }
                // All ways of reading a source check the same fields: the first speaks for all.
                Err(refused) => {
                    self.sources[source].dead_lettered += 1;
                    self.dead_letters.push(DeadLetter::of(record, refused.reason, refused.detail));
                    return;
                }
            }
        }
    }

    /// Reads a record and sends its row down one way. Returns its event time.
    fn decoded(&mut self, program: &Program, way: &SourceDecode, record: &Record) -> Result<i64, Refused> {
        let deletes = record.deleted_key.as_ref().filter(|_| !way.decoder.spec.keys.is_empty());
        let decoded = match deletes {
            Some(key) => decode::deletion(&way.decoder.spec, way.slots, key, record.timestamp_ms)?,
            None => way.decoder.decode(way.slots, &record.payload, record.timestamp_ms)?,
        };
        let item = Item {
            ts: decoded.ts,
            hashes: decoded.hashes,
            own_hashes: decoded.hashes,
            record: Some(record),
            is_deletion: deletes.is_some(),
        };
        self.row(program, (&way.next, &way.keyed), item, &decoded.row);
        Ok(decoded.ts)
    }

    /// Sends a row down to the keyed nodes below.
    pub(super) fn row(
        &mut self,
        program: &Program,
        (next, keyed): (&[usize], &[Slot]),
        item: Item<'_>,
        row: &Row,
    ) {
        for slot in keyed {
            self.nodes[usize::from(*slot)].decoded += 1;
        }
        self.walk(program, next, item, row);
    }

    pub(super) fn walk(&mut self, program: &Program, next: &[usize], item: Item<'_>, row: &Row) {
        for at in next {
            let step = &program.steps[*at];
            let below = &step.next;
            match &step.op {
                RowOp::Pass => self.walk(program, below, item, row),
                RowOp::Filter(predicate) => {
                    if operator::filter(predicate, row) {
                        self.walk(program, below, item, row);
                    } else {
                        step.keyed.iter().for_each(|slot| self.nodes[usize::from(*slot)].filtered += 1);
                    }
                }
                RowOp::Project(columns) => {
                    self.walk(program, below, item, &operator::project(columns, row));
                }
                RowOp::Derive { columns, select } => {
                    self.walk(program, below, item, &operator::derive(columns, select, row));
                }
                RowOp::KeyBy(keys) => {
                    if operator::has_null(keys, row) {
                        step.keyed.iter().for_each(|slot| self.nodes[usize::from(*slot)].null_key += 1);
                    } else {
                        self.walk(program, below, item, row);
                    }
                }
                RowOp::Union { origin, width } => {
                    let hashes = operator::union_hashes(item.own_hashes, *origin);
                    let row = operator::union(row, *origin, *width);
                    self.walk(program, below, Item { hashes, ..item }, &row);
                }
                RowOp::Call(_) => self.pending.push(pending(*at, item, row)),
                RowOp::Aggregate(aggregate) => self.aggregate(program, *aggregate, item, row),
                RowOp::JoinLeft(to) => self.lefts.push(left(*to, item, row)),
                RowOp::Lookup(to) => self.asking.push(left(*to, item, row)),
                RowOp::Table(table) => self.changes.push(Change {
                    table: *table,
                    ts: item.ts,
                    key: key_of(&program.tables[*table].keys, row),
                    payload: item.record.map_or_else(Vec::new, |record| record.payload.clone()),
                    row: (!item.is_deletion).then(|| row.clone()),
                }),
            }
        }
    }

    fn aggregate(&mut self, program: &Program, aggregate: usize, item: Item<'_>, row: &Row) {
        let node = &program.aggregates[aggregate];
        let key = key_of(&node.keys, row);
        let shards = self.batches.len();
        let batch = &mut self.batches[shard_of(&key, shards)];
        let start = batch.bytes.len();
        batch.bytes.extend_from_slice(&key);
        let middle = batch.bytes.len();
        operator::put_inputs(&mut batch.bytes, &node.layout, &node.filters, &node.inputs, row);
        let hashes = if node.layout.hashed { item.hashes } else { [0, 0] };
        let (key, data) = (start..middle, middle..batch.bytes.len());
        batch.events.push(Routed { aggregate, ts: item.ts, hashes, key, data });
    }
}

fn left(to: usize, item: Item<'_>, row: &Row) -> Left {
    Left { to, ts: item.ts, hashes: item.hashes, row: row.clone() }
}

fn pending(step: usize, item: Item<'_>, row: &Row) -> Pending {
    let record = item.record.expect("streams call, and stand above every lookup").clone();
    let Item { ts, hashes, own_hashes, .. } = item;
    Pending { step, ts, hashes, own_hashes, row: row.clone(), record }
}

/// The encoded key at `slots`.
pub(super) fn key_of(slots: &[usize], row: &Row) -> Vec<u8> {
    let mut key = Vec::with_capacity(32);
    for slot in slots {
        keys::put_key(&mut key, std::slice::from_ref(&row[*slot]));
    }
    key
}
