//! `windrow preview --explain KEY`: for each cell of a key's row the events that count in it, and those
//! that just missed.

use comfy_table::{Table, presets};

use crate::cli::{Exit, Failure, Output};
use crate::diag::{Code, Diagnostic};
use crate::functions::{eval, is_true};
use crate::model::{JoinId, Target};
use crate::plan::{
    self, AggregateColumn, JoinMode, NodeId, Operator, Plan, PointInTimeJoin, PublishMode, WindowAggregate,
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
    match (aggregate(plan), request.target) {
        (Some(_), _) => {
            let until = request.shared.until.map(|until| until.0);
            cells(plan, feeds, (request, request.name), (key.as_bytes(), until), output)?;
        }
        (None, Target::Join(id)) => joined(plan, &feeds, request, (id, key), output)?,
        (None, Target::GroupBy(_)) => {}
    }
    Ok(Exit::Fine)
}

/// The cells of a key of a group by, as of `until` or a millisecond after its newest event.
fn cells(
    plan: &Plan,
    feeds: Vec<Feed>,
    (request, name): (&Request<'_>, &str),
    (key, until): (&[u8], Option<i64>),
    output: &mut Output,
) -> Result<(), Failure> {
    let Some((node, spec)) = aggregate(plan) else { return Ok(()) };
    let mut events = events(plan, node, feeds.clone(), request)?;
    let newest = events.iter().filter_map(|row| time(&spec, row)).max();
    let Some(q) = until.or(newest.map(|newest| newest + 1)) else {
        output.talk(&format!("no rows of `{name}`: there was no event"));
        return Ok(());
    };
    let of_key = |row: &Row| wire::encode_key(&key_of(&spec, row)) == key;
    events.retain(of_key);
    events.sort_by_key(|row| std::cmp::Reverse(time(&spec, row)));
    let outcome =
        sim::run(plan, feeds, request.options(Some(EventTime(q)))).map_err(|error| failed(&error))?;
    let rows = &outcome.tables[&plan.publisher()].rows;
    let row = rows.iter().find(|(of, _, _)| wire::encode_key(of) == key).map(|(_, _, row)| row);
    output.data(&table(&spec, &events, row.map(Vec::as_slice), q))?;
    let (key, count) = (String::from_utf8_lossy(key), events.len());
    output.talk(&format!("`{name}` of `{key}` as of {}: {count} events of the key", EventTime(q)));
    Ok(())
}

/// The cells of the left row with that id: those of each group by as of the row's time.
fn joined(
    plan: &Plan,
    feeds: &[Feed],
    request: &Request<'_>,
    (id, key): (JoinId, &str),
    output: &mut Output,
) -> Result<(), Failure> {
    let join = request.model.join(id);
    let left = request.model.rows(join.left);
    let wrong = |message: String, hint: &str| {
        Failure::usage(Diagnostic::without_place(Code::E0960, message).hint(hint))
    };
    let Some(slot) = left.event_id.filter(|_| !join.parts.is_empty()) else {
        let message = format!("`{}` has no cells of group bys by the id of a left row", request.name);
        return Err(wrong(message, "explain a group by, with `--until` the time of its row"));
    };
    let outcome = sim::run(plan, feeds.to_vec(), request.options(None)).map_err(|error| failed(&error))?;
    let rows = outcome.tables[&plan.publisher()].rows.iter().map(|(_, _, row)| row);
    let Some(row) = { rows }.find(|row| wire::encode_key(&row[slot..=slot]) == key.as_bytes()) else {
        let message = format!("no row of `{}` has the {} `{key}`", left.name, left.fields[slot].name);
        return Err(wrong(message, "a join's cells are explained for one left row, by its event id"));
    };
    let Value::Timestamp(q) = row[left.event_time] else { return Ok(()) };
    for part in &join.parts {
        let target = Target::GroupBy(part.group_by);
        let of_part = plan::alone(&request.model.alone(target), target);
        let is_read = |feed: &&Feed| of_part.decode_of(&feed.source).is_some();
        let feeds = feeds.iter().filter(is_read).cloned().collect();
        let of: Row = part.on.iter().map(|slot| row[*slot].clone()).collect();
        if of.iter().any(Value::is_null) {
            output.talk(&format!("`{}`: the row has no key, and so no cells", part.alias));
            continue;
        }
        cells(&of_part, feeds, (request, &part.alias), (&wire::encode_key(&of), Some(q.0)), output)?;
    }
    Ok(())
}

fn aggregate(plan: &Plan) -> Option<(NodeId, WindowAggregate)> {
    let id = plan.inputs(plan.publisher())[0];
    match &plan.node(id).operator {
        Operator::WindowAggregate(spec) => Some((id, spec.clone())),
        _ => None,
    }
}

/// The rows that reach the aggregation, copies once: those of a join without rights in its place.
fn events(plan: &Plan, node: NodeId, feeds: Vec<Feed>, request: &Request<'_>) -> Result<Vec<Row>, Failure> {
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
    let outcome = sim::run(&traced, feeds, request.options(None)).map_err(|error| failed(&error))?;
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
