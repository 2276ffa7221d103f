//! A thread that makes a checkpoint every so often while a run goes on. What goes wrong is said and tried
//! again: a place that does not answer stops no step.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::super::Error;
use super::super::job::Job;
use super::super::session::Session;
use super::super::wiring::Wiring;
use super::write::{Made, Writer};

/// How long an end waits for a checkpoint.
const PATIENCE: Duration = Duration::from_secs(3);

/// The thread and what it says.
pub(in super::super) struct Keeper {
    stop: Sender<()>,
    thread: JoinHandle<()>,
    kept: Arc<Mutex<Kept>>,
}

/// How checkpoints go.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Kept {
    pub(in super::super) last: Made,
    pub(in super::super) made: u64,
    pub(in super::super) at: Option<Instant>,
    /// Why the last attempt failed; empty: it did not.
    pub(in super::super) trouble: String,
}

impl Keeper {
    /// `None`: the job wants no checkpoints.
    pub(in super::super) fn start(
        job: &Job,
        session: &Session,
        wiring: &Wiring,
    ) -> Result<Option<Self>, Error> {
        let Some(every) = job.checkpoint_every else { return Ok(None) };
        let plan =
            wiring.publishes.iter().map(|publish| (publish.topic.clone(), publish.fingerprint.clone()));
        let writer = Writer {
            remote: session.leases.remote().clone(),
            store: Arc::clone(&session.store),
            leases: session.leases.clone(),
            lease: session.about.lease,
            state: job.state.clone(),
            deployment: job.plan.deployment.clone(),
            plan: plan.collect(),
            keep: job.checkpoints_kept,
            hashes: BTreeMap::new(),
        };
        let (stop, stopped) = bounded(1);
        let kept = Arc::default();
        let told = Arc::clone(&kept);
        let body = move || keep(writer, &stopped, every, &told);
        let thread = std::thread::Builder::new().name("checkpoints".to_owned()).spawn(body);
        let thread = thread.map_err(Error::io("checkpoints".as_ref()))?;
        Ok(Some(Self { stop, thread, kept }))
    }

    pub(in super::super) fn kept(&self) -> Kept {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the thread. A checkpoint that is under way may be finished; one whose place does not answer is left
    /// behind, and is none: its manifest would have been the last of it.
    pub(in super::super) fn stop(self) -> Result<(), Error> {
        drop(self.stop);
        let by = Instant::now() + PATIENCE;
        while !self.thread.is_finished() {
            if Instant::now() >= by {
                tracing::warn!("a checkpoint is left unfinished");
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.thread.join().map_err(|_| Error::Panicked("checkpoints".to_owned()))
    }
}

fn keep(mut writer: Writer, stopped: &Receiver<()>, every: Duration, told: &Mutex<Kept>) {
    while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
        let began = Instant::now();
        let made = writer.write();
        let mut kept = told.lock().unwrap_or_else(PoisonError::into_inner);
        match made {
            Ok(sent) => {
                let ms = began.elapsed().as_millis();
                let Made { epoch, bytes, files_sent, bytes_sent, .. } = sent;
                tracing::info!(epoch, bytes, files_sent, bytes_sent, ms, "checkpoint");
                (kept.last, kept.at, kept.trouble) = (sent, Some(Instant::now()), String::new());
                kept.made += 1;
            }
            Err(error) => {
                tracing::warn!("{}: no checkpoint: {error}", error.code().as_str());
                kept.trouble = error.to_string();
            }
        }
    }
}
