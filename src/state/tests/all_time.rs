//! Columns of all time: what is taken over from events that are gone gives what the events gave.

use std::ops::Range;

use proptest::prelude::*;

use super::*;

/// Lists, maps and buckets, over 100 ms and over all time.
fn layout(ttl_ms: Option<i64>, hashed: bool) -> Layout {
    let integers = DataType::list(DataType::Int, true);
    let by_text = DataType::map(DataType::String, DataType::Int, true);
    let of = |kind, input: usize, bucket: Option<usize>| {
        let value = Some(DataType::Int);
        let bucket_type = if input == 1 { Some(DataType::String) } else { bucket.map(|_| DataType::Int) };
        Cell {
            shape: Shape::of(kind, Inputs { value, bucket: bucket_type, ..Inputs::default() }),
            input: Some(input),
            order: None,
            bucket,
            filter: None,
        }
    };
    let list = DataType::list(DataType::Int, false);
    let buckets = |key| DataType::map(key, DataType::Int, true);
    let columns = [
        (of(Kind::Count, 0, None), 1, Kind::Count, DataType::Int),
        (of(Kind::Sum, 0, None), 0, Kind::Sum, DataType::Int),
        (of(Kind::Sum, 0, None), 1, Kind::Sum, DataType::Int),
        (of(Kind::LastK(3), 0, None), 1, Kind::LastK(3), list),
        (of(Kind::UniqueCount, 0, None), 1, Kind::UniqueCount, DataType::Int),
        (of(Kind::Sum, 1, None), 1, Kind::Sum, buckets(DataType::String)),
        (of(Kind::Max, 1, None), 0, Kind::Max, buckets(DataType::String)),
        (of(Kind::Count, 0, Some(2)), 1, Kind::Count, buckets(DataType::Int)),
    ];
    let mut cells: Vec<Cell> = Vec::new();
    let mut place = |cell: Cell| {
        cells.iter().position(|other| *other == cell).unwrap_or_else(|| {
            cells.push(cell);
            cells.len() - 1
        })
    };
    let columns = columns.map(|(cell, window, kind, output)| Column {
        cell: place(cell),
        window,
        kind,
        default: None,
        output,
    });
    Layout {
        inputs: vec![integers, by_text, DataType::Int],
        columns: columns.into(),
        cells,
        windows: vec![Some(Window { size_ms: 100, tail: Tail::Exact, refresh_ms: 1 }), None],
        ttl_ms,
        hashed,
        ..Layout::default()
    }
}

/// An event with a list of that many values, some of them null, and a map of two.
fn data(value: i64, len: i64) -> Vec<u8> {
    let element = |i: i64| if i == 1 { Value::Null } else { Value::Int(value + i) };
    let list = Value::list((0..len).map(element).collect::<Vec<_>>());
    let entry = |key: &str, value| (Value::string(key), value);
    let map = Value::map(vec![entry("é", Value::Int(value)), entry("", element(len))]);
    let mut out = Vec::new();
    let bucket = if len == 2 { Value::Null } else { Value::Int(value % 2) };
    layout(None, false).put_event(&mut out, &[], &[list, map, bucket]);
    out
}

/// A key's state written to a store and read again.
fn stored(state: &mut KeyState, store: &mut MemoryStore, step: u64) -> KeyState {
    let mut batch = WriteBatch::default();
    state.write_back(&mut batch, 2, b"k", step);
    store.commit(batch);
    KeyState::load(store, 2, b"k").expect("own records")
}

/// (event time, id, value, list length), each followed by how far the horizon moves.
type Step = ((i64, u64, i64, i64), i64);

