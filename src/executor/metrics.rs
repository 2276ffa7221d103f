//! A report as text for Prometheus. The only owner of prometheus-client.
//!
//! Labels come from the plan and the topology: sources, nodes, clusters, topics, regions, groups and words of a
//! fixed list. No label is a key, an offset or a message, so the number of series is bounded by what a person
//! has written down.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};
use serde_json::Value;

type Labels = Vec<(&'static str, String)>;
type Gauges = Family<Labels, Gauge<f64, AtomicU64>>;
type Counters = Family<Labels, Counter>;

/// Steps take milliseconds; one of a second is slow, one of ten means trouble.
const STEP_SECONDS: [f64; 10] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// All series of a run.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    steps: Histogram,
    run: Gauges,
    watermarks: Gauges,
    partitions: Gauges,
    lag: Gauges,
    missing: Gauges,
    backlog: Gauges,
    takes_rows: Gauges,
    trouble: Gauges,
    sources: Counters,
    nodes: Counters,
    calls: Counters,
    dead_letters: Counters,
    sent: Counters,
    acknowledged: Counters,
    given_up: Counters,
    refused: Counters,
    former_rows: Counters,
}

/// A new family of one kind, under its name.
fn registered<F: Clone + Default + Metric>(registry: &mut Registry, name: &str, help: &str) -> F {
    let family = F::default();
    registry.register(name, help, family.clone());
    family
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("windrow");
        let steps = Histogram::new(STEP_SECONDS);
        registry.register("step_seconds", "How long steps took, commit included", steps.clone());
        let mut gauge = |name: &str, help: &str| -> Gauges { registered(&mut registry, name, help) };
        let run = gauge(
            "run",
            "Of the run: lease, start, topology_generation, state_bytes, rebroadcast, former_leases, former_keys_open",
        );
        let watermarks = gauge("watermark_ms", "Up to where a source is complete, ms of event time");
        let partitions = gauge("partitions", "Partitions of a cluster by state");
        let lag = gauge("lag_records", "Records of a topic that are not read yet");
        let missing = gauge("cluster_missing", "1: the watermark no longer waits for the cluster");
        let backlog = gauge("backlog_rows", "Rows that a region has not taken yet");
        let takes_rows = gauge("cluster_takes_rows", "1: the cluster takes rows");
        let trouble = gauge("cluster_trouble", "1: why the cluster takes no rows, or takes them slowly");
        let mut counter = |name: &str, help: &str| -> Counters { registered(&mut registry, name, help) };
        let sources = counter("source_records", "consumed = decoded + dead_lettered");
        let nodes = counter(
            "node_rows",
            "decoded = applied + filtered + null_key + duplicate + expired + call_failed",
        );
        let calls = counter("model_calls", "Rows for which a stream called a model: answered, failed");
        let dead_letters = counter("dead_letters", "Records kept because they could not be decoded");
        let sent = counter("rows_sent", "Rows handed to a region's producers");
        let acknowledged = counter("rows_acknowledged", "Rows that a region has taken");
        let given_up = counter("rows_given_up", "Rows `as events` that waited for a region for too long");
        let refused = counter("topology_refused", "Topology files that were looked at and not applied");
        let former_rows = counter("former_rows", "Rows of former leases that came after a takeover");
        Self {
            registry,
            steps,
            run,
            watermarks,
            partitions,
            lag,
            missing,
            backlog,
            takes_rows,
            trouble,
            sources,
            nodes,
            calls,
            dead_letters,
            sent,
            acknowledged,
            given_up,
            refused,
            former_rows,
        }
    }

    pub(super) fn stepped(&self, seconds: f64) {
        self.steps.observe(seconds);
    }

    /// The report as text. What it no longer names is gone.
    pub(super) fn text(&self, report: &Value) -> String {
        self.take_run(report);
        self.take_ledger(&report["ledger"]);
        self.take_clusters(report);
        self.take_sinks(&report["sinks"]);
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes text");
        text
    }

    fn take_run(&self, report: &Value) {
        self.run.clear();
        let generation = &report["topology"]["generation"];
        let state_bytes = &report["state_bytes"];
        let rebroadcast = Value::from(u8::from(report["rebroadcast"] == true));
        let former = &report["former"];
        let former_leases = Value::from(items(&former["leases"]).count());
        let former_open = &former["open"];
        let of_run = [
            ("lease", &report["lease"]),
            ("start", &report["start"]),
            ("topology_generation", generation),
            ("state_bytes", state_bytes),
            ("rebroadcast", &rebroadcast),
            ("former_leases", &former_leases),
            ("former_keys_open", former_open),
        ];
        for (name, value) in of_run {
            set(&self.run, &vec![("what", name.to_owned())], value);
        }
        self.watermarks.clear();
        for (source, w) in entries(&report["watermarks"]) {
            set(&self.watermarks, &vec![("source", source.clone())], w);
        }
        count(&self.dead_letters, &Vec::new(), &report["dead_letters"]);
        count(&self.refused, &Vec::new(), &report["topology"]["refused_files"]);
        if report["former"].is_object() {
            count(&self.former_rows, &Vec::new(), &report["former"]["rows"]);
        }
    }

    fn take_ledger(&self, ledger: &Value) {
        let counters = [
            (&self.sources, "source", &ledger["sources"]),
            (&self.nodes, "node", &ledger["nodes"]),
            (&self.calls, "stream", &ledger["calls"]),
        ];
        for (counters, label, of) in counters {
            for (name, counts) in entries(of) {
                for (what, number) in entries(counts) {
                    count(counters, &vec![(label, name.clone()), ("what", what.clone())], number);
                }
            }
        }
    }

    fn take_clusters(&self, report: &Value) {
        [&self.partitions, &self.lag, &self.missing].into_iter().for_each(Family::clear);
        for cluster in items(&report["clusters"]) {
            let labels = place(cluster);
            let missing = items(&report["missing"]).any(|missing| *missing == cluster["name"]);
            set(&self.missing, &labels, &u8::from(missing).into());
            for partition in items(&cluster["partitions"]) {
                let with = |name, value: &Value| [&labels[..], &[(name, text(value))]].concat();
                add(&self.partitions, &with("state", &partition["state"]), 1.0);
                let lag = partition["lag"].as_f64().unwrap_or(0.0);
                add(&self.lag, &with("topic", &partition["topic"]), lag);
            }
        }
    }

    fn take_sinks(&self, sinks: &Value) {
        [&self.backlog, &self.takes_rows, &self.trouble].into_iter().for_each(Family::clear);
        for sink in items(sinks) {
            let labels = vec![("region", text(&sink["region"])), ("group", text(&sink["group"]))];
            set(&self.backlog, &labels, &sink["backlog"]);
            count(&self.sent, &labels, &sink["sent"]);
            count(&self.acknowledged, &labels, &sink["acked"]);
            count(&self.given_up, &labels, &sink["given_up"]);
            for (cluster, takes) in entries(&sink["clusters"]) {
                let labels = [&labels[..], &[("cluster", cluster.clone())]].concat();
                set(&self.takes_rows, &labels, &u8::from(*takes == true).into());
            }
            for (cluster, why) in entries(&sink["troubles"]) {
                let more = [("cluster", cluster.clone()), ("why", text(why))];
                set(&self.trouble, &[&labels[..], &more].concat(), &1.into());
            }
        }
    }
}

