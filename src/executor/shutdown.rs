//! SIGTERM and SIGINT ask for an orderly end; the second one does not wait for it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::Error;
use super::step_loop::StepLoop;
use crate::dataflow::EngineError;

/// What a shell reports for a process that an interrupt ended.
const INTERRUPTED: i32 = 130;

/// How long threads are waited for that talk to clusters: a client of a frozen cluster takes for ever to close.
const JOIN_WITHIN: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(5);

impl StepLoop {
    /// A turn of a run that may be told to end meanwhile: then models are no longer waited for, and what the step
    /// has read is read again by the next run (rule R1). After that there is no other turn.
    pub(super) fn turn_or_end(&mut self) -> Result<(), Error> {
        match self.turn() {
            Err(Error::Engine(EngineError::Calls(nobody))) if self.is_stopped() => {
                tracing::info!("a step was given up: {nobody}");
                Ok(())
            }
            turned => turned,
        }
    }
}

/// Joins threads that have been told to end; those that do not in time are left to the end of the process, which
/// they hold nothing of. Returns what the others came to, `Err` being a panic of the one with that name.
pub(super) fn join_all<T>(threads: Vec<JoinHandle<T>>) -> Vec<Result<T, String>> {
    let by = Instant::now() + JOIN_WITHIN;
    let mut ended = Vec::new();
    for thread in threads {
        while !thread.is_finished() && Instant::now() < by {
            std::thread::sleep(LOOK);
        }
        let name = thread.thread().name().unwrap_or_default().to_owned();
        if thread.is_finished() {
            ended.push(thread.join().map_err(|_| name));
        } else {
            tracing::warn!(thread = name, "does not end: its cluster does not answer");
        }
    }
    ended
}

/// A flag that is set when the process is asked to end.
///
/// # Errors
/// When the signals cannot be caught.
pub fn on_signal() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // In this order: at the first signal the flag is not set yet.
        flag::register_conditional_shutdown(signal, INTERRUPTED, Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}
