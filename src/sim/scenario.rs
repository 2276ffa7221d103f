//! Runs a plan through what happens in a test: records in order of arrival, and clock steps.

use std::collections::BTreeMap;

use crate::dataflow::{Input, PartitionId, PartitionStatus, PartitionUpdate};
use crate::plan::{NodeId, Plan};
use crate::types::Row;

use super::runner::Run;
use super::{Error, Options, Outcome, Raw};

/// One thing that happens. Each is a step of its own.
#[derive(Debug, Clone)]
pub enum Happening {
    Record {
        source: String,
        raw: Raw,
    },
    /// A record without value: its key, as it is on the wire, is no longer in the table.
    Deleted {
        table: String,
        key: Vec<u8>,
        timestamp_ms: i64,
    },
    /// Every log is read to its end, and it is that time (ms).
    Clock(i64),
}

/// What came of a scenario.
#[derive(Debug)]
pub struct Played {
    pub outcome: Outcome,
    /// V(∅) of the group bys that are published, by publish node.
    pub empty: BTreeMap<NodeId, Row>,
}

/// Plays the happenings. With a cut (`until`) the run ends there, as any bounded run does; without one, what was
/// put out so far is what a reader of the live topics sees.
///
/// # Errors
/// When a record's source is not in the plan, or the engine fails.
pub fn play(plan: &Plan, happenings: &[Happening], options: Options) -> Result<Played, Error> {
    let sources = sources(plan);
    let is_bounded = options.until.is_some();
    let mut run = Run::open(plan, &sources, options)?;
    for happening in happenings {
        match happening {
            Happening::Record { source, raw } => {
                let record = run.record(partition_of(&sources, source)?, raw.clone());
                run.step(Input { records: vec![record], ..Input::default() })?;
            }
            Happening::Deleted { table, key, timestamp_ms } => {
                let raw = Raw::deletion(*timestamp_ms, key.clone());
                let record = run.record(partition_of(&sources, table)?, raw);
                run.step(Input { records: vec![record], ..Input::default() })?;
            }
            Happening::Clock(now_ms) => run.step(quiet(&sources, *now_ms))?,
        }
    }
    if is_bounded {
        run.finish()?;
    }
    let publishers = plan.publishers().into_iter().map(|(node, _)| node);
    let empty = publishers.filter_map(|node| Some((node, run.empty_row(plan, node)?))).collect();
    Ok(Played { outcome: run.outcome(plan, &sources), empty })
}

/// Each source is one partition.
fn partition_of(sources: &[String], name: &str) -> Result<usize, Error> {
    let position = sources.iter().position(|known| known == name);
    position.ok_or_else(|| Error::UnknownSource { name: name.to_owned(), known: sources.to_vec() })
}

fn quiet(sources: &[String], now_ms: i64) -> Input {
    let partitions = (0..).zip(sources).map(|(id, source)| PartitionUpdate {
        partition: PartitionId(id),
        source: source.clone(),
        status: PartitionStatus::Quiet { now_ms },
    });
    Input { partitions: partitions.collect(), now_ms, ..Input::default() }
}

/// The names of the sources and tables that a plan reads, in its order.
#[must_use]
pub fn sources(plan: &Plan) -> Vec<String> {
    plan.sources().into_iter().map(|(_, source)| source.source.clone()).collect()
}
