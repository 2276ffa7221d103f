//! `windrow run`: catches up if the state never has, then runs until it is told to stop; or, with a cut,
//! until everything that the clusters hold now is read, finished and delivered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Error;
use super::bounded::{self, Pace};
use super::clock::now_ms;
use super::http::Server;
use super::job::Job;
use super::session::Session;
use super::step_loop::{Mode, StepLoop};
use super::wiring::Wiring;
use crate::dataflow::{Input, Ledger};
use crate::types::EventTime;

/// How long regions may deliver after the signal to stop. With what else an end takes, it is ten seconds at most:
/// as long as orchestrators wait before they kill.
const FLUSH_AT_STOP: Duration = Duration::from_secs(4);
/// How long a bounded run waits at its end for a region that takes nothing, unless `--hold-for` says it.
const DELIVER_PATIENCE_MS: i64 = 60_000;
/// How often it looks.
const DELIVER_LOOK: Duration = Duration::from_millis(20);
/// How long a first start waits for clusters that do not answer, before it goes live without them: what they
/// hold is merged when they come.
const PATIENCE_MS: i64 = 10_000;

/// How a run ended.
#[derive(Debug, Clone)]
pub struct Ended {
    pub ledger: Ledger,
    pub dead_letters: u64,
    /// It was told to stop before it was done (bounded runs only).
    pub interrupted: bool,
    /// Regions that have rows to come: kept in the state, delivered by the next run.
    pub behind: Vec<String>,
}

/// Runs a deployment until `job.stop` is set.
///
/// # Errors
/// When the state cannot be used, or the lease is lost.
pub fn run(job: &Job) -> Result<Ended, Error> {
    let _pages = pages(job)?;
    let wiring = Arc::new(Wiring::new(&job.plan, &job.topology)?);
    let mut session = Session::open(job, job.origin_ms(now_ms(), wiring.reach_ms))?;
    if !session.about.caught_up && !session.about.live {
        tracing::info!("first start: reading what the clusters hold");
        let pace = Pace { patience_ms: PATIENCE_MS, report: &mut |_| {} };
        let history = bounded::history(job, &wiring, session, pace)?;
        session = history.session;
        if history.summary.interrupted {
            session.sign_off();
            let (ledger, dead_letters) = (history.summary.ledger, history.summary.dead_letters);
            return Ok(Ended { ledger, dead_letters, interrupted: false, behind: Vec::new() });
        }
    }
    let mut step_loop = StepLoop::start(job, &wiring, session, Mode::Live)?;
    tracing::info!(start = step_loop.session.start, lease = step_loop.session.about.lease, "live");
    let result = turn_until_stopped(&mut step_loop);
    end(step_loop, result, false, FLUSH_AT_STOP)
}

/// Health pages, if they are wanted: first of all, so that whoever watches the start sees it.
fn pages(job: &Job) -> Result<Option<Server>, Error> {
    job.http.map(|at| Server::start(at, &job.board)).transpose()
}

fn turn_until_stopped(step_loop: &mut StepLoop) -> Result<(), Error> {
    while !step_loop.is_stopped() {
        step_loop.turn_or_end()?;
    }
    Ok(())
}

/// Reads what all clusters hold now, publishes every key as of `cut`, and ends.
///
/// # Errors
/// As [`run`]; also when a cluster does not answer within `hold_for`, or a region does not take its rows.
pub fn run_until(job: &Job, cut: EventTime) -> Result<Ended, Error> {
    let _pages = pages(job)?;
    let wiring = Arc::new(Wiring::new(&job.plan, &job.topology)?);
    let session = Session::open(job, job.origin_ms(now_ms().min(cut.0), wiring.reach_ms))?;
    let mut step_loop = StepLoop::start(job, &wiring, session, Mode::Until { cut })?;
    let patience_ms = job.hold_for_ms.unwrap_or(DELIVER_PATIENCE_MS).unsigned_abs();
    let result = finish(&mut step_loop, job.patience_ms())
        .and_then(|()| deliver(&mut step_loop, Duration::from_millis(patience_ms)));
    let interrupted = step_loop.is_stopped();
    let flush_for = if interrupted { FLUSH_AT_STOP } else { Duration::ZERO };
    let ended = end(step_loop, result, interrupted, flush_for)?;
    if ended.behind.is_empty() || interrupted {
        return Ok(ended);
    }
    Err(Error::Undelivered { regions: ended.behind, waited_ms: patience_ms })
}

/// Waits until every region has every row, for as long as rows are taken.
fn deliver(step_loop: &mut StepLoop, patience: Duration) -> Result<(), Error> {
    let (mut taken, mut taken_at) = (0, Instant::now());
    while let Some(now_taken) = step_loop.undelivered() {
        if now_taken != taken {
            (taken, taken_at) = (now_taken, Instant::now());
        }
        if step_loop.is_stopped() || taken_at.elapsed() >= patience {
            break;
        }
        step_loop.keep_house_if_due()?;
        std::thread::sleep(DELIVER_LOOK);
    }
    Ok(())
}

fn finish(step_loop: &mut StepLoop, patience_ms: i64) -> Result<(), Error> {
    loop {
        step_loop.turn_or_end()?;
        if step_loop.is_stopped() {
            return Ok(());
        }
        let unfinished = step_loop.unfinished(patience_ms)?;
        if !unfinished.without_topics.is_empty() {
            return Err(Error::NoTopic { clusters: unfinished.without_topics });
        }
        if !unfinished.silent.is_empty() {
            return Err(Error::Unreachable { clusters: unfinished.silent, waited_ms: patience_ms });
        }
        if unfinished.busy == 0 {
            break;
        }
    }
    // Rebroadcast first: its rows are as of W, which ends before the cut; what finishing publishes
    // after them is V(key, cut) and has the higher version.
    while step_loop.session.about.rebroadcast {
        step_loop.rebroadcast()?;
    }
    step_loop.step(Input { now_ms: now_ms(), finish: true, ..Input::default() })
}

/// Ends a run in order, also one that failed; the first failure counts.
fn end(
    mut step_loop: StepLoop,
    result: Result<(), Error>,
    interrupted: bool,
    flush_for: Duration,
) -> Result<Ended, Error> {
    let (ledger, dead_letters) = (step_loop.engine.ledger(), step_loop.dead_letters.count());
    step_loop.say_goodbye();
    let flush_for = if result.is_ok() { flush_for } else { Duration::ZERO };
    let stopped = step_loop.stop(flush_for);
    result?;
    let (_, behind) = stopped?;
    Ok(Ended { ledger, dead_letters, interrupted, behind })
}
