//! The events of sources and streams: selected, filtered, united, row by row.

use crate::model::{Derivation, Input, Model, ORIGIN, SourceId, Stream, StreamBody};
use crate::types::{Row, Value};

use super::decode::{self, Event};
use super::expr::{evaluate, is_true};
use super::{Records, number, records_of};

/// All events of an input, with the source each came from. S10: what is a copy is decided at its source;
/// two sources never have copies of each other.
pub(super) fn events(model: &Model, input: Input, records: &Records) -> Vec<(SourceId, Event)> {
    match input {
        Input::Source(id) => {
            let source = model.source(id);
            let events = decode::events(source, records_of(records, &source.name));
            events.into_iter().map(|event| (id, event)).collect()
        }
        Input::Stream(id) => {
            let stream = model.stream(id);
            let rows = match &stream.body {
                StreamBody::Derive(derivation) => derived(model, derivation, records),
                StreamBody::Union(inputs) => united(model, input, inputs, stream, records),
            };
            rows.into_iter().map(|(source, ts, row)| (source, event(stream, ts, row))).collect()
        }
    }
}

fn event(stream: &Stream, ts: i64, row: Row) -> Event {
    let id = stream.event_id.map_or(Value::Null, |slot| row[slot].clone());
    Event { ts, id, row }
}

/// The position of a row's source, where its rows name one: what breaks ties before the event id (S5).
pub(super) fn origin(model: &Model, input: Input, row: &[Value]) -> i64 {
    let fields = &model.rows(input).fields;
    match (fields.iter().position(|field| field.name == ORIGIN)).map(|slot| &row[slot]) {
        Some(Value::Int(origin)) => *origin,
        Some(_) | None => 0,
    }
}

/// Lets in order, then `where`, then what is selected.
fn derived(model: &Model, derivation: &Derivation, records: &Records) -> Vec<(SourceId, i64, Row)> {
    assert!(derivation.call.is_none(), "the oracle knows no models");
    let mut rows = Vec::new();
    for (source, event) in events(model, derivation.from, records) {
        let mut row = event.row;
        for column in &derivation.lets {
            let value = evaluate(&column.expr, &row);
            row.push(value);
        }
        if derivation.filter.as_ref().is_none_or(|filter| is_true(filter, &row)) {
            let selected = derivation.select.iter().map(|column| evaluate(&column.expr, &row)).collect();
            rows.push((source, event.ts, selected));
        }
    }
    rows
}

/// The rows of all inputs, each with the position of its source among all names of sources below.
fn united(
    model: &Model,
    input: Input,
    inputs: &[Input],
    stream: &Stream,
    records: &Records,
) -> Vec<(SourceId, i64, Row)> {
    let mut names: Vec<&str> =
        model.sources_of(input).into_iter().map(|id| model.source(id).name.as_str()).collect();
    names.sort_unstable();
    let mut rows = Vec::new();
    for (source, event) in inputs.iter().flat_map(|input| events(model, *input, records)) {
        let name = model.source(source).name.as_str();
        let origin = names.iter().position(|other| *other == name).expect("its source is among them");
        let mut row = event.row;
        // In place of the position that a union above it gave.
        row.truncate(stream.fields.len() - 1);
        row.push(number::int(number::count(origin)));
        rows.push((source, event.ts, row));
    }
    rows
}
