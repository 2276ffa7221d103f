//! `windrow backfill`, and the first part of a first `windrow run`: reads what the clusters hold, up to ends
//! that are fixed when it begins and kept in the state, as fast as it can, and publishes nothing. It may be
//! killed and started again at any point.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Error;
use super::clock::now_ms;
use super::job::Job;
use super::session::Session;
use super::step_loop::{Mode, StepLoop};
use super::wiring::Wiring;
use crate::dataflow::Ledger;
use crate::plan::{Operator, Plan};
use crate::types::EventTime;

/// How far back a backfill reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// As far as the longest window reaches.
    LongestWindow,
    Last {
        ms: i64,
    },
    Instant(EventTime),
}

/// How far a backfill is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub read: u64,
    /// Records between where reading began and the ends; grows while clusters are still found.
    pub total: u64,
    pub elapsed: Duration,
}

/// What a backfill did.
#[derive(Debug, Clone)]
pub struct Summary {
    pub records: u64,
    pub elapsed: Duration,
    pub ledger: Ledger,
    pub dead_letters: u64,
    /// From when on a column's windows see all their events, if that is later than the first one.
    pub columns: Vec<Complete>,
    /// Clusters that did not answer: `windrow run` merges what they hold when they do.
    pub missing: Vec<String>,
    /// It was told to stop: the same command goes on from there.
    pub interrupted: bool,
}

/// From when on a column is complete.
#[derive(Debug, Clone)]
pub struct Complete {
    pub column: String,
    /// `None`: always, the logs had lost nothing.
    pub from: Option<EventTime>,
}

/// How patient to be, and whom to tell.
pub(super) struct Pace<'a> {
    pub(super) patience_ms: i64,
    pub(super) report: &'a mut dyn FnMut(Progress),
}

/// A state with its history read.
pub(super) struct History {
    pub(super) session: Session,
    pub(super) summary: Summary,
}

/// Builds a state from what the clusters hold. `report` is called a few times a second.
///
/// # Errors
/// When the state cannot be used or has put out rows, or a log has lost records while they were read.
pub fn backfill(job: &Job, from: From, report: &mut dyn FnMut(Progress)) -> Result<Summary, Error> {
    let wiring = Arc::new(Wiring::new(&job.plan, &job.topology)?);
    let origin_ms = match from {
        From::LongestWindow => now_ms().saturating_sub(wiring.reach_ms),
        From::Last { ms } => now_ms().saturating_sub(ms).saturating_sub(lead_ms(&job.plan)),
        From::Instant(instant) => instant.0.saturating_sub(lead_ms(&job.plan)),
    };
    let session = Session::open(job, origin_ms)?;
    if session.about.live {
        return Err(Error::AlreadyLive { dir: job.state.clone() });
    }
    let patience_ms = job.patience_ms();
    let history = history(job, &wiring, session, Pace { patience_ms, report })?;
    history.session.sign_off();
    Ok(history.summary)
}

/// Reads history up to its ends.
pub(super) fn history(
    job: &Job,
    wiring: &Arc<Wiring>,
    mut session: Session,
    mut pace: Pace<'_>,
) -> Result<History, Error> {
    // Durable with the start of the engine: rows that are kept back now must be put out once.
    session.about.rebroadcast = true;
    let mut step_loop = StepLoop::start(job, wiring, session, Mode::History)?;
    let read = read_to_ends(&mut step_loop, &mut pace);
    let summary = read.map(|missing| summarize(&step_loop, &job.plan, missing));
    let stopped = step_loop.stop(Duration::ZERO);
    let (summary, (session, _)) = (summary?, stopped?);
    Ok(History { session, summary })
}

/// Returns the clusters that were not waited for.
fn read_to_ends(step_loop: &mut StepLoop, pace: &mut Pace<'_>) -> Result<Vec<String>, Error> {
    let mut reported = Instant::now();
    while !step_loop.is_stopped() {
        step_loop.turn_or_end()?;
        if step_loop.is_stopped() {
            break;
        }
        if reported.elapsed() >= Duration::from_millis(200) {
            reported = Instant::now();
            (pace.report)(progress(step_loop));
        }
        let unfinished = step_loop.unfinished(pace.patience_ms)?;
        if unfinished.busy == 0 {
            step_loop.catch_up()?;
            (pace.report)(progress(step_loop));
            let without = unfinished.without_topics.into_iter().map(|(cluster, _)| cluster);
            return Ok(unfinished.silent.into_iter().chain(without).collect());
        }
    }
    Ok(Vec::new())
}

pub(super) fn progress(step_loop: &StepLoop) -> Progress {
    let (mut read, mut total) = (0, 0);
    for reader in &step_loop.wiring.readers {
        for known in step_loop.partitions.of_cluster(&reader.cluster.name) {
            let position = known.position;
            read += u64::try_from(position.next - position.first).unwrap_or(0);
            total += u64::try_from(position.end.max(position.next) - position.first).unwrap_or(0);
        }
    }
    Progress { read, total, elapsed: step_loop.started.elapsed() }
}

fn summarize(step_loop: &StepLoop, plan: &Plan, missing: Vec<String>) -> Summary {
    let since = complete_since(step_loop);
    Summary {
        records: progress(step_loop).read,
        elapsed: step_loop.started.elapsed(),
        ledger: step_loop.engine.ledger(),
        dead_letters: step_loop.dead_letters.count(),
        columns: columns(plan, since),
        missing,
        interrupted: !step_loop.session.about.caught_up,
    }
}

/// The earliest instant from which on every partition's records were read; `None`: from the beginning.
fn complete_since(step_loop: &StepLoop) -> Option<i64> {
    let readers = step_loop.wiring.readers.iter();
    let known = readers.flat_map(|reader| step_loop.partitions.of_cluster(&reader.cluster.name));
    // Offset 0 read: the log has lost nothing, and nothing was left out.
    let cut_off = known.filter(|known| known.position.first > 0);
    let since = |known: &super::partitions::Known| match known.position.first_ms {
        first_ms if first_ms >= 0 && known.position.first == known.position.log_start => first_ms,
        _ => step_loop.session.about.origin_ms,
    };
    cut_off.map(since).max()
}

fn columns(plan: &Plan, since: Option<i64>) -> Vec<Complete> {
    let mut columns = Vec::new();
    for id in plan.topological() {
        let node = plan.node(id);
        let Operator::WindowAggregate(aggregate) = &node.operator else { continue };
        for column in &aggregate.columns {
            // A lifetime column counts from there on (rule S13).
            let reach_ms = column.window.map_or(0, |window| window.reach_ms());
            let from = since.map(|since| EventTime(since).plus_ms(reach_ms));
            columns.push(Complete { column: format!("{}.{}", node.definition, column.name), from });
        }
    }
    columns
}

pub(super) fn lead_ms(plan: &Plan) -> i64 {
    let leads = plan.topological().into_iter().filter_map(|id| match &plan.node(id).operator {
        Operator::Decode(decode) => Some(decode.ahead_ms),
        _ => None,
    });
    leads.max().unwrap_or(0)
}
