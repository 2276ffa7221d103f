//! V(key, q): the rows of a group by, each computed from the list of the key's events.

use std::collections::BTreeMap;

use crate::model::{Aggregate, GroupBy, GroupById, Model, Tail, Window};
use crate::types::{DataType, Row, Value};

use super::aggregate::{Given, aggregate};
use super::decode::Event;
use super::expr::{evaluate, is_true};
use super::lookup::tables;
use super::number::order;
use super::stream::{events, origin};
use super::{Key, Records};

/// One event of a key, and what it gives to each aggregate.
#[derive(Debug, Clone)]
struct Member {
    ts: i64,
    origin: i64,
    id: Value,
    gifts: Vec<Vec<Gift>>,
}

/// One value for one aggregate; never null.
#[derive(Debug, Clone)]
struct Gift {
    bucket: Value,
    order: Value,
    value: Value,
}

/// The events of every key of a group by, by event time.
#[derive(Debug)]
pub(super) struct Members<'m> {
    group_by: &'m GroupBy,
    by_key: BTreeMap<Key, Vec<Member>>,
}

/// The rows of a group by as of `q`: one per key that has any event with `ts < q`.
#[must_use]
pub fn group_by_rows(model: &Model, id: GroupById, records: &Records, q: i64) -> BTreeMap<Key, Row> {
    let members = Members::of(model, id, records);
    let seen = members.by_key.iter().filter(|(_, list)| list.iter().any(|member| member.ts < q));
    seen.map(|(key, _)| (key.clone(), members.row(key, q))).collect()
}

/// V(∅): the row of a key that was never seen.
#[must_use]
pub fn empty_row(group_by: &GroupBy) -> Row {
    row_of(group_by, &[], 0)
}

impl<'m> Members<'m> {
    pub(super) fn of(model: &'m Model, id: GroupById, records: &Records) -> Self {
        let group_by = model.group_by(id);
        let tables = tables(model, &group_by.lookups, records);
        let mut by_key: BTreeMap<Key, Vec<Member>> = BTreeMap::new();
        for (_, mut event) in events(model, group_by.from, records) {
            let origin = origin(model, group_by.from, &event.row);
            for (lookup, table) in group_by.lookups.iter().zip(&tables) {
                let columns = table.columns(lookup, &event.row, event.ts);
                event.row.extend(columns);
            }
            if let Some((key, member)) = member(group_by, event, origin) {
                by_key.entry(key).or_default().push(member);
            }
        }
        for list in by_key.values_mut() {
            list.sort_by_key(|member| member.ts);
        }
        Self { group_by, by_key }
    }

    /// How many columns a row has, without the key.
    pub(super) fn width(&self) -> usize {
        self.group_by.aggregates.len()
    }

    /// S6: a key that was never seen has the row of no events.
    pub(super) fn row(&self, key: &Key, q: i64) -> Row {
        row_of(self.group_by, self.by_key.get(key).map_or(&[], Vec::as_slice), q)
    }
}

/// Looked-up columns are there. Lets in order, then `where`, then the key; a null key part means no row (S6).
fn member(group_by: &GroupBy, event: Event, origin: i64) -> Option<(Key, Member)> {
    let mut row = event.row;
    for column in &group_by.lets {
        let value = evaluate(&column.expr, &row);
        row.push(value);
    }
    if group_by.filter.as_ref().is_some_and(|filter| !is_true(filter, &row)) {
        return None;
    }
    let key: Row = group_by.keys.iter().map(|slot| row[*slot].clone()).collect();
    if key.iter().any(Value::is_null) {
        return None;
    }
    let gifts = group_by.aggregates.iter().map(|aggregate| gifts(aggregate, &row)).collect();
    Some((Key(key), Member { ts: event.ts, origin, id: event.id, gifts }))
}

