//! How a run does: one JSON object, rewritten once a second by rename, and a line in the log.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Error;
use super::ask::status_file;
use super::bounded;
use super::clock::now_ms;
use super::gap::AcceptedGap;
use super::job::Job;
use super::metrics::Metrics;
use super::partitions::{Known, ReaderStanding};
use super::readiness::{self, Reading};
use super::step_loop::{Mode, StepLoop, gap_text};
use super::tables::PartitionKey;
use super::wiring::ReaderWiring;
use crate::dataflow::{CallLedger, Ledger, PartitionStatus};
use crate::topology::ClusterState;

/// A line in the log every so many reports.
const LOG_EVERY: u64 = 10;

/// Where reports go, and what rates are measured against.
pub(super) struct Status {
    /// In the state directory; the one that was asked for.
    own: PathBuf,
    path: Option<PathBuf>,
    metrics: Metrics,
    reports: u64,
    records: Vec<u64>,
    rates: Vec<f64>,
    measured: Instant,
}

impl Status {
    pub(super) fn new(job: &Job) -> Self {
        let (own, path) = (status_file(&job.state), job.status.clone());
        Self {
            own,
            path,
            metrics: Metrics::new(),
            reports: 0,
            records: Vec::new(),
            rates: Vec::new(),
            measured: Instant::now(),
        }
    }

    /// Writes a report: the file is complete before it takes its name.
    pub(super) fn write(&mut self, report: &Value) -> Result<(), Error> {
        if self.reports.is_multiple_of(LOG_EVERY) {
            log(report);
        }
        self.reports += 1;
        let text = report.to_string();
        // Nobody has asked for it: a disk that is full is found out by those who need it.
        if let Err(error) = put(&self.own, &text) {
            tracing::warn!(%error, "the status is not written");
        }
        self.path.as_ref().map_or(Ok(()), |path| put(path, &text))
    }

