//! Record formats, byte by byte: a change here needs a new version and a reader for the old one. And
//! the ring against a plain list.

mod all_time;
mod cost;

use proptest::prelude::*;

use super::redo::{Delta, RedoWriter};
use super::*;
use crate::aggregates::{Inputs, Kind, Shape};
use crate::plan::{Tail, Window};
use crate::types::bytes::Malformed;
use crate::types::{DataType, Decimal, EventTime, Row, Value};

fn layout(hashed: bool) -> Layout {
    let window = |size_ms| Some(Window { size_ms, tail: Tail::Exact, refresh_ms: 1 });
    let cell = |kind, input: Option<usize>| Cell {
        shape: Shape::of(kind, Inputs { value: input.map(|_| DataType::Int), ..Inputs::default() }),
        input,
        order: None,
        bucket: None,
        filter: None,
    };
    let column = |cell, window, kind| Column { cell, window, kind, default: None, output: DataType::Int };
    Layout {
        inputs: vec![DataType::Int],
        id: None,
        filters: 0,
        cells: vec![cell(Kind::Count, None), cell(Kind::Sum, Some(0))],
        columns: vec![column(0, 0, Kind::Count), column(1, 0, Kind::Sum), column(1, 1, Kind::Sum)],
        windows: vec![window(100), window(1000)],
        hashed,
        ..Layout::default()
    }
}