/// Feeds the same events to a ring that is trimmed behind a rising horizon and to one that never is: as of
/// any later time both have the same row.
fn check(layout: &Layout, steps: &[Step], late: bool, ahead: Range<i64>) {
    let (mut trimmed, mut store) = (KeyState::default(), MemoryStore::default());
    let mut whole = Ring::default();
    let (mut horizon, mut cells) = (0, Cells::new(layout));
    for (at, ((ts, id, value, len), moves)) in steps.iter().enumerate() {
        let ts = if late { *ts } else { horizon + ts % 60 };
        let data = data(*value, *len);
        let event = Event { ts, hashes: [*id, 7], data: &data };
        let found = whole.insert(layout, &event);
        assert_eq!(trimmed.ring.insert(layout, &event), found, "step {at}: {event:?}");
        horizon += moves;
        trimmed.ring.trim(layout, horizon).expect("own bytes");
        if at % 3 == 0 {
            trimmed = stored(&mut trimmed, &mut store, at as u64 + 1);
        }
        for q in ahead.clone().step_by(37).map(|ahead| horizon + ahead) {
            let expected = cells.row(layout, &mut whole, q).expect("own bytes");
            let got = cells.row(layout, &mut trimmed.ring, q).expect("own bytes");
            assert_eq!(got, expected, "step {at} as of {q}, horizon {horizon}");
        }
    }
    let mut batch = WriteBatch::default();
    trimmed.erase(&mut batch, 2, b"k");
    store.commit(batch);
    assert!(store.is_empty(), "nothing is left of a key that is dropped");
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let event = (0_i64..900, 0_u64..9, -4_i64..5, 0_i64..4);
    proptest::collection::vec((event, 0_i64..12), 1..160)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn what_was_taken_over_counts_however_late_events_and_copies_come(steps in steps()) {
        check(&layout(None, true), &steps, true, 0..200);
        check(&layout(None, false), &steps, true, 0..200);
    }

    #[test]
    fn a_key_is_forgotten_after_its_ttl_and_begins_anew(
        steps in steps(), ttl_ms in proptest::sample::select(vec![1_i64, 5, 30, 150, 400]),
    ) {
        check(&layout(Some(ttl_ms), true), &steps, false, 0..500);
        check(&layout(Some(ttl_ms), false), &steps, false, 0..500);
    }
}

#[test]
fn a_copy_is_recognised_long_after_its_event_was_taken_over() {
    let layout = layout(None, true);
    let mut ring = Ring::default();
    for ts in 0..100 {
        ring.insert(&layout, &Event { ts, hashes: [1, 1], data: &data(1, 1) });
    }
    assert_eq!(ring.trim(&layout, 1_000_000), Ok(100));
    assert_eq!((ring.events(), ring.newest()), (0, Some(99)));
    let event = |second| Event { ts: 5, hashes: [1, second], data: &[] };
    assert_eq!(ring.insert(&layout, &event(1)), Inserted::Duplicate);
    assert_eq!(ring.insert(&layout, &Event { data: &data(1, 1), ..event(2) }), Inserted::IdConflict);
}

#[test]
fn records_of_all_time_have_these_bytes() {
    let layout = layout(None, true);
    let mut state = KeyState::default();
    for ts in 0..32 {
        state.ring.insert(&layout, &Event { ts, hashes: [1, ts.cast_unsigned()], data: &data(ts, 1) });
    }
    state.ring.trim(&layout, 1_000).expect("own bytes");
    let mut batch = WriteBatch::default();
    state.write_back(&mut batch, 2, b"k", 1);
    let (key, record) = &batch.operations[0];
    assert_eq!(hex(key), "1000026b00000000");
    assert_eq!(hex(record.as_deref().expect("a put")), BASE_RECORD);
    let (key, guards) = &batch.operations[1];
    assert_eq!(hex(key), "1000026b80000002");
    let guards = guards.as_ref().expect("a put");
    assert_eq!((&guards[..2], &guards[guards.len() - 34..]), (&[1, 32][..], &[0; 34][..]));
    assert_eq!(batch.operations.len(), 3, "and the head");
}

/// Version, times, then per cell a length and what it keeps.
const BASE_RECORD: &str = concat!(
    "01003e6d",
    "0120",
    "0420e00700",
    "0d03013e3e00013c3c00013a3a00",
    "412001000102010401060108010a010c010e01100112011401160118011a011c011e",
    "01200122012401260128012a012c012e01300132013401360138013a013c013e",
    "0a010102c3a90420e00700",
    "00",
    "09020100011001020110"
);
