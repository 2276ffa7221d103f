//! What model calls mean for a run. Steps take so few records that all of a step's calls are in flight at once: one
//! waits for a model no longer than a call may take, and is alive meanwhile. A run that is told to end waits a moment;
//! then the step is given up: discarded whole, and asked again by the next run (rule R1). Calls that fail are said, now
//! and then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::board::Board;
use super::job::Job;
use super::source::BATCH_RECORDS;
use crate::dataflow::{Answer, Called, Caller, NobodyAnswers, Request};
use crate::diag::Diagnostics;
use crate::plan::{Operator, Plan};

/// How often failures are said.
const SAY: Duration = Duration::from_secs(10);
/// How often a wait shows that it is one, and looks whether the run is to end.
const TURN: Duration = Duration::from_millis(250);
/// How long calls that are in flight may still be answered once the run is to end.
const LAST_ANSWERS: Duration = Duration::from_secs(1);
/// How much a step changes what is expected of the next one, where records need fewer calls than before.
const LEARN: f64 = 0.1;
/// A reader hands on such a part of what may be in flight.
const PART: usize = 4;

/// Asks for a run, and shows that it turns while it waits: a call has its timeout.
#[derive(Debug)]
pub(super) struct Asking {
    caller: Arc<dyn Caller>,
    board: Arc<Board>,
    /// The run is to end.
    stop: Arc<AtomicBool>,
}

impl Asking {
    pub(super) fn of(job: &Job) -> Option<Arc<dyn Caller>> {
        let caller = job.caller.clone()?;
        Some(Arc::new(Self { caller, board: Arc::clone(&job.board), stop: Arc::clone(&job.stop) }))
    }
}

impl Caller for Asking {
    fn ready(&self, plan: &Plan) -> Diagnostics {
        self.caller.ready(plan)
    }

    fn answers(&self, requests: &[Request<'_>]) -> Result<Vec<Answer>, NobodyAnswers> {
        let (done, answers) = channel();
        thread::scope(|scope| {
            scope.spawn(move || done.send(self.caller.answers(requests)));
            let mut stopped = None;
            loop {
                match answers.recv_timeout(TURN) {
                    Ok(answers) => return answers,
                    Err(RecvTimeoutError::Timeout) => self.board.turn(),
                    Err(RecvTimeoutError::Disconnected) => unreachable!("the scope passes the panic on"),
                }
                if self.stop.load(Ordering::Relaxed)
                    && stopped.get_or_insert_with(Instant::now).elapsed() >= LAST_ANSWERS
                {
                    self.give_up();
                }
            }
        })
    }

    fn give_up(&self) {
        self.caller.give_up();
    }
}

#[derive(Debug)]
pub(super) struct Calls {
    /// The least concurrency of the plan's calls; `None`: it has none.
    at_once: Option<usize>,
    /// How many calls a record is expected to need.
    per_record: f64,
    /// Failures that were not said yet, with the first of them.
    failed: u64,
    first: Option<String>,
    said: Option<Instant>,
}

impl Calls {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut at_once = Vec::new();
        for id in plan.topological() {
            if let Operator::Call(call) = &plan.node(id).operator {
                at_once.push(usize::try_from(call.concurrency).unwrap_or(usize::MAX));
            }
        }
        // Until a step tells otherwise, every record is called for by all.
        let per_record = f64::from(u32::try_from(at_once.len()).unwrap_or(u32::MAX));
        Self { at_once: at_once.into_iter().min(), per_record, failed: 0, first: None, said: None }
    }

    /// Records that a reader hands on at once.
    pub(super) fn batch_records(&self) -> usize {
        self.at_once.map_or(BATCH_RECORDS, |at_once| (at_once / PART).clamp(1, BATCH_RECORDS))
    }

    /// Records of the next step, but for one more message of a reader.
    #[expect(clippy::cast_precision_loss, reason = "no call has a concurrency beyond 10,000")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, at 0 too"
    )]
    pub(super) fn records_max(&self) -> usize {
        let Some(at_once) = self.at_once else { return usize::MAX };
        let fit = (at_once as f64 / self.per_record) as usize;
        fit.saturating_sub(self.batch_records()).max(1)
    }

    /// A step took so many records, and made these calls.
    #[expect(clippy::cast_precision_loss, reason = "a step has few calls")]
    pub(super) fn stepped(&mut self, records: usize, called: &Called, now: Instant) {
        if self.at_once.is_none() || records == 0 {
            return;
        }
        let calls = (called.answered + called.failed) as f64 / records as f64;
        // More calls than expected are believed at once, fewer by and by.
        let share = if calls > self.per_record { 1.0 } else { LEARN };
        self.per_record += share * (calls - self.per_record);
        self.failed += called.failed;
        if self.first.is_none() {
            self.first.clone_from(&called.first_failure);
        }
        let is_time = self.said.is_none_or(|said| now.saturating_duration_since(said) >= SAY);
        if let Some(first) = self.first.take_if(|_| is_time) {
            tracing::warn!(failed = self.failed, "model calls failed, the first: {first}");
            (self.failed, self.said) = (0, Some(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(at_once: usize) -> Calls {
        Calls { at_once: Some(at_once), per_record: 1.0, failed: 0, first: None, said: None }
    }

    fn called(answered: u64) -> Called {
        Called { answered, ..Called::default() }
    }

    #[test]
    fn a_step_takes_as_many_records_as_calls_may_be_in_flight() {
        let mut calls = calls(16);
        assert_eq!((calls.batch_records(), calls.records_max()), (4, 12), "12 and a message of 4 are 16");
        let now = Instant::now();
        for _ in 0..200 {
            calls.stepped(100, &called(10), now);
        }
        assert_eq!(calls.records_max(), 155, "one record of ten is called for");
        calls.stepped(100, &called(200), now);
        assert_eq!(calls.records_max(), 4, "more calls are believed at once");
    }

    #[test]
    fn a_plan_without_calls_bounds_nothing() {
        let calls = Calls { at_once: None, ..calls(1) };
        assert_eq!((calls.batch_records(), calls.records_max()), (BATCH_RECORDS, usize::MAX));
    }
}
