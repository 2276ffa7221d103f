//! Training rows: a join's rows for left rows that are given, with what belongs before each, or with
//! what live would have known then.

use crate::dataflow::Input;
use crate::plan::{Operator, Plan};

use super::runner::Run;
use super::{Error, Feed, Options, Outcome, Raw};

/// Longer than anything is apart, short enough to be added to any time.
const FOREVER_MS: i64 = i64::MAX / 4;

/// What a training row may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// All events before it, whenever they arrived.
    Final,
    /// What had arrived when live made the row: records come in order of their timestamps, watermarks
    /// trail them, and what is late is missed.
    AsKnown,
}

/// The rows of `plan`'s join for the left rows, which are the feeds of the source `left`.
///
/// # Errors
/// When the engine fails.
pub fn training_rows(
    plan: &Plan,
    feeds: Vec<Feed>,
    left: &str,
    view: View,
    options: Options,
) -> Result<Outcome, Error> {
    let names: Vec<String> = feeds.iter().map(|feed| feed.source.clone()).collect();
    let plan = patient(plan, view);
    let mut run = Run::open(&plan, &names, options)?;
    let records: Vec<Vec<Raw>> = feeds.into_iter().map(|feed| feed.records).collect();
    match view {
        View::Final => feed_lefts_last(&plan, &mut run, &names, records, left)?,
        View::AsKnown => feed_by_arrival(&mut run, records)?,
    }
    run.finish()?;
    Ok(run.outcome(&plan, &names))
}

/// In training no left row is too late, and for the final view nothing of the past is forgotten.
fn patient(plan: &Plan, view: View) -> Plan {
    let mut plan = plan.clone();
    for id in plan.topological() {
        match &mut plan.node_mut(id).operator {
            Operator::PointInTimeJoin(join) => join.left_late_ms = FOREVER_MS,
            Operator::WindowAggregate(aggregate) if view == View::Final => aggregate.kept_ms = FOREVER_MS,
            Operator::Table(table) if view == View::Final => table.kept_ms = FOREVER_MS,
            _ => {}
        }
    }
    plan
}

/// Tables, then what looks them up, then the left rows: each finds all there is.
fn feed_lefts_last(
    plan: &Plan,
    run: &mut Run,
    names: &[String],
    records: Vec<Vec<Raw>>,
    left: &str,
) -> Result<(), Error> {
    let stage = |name: &str| if name == left { 2 } else { usize::from(!is_table(plan, name)) };
    let mut by_stage: [Vec<(usize, Raw)>; 3] = Default::default();
    for (feed, (name, records)) in names.iter().zip(records).enumerate() {
        by_stage[stage(name)].extend(records.into_iter().map(|raw| (feed, raw)));
    }
    for stage in by_stage {
        let records = stage.into_iter().map(|(feed, raw)| run.record(feed, raw)).collect();
        run.step(Input { records, ..Input::default() })?;
    }
    Ok(())
}

fn is_table(plan: &Plan, name: &str) -> bool {
    plan.sources().iter().any(|(_, source)| source.source == name && source.is_table)
}

/// What arrived in one millisecond comes together.
fn feed_by_arrival(run: &mut Run, records: Vec<Vec<Raw>>) -> Result<(), Error> {
    let mut all: Vec<(usize, Raw)> = Vec::new();
    for (feed, records) in records.into_iter().enumerate() {
        all.extend(records.into_iter().map(|raw| (feed, raw)));
    }
    all.sort_by_key(|(_, raw)| raw.timestamp_ms);
    for together in all.chunk_by(|a, b| a.1.timestamp_ms == b.1.timestamp_ms) {
        let records = together.iter().map(|(feed, raw)| run.record(*feed, raw.clone())).collect();
        run.step(Input { records, ..Input::default() })?;
    }
    Ok(())
}
