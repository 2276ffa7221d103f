//! The progress record, once a second in every region: readers learn from it how complete the rows are.
//!
//! Topic `<deployment>.progress` in each publish group; it is not created here, and where it is missing the
//! rows flow without it. Key: the deployment. Value: JSON with `deployment`, `lease`, `start`, `watermarks`
//! (ms per source), `missing` (clusters that no longer hold the watermark) and `at` (ms).

use super::clock::now_ms;
use super::step_loop::StepLoop;
use crate::dataflow::Version;
use crate::types::EventTime;

/// Hands the record to every region.
pub(super) fn put_out(step_loop: &StepLoop) {
    let Some(sinks) = &step_loop.sinks else { return };
    let about = &step_loop.session.about;
    let at = now_ms();
    let watermarks: serde_json::Map<_, _> =
        step_loop.watermarks.iter().map(|(source, w)| (source.clone(), w.0.into())).collect();
    let record = serde_json::json!({
        "deployment": about.deployment,
        "lease": about.lease,
        "start": step_loop.session.start,
        "watermarks": watermarks,
        "missing": step_loop.missing,
        "at": at,
    });
    let seq = u64::try_from(at).unwrap_or(0);
    let version = Version { lease: about.lease, start: step_loop.session.start, seq };
    let w = step_loop.watermarks.iter().map(|(_, w)| *w).min().unwrap_or(EventTime::MIN);
    sinks.progress(&about.deployment, version, w, record.to_string().as_bytes());
}