fn data(value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    layout(false).put_event(&mut out, &[], &[Value::Int(value)]);
    out
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A key with two events, published, asked for by a join.
fn state() -> KeyState {
    let mut state = KeyState::default();
    (state.as_of, state.published, state.timer) = (7, Some(0x1234), 99);
    for (ts, id, value) in [(5, 1, 10), (3, 2, -1)] {
        state.ring.insert(&layout(true), &Event { ts, hashes: [id, id + 1], data: &data(value) });
    }
    state.note_final(1, 6);
    state
}

#[test]
fn key_records_have_these_bytes() {
    let mut batch = WriteBatch::default();
    state().write_back(&mut batch, 2, b"k", 300);
    let records: Vec<_> = batch
        .operations
        .iter()
        .map(|(key, value)| (hex(key), value.as_ref().map(|value| hex(value)).expect("a put")))
        .collect();
    let expected = [
        (
            "1000026b00000001",
            concat!(
                "0102",
                "0604",
                "01",
                "02000000000000000300000000000000",
                "01000000000000000200000000000000",
                "0202",
                "0401010114",
                "00"
            ),
        ),
        ("11000280000000000000636b", ""),
        ("1000026b", "01ac020e0134120000000000000000000000000000c6010102ffffffffffffffffff010c"),
    ];
    let expected: Vec<_> = expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    assert_eq!(records, expected);
}

#[test]
fn redo_records_have_these_bytes() {
    let mut writer = RedoWriter::default();
    writer.push(&Delta::Event(Event { ts: 5, hashes: [1, 2], data: &data(10) }));
    writer.push(&Delta::Published { as_of: 7, hash: Some(0x1234) });
    writer.push(&Delta::Published { as_of: 8, hash: None });
    writer.push(&Delta::Final { join: 1, q: 6 });
    assert!(writer.end_key(2, b"k"));
    writer.push(&Delta::Dropped);
    assert!(writer.end_key(2, b"l") && !writer.end_key(2, b"m"));
    let (record, effects) = writer.finish().expect("a record");
    assert_eq!(effects, 5);
    assert_eq!(
        hex(&record),
        "0102016b04000a0100000000000000020000000000000002011402\
         0e341200000000000000000000000000000110\
         03010c02016c0104"
    );
    let mut seen = Vec::new();
    let total = redo::read_keys::<Malformed>(&record, &mut |slot, key, effects| {
        let effects = redo::read_effects(&record[effects]);
        seen.push((slot, key.to_vec(), effects.flatten().count()));
        Ok(())
    });
    assert_eq!(total, Ok(5));
    assert_eq!(seen, [(2, b"k".to_vec(), 4), (2, b"l".to_vec(), 1)]);
}

#[test]
fn store_keys_have_these_bytes() {
    assert_eq!(hex(&keys::redo(1, 2)), "1200000000000000010002");
    assert_eq!(hex(&keys::timer(3, -1, b"k")), "1100037fffffffffffffff6b");
    assert_eq!(
        hex(&keys::pending(3, 1, [2, 3], 4)),
        "1300038000000000000001000000000000000200000000000000030000000000000004"
    );
    assert_eq!(hex(&keys::guard(3, 1)), "1400030000000000000001");
    let mut key = Vec::new();
    keys::put_key(&mut key, &[Value::string("a\0"), Value::Int(-1)]);
    assert_eq!(hex(&key), "056100ff0001027fffffffffffffff");
}

#[test]
fn a_key_comes_back_from_its_records() {
    let mut store = MemoryStore::default();
    let mut batch = WriteBatch::default();
    let mut first = state();
    for i in 0..500 {
        first
            .ring
            .insert(&layout(true), &Event { ts: i % 7, hashes: [9, i.cast_unsigned()], data: &data(i) });
    }
    first.write_back(&mut batch, 2, b"k", 300);
    store.commit(batch);
    let mut again = KeyState::load(&store, 2, b"k").expect("it loads");
    assert_eq!((again.as_of, again.published, again.timer), (7, Some(0x1234), 99));
    assert_eq!((again.written_step, &again.finals, again.ring.events()), (300, &vec![i64::MIN, 6], 502));
    let row = |state: &mut KeyState| Cells::new(&layout(true)).row(&layout(true), &mut state.ring, 6);
    assert_eq!(row(&mut again), row(&mut first));
    let mut batch = WriteBatch::default();
    again.erase(&mut batch, 2, b"k");
    store.commit(batch);
    assert!(store.is_empty(), "nothing is left of a key that is dropped");
}

proptest! {
    #[test]
    fn encoded_keys_order_as_their_values_and_come_back(
        a in key_values(), b in key_values(),
    ) {
        let encode = |values: &[Value]| { let mut key = Vec::new(); keys::put_key(&mut key, values); key };
        let (key_a, key_b) = (encode(&a), encode(&b));
        let by_value = a.iter().zip(&b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
        prop_assert_eq!(key_a.cmp(&key_b), by_value.unwrap_or(std::cmp::Ordering::Equal));
        prop_assert_eq!(keys::read_key(&key_a), Ok(a.clone()));
        prop_assert_eq!(keys::key_len(&[&key_a[..], &[0, 0, 0, 1]].concat(), a.len()), Ok(key_a.len()));
        prop_assert!(key_a == key_b || !key_b.starts_with(&key_a), "no key is a prefix of another");
    }

    #[test]
    fn a_ring_holds_what_a_plain_list_holds(
        events in proptest::collection::vec((0_i64..50, 0_u64..6, 0_u64..3, -5_i64..5), 0..600),
        q in 0_i64..60, start in 0_i64..60,
    ) {
        let (mut ring, mut list) = (Ring::default(), Vec::new());
        for (ts, id, bytes, value) in &events {
            let event = Event { ts: *ts, hashes: [*id, *bytes], data: &data(*value) };
            let of_id = list.iter().filter(|(t, i, _, _)| (t, i) == (ts, id)).count();
            let is_copy = list.iter().any(|(t, i, b, _)| (t, i, b) == (ts, id, bytes));
            let expected = match (is_copy, of_id) {
                (true, _) => Inserted::Duplicate,
                (false, 0) => Inserted::New,
                (false, _) => Inserted::IdConflict,
            };
            prop_assert_eq!(ring.insert(&layout(true), &event), expected);
            if !is_copy {
                list.push((*ts, *id, *bytes, *value));
            }
        }
        prop_assert!(ring.chunks.iter().all(|chunk| chunk.len() <= CHUNK_EVENTS_MAX));
        // The longest window: 1000.
        ring.trim(&layout(true), start + 1000).expect("own bytes");
        list.retain(|(ts, ..)| *ts >= start);
        prop_assert_eq!(ring.events(), list.len());
        prop_assert_eq!(ring.newest(), list.iter().map(|(ts, ..)| *ts).max());
        let row = Cells::new(&layout(true)).row(&layout(true), &mut ring, q).expect("own bytes");
        let inside: Vec<i64> = list.iter().filter(|(ts, ..)| *ts < q).map(|(.., value)| *value).collect();
        let sum = (!inside.is_empty()).then(|| inside.iter().sum());
        let expected: Row = vec![
            Value::Int(i64::try_from(inside.len()).expect("few")),
            sum.map_or(Value::Null, Value::Int),
            sum.map_or(Value::Null, Value::Int),
        ];
        prop_assert_eq!(row, expected);
    }

    #[test]
    fn damaged_records_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let versioned = [&[1][..], &bytes].concat();
        let _ = redo::read_keys::<Malformed>(&versioned, &mut |_, _, _| Ok(()));
        let _ = keys::read_key(&bytes);
        let mut store = MemoryStore::default();
        let mut batch = WriteBatch::default();
        batch.put(keys::head(1, b"k"), versioned.clone());
        batch.put(keys::chunk(1, b"k", 1), versioned);
        store.commit(batch);
        let _ = KeyState::load(&store, 1, b"k");
    }
}

/// One column of each kind that keys may have.
fn key_values() -> impl Strategy<Value = Vec<Value>> {
    let text = proptest::sample::select(vec!["", "a", "a\0", "a\0b", "ab", "é", "\u{1}"]);
    let number = proptest::sample::select(vec![i64::MIN, -1, 0, 1, 255, 256, i64::MAX]);
    (text, number.clone(), any::<bool>(), number).prop_map(|(text, int, bool, units)| {
        vec![
            Value::string(text),
            Value::Int(int),
            Value::Bool(bool),
            Value::Decimal(Decimal::new(i128::from(units), 2).expect("small")),
            Value::Timestamp(EventTime(int)),
        ]
    })
}