/// What an event gives to an aggregate: nothing unless the aggregate's own `where` is true; to
/// `count()` anything that is not null; of a list each element, of a map each value under its key.
/// S6: nulls give nothing, nor does what has no bucket or no place in the order that is asked for.
fn gifts(aggregate: &Aggregate, row: &[Value]) -> Vec<Gift> {
    if aggregate.filter.as_ref().is_some_and(|filter| !is_true(filter, row)) {
        return Vec::new();
    }
    let input = aggregate.input.as_ref().map_or(Value::Bool(true), |input| evaluate(input, row));
    let bucket = aggregate.by.as_ref().map(|by| evaluate(by, row));
    let order = aggregate.order.as_ref().map(|order| evaluate(order, row));
    if bucket.as_ref().is_some_and(Value::is_null) || order.as_ref().is_some_and(Value::is_null) {
        return Vec::new();
    }
    let bucket = bucket.unwrap_or(Value::Null);
    let values: Vec<(Value, Value)> = match &input {
        Value::List(elements) => elements.iter().map(|value| (bucket.clone(), value.clone())).collect(),
        Value::Map(entries) => entries.to_vec(),
        scalar => vec![(bucket, scalar.clone())],
    };
    let gift = |(bucket, value): (Value, Value)| Gift {
        bucket,
        order: order.clone().unwrap_or_else(|| value.clone()),
        value,
    };
    values.into_iter().filter(|(_, value)| !value.is_null()).map(gift).collect()
}

/// Each aggregate over the members of its window as of `q`.
fn row_of(group_by: &GroupBy, members: &[Member], q: i64) -> Row {
    let before_q = &members[..members.partition_point(|member| member.ts < q)];
    let mut row = Row::new();
    for (column, of) in group_by.aggregates.iter().enumerate() {
        let start = match of.window {
            Some(window) => window_start(window, q),
            None => life_start(before_q, group_by.ttl_ms, q),
        };
        let inside = &before_q[before_q.partition_point(|member| i128::from(member.ts) < start)..];
        let given: Vec<(&Value, Given<'_>)> = inside
            .iter()
            .flat_map(|member| {
                member.gifts[column].iter().map(|gift| {
                    let Gift { bucket, order, value } = gift;
                    (bucket, Given { ts: member.ts, origin: member.origin, id: &member.id, value, order })
                })
            })
            .collect();
        row.push(cell(of, &given));
    }
    row
}

/// One cell: a default stands where nothing was given; buckets are apart from each other.
fn cell(of: &Aggregate, given: &[(&Value, Given<'_>)]) -> Value {
    if let (Some(default), true) = (&of.default, given.is_empty()) {
        return default.clone();
    }
    let is_map_input = of.input.as_ref().is_some_and(|input| matches!(input.data_type, DataType::Map(_)));
    if of.by.is_none() && !is_map_input {
        let given: Vec<_> = given.iter().map(|(_, one)| *one).collect();
        return aggregate(of.kind, &given, of.output);
    }
    let DataType::Map(output) = of.output else { panic!("{} is no map of buckets", of.output) };
    let mut buckets: Vec<&Value> = given.iter().map(|(bucket, _)| *bucket).collect();
    buckets.sort_by(|a, b| order(a, b));
    buckets.dedup_by(|a, b| order(a, b).is_eq());
    if buckets.is_empty() {
        return Value::Null;
    }
    let entry = |bucket: &Value| {
        let inside = given.iter().filter(|(of, _)| order(of, bucket).is_eq());
        let inside: Vec<_> = inside.map(|(_, one)| *one).collect();
        (bucket.clone(), aggregate(of.kind, &inside, output.value.data_type))
    };
    Value::map(buckets.into_iter().map(entry).collect())
}

/// S13: from the beginning; with a ttl, from the first event after which the key was never without events
/// for longer than that, if it is not without as of `q`.
fn life_start(before_q: &[Member], ttl_ms: Option<i64>, q: i64) -> i128 {
    let Some(ttl_ms) = ttl_ms else { return i128::MIN };
    let mut start = i128::from(q);
    for member in before_q.iter().rev() {
        if start - i128::from(member.ts) > i128::from(ttl_ms) {
            break;
        }
        start = i128::from(member.ts);
    }
    start
}

/// S2: `q - w`; S3: for `tail hop`, rounded down to a whole hop since 1970.
fn window_start(window: Window, q: i64) -> i128 {
    let start = i128::from(q) - i128::from(window.size_ms);
    match window.tail {
        Tail::Exact => start,
        Tail::Hop { hop_ms } => start.div_euclid(i128::from(hop_ms)) * i128::from(hop_ms),
    }
}
