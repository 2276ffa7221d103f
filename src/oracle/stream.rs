//! The events of sources and streams: selected, filtered, united, row by row.

use serde_json::Value as Json;

use crate::model::{Call, Derivation, Input, Model, ORIGIN, SourceId, Stream, StreamBody};
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
            rows.into_iter().map(|(source, event)| (source, identified(stream, event))).collect()
        }
    }
}

fn identified(stream: &Stream, event: Event) -> Event {
    let id = stream.event_id.map_or(Value::Null, |slot| event.row[slot].clone());
    Event { id, ..event }
}

/// The position of a row's source, where its rows name one: what breaks ties before the event id (S5).
pub(super) fn origin(model: &Model, input: Input, row: &[Value]) -> i64 {
    let fields = &model.rows(input).fields;
    match (fields.iter().position(|field| field.name == ORIGIN)).map(|slot| &row[slot]) {
        Some(Value::Int(origin)) => *origin,
        Some(_) | None => 0,
    }
}

fn derived(model: &Model, derivation: &Derivation, records: &Records) -> Vec<(SourceId, Event)> {
    let rows = selected(model, derivation, records);
    match &derivation.call {
        Some(call) => {
            let has_origin = derivation.select.last().is_some_and(|column| column.name == ORIGIN);
            called(&call.value, has_origin, rows, records)
        }
        None => rows,
    }
}

/// Lets in order, then `where`, then what is selected.
fn selected(model: &Model, derivation: &Derivation, records: &Records) -> Vec<(SourceId, Event)> {
    let mut rows = Vec::new();
    for (source, event) in events(model, derivation.from, records) {
        let mut row = event.row.clone();
        for column in &derivation.lets {
            let value = evaluate(&column.expr, &row);
            row.push(value);
        }
        if derivation.filter.as_ref().is_none_or(|filter| is_true(filter, &row)) {
            let selected = derivation.select.iter().map(|column| evaluate(&column.expr, &row)).collect();
            rows.push((source, Event { row: selected, ..event }));
        }
    }
    rows
}

/// S14: what the function returns stands behind the columns, but before the position of a row's source.
/// Without an answer these are nulls where all may be null; else there is no such row.
fn called(
    call: &Call,
    has_origin: bool,
    rows: Vec<(SourceId, Event)>,
    records: &Records,
) -> Vec<(SourceId, Event)> {
    let mut all = Vec::new();
    let answers = answers(call, &rows, records);
    for ((source, event), returned) in rows.into_iter().zip(answers) {
        let Some(returned) = returned else { continue };
        let row = event.row;
        let at = row.len() - usize::from(has_origin);
        let row = row[..at].iter().cloned().chain(returned).chain(row[at..].iter().cloned()).collect();
        all.push((source, Event { row, ..event }));
    }
    all
}

/// What each row gets of its call, if it goes on.
fn answers(call: &Call, rows: &[(SourceId, Event)], records: &Records) -> Vec<Option<Row>> {
    if rows.is_empty() {
        return Vec::new();
    }
    let models = records.models.as_ref().expect("the oracle was told who answers model calls");
    let arguments = |(_, event): &(SourceId, Event)| {
        call.arguments.iter().map(|argument| evaluate(argument, &event.row)).collect()
    };
    let asked: Vec<Row> = rows.iter().map(arguments).collect();
    let may_be_null = call.returns.iter().all(|returned| returned.field.nullable);
    let nulls = may_be_null.then(|| vec![Value::Null; call.returns.len()]);
    let read = |answer: Option<Json>| answer.and_then(|answer| decode::answer(&call.returns, &answer));
    let answers = models.answers(call, &asked).into_iter();
    answers.map(|answer| read(answer).or_else(|| nulls.clone())).collect()
}

/// The records whose rows the call of a stream makes dead letters of, copies once: source, place of the record, time.
pub(super) fn unanswered(model: &Model, stream: &Stream, records: &Records) -> Vec<(SourceId, usize, i64)> {
    let StreamBody::Derive(derivation) = &stream.body else { return Vec::new() };
    let Some(call) = &derivation.call else { return Vec::new() };
    let rows = selected(model, derivation, records);
    let answers = answers(&call.value, &rows, records);
    let without = rows.into_iter().zip(answers).filter(|(_, answer)| answer.is_none());
    without.map(|((source, event), _)| (source, event.record, event.ts)).collect()
}

/// The rows of all inputs, each with the position of its source among all names of sources below.
fn united(
    model: &Model,
    input: Input,
    inputs: &[Input],
    stream: &Stream,
    records: &Records,
) -> Vec<(SourceId, Event)> {
    let mut names: Vec<&str> =
        model.sources_of(input).into_iter().map(|id| model.source(id).name.as_str()).collect();
    names.sort_unstable();
    let mut rows = Vec::new();
    for (source, mut event) in inputs.iter().flat_map(|input| events(model, *input, records)) {
        let name = model.source(source).name.as_str();
        let origin = names.iter().position(|other| *other == name).expect("its source is among them");
        // In place of the position that a union above it gave.
        event.row.truncate(stream.fields.len() - 1);
        event.row.push(number::int(number::count(origin)));
        rows.push((source, event));
    }
    rows
}