    /// A step took that long.
    pub(super) fn stepped(&self, took: Duration) {
        self.metrics.stepped(took.as_secs_f64());
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

fn put(path: &Path, text: &str) -> Result<(), Error> {
    let draft = path.with_extension("draft");
    std::fs::write(&draft, text).map_err(Error::io(&draft))?;
    std::fs::rename(&draft, path).map_err(Error::io(path))
}

impl StepLoop {
    /// Says how the run does: in the file, in the log, on the health pages.
    pub(super) fn show(&mut self) -> Result<(), Error> {
        let report = self.report();
        self.board.show(report.clone(), self.status.metrics.text(&report), self.reasons());
        self.status.write(&report)
    }

    /// The last report of a run that ends: nothing is asked of the disk any more.
    pub(super) fn say_goodbye(&mut self) {
        self.board.end();
        let mut report = self.report();
        report["ended"] = true.into();
        let _ = self.status.write(&report);
    }

    fn reasons(&self) -> Vec<String> {
        let history = (self.mode == Mode::History).then(|| {
            let progress = bounded::progress(self);
            (progress.read, progress.total)
        });
        let readings = self.readers_now().map(|(_, wiring, reader)| {
            let known = self.partitions.of_cluster(&wiring.cluster.name);
            Reading {
                cluster: &wiring.cluster.name,
                is_resolved: reader.is_resolved,
                is_in_trouble: !reader.trouble.is_empty(),
                unheard: known.filter(|known| !known.is_heard && known.halted.is_none()).count(),
            }
        });
        readiness::reasons(history, readings)
    }

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
            "http": self.board.address().map(|address| address.to_string()),
            "lease": about.lease,
            "start": self.session.start,
            "w": w,
            "watermarks": watermarks,
            "missing": self.missing,
            "topology": self.report_topology(),
            "clusters": self.report_clusters(),
            "sinks": self.report_sinks(),
            "ledger": ledger_json(&self.engine.ledger()),
            "dead_letters": self.dead_letters.count(),
            "rebroadcast": about.rebroadcast,
            "begun_after": about.begun_after,
            "models": about.models,
            "state_bytes": self.session.store.bytes(),
            "checkpoint": self.report_checkpoint(),
            "former": self.former.as_ref().map(super::former::Watch::report),
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
        let report = |(at, wiring, reader): (usize, &ReaderWiring, &ReaderStanding)| {
            let known: Vec<_> = self.partitions.of_cluster(&wiring.cluster.name).collect();
            let status = if reader.is_resolved { status_of(&known) } else { "starting" };
            json!({
                "region": wiring.cluster.region,
                "group": wiring.cluster.group,
                "name": wiring.cluster.name,
                "topology": wiring.cluster.state.name(),
                "status": status,
                "trouble": trouble(&known).unwrap_or_else(|| reader.trouble.clone()),
                "records": reader.records,
                "rows_per_s": self.status.rates.get(at).copied().unwrap_or(0.0).round(),
                "lag": known.iter().map(|known| known.lag()).sum::<i64>(),
                "partitions": known.iter().map(|known| report_partition(known)).collect::<Vec<_>>(),
            })
        };
        self.readers_now().map(report).collect()
    }

    /// What runs, why the file is not what runs, and of clusters that are to go what is missing for that.
    fn report_topology(&self) -> Value {
        let leaving =
            self.shape.current.clusters.iter().filter(|cluster| cluster.state != ClusterState::Active);
        let leaving: serde_json::Map<_, _> = leaving
            .map(|cluster| {
                let (name, state) = (&cluster.name, cluster.state.name());
                let is_retired = self.shape.is_retired(name);
                let proof = json!({ "state": state, "retired": is_retired, "unproven": self.unproven(name) });
                (name.clone(), proof)
            })
            .collect();
        json!({
            "generation": self.shape.current.generation,
            "refused": self.shape.refused,
            "refused_files": self.shape.refused_files,
            "leaving": leaving,
        })
    }

    fn report_sinks(&self) -> Vec<Value> {
        let Some(sinks) = &self.sinks else { return Vec::new() };
        let report = |(wiring, standing): (&super::wiring::SinkWiring, super::sink::Standing)| {
            let clusters: serde_json::Map<_, _> =
                standing.clusters.iter().map(|(name, up, _)| (name.clone(), (*up).into())).collect();
            let troubles = standing.clusters.iter();
            let troubles: serde_json::Map<_, _> = troubles
                .filter_map(|(name, _, trouble)| Some((name.clone(), (*trouble)?.name().into())))
                .collect();
            json!({
                "region": wiring.region,
                "group": wiring.group,
                "status": standing.health.name(),
                "backlog": standing.backlog,
                "sent": standing.sent,
                "acked": standing.acknowledged,
                "given_up": standing.given_up,
                "clusters": clusters,
                "troubles": troubles,
            })
        };
        sinks.standings().into_iter().map(report).collect()
    }
}

fn report_partition(known: &Known) -> Value {
    json!({
        "source": known.key.source,
        "topic": known.key.topic,
        "partition": known.key.partition,
        "state": state_of(known),
        "next": known.position.next,
        "end": known.log_end,
        "lag": known.lag(),
    })
}

/// Why a partition is stopped, with what would let it go on.
fn trouble(known: &[&Known]) -> Option<String> {
    known
        .iter()
        .find_map(|known| {
            let (from, to) = known.gap?;
            let PartitionKey { cluster, topic, partition, .. } = &known.key;
            let (cluster, topic) = (cluster.clone(), topic.clone());
            let gap = AcceptedGap { cluster, topic, partition: *partition, from, to };
            Some(format!("E0907: {}; to go on without: --accept-gap {gap}", gap_text(&known.key, from, to)))
        })
        .or_else(|| known.iter().find_map(|known| known.halted.clone()))
}

/// The word of rule S11.
fn state_of(known: &Known) -> &'static str {
    match known.status {
        _ if known.gap.is_some() || known.halted.is_some() => "stopped",
        _ if !known.is_heard => "starting",
        PartitionStatus::Live => "live",
        PartitionStatus::Quiet { .. } => "quiet",
        PartitionStatus::Down { .. } => "down",
        PartitionStatus::Pinned { .. } => "pinned",
        PartitionStatus::Ended => "ended",
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

/// The ledger as JSON: by source name, by node, and by stream that calls a model.
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
                "missed": n.missed, "call_failed": n.call_failed,
            });
            (node.to_string(), counts)
        })
        .collect();
    let of_call = |(stream, c): &(String, CallLedger)| {
        (stream.clone(), json!({ "answered": c.answered, "failed": c.failed }))
    };
    let calls: serde_json::Map<_, _> = ledger.calls.iter().map(of_call).collect();
    json!({ "sources": sources, "nodes": nodes, "calls": calls })
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
