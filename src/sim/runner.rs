//! Runs a plan over feeds to a cut, and keeps what a reader of its topics would.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dataflow::{
    self, Called, Caller, DeadLetter, Engine, Input, Ledger, Output, PartitionId, PartitionStatus,
    PartitionUpdate, Record,
};
use crate::plan::{NodeId, Plan, PublishMode};
use crate::state::{MemoryStore, keys};
use crate::types::{EventTime, Row, Value, compare_rows};

use super::{Error, Feed, Raw};

/// How a run goes. Values depend on `until` alone.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cut Q; `None`: the newest event + 1 ms.
    pub until: Option<EventTime>,
    /// Records of each feed that a step takes.
    pub step_records: usize,
    pub shards: usize,
    /// Whether the run ends at the cut. Else what was put out by the end of the feeds counts, as a reader
    /// of live topics would see it.
    pub finishes: bool,
    /// The engine is closed and opened again on its state after that many steps; 0: never.
    pub resume_steps: usize,
    /// Who answers model calls.
    pub caller: Option<Arc<dyn Caller>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { until: None, step_records: 4_096, shards: 1, finishes: true, resume_steps: 0, caller: None }
    }
}

/// The rows a reader of one publish node's topic ends up with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// Key, as-of time and row. Latest rows are in order of key, rows per event in order of time.
    /// Latest rows that equal V(∅) are left out: whether one was ever published is chance.
    pub rows: Vec<(Row, EventTime, Row)>,
}

/// A dead letter and the feed it came from.
#[derive(Debug)]
pub struct Refused {
    pub source: String,
    pub letter: DeadLetter,
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The cut; `None` if there was no event to end after.
    pub cut: Option<EventTime>,
    /// By publish node.
    pub tables: BTreeMap<NodeId, Table>,
    pub dead_letters: Vec<Refused>,
    pub ledger: Ledger,
    /// What came of model calls.
    pub calls: Called,
}

/// Runs the plan over the feeds, one partition each, to the cut.
///
/// # Errors
/// When a feed's source is not in the plan, or the engine fails.
pub fn run(plan: &Plan, feeds: Vec<Feed>, options: Options) -> Result<Outcome, Error> {
    check_sources(plan, &feeds)?;
    let names: Vec<String> = feeds.iter().map(|feed| feed.source.clone()).collect();
    let (step_records, finishes, resume_steps) =
        (options.step_records.max(1), options.finishes, options.resume_steps);
    let mut run = Run::open(plan, &names, options)?;
    let mut rest: Vec<_> = feeds.into_iter().map(|feed| feed.records.into_iter()).collect();
    for step in 1.. {
        let mut records = Vec::new();
        for (feed, rest) in rest.iter_mut().enumerate() {
            let taken: Vec<Raw> = rest.by_ref().take(step_records).collect();
            records.extend(taken.into_iter().map(|raw| run.record(feed, raw)));
        }
        if records.is_empty() {
            break;
        }
        run.step(Input { records, ..Input::default() })?;
        if resume_steps > 0 && step % resume_steps == 0 {
            run.resume(plan, &names)?;
        }
    }
    if finishes {
        run.finish()?;
    }
    Ok(run.outcome(plan, &names))
}

fn check_sources(plan: &Plan, feeds: &[Feed]) -> Result<(), Error> {
    let known = super::sources(plan);
    match feeds.iter().find(|feed| !known.contains(&feed.source)) {
        Some(feed) => Err(Error::UnknownSource { name: feed.source.clone(), known }),
        None => Ok(()),
    }
}

/// Key, as-of time and row of the last publication.
type Latest = (Row, EventTime, Option<Row>);

pub(super) struct Run {
    engine: Engine,
    options: dataflow::Options,
    store: MemoryStore,
    until: Option<EventTime>,
    offsets: Vec<i64>,
    /// The last row per node and key of those put out as latest; `None`: a tombstone.
    latest: BTreeMap<(NodeId, Vec<u8>), Latest>,
    events: Vec<(NodeId, EventTime, Row, Row)>,
    dead_letters: Vec<DeadLetter>,
    calls: Called,
    modes: BTreeMap<NodeId, PublishMode>,
}

impl Run {
    /// One partition for each of `sources`, which may repeat.
    pub(super) fn open(plan: &Plan, sources: &[String], options: Options) -> Result<Self, Error> {
        let store = MemoryStore::default();
        let options = dataflow::Options {
            shards: options.shards,
            cut: options.until,
            publish: true,
            hold_for_ms: i64::MAX,
            lease: 0,
            start: 0,
            caller: options.caller,
        };
        let mut run = Self {
            engine: Engine::open(plan, options.clone(), &store)?,
            store,
            until: options.cut,
            options,
            offsets: vec![0; sources.len()],
            latest: BTreeMap::new(),
            events: Vec::new(),
            dead_letters: Vec::new(),
            calls: Called::default(),
            modes: plan.publishers().into_iter().map(|(id, publish)| (id, publish.mode)).collect(),
        };
        run.declare(sources)?;
        Ok(run)
    }

