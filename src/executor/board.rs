//! What a run shows to those who ask while it runs: its last report, the same as metrics, whether it lives and
//! whether it is ready. The step loop writes it and never waits for a reader; readers are the HTTP pages.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A loop that has not turned for this long hangs: one turn is a step, which takes seconds at most.
const ALIVE_WITHIN: Duration = Duration::from_secs(60);

/// The shared part.
#[derive(Debug)]
pub struct Board {
    pages: Mutex<Pages>,
    turned: Mutex<Instant>,
    is_ending: AtomicBool,
    address: OnceLock<SocketAddr>,
}

/// What was written last.
#[derive(Debug, Clone)]
struct Pages {
    report: Arc<Value>,
    metrics: Arc<String>,
    /// Why it is not ready; empty once it has been.
    reasons: Vec<String>,
}

/// An answer: whether it is good, and what to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) is_good: bool,
    pub(super) reasons: Vec<String>,
}

impl Default for Board {
    fn default() -> Self {
        let reasons = vec!["the state is being opened".to_owned()];
        let pages = Pages { report: Arc::default(), metrics: Arc::default(), reasons };
        Self {
            pages: Mutex::new(pages),
            turned: Mutex::new(Instant::now()),
            is_ending: AtomicBool::new(false),
            address: OnceLock::new(),
        }
    }
}

impl Board {
    /// The loop turns.
    pub(super) fn turn(&self) {
        *self.turned.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Shows a report. A run that was ready stays so: what goes down later is shown, and is no reason to send
    /// its orchestrator elsewhere.
    pub(super) fn show(&self, report: Value, metrics: String, reasons: Vec<String>) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        (pages.report, pages.metrics) = (Arc::new(report), Arc::new(metrics));
        if !pages.reasons.is_empty() {
            pages.reasons = reasons;
        }
    }

    /// From now on it is not ready: it ends.
    pub(super) fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }

    pub(super) fn listens_at(&self, address: SocketAddr) {
        // A run listens once.
        let _ = self.address.set(address);
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.address.get().copied()
    }

    fn pages(&self) -> Pages {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn report(&self) -> Arc<Value> {
        self.pages().report
    }

    pub(super) fn metrics(&self) -> Arc<String> {
        self.pages().metrics
    }

    /// Whether the loop turns. Brokers, regions and disks may be down for that.
    pub(super) fn is_alive(&self) -> Verdict {
        let since = self.turned.lock().unwrap_or_else(PoisonError::into_inner).elapsed();
        if since < ALIVE_WITHIN {
            return Verdict { is_good: true, reasons: Vec::new() };
        }
        let reason = format!("the step loop has not turned for {} s", since.as_secs());
        Verdict { is_good: false, reasons: vec![reason] }
    }

    /// Whether the state is restored and everything that answers is being read.
    pub(super) fn is_ready(&self) -> Verdict {
        if self.is_ending.load(Ordering::Relaxed) {
            return Verdict { is_good: false, reasons: vec!["it is ending".to_owned()] };
        }
        let reasons = self.pages().reasons;
        Verdict { is_good: reasons.is_empty(), reasons }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ready_once_nothing_is_missing_and_until_it_ends() {
        let board = Board::default();
        assert!(!board.is_ready().is_good, "the state is not open yet");
        board.show(Value::Null, String::new(), vec!["west-1 has not answered yet".to_owned()]);
        assert_eq!(board.is_ready().reasons, ["west-1 has not answered yet"]);
        board.show(Value::Null, String::new(), Vec::new());
        assert!(board.is_ready().is_good);
        board.show(Value::Null, String::new(), vec!["west-1 has not answered yet".to_owned()]);
        assert!(board.is_ready().is_good, "a cluster that comes later is news, not unreadiness");
        board.end();
        assert_eq!(board.is_ready().reasons, ["it is ending"]);
        assert!(board.is_alive().is_good, "ending is no reason to be killed");
    }
}
