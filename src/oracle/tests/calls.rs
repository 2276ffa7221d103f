//! Streams that call models, with answers worked out by hand (S14).

use crate::diag::Spanned;
use crate::model::{Call, Derivation, Stream, StreamBody, StreamId, WireField};

use super::*;

/// Answers `n` with twice of it, and 13 with nothing.
#[derive(Debug)]
struct Twice;

impl Models for Twice {
    fn answers(&self, call: &Call, rows: &[Row]) -> Vec<Option<Json>> {
        let answer = |row: &Row| match row.as_slice() {
            [Value::Int(13)] => None,
            [Value::Int(n)] => Some(serde_json::json!({ call.returns[0].wire_name.clone(): n * 2 })),
            other => panic!("one argument, an int: {other:?}"),
        };
        rows.iter().map(answer).collect()
    }
}

/// `stream c { from s  call "m:twice" (n) returns { twice int } }`, summed up per key.
fn calling(nullable: bool) -> Model {
    let twice = Field::new("twice", DataType::Int, nullable);
    let select = ["id", "ts", "k", "n"].map(|name| {
        let slot = source("s").fields.iter().position(|of| of.field.name == name).expect("a field");
        let expr = column(slot, source("s").fields[slot].field.data_type);
        Column { name: name.to_owned(), expr, span: span() }
    });
    let fields = select.iter().map(|of| Field::new(&of.name, of.expr.data_type, true)).chain([twice.clone()]);
    let call = Call {
        function: "m:twice".to_owned(),
        arguments: vec![column(3, DataType::Int)],
        returns: vec![WireField { field: twice, wire_name: "twice".to_owned(), wire_type: WireType::Int }],
        timeout_ms: 1_000,
        concurrency: 1,
        retry: 0,
    };
    let stream = Stream {
        name: "c".to_owned(),
        span: span(),
        about: About::default(),
        body: StreamBody::Derive(Box::new(Derivation {
            from: Input::Source(SourceId(0)),
            lets: Vec::new(),
            filter: None,
            select: select.to_vec(),
            call: Some(Spanned { value: call, span: span() }),
        })),
        fields: fields.collect(),
        event_time: 1,
        event_id: Some(0),
    };
    let mut model = model(vec![count(), of(Kind::Sum, 4, DataType::Int)]);
    model.group_bys[0].from = Input::Stream(StreamId(0));
    model.streams = vec![stream];
    model
}

#[test]
fn a_call_without_an_answer_gives_nulls_or_no_row() {
    let events = [("e", HOUR, r#""k":"a","n":3"#), ("f", HOUR + 1, r#""k":"a","n":13"#)];
    let rows = |nullable| {
        let records = records("s", &events).with_models(Some(Arc::new(Twice)));
        let rows = group_by_rows(&calling(nullable), GroupById(0), &records, HOUR + 10);
        text(&rows[&Key(vec![Value::string("a")])])
    };
    assert_eq!(rows(true), "2 6", "a null is not summed up, but its row counts");
    assert_eq!(rows(false), "1 6", "there is no such row");
}
