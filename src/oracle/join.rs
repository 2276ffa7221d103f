//! Join rows: every left event with what was known of its keys strictly before it (rule S9).

use crate::model::{Join, JoinId, JoinPart, Model, ORIGIN};
use crate::types::{Row, Value};

use super::decode::Event;
use super::expr::evaluate;
use super::group_by::Members;
use super::stream::events;
use super::{Key, Records};

/// One row per left event with `ts < until`, by event time: the record key (the left event's id, or
/// nothing if its source declares none) and the output row.
///
/// # Panics
/// When the join looks up a table: the oracle knows none yet.
#[must_use]
pub fn join_rows(model: &Model, id: JoinId, records: &Records, until: i64) -> Vec<(Row, Row)> {
    let join = model.join(id);
    assert!(join.lookups.is_empty(), "the oracle knows no lookups yet");
    let left = model.rows(join.left);
    let parts: Vec<_> = join.parts.iter().map(|part| Members::of(model, part.group_by, records)).collect();
    let mut lefts: Vec<_> = events(model, join.left, records).into_iter().map(|(_, event)| event).collect();
    lefts.retain(|event| event.ts < until);
    // No join shows which source of a union a row came from.
    let width = left.fields.iter().position(|field| field.name == ORIGIN).unwrap_or(left.fields.len());
    for event in &mut lefts {
        event.row.truncate(width);
    }
    lefts.sort_by_key(|event| event.ts);
    let key = |event: &Event| left.event_id.map(|_| event.id.clone()).into_iter().collect();
    lefts.into_iter().map(|event| (key(&event), row_of(join, &parts, event))).collect()
}

/// Left columns, each part's columns, derived columns; the derived ones in declared order.
fn row_of(join: &Join, parts: &[Members<'_>], event: Event) -> Row {
    let mut row = event.row;
    let left = row.clone();
    for (part, members) in join.parts.iter().zip(parts) {
        row.extend(features(part, members, &left, event.ts));
    }
    let before_derived = row.len();
    for column in &join.derived {
        let value = evaluate(&column.expr, &row);
        row.push(value);
    }
    let derived = row.split_off(before_derived);
    row.extend(join.derived_order.iter().map(|position| derived[*position].clone()));
    row
}

/// V(key, q) with q the left event's own time: an event never sees itself or its equals in time.
/// S6: all null, counts too, where a part of the key is null.
fn features(part: &JoinPart, members: &Members<'_>, left: &[Value], q: i64) -> Row {
    let key = Key(part.on.iter().map(|slot| left[*slot].clone()).collect());
    if key.0.iter().any(Value::is_null) {
        return vec![Value::Null; members.width()];
    }
    members.row(&key, q)
}
