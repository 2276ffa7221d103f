//! Points at which a run can be told to die, so that tests see it die at each. In production nobody sets the
//! variable, and a point costs one load.

use std::os::unix::fs::FileExt as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Signal, getpid, kill_process};

/// `NAME` or `NAME:N`: the process kills itself when it passes that point for the Nth time.
const VARIABLE: &str = "WINDROW_DIE_AT";

/// Every point, in the order in which a run passes them, then those of checkpoints and of their way back.
pub const FAIL_POINTS: [&str; 18] = [
    "lease_taken",
    "start_raised",
    "step_begun",
    "step_computed",
    "step_written",
    "regions_told",
    "row_sent",
    "row_acknowledged",
    "history_read",
    "topology_adopted",
    "cursors_kept",
    "checkpoint_linked",
    "checkpoint_files_put",
    "checkpoint_manifest_put",
    "restore_fetched",
    "restore_noted",
    "restore_renamed",
    "restore_taken_up",
];

struct Wanted {
    point: String,
    passes_left: AtomicU64,
}

/// A file whose first byte is the number of the last point of a step.
const PASSED: &str = "WINDROW_PASSED";
static MARK: OnceLock<Option<std::fs::File>> = OnceLock::new();
static WANTED: OnceLock<Option<Wanted>> = OnceLock::new();

/// Dies here, by `kill -9`, if that is wanted.
pub(super) fn point(name: &'static str) {
    debug_assert!(FAIL_POINTS.contains(&name), "{name} is in the list");
    mark(name);
    let Some(wanted) = WANTED.get_or_init(wanted) else { return };
    if wanted.point == name && wanted.passes_left.fetch_sub(1, Ordering::Relaxed) == 1 {
        // Like the kill of a stranger: nothing is flushed, nothing is dropped.
        let _ = kill_process(getpid(), Signal::KILL);
    }
}

/// Writes down which point of a step was passed last, if that is wanted: whoever kills the process sees whether a
/// step was in flight.
fn mark(name: &str) {
    let Some(file) = MARK.get_or_init(|| std::fs::File::create(std::env::var_os(PASSED)?).ok()) else {
        return;
    };
    if !name.starts_with("step_") && name != "regions_told" {
        return;
    }
    let at = FAIL_POINTS.iter().position(|point| *point == name).and_then(|at| u8::try_from(at).ok());
    // It is for tests, which see when it is missing.
    let _ = file.write_all_at(&[at.unwrap_or(u8::MAX)], 0);
}

fn wanted() -> Option<Wanted> {
    let text = std::env::var(VARIABLE).ok()?;
    let (point, passes) = text.split_once(':').unwrap_or((&text, "1"));
    Some(Wanted { point: point.to_owned(), passes_left: AtomicU64::new(passes.parse().ok()?) })
}
