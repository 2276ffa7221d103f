//! How a run does: one JSON object, rewritten once a second by rename, and a line in the log.

use std::path::PathBuf;
use std::time::Instant;

use serde_json::{Value, json};

use super::Error;
use super::clock::now_ms;
use super::partitions::Known;
use super::step_loop::{Mode, StepLoop};
use crate::dataflow::{Ledger, PartitionStatus};

/// A line in the log every so many reports.
const LOG_EVERY: u64 = 10;

/// Where reports go, and what rates are measured against.
pub(super) struct Status {
    path: Option<PathBuf>,
    reports: u64,
    records: Vec<u64>,
    rates: Vec<f64>,
    measured: Instant,
}

impl Status {
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        Self { path, reports: 0, records: Vec::new(), rates: Vec::new(), measured: Instant::now() }
    }

    /// Writes a report: the file is complete before it takes its name.
    pub(super) fn write(&mut self, report: &Value) -> Result<(), Error> {
        if self.reports.is_multiple_of(LOG_EVERY) {
            log(report);
        }
        self.reports += 1;
        let Some(path) = &self.path else { return Ok(()) };
        let draft = path.with_extension("draft");
        std::fs::write(&draft, report.to_string()).map_err(Error::io(&draft))?;
        std::fs::rename(&draft, path).map_err(Error::io(path))
    }

    /// Records per second by reader since the last call.
    fn measure(&mut self, records: Vec<u64>) {
        let seconds = self.measured.elapsed().as_secs_f64().max(0.001);
        let before = std::mem::replace(&mut self.records, records);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = |(at, now): (usize, &u64)| {
            now.saturating_sub(before.get(at).copied().unwrap_or(0)) as f64 / seconds
        };
        self.rates = self.records.iter().enumerate().map(rate).collect();
        self.measured = Instant::now();
    }
}

impl StepLoop {
    /// What `--status` shows.
    pub(super) fn report(&mut self) -> Value {
        self.status.measure(self.partitions.readers.iter().map(|reader| reader.records).collect());
        let about = &self.session.about;
        let w = self.watermarks.iter().map(|(_, w)| w.0).min();
        let watermarks: serde_json::Map<_, _> =
            self.watermarks.iter().map(|(source, w)| (source.clone(), w.0.into())).collect();
        json!({
            "deployment": about.deployment,
            "mode": mode_name(self.mode),
            "pid": std::process::id(),
            "at": now_ms(),
            "lease": about.lease,
            "start": self.session.start,
            "w": w,
            "watermarks": watermarks,
            "missing": self.missing,
            "clusters": self.report_clusters(),
            "sinks": self.report_sinks(),
            "ledger": ledger_json(&self.engine.ledger()),
            "dead_letters": self.dead_letters.count(),
            "rebroadcast": about.rebroadcast,
            "state_bytes": self.session.store.bytes(),
            "checkpoint": self.report_checkpoint(),
        })
    }

    fn report_checkpoint(&self) -> Value {
        let Some(keeper) = &self.keeper else { return Value::Null };
        let kept = keeper.kept();
        json!({
            "epoch": kept.last.epoch,
            "made": kept.made,
            "age_s": kept.at.map(|at| at.elapsed().as_secs()),
            "files": kept.last.files,
            "bytes": kept.last.bytes,
            "files_sent": kept.last.files_sent,
            "bytes_sent": kept.last.bytes_sent,
            "trouble": kept.trouble,
        })
    }

