//! A thread that looks at the lease once a second: the step loop hears of it and never waits for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use super::Error;
use super::clock::Moment;
use super::lease::{Known, Leases};

pub(super) const EVERY: Duration = Duration::from_secs(1);

/// The thread, and its newest look.
pub(super) struct LeaseWatch {
    stop: Sender<()>,
    thread: JoinHandle<()>,
    look: Arc<Mutex<Option<Look>>>,
}

/// What came of one look.
#[derive(Debug)]
pub(super) struct Look {
    /// Before it was asked: a pause while the answer was on its way makes it an old one.
    pub(super) asked: Moment,
    pub(super) result: Result<Known, Error>,
}

impl LeaseWatch {
    pub(super) fn start(leases: Leases, lease: u64) -> Result<Self, Error> {
        let (stop, stopped) = bounded(1);
        let look = Arc::default();
        let told: Arc<Mutex<Option<Look>>> = Arc::clone(&look);
        let body = move || loop {
            let asked = Moment::now();
            let result = leases.check(lease);
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(Look { asked, result });
            if stopped.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        };
        let thread = std::thread::Builder::new().name("lease".to_owned()).spawn(body);
        let thread = thread.map_err(Error::io("lease".as_ref()))?;
        Ok(Self { stop, thread, look })
    }

    /// The newest look, unless it has been taken before.
    pub(super) fn take(&self) -> Option<Look> {
        self.look.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn stop(self) -> Result<(), Error> {
        drop(self.stop);
        self.thread.join().map_err(|_| Error::Panicked("lease".to_owned()))
    }
}
