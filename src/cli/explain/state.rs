//! What a definition keeps, for how long, and how many bytes that takes: from its plan, measured.

use serde::Serialize;

use crate::dataflow::{self, StateCost};
use crate::plan::{NodeId, Operator, Plan, SourceNode};

use super::times::duration;

/// What one operator keeps.
#[derive(Debug, Serialize)]
pub(super) struct Kept {
    /// Which node of the plan.
    node: String,
    /// `events` of a group by's windows, `rows` of a table, `waiting` rows of a join or lookup.
    what: &'static str,
    /// Whose, if not the definition's own.
    of: String,
    /// How long each is kept, ms; null: as long as its key.
    for_ms: Option<i64>,
    /// Measured bytes of each, as stored, before the store compresses.
    bytes_each: u64,
    /// Of a key that has any, beside them.
    bytes_per_key: Option<u64>,
    /// Of each for as long as the key lives, once no window holds it: what tells copies by.
    bytes_each_later: Option<u64>,
}

/// What a source must supply for a state that is built anew.
#[derive(Debug, Serialize)]
pub(super) struct Needed {
    source: String,
    /// How far back something looks, ms; null: to the beginning.
    looks_back_ms: Option<i64>,
    /// What its log keeps.
    retention_ms: i64,
    has_history: bool,
}

/// What a lifetime column may ask for has no bound.
const FOREVER_MS: i64 = 36_500 * 86_400_000;

/// The state of the definition's own operators, and of the tables it asks.
pub(super) fn kept(plan: &Plan, definition: &str) -> Vec<Kept> {
    let costs = dataflow::state_costs(plan).into_iter();
    let is_mine = |(id, cost): &(NodeId, StateCost)| {
        plan.node(*id).definition == definition || matches!(cost, StateCost::Table { .. })
    };
    costs.filter(is_mine).map(|(id, cost)| of_node(plan, id, cost)).collect()
}

fn of_node(plan: &Plan, id: NodeId, cost: StateCost) -> Kept {
    let node = plan.node(id);
    let bounded = |ms: i64| (ms < FOREVER_MS).then_some(ms);
    let (what, for_ms, bytes_each) = match (&node.operator, cost) {
        (Operator::WindowAggregate(of), StateCost::Aggregate(cost)) => {
            ("events", bounded(of.reach_ms.saturating_add(of.kept_ms)), cost.event_bytes)
        }
        (Operator::Table(of), StateCost::Table { row_bytes }) => {
            ("rows", of.event_time.and_then(|_| bounded(of.kept_ms)), row_bytes)
        }
        (Operator::PointInTimeJoin(of), StateCost::Waiting { row_bytes, .. }) => {
            ("waiting", bounded(of.left_late_ms), row_bytes)
        }
        (_, StateCost::Waiting { row_bytes, .. } | StateCost::Table { row_bytes }) => {
            ("waiting", Some(0), row_bytes)
        }
        (_, StateCost::Aggregate(cost)) => ("events", None, cost.event_bytes),
    };
    let (bytes_per_key, bytes_each_later) = match cost {
        StateCost::Aggregate(cost) => (Some(cost.key_bytes), Some(cost.old_event_bytes).filter(|of| *of > 0)),
        StateCost::Waiting { id_bytes, .. } => (None, Some(id_bytes).filter(|of| *of > 0)),
        StateCost::Table { .. } => (None, None),
    };
    let of = node.definition.clone();
    Kept { node: id.to_string(), what, of, for_ms, bytes_each, bytes_per_key, bytes_each_later }
}

/// How far back the definition looks into each source.
pub(super) fn needed(plan: &Plan) -> Vec<Needed> {
    let of_source = |(id, source): (NodeId, &SourceNode)| Needed {
        source: source.source.clone(),
        looks_back_ms: looks_back(plan, id),
        retention_ms: source.retention_ms,
        has_history: !source.history.is_empty(),
    };
    // Of a table the last row of each key is in its topic, however old.
    plan.sources().into_iter().filter(|(_, source)| !source.is_table).map(of_source).collect()
}

/// The longest of the windows below a node; `None`: one has no end.
fn looks_back(plan: &Plan, source: NodeId) -> Option<i64> {
    let (mut open, mut longest) = (vec![source], 0);
    while let Some(id) = open.pop() {
        for (below, port) in plan.outputs(id) {
            match &plan.node(below).operator {
                Operator::WindowAggregate(of) if of.columns.iter().any(|column| column.window.is_none()) => {
                    return None;
                }
                Operator::WindowAggregate(of) => {
                    longest = longest.max(of.reach_ms.saturating_add(of.kept_ms));
                }
                // What a left row is enriched with comes in at the other ports.
                Operator::PointInTimeJoin(_) if port > 0 => {}
                _ => open.push(below),
            }
        }
    }
    Some(longest)
}

impl Kept {
    fn line(&self, definition: &str) -> String {
        let (bytes, of) = (self.bytes_each, &self.of);
        let later = |what: &str| {
            self.bytes_each_later.map_or_else(String::new, |bytes| format!("; {what}, {bytes} bytes"))
        };
        match (self.what, self.for_ms) {
            ("events", Some(0)) => format!(
                "Each event until the watermark passes it, {bytes} bytes{}.",
                later("its id as long as its key")
            ),
            ("events", Some(ms)) => {
                let (kept, later) = (duration(ms), later("its id as long as its key"));
                format!("Each event for {kept}, {bytes} bytes{later}.")
            }
            ("events", None) => format!("Each event, {bytes} bytes."),
            ("rows", Some(ms)) if ms > 0 => {
                format!(
                    "Of {of} the newest row of each key and those of the last {}, {bytes} bytes a row.",
                    duration(ms)
                )
            }
            ("rows", Some(_)) => format!("Of {of} the newest row of each key, {bytes} bytes a row."),
            ("rows", None) => format!("Of {of} every row that can still be asked for, {bytes} bytes a row."),
            (_, Some(ms)) if ms > 0 && of == definition => {
                let late = duration(ms);
                format!(
                    "Rows while they wait, {bytes} bytes each; those up to {late} late are still enriched{}.",
                    later("their ids are kept as long")
                )
            }
            (_, _) => format!("Rows while they wait for what they look up, {bytes} bytes each."),
        }
    }
}

/// The same in sentences.
pub(super) fn lines(kept: &[Kept], needed: &[Needed], definition: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for kept in kept {
        lines.push(kept.line(definition));
        lines.extend(kept.bytes_per_key.map(|bytes| format!("Each key with something left, {bytes} bytes.")));
    }
    if !lines.is_empty() {
        lines.push(
            "Bytes are measured: records of usual values, as they are stored, before the store compresses them."
                .to_owned(),
        );
    }
    lines.extend(needed.iter().filter_map(Needed::line));
    lines
}

impl Needed {
    /// Of tables and of what is only looked at once there is nothing to say.
    fn line(&self) -> Option<String> {
        let Self { source, looks_back_ms, retention_ms, has_history } = self;
        let kept = duration(*retention_ms);
        let Some(ms) = looks_back_ms else {
            let text = format!("Built anew it counts what the log of {source} still has: the last {kept}.");
            return (!has_history).then_some(text);
        };
        let begin = format!("Built anew it needs the last {} of {source}, whose log keeps", duration(*ms));
        if *ms <= *retention_ms {
            return (*ms > 0).then(|| format!("{begin} {kept}."));
        }
        let later = duration(ms - retention_ms);
        (!has_history).then(|| format!("{begin} only {kept}: it is complete {later} later."))
    }
}