    fn report_clusters(&self) -> Vec<Value> {
        let readers = self.wiring.readers.iter().zip(&self.partitions.readers).enumerate();
        let report = |(at, (wiring, reader)): (usize, (&super::wiring::ReaderWiring, _))| {
            let reader: &super::partitions::ReaderStanding = reader;
            let known: Vec<_> = self.partitions.of_cluster(&wiring.cluster.name).collect();
            let status = if reader.is_resolved { status_of(&known) } else { "starting" };
            json!({
                "region": wiring.cluster.region,
                "group": wiring.cluster.group,
                "name": wiring.cluster.name,
                "status": status,
                "trouble": known.iter().find_map(|known| known.halted.as_ref()).unwrap_or(&reader.trouble),
                "records": reader.records,
                "rows_per_s": self.status.rates.get(at).copied().unwrap_or(0.0).round(),
                "lag": known.iter().map(|known| known.lag()).sum::<i64>(),
            })
        };
        readers.map(report).collect()
    }

    fn report_sinks(&self) -> Vec<Value> {
        let Some(sinks) = &self.sinks else { return Vec::new() };
        let report = |(wiring, standing): (&super::wiring::SinkWiring, super::sink::Standing)| {
            let clusters: serde_json::Map<_, _> =
                standing.clusters.iter().map(|(name, up)| (name.clone(), (*up).into())).collect();
            json!({
                "region": wiring.region,
                "group": wiring.group,
                "status": standing.health.name(),
                "backlog": standing.backlog,
                "sent": standing.sent,
                "acked": standing.acknowledged,
                "clusters": clusters,
            })
        };
        sinks.standings().into_iter().map(report).collect()
    }
}

/// The worst of a cluster's partitions.
fn status_of(known: &[&Known]) -> &'static str {
    let is = |wanted: fn(&Known) -> bool| known.iter().any(|known| wanted(known));
    if is(|known| known.gap.is_some() || known.halted.is_some()) {
        "stopped"
    } else if is(|known| matches!(known.status, PartitionStatus::Down { .. })) {
        "down"
    } else if is(|known| matches!(known.status, PartitionStatus::Pinned { .. })) {
        "pinned"
    } else if is(|known| matches!(known.status, PartitionStatus::Live)) {
        "live"
    } else if is(|known| matches!(known.status, PartitionStatus::Quiet { .. })) {
        "quiet"
    } else {
        "ended"
    }
}

const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::History => "history",
        Mode::Until { .. } => "until",
        Mode::Live => "live",
    }
}

/// The ledger as JSON: by source name and by node.
#[must_use]
pub fn ledger_json(ledger: &Ledger) -> Value {
    let sources: serde_json::Map<_, _> = ledger
        .sources
        .iter()
        .map(|(name, s)| {
            let counts = json!({
                "consumed": s.consumed, "decoded": s.decoded, "dead_lettered": s.dead_lettered,
            });
            (name.clone(), counts)
        })
        .collect();
    let nodes: serde_json::Map<_, _> = ledger
        .nodes
        .iter()
        .map(|(node, n)| {
            let counts = json!({
                "decoded": n.decoded, "applied": n.applied, "filtered": n.filtered, "null_key": n.null_key,
                "duplicate": n.duplicate, "expired": n.expired, "id_conflict": n.id_conflict,
                "missed": n.missed,
            });
            (node.to_string(), counts)
        })
        .collect();
    json!({ "sources": sources, "nodes": nodes })
}

fn log(report: &Value) {
    let clusters = report["clusters"].as_array().map_or(&[][..], Vec::as_slice);
    let rate: f64 = clusters.iter().filter_map(|cluster| cluster["rows_per_s"].as_f64()).sum();
    let lag: i64 = clusters.iter().filter_map(|cluster| cluster["lag"].as_i64()).sum();
    let down: Vec<_> = clusters
        .iter()
        .filter(|cluster| matches!(cluster["status"].as_str(), Some("down" | "stopped" | "starting")))
        .filter_map(|cluster| cluster["name"].as_str())
        .collect();
    let sinks = report["sinks"].as_array().map_or(&[][..], Vec::as_slice);
    let backlog: u64 = sinks.iter().filter_map(|sink| sink["backlog"].as_u64()).sum();
    let mode = report["mode"].as_str().unwrap_or_default();
    tracing::info!(mode, rows_per_s = rate, lag, backlog, down = down.join(","), "running");
}
