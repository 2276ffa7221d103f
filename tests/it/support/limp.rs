//! A process that is stopped most of the time, and goes on in between: slow, but not dead.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Longer than a second, so that everything it answers is late; shorter than what makes it dead.
const STOPPED: Duration = Duration::from_millis(1_200);
const RUNNING: Duration = Duration::from_millis(100);

/// As long as it lives, the process limps. It must not be waited for meanwhile.
pub(crate) struct Limp {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Limp {
    pub(super) fn start(pid: Pid) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&over);
        let limp = move || {
            while !is_over.load(Ordering::Relaxed) {
                for (signal, pause) in [(Signal::STOP, STOPPED), (Signal::CONT, RUNNING)] {
                    let _ = kill_process(pid, signal);
                    std::thread::sleep(pause);
                }
            }
        };
        Self { over, thread: Some(std::thread::spawn(limp)) }
    }
}

impl Drop for Limp {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
