//! `windrow preview --explain KEY`: for each cell of a key's row the events that count in it, and those
//! that just missed.

use comfy_table::{Table, presets};

use crate::cli::{Exit, Failure, Output};
use crate::diag::{Code, Diagnostic};
use crate::functions::{eval, is_true};
use crate::plan::{
    AggregateColumn, JoinMode, NodeId, Operator, Plan, PointInTimeJoin, PublishMode, WindowAggregate,
};
use crate::sim::{self, Feed};
use crate::types::{EventTime, Row, Value};
use crate::wire;

use super::{Request, failed};

/// How many events beyond each edge of a window are shown.
const MISSED_SHOWN: usize = 3;

/// What an event is to a cell.
enum Part {
    Counts(Value),
    /// Before the window's start, by so much.
    Before(i64),
    /// As of the row or after it, by so much.
    After(i64),
    /// The aggregate's own `where` is not true for it.
    Filtered,
    /// It counts nothing: null.
    Null,
}

pub(super) fn run(
    plan: &Plan,
    feeds: Vec<Feed>,
    request: &Request<'_>,
    key: &str,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let Some((node, spec)) = aggregate(plan) else {
        let message = format!("`{}` is a join: its cells come from its group bys", request.name);
        let problem = Diagnostic::without_place(Code::E0960, message);
        return Err(Failure::usage(problem.hint("explain a group by, with `--until` the left row's time")));
    };
    let mut events = events(plan, node, feeds.clone())?;
    let newest = events.iter().filter_map(|row| time(&spec, row)).max();
    let Some(q) = request.shared.until.map(|until| until.0).or(newest.map(|newest| newest + 1)) else {
        output.talk(&format!("no rows of `{}`: there was no event", request.name));
        return Ok(Exit::Fine);
    };
    let of_key = |row: &Row| wire::encode_key(&key_of(&spec, row)) == key.as_bytes();
    events.retain(of_key);
    events.sort_by_key(|row| std::cmp::Reverse(time(&spec, row)));
    let options = sim::Options { until: Some(EventTime(q)), ..sim::Options::default() };
    let outcome = sim::run(plan, feeds, options).map_err(|error| failed(&error))?;
    let rows = &outcome.tables[&plan.publisher()].rows;
    let row = rows.iter().find(|(of, _, _)| wire::encode_key(of) == key.as_bytes()).map(|(_, _, row)| row);
    output.data(&table(&spec, &events, row.map(Vec::as_slice), q))?;
    output.talk(&format!(
        "`{}` of `{key}` as of {}: {} events of the key",
        request.name,
        EventTime(q),
        events.len()
    ));
    Ok(Exit::Fine)
}

fn aggregate(plan: &Plan) -> Option<(NodeId, WindowAggregate)> {
    let id = plan.inputs(plan.publisher())[0];
    match &plan.node(id).operator {
        Operator::WindowAggregate(spec) => Some((id, spec.clone())),
        _ => None,
    }
}

/// The rows that reach the aggregation, copies once: those of a join without rights in its place.
fn events(plan: &Plan, node: NodeId, feeds: Vec<Feed>) -> Result<Vec<Row>, Failure> {
    let mut traced = plan.clone();
    let rows = plan.node(plan.inputs(node)[0]).output.clone();
    let Operator::WindowAggregate(spec) = &plan.node(node).operator else { return Ok(Vec::new()) };
    traced.node_mut(node).operator = Operator::PointInTimeJoin(PointInTimeJoin {
        event_time: spec.event_time,
        event_id: spec.event_id,
        mode: JoinMode::Fresh,
        rights: Vec::new(),
        hold_for_ms: 0,
        left_late_ms: i64::MAX / 4,
    });
    let publish = plan.publisher();
    for id in [node, publish] {
        traced.node_mut(id).output = rows.clone();
    }
    if let Operator::Publish(to) = &mut traced.node_mut(publish).operator {
        (to.mode, to.keys) = (PublishMode::Events, Vec::new());
    }
    let outcome = sim::run(&traced, feeds, sim::Options::default()).map_err(|error| failed(&error))?;
    Ok(outcome.tables[&publish].rows.iter().map(|(_, _, row)| row.clone()).collect())
}

