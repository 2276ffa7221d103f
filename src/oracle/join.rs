//! Join rows: every left event with what was known of its keys strictly before it (rule S9).

use std::collections::BTreeMap;

use crate::model::{Join, JoinId, JoinPart, Model, ORIGIN};
use crate::types::{Row, Value};

use super::decode::Event;
use super::expr::evaluate;
use super::group_by::Members;
use super::lookup::{Rows, tables};
use super::stream::events;
use super::{Key, Records};

/// A left event and the row it became.
pub(super) struct Joined {
    pub(super) left: Event,
    pub(super) row: Row,
}

/// One row per left event with `ts < until`, by event time: the record key (the left event's id, or
/// nothing if its source declares none) and the output row.
#[must_use]
pub fn join_rows(model: &Model, id: JoinId, records: &Records, until: i64) -> Vec<(Row, Row)> {
    let has_id = model.rows(model.join(id).left).event_id.is_some();
    let keyed = |of: Joined| (has_id.then_some(of.left.id).into_iter().collect(), of.row);
    joined(model, id, records, until).into_iter().map(keyed).collect()
}

/// S9: `as latest` keeps of each combination of what the parts are joined on the row of the newest left event; of
/// one instant that whose event id has the greater text, then the greater row. S6: none of a key with a null in it.
pub(super) fn latest_rows(model: &Model, id: JoinId, records: &Records, until: i64) -> BTreeMap<Key, Row> {
    let join = model.join(id);
    let mut slots: Vec<usize> = Vec::new();
    for slot in join.parts.iter().flat_map(|part| &part.on).chain(join.lookups.iter().flat_map(|l| &l.on)) {
        if !slots.contains(slot) {
            slots.push(*slot);
        }
    }
    let mut rows = joined(model, id, records, until);
    rows.sort_by_cached_key(|of| (of.left.ts, of.left.id.to_string(), Key(of.row.clone())));
    let keyed = |of: Joined| (Key(slots.iter().map(|slot| of.left.row[*slot].clone()).collect()), of.row);
    // Of several rows of a key the last one stays.
    rows.into_iter().map(keyed).filter(|(key, _)| !key.0.iter().any(Value::is_null)).collect()
}

fn joined(model: &Model, id: JoinId, records: &Records, until: i64) -> Vec<Joined> {
    let join = model.join(id);
    let left = model.rows(join.left);
    let parts: Vec<_> = join.parts.iter().map(|part| Members::of(model, part.group_by, records)).collect();
    let tables = tables(model, &join.lookups, records);
    let mut lefts: Vec<_> = events(model, join.left, records).into_iter().map(|(_, event)| event).collect();
    lefts.retain(|event| event.ts < until);
    // No join shows which source of a union a row came from.
    let width = left.fields.iter().position(|field| field.name == ORIGIN).unwrap_or(left.fields.len());
    for event in &mut lefts {
        event.row.truncate(width);
    }
    lefts.sort_by_key(|event| event.ts);
    let row = |left: Event| Joined { row: row_of(join, &parts, &tables, left.clone()), left };
    lefts.into_iter().map(row).collect()
}

/// Left columns, each part's columns, each lookup's columns, derived columns; the derived ones in
/// declared order.
fn row_of(join: &Join, parts: &[Members<'_>], tables: &[Rows<'_>], event: Event) -> Row {
    let mut row = event.row;
    let left = row.clone();
    for (part, members) in join.parts.iter().zip(parts) {
        row.extend(features(part, members, &left, event.ts));
    }
    for (lookup, table) in join.lookups.iter().zip(tables) {
        row.extend(table.columns(lookup, &left, event.ts));
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
