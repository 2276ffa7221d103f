//! One function and the process that runs it: started, watched, and started again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::dataflow::Answer;
use crate::wire;

use super::batch::Batch;
use super::process::{Event, Process};
use super::workers::Log;

/// How long a module may take to be imported.
const START: Duration = Duration::from_secs(120);
/// How often a process that does not get ready is started before the run is given up.
const STARTS_MAX: u32 = 5;
/// Between two starts at first, and at most.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Once all calls in flight are late: how long one of them may take to be over, so that the process can stay.
const GRACE: Duration = Duration::from_millis(200);
/// How often a wait looks whether anybody still waits for what it waits for.
const LOOK: Duration = Duration::from_millis(50);

/// What all functions of a run share.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) python: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) log: Log,
    /// Nobody waits for any of them any more.
    pub(super) given_up: Arc<AtomicBool>,
}

impl Settings {
    fn are_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// What a process says next, if it does until then and somebody waits for it.
    fn hear(&self, process: &Process, until: Instant) -> Option<Event> {
        loop {
            let event = process.next(until.min(Instant::now() + LOOK));
            if event.is_some() || self.are_given_up() || Instant::now() >= until {
                return event;
            }
        }
    }
}

/// Why there is no worker.
#[derive(Debug)]
pub(super) enum StartError {
    /// Python itself cannot be started.
    NoPython(std::io::Error),
    /// There is no such function: what the worker says of it.
    NoFunction(String),
    /// It ended before it was ready.
    Ended(String),
    Silent,
    /// Nobody waits for it any more.
    GivenUp,
}

#[derive(Debug)]
pub(super) struct Function {
    settings: Settings,
    name: String,
    spec: String,
    timeout: Duration,
    concurrency: usize,
    retry: u32,
    process: Option<Process>,
    /// The number of the last call.
    number: u64,
    /// Calls that nobody waits for any more, and that still run.
    stuck: BTreeSet<u64>,
    /// Processes that ended since one answered last.
    deaths: u32,
}

impl Function {
    pub(super) fn new(settings: Settings, call: &crate::plan::Call) -> Self {
        let mut spec = wire::worker_spec(call);
        spec["folder"] = settings.folder.display().to_string().into();
        Self {
            settings,
            name: call.function.clone(),
            spec: spec.to_string(),
            timeout: Duration::from_millis(call.timeout_ms.unsigned_abs()),
            concurrency: usize::try_from(call.concurrency).unwrap_or(usize::MAX).max(1),
            retry: call.retry,
            process: None,
            number: 0,
            stuck: BTreeSet::new(),
            deaths: 0,
        }
    }

    /// Makes sure that a process is there and has found the function.
    pub(super) fn start(&mut self) -> Result<(), StartError> {
        if self.process.is_some() {
            return Ok(());
        }
        let Settings { python, folder, log, given_up: _ } = &self.settings;
        let process = Process::start((python, folder), &self.spec, &self.name, *log);
        let process = process.map_err(StartError::NoPython)?;
        match self.settings.hear(&process, Instant::now() + START) {
            Some(Event::Ready) => {
                self.process = Some(process);
                Ok(())
            }
            Some(Event::Failed(why)) => Err(StartError::NoFunction(why)),
            Some(Event::Closed(said)) => {
                let ended = process.end().unwrap_or_else(|| "it closed its pipes".to_owned());
                Err(StartError::Ended(said.unwrap_or(ended)))
            }
            Some(Event::Answered(..)) => Err(StartError::Ended("it answered what nobody asked".to_owned())),
            None if self.settings.are_given_up() => Err(StartError::GivenUp),
            None => Err(StartError::Silent),
        }
    }

    /// Answers all requests, each a JSON array of arguments.
    pub(super) fn answers(&mut self, requests: &[String]) -> Result<Vec<Answer>, StartError> {
        self.hear_what_was_said();
        if self.stuck.len() * 2 >= self.concurrency {
            self.give_up_process();
        }
        let mut batch = Batch::new(requests.len(), self.retry);
        while !batch.is_done() {
            if self.settings.are_given_up() {
                self.give_up_process();
                return Err(StartError::GivenUp);
            }
            self.restart()?;
            self.send(&mut batch, requests);
            self.listen(&mut batch);
        }
        Ok(batch.into_answers())
    }

    /// What came since the last call: nobody waits for it, but the process may have ended meanwhile.
    fn hear_what_was_said(&mut self) {
        while let Some(event) = self.process.as_ref().and_then(|process| process.next(Instant::now())) {
            match event {
                Event::Answered(number, _) => drop(self.stuck.remove(&number)),
                Event::Closed(_) => self.give_up_process(),
                Event::Ready | Event::Failed(_) => {}
            }
        }
    }

    /// Starts the process again where it has ended, after a pause that grows.
    fn restart(&mut self) -> Result<(), StartError> {
        for start in 1.. {
            if self.process.is_none() && self.deaths > 0 {
                let pause = PAUSE.saturating_mul(1 << (self.deaths - 1).min(8)).min(PAUSE_MAX);
                let by = Instant::now() + pause;
                while Instant::now() < by && !self.settings.are_given_up() {
                    thread::sleep(LOOK.min(by.saturating_duration_since(Instant::now())));
                }
            }
            match self.start() {
                Ok(()) => break,
                Err(error) if start >= STARTS_MAX || self.settings.are_given_up() => return Err(error),
                Err(error) => {
                    self.deaths += 1;
                    (self.settings.log)(&self.name, &format!("windrow: not started: {error:?}"));
                }
            }
        }
        Ok(())
    }

    fn send(&mut self, batch: &mut Batch, requests: &[String]) {
        let Some(process) = &self.process else { return };
        loop {
            let room = self.concurrency.saturating_sub(batch.flying() + self.stuck.len());
            let Some(request) = batch.next(room) else { return };
            self.number += 1;
            process.send(format!("{} call {}\n", self.number, requests[request]));
            batch.sent(self.number, request, Instant::now() + self.timeout);
        }
    }

    /// Waits for one thing to happen.
    fn listen(&mut self, batch: &mut Batch) {
        let Some(process) = &self.process else { return };
        let deadline = batch.deadline();
        match self.settings.hear(process, deadline.unwrap_or_else(|| Instant::now() + GRACE)) {
            Some(Event::Answered(number, answer)) => {
                self.deaths = 0;
                if !batch.answered(number, answer) {
                    self.stuck.remove(&number);
                }
            }
            Some(Event::Closed(said)) => self.died(batch, said),
            Some(Event::Ready | Event::Failed(_)) => {}
            None if self.settings.are_given_up() => {}
            None if deadline.is_none() => {
                let why = "none of its calls came to an end in time: the process is started again";
                (self.settings.log)(&self.name, &format!("windrow: {why}"));
                self.give_up_process();
            }
            None => {
                let why = format!("no answer within {} ms", self.timeout.as_millis());
                for number in batch.overdue(Instant::now(), &why) {
                    process.send(format!("{number} cancel\n"));
                    self.stuck.insert(number);
                }
            }
        }
    }

    fn died(&mut self, batch: &mut Batch, said: Option<String>) {
        let Some(process) = self.process.take() else { return };
        let ended = process.end().unwrap_or_else(|| "it closed its pipes".to_owned());
        let why = format!("the worker ended: {}", said.unwrap_or(ended));
        (self.settings.log)(&self.name, &format!("windrow: {why}"));
        batch.died(&why);
        self.stuck.clear();
        self.deaths += 1;
    }

    /// Nothing that anybody waits for is out.
    fn give_up_process(&mut self) {
        self.process = None;
        self.stuck.clear();
    }
}