    /// Stops and goes on from what is kept, as after a crash between two steps.
    fn resume(&mut self, plan: &Plan, sources: &[String]) -> Result<(), Error> {
        self.options.start += 1;
        self.engine = Engine::open(plan, self.options.clone(), &self.store)?;
        self.declare(sources)
    }

    fn declare(&mut self, sources: &[String]) -> Result<(), Error> {
        let partitions = (0..).zip(sources).map(|(id, source)| PartitionUpdate {
            partition: PartitionId(id),
            source: source.clone(),
            status: PartitionStatus::Live,
        });
        self.step(Input { partitions: partitions.collect(), ..Input::default() })
    }

    pub(super) fn record(&mut self, feed: usize, raw: Raw) -> Record {
        self.offsets[feed] += 1;
        let partition = PartitionId(u32::try_from(feed).expect("fewer than 2^32 files"));
        let (offset, timestamp_ms) = (self.offsets[feed] - 1, raw.timestamp_ms);
        Record { partition, offset, timestamp_ms, payload: raw.payload, deleted_key: raw.deleted_key }
    }

    pub(super) fn step(&mut self, input: Input) -> Result<(), Error> {
        let output = self.engine.step(input, &self.store)?;
        self.take(output);
        Ok(())
    }

    fn take(&mut self, output: Output) {
        self.store.commit(output.batch);
        self.dead_letters.extend(output.dead_letters);
        self.calls.add(output.calls);
        for row in output.publications {
            match (self.modes[&row.node], row.row) {
                (PublishMode::Events, Some(full)) => self.events.push((row.node, row.as_of, row.key, full)),
                (PublishMode::Events, None) => {}
                (PublishMode::Latest, full) => {
                    self.latest.insert((row.node, ordered(&row.key)), (row.key, row.as_of, full));
                }
            }
        }
    }

    /// End of input is not a time: the run ends at the cut.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        if self.until.is_none() {
            self.until = self.engine.newest_event().map(|newest| newest.plus_ms(1));
            if let Some(cut) = self.until {
                self.engine.set_cut(cut)?;
            }
        }
        self.step(Input { finish: true, ..Input::default() })
    }

    pub(super) fn outcome(self, plan: &Plan, sources: &[String]) -> Outcome {
        let mut tables: BTreeMap<NodeId, Table> = BTreeMap::new();
        for (node, mode) in &self.modes {
            let rows = match mode {
                PublishMode::Events => self.events_of(*node),
                PublishMode::Latest => self.latest_of(plan, *node),
            };
            tables.insert(*node, Table { rows });
        }
        let refused = |letter: DeadLetter| {
            let source = sources[letter.partition.0 as usize].clone();
            Refused { source, letter }
        };
        Outcome {
            cut: self.until,
            tables,
            dead_letters: self.dead_letters.into_iter().map(refused).collect(),
            ledger: self.engine.ledger(),
            calls: self.calls,
        }
    }

    /// V(∅) in the columns that a publish node adds to the key.
    pub(super) fn empty_row(&self, plan: &Plan, node: NodeId) -> Option<Row> {
        self.engine.empty_row(plan.inputs(node)[0])
    }

    fn events_of(&self, node: NodeId) -> Vec<(Row, EventTime, Row)> {
        let of_node = self.events.iter().filter(|(id, ..)| *id == node);
        let mut rows: Vec<_> =
            of_node.map(|(_, as_of, key, row)| (key.clone(), *as_of, row.clone())).collect();
        // A row may have lists, which are no keys.
        rows.sort_by(|a, b| {
            a.1.cmp(&b.1).then_with(|| compare_rows(&a.0, &b.0)).then_with(|| compare_rows(&a.2, &b.2))
        });
        rows
    }

    fn latest_of(&self, plan: &Plan, node: NodeId) -> Vec<(Row, EventTime, Row)> {
        let empty = self.engine.empty_row(plan.inputs(node)[0]);
        let of_node = self.latest.iter().filter(|((id, _), _)| *id == node);
        let rows = of_node.filter_map(|(_, (key, as_of, row))| {
            let row = row.clone()?;
            let shown = empty.as_ref().is_none_or(|empty| !row.ends_with(empty));
            shown.then(|| (key.clone(), *as_of, row))
        });
        rows.collect()
    }
}

/// Bytes that order as the values do.
fn ordered(values: &[Value]) -> Vec<u8> {
    let mut key = Vec::new();
    keys::put_key(&mut key, values);
    key
}