fn time(spec: &WindowAggregate, row: &Row) -> Option<i64> {
    if let Value::Timestamp(time) = row[spec.event_time] { Some(time.0) } else { None }
}

fn key_of(spec: &WindowAggregate, row: &Row) -> Row {
    spec.keys.iter().map(|slot| row[*slot].clone()).collect()
}

fn part(column: &AggregateColumn, row: &Row, ts: i64, q: i64) -> Part {
    let start = column.window.map_or(i64::MIN, |window| window.start(q));
    if ts >= q {
        return Part::After(ts - q);
    }
    if ts < start {
        return Part::Before(start - ts);
    }
    if column.filter.as_ref().is_some_and(|filter| !is_true(filter, row)) {
        return Part::Filtered;
    }
    match column.input.as_ref().map(|input| eval(input, row)) {
        None => Part::Counts(Value::Null),
        Some(Value::Null) => Part::Null,
        Some(value) => Part::Counts(value),
    }
}

/// The newest event first; the row's values on top.
fn table(spec: &WindowAggregate, events: &[Row], row: Option<&[Value]>, q: i64) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let names = spec.columns.iter().map(|column| column.name.clone());
    table.set_header(["event time".to_owned(), "event id".to_owned()].into_iter().chain(names));
    let value = |at: usize| row.and_then(|row| row.get(spec.keys.len() + at)).map(ToString::to_string);
    let values = (0..spec.columns.len()).map(|at| format!("= {}", value(at).unwrap_or_default()));
    table.add_row([format!("as of {}", EventTime(q)), String::new()].into_iter().chain(values));
    let mut missed = vec![0; spec.columns.len()];
    let after = events.iter().filter(|row| time(spec, row) >= Some(q)).count();
    for (position, event) in events.iter().enumerate() {
        let ts = time(spec, event).unwrap_or(i64::MIN);
        let parts: Vec<Part> = spec.columns.iter().map(|column| part(column, event, ts, q)).collect();
        if is_shown(&parts, &mut missed, after.saturating_sub(position)) {
            let id = spec.event_id.map(|slot| event[slot].to_string()).unwrap_or_default();
            let cells = parts.iter().map(text);
            table.add_row([EventTime(ts).to_string(), id].into_iter().chain(cells));
        }
    }
    format!("{table}\n")
}

/// Events that count somewhere, and the nearest on both sides of each window.
fn is_shown(parts: &[Part], missed: &mut [usize], after: usize) -> bool {
    let mut shown = false;
    for (part, missed) in parts.iter().zip(missed) {
        shown |= match part {
            Part::Counts(_) | Part::Filtered | Part::Null => true,
            Part::After(_) => after <= MISSED_SHOWN,
            Part::Before(_) => {
                *missed += 1;
                *missed <= MISSED_SHOWN
            }
        };
    }
    shown
}

fn text(part: &Part) -> String {
    match part {
        Part::Counts(Value::Null) => "counts".to_owned(),
        Part::Counts(value) => format!("counts {value}"),
        Part::Before(ms) => format!("- {} too old", length(*ms)),
        Part::After(0) => "- as of the row, not before".to_owned(),
        Part::After(ms) => format!("- {} too new", length(*ms)),
        Part::Filtered => "- its `where`".to_owned(),
        Part::Null => "- null".to_owned(),
    }
}

/// A length of time in its two largest units.
fn length(ms: i64) -> String {
    const UNITS: [(&str, i64); 5] =
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let (mut rest, mut parts) = (ms, Vec::new());
    for (name, unit) in UNITS {
        if rest >= unit && parts.len() < 2 {
            parts.push(format!("{}{name}", rest / unit));
        }
        rest %= unit;
    }
    parts.join(" ")
}
