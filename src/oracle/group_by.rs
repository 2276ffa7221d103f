//! V(key, q): the rows of a group by, each computed from the list of the key's events.

use std::collections::BTreeMap;

use crate::model::{Aggregate, GroupBy, GroupById, Input, Model, SourceId, Tail, Window};
use crate::types::{Row, Value};

use super::aggregate::{Given, aggregate};
use super::decode::{Event, events};
use super::expr::{evaluate, is_true};
use super::{Key, Records, records_of};

/// One event of a key: what it gives to each aggregate, null where it gives nothing.
#[derive(Debug, Clone)]
struct Member {
    ts: i64,
    id: Value,
    given: Row,
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
        let source = model.source(only_source(model, group_by.from));
        let mut by_key: BTreeMap<Key, Vec<Member>> = BTreeMap::new();
        for event in events(source, records_of(records, &source.name)) {
            if let Some((key, member)) = member(group_by, event) {
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

/// Lets in order, then `where`, then the key; a null key part means no row (S6).
fn member(group_by: &GroupBy, event: Event) -> Option<(Key, Member)> {
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
    let given = group_by.aggregates.iter().map(|aggregate| given(aggregate, &row)).collect();
    Some((Key(key), Member { ts: event.ts, id: event.id, given }))
}

/// What an event gives to an aggregate: nothing unless the aggregate's own `where` is true; to
/// `count()` anything that is not null.
fn given(aggregate: &Aggregate, row: &[Value]) -> Value {
    if aggregate.filter.as_ref().is_some_and(|filter| !is_true(filter, row)) {
        return Value::Null;
    }
    aggregate.input.as_ref().map_or(Value::Bool(true), |input| evaluate(input, row))
}

/// S2: each aggregate over the members with `start <= ts < q`.
fn row_of(group_by: &GroupBy, members: &[Member], q: i64) -> Row {
    let before_q = &members[..members.partition_point(|member| member.ts < q)];
    let mut row = Row::new();
    for (column, of) in group_by.aggregates.iter().enumerate() {
        let start = window_start(of.window.expect("the oracle knows no lifetime columns yet"), q);
        let inside = &before_q[before_q.partition_point(|member| i128::from(member.ts) < start)..];
        let given: Vec<_> = inside
            .iter()
            .map(|member| Given { ts: member.ts, id: &member.id, value: &member.given[column] })
            .collect();
        row.push(aggregate(of.kind, &given, of.output));
    }
    row
}

/// S2: `q - w`; S3: for `tail hop`, rounded down to a whole hop since 1970.
fn window_start(window: Window, q: i64) -> i128 {
    let start = i128::from(q) - i128::from(window.size_ms);
    match window.tail {
        Tail::Exact => start,
        Tail::Hop { hop_ms } => start.div_euclid(i128::from(hop_ms)) * i128::from(hop_ms),
    }
}

/// The source that is read; the oracle knows no streams yet.
pub(super) fn only_source(model: &Model, input: Input) -> SourceId {
    match input {
        Input::Source(id) => id,
        Input::Stream(id) => panic!("the oracle does not know the stream `{}`", model.stream(id).name),
    }
}
