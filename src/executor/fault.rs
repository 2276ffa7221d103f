//! Points at which a run can be told to die, so that tests see it die at each. In production nobody sets the
//! variable, and a point costs one load.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Signal, getpid, kill_process};

/// `NAME` or `NAME:N`: the process kills itself when it passes that point for the Nth time.
const VARIABLE: &str = "WINDROW_DIE_AT";

/// Every point, in the order in which a run passes them.
pub const FAIL_POINTS: [&str; 9] = [
    "lease_taken",
    "start_raised",
    "step_computed",
    "step_written",
    "regions_told",
    "row_sent",
    "row_acknowledged",
    "history_read",
    "cursors_kept",
];

struct Wanted {
    point: String,
    passes_left: AtomicU64,
}

static WANTED: OnceLock<Option<Wanted>> = OnceLock::new();

/// Dies here, by `kill -9`, if that is wanted.
pub(super) fn point(name: &'static str) {
    debug_assert!(FAIL_POINTS.contains(&name), "{name} is in the list");
    let Some(wanted) = WANTED.get_or_init(wanted) else { return };
    if wanted.point == name && wanted.passes_left.fetch_sub(1, Ordering::Relaxed) == 1 {
        // Like the kill of a stranger: nothing is flushed, nothing is dropped.
        let _ = kill_process(getpid(), Signal::KILL);
    }
}

fn wanted() -> Option<Wanted> {
    let text = std::env::var(VARIABLE).ok()?;
    let (point, passes) = text.split_once(':').unwrap_or((&text, "1"));
    Some(Wanted { point: point.to_owned(), passes_left: AtomicU64::new(passes.parse().ok()?) })
}