fn place(cluster: &Value) -> Labels {
    vec![
        ("region", text(&cluster["region"])),
        ("group", text(&cluster["group"])),
        ("cluster", text(&cluster["name"])),
    ]
}

fn set(gauges: &Gauges, labels: &Labels, value: &Value) {
    if let Some(value) = value.as_f64() {
        gauges.get_or_create(labels).set(value);
    }
}

fn add(gauges: &Gauges, labels: &Labels, value: f64) {
    gauges.get_or_create(labels).inc_by(value);
}

/// The report holds sums, which no counter of this process could have counted itself: they survive it.
fn count(counters: &Counters, labels: &Labels, value: &Value) {
    counters.get_or_create(labels).inner().store(value.as_u64().unwrap_or(0), Ordering::Relaxed);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_report_is_text_of_counters_and_gauges_and_what_is_gone_has_no_series() {
        let metrics = Metrics::new();
        metrics.stepped(0.02);
        let partition = |state: &str, lag: i64| json!({"topic": "t", "state": state, "lag": lag});
        let report = json!({
            "lease": 3, "dead_letters": 2, "missing": ["w1"],
            "former": {"leases": [1, 2], "rows": 6, "open": 4},
            "ledger": {"sources": {"s": {"consumed": 7, "decoded": 5, "dead_lettered": 2}}, "nodes": {}},
            "clusters": [{"region": "west", "group": "ingest", "name": "w1",
                "partitions": [partition("live", 4), partition("down", 3), partition("live", 1)]}],
            "sinks": [{"region": "west", "group": "serving", "backlog": 9, "acked": 1, "clusters": {"w2": true},
                "troubles": {"w2": "slow"}}],
        });
        let text = metrics.text(&report);
        for line in [
            "windrow_step_seconds_count 1",
            "windrow_run{what=\"lease\"} 3.0",
            "windrow_run{what=\"former_leases\"} 2.0",
            "windrow_run{what=\"former_keys_open\"} 4.0",
            "windrow_former_rows_total{} 6",
            "windrow_source_records_total{source=\"s\",what=\"decoded\"} 5",
            "windrow_partitions{region=\"west\",group=\"ingest\",cluster=\"w1\",state=\"live\"} 2.0",
            "windrow_lag_records{region=\"west\",group=\"ingest\",cluster=\"w1\",topic=\"t\"} 8.0",
            "windrow_cluster_missing{region=\"west\",group=\"ingest\",cluster=\"w1\"} 1.0",
            "windrow_backlog_rows{region=\"west\",group=\"serving\"} 9.0",
            "windrow_cluster_takes_rows{region=\"west\",group=\"serving\",cluster=\"w2\"} 1.0",
            "windrow_cluster_trouble{region=\"west\",group=\"serving\",cluster=\"w2\",why=\"slow\"} 1.0",
        ] {
            assert!(text.lines().any(|found| found == line), "no `{line}` in\n{text}");
        }
        let text = metrics.text(&json!({"lease": 4, "clusters": [], "sinks": []}));
        assert!(!text.contains("w1") && text.contains("windrow_run{what=\"lease\"} 4.0"), "{text}");
    }
}
