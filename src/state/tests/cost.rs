//! What the store holds of keys and events, against what is said of it; and what a hot key's row costs.

use super::*;

/// A double, a text, a decimal and an int, behind one filter.
fn layout(hashed: bool) -> Layout {
    let amount = DataType::Decimal { precision: 12, scale: 2 };
    let inputs = vec![DataType::Double, DataType::String, amount, DataType::Int];
    let of = |kind, input: Option<usize>| Cell {
        shape: Shape::of(kind, Inputs { value: input.map(|at| inputs[at]), ..Inputs::default() }),
        input,
        order: None,
        bucket: None,
        filter: None,
    };
    let kinds = [
        (Kind::Sum, Some(0), DataType::Double),
        (Kind::UniqueCount, Some(1), DataType::Int),
        (Kind::Avg, Some(2), DataType::wide_decimal(6)),
        (Kind::Max, Some(3), DataType::Int),
    ];
    let columns = (0..).zip(kinds).map(|(cell, (kind, _, output))| Column {
        cell,
        window: 0,
        kind,
        default: None,
        output,
    });
    Layout {
        columns: columns.collect(),
        cells: kinds.map(|(kind, input, _)| of(kind, input)).to_vec(),
        windows: vec![Some(Window { size_ms: 7 * 86_400_000, tail: Tail::Exact, refresh_ms: 1000 })],
        inputs,
        filters: 1,
        hashed,
        ..Layout::default()
    }
}

const KEY: &[u8] = b"\x05value-000007\0\x01";

/// The bytes of one key with events some minutes apart.
fn stored_bytes(layout: &Layout, events: i64) -> u64 {
    let mut state = KeyState::default();
    let base = 1_700_000_000_000;
    (state.as_of, state.published, state.timer) = (base, Some(1 << 127), base + 1);
    for i in 0..events {
        let mut data = Vec::new();
        let merchant = Value::string(format!("merchant-{:03}", i * 7 % 900));
        let cents = Value::Decimal(Decimal::new(i128::from(i) * 9_973 % 90_000 + 9_000, 2).expect("small"));
        let inputs = [Value::double(0.1), merchant, cents, Value::Int(1_000 + i % 7_000)];
        layout.put_event(&mut data, &[true], &inputs);
        let hashes = [i.cast_unsigned(), 1];
        state.ring.insert(layout, &Event { ts: base + i * 300_000, hashes, data: &data });
    }
    // A row makes partials, which are kept where they are small.
    Cells::new(layout).row(layout, &mut state.ring, base + events * 300_000).expect("own bytes");
    let mut batch = WriteBatch::default();
    state.write_back(&mut batch, 2, KEY, 300);
    batch.size()
}

#[test]
fn keys_and_events_take_the_bytes_that_are_said_of_them() {
    for hashed in [false, true] {
        let layout = layout(hashed);
        let cost = layout.cost(&[DataType::String]);
        for events in [1_i64, 10, 1_000] {
            let said = cost.key_bytes + cost.event_bytes * events.cast_unsigned();
            let measured = stored_bytes(&layout, events);
            println!("hashed {hashed}, {events} events: said {said}, measured {measured}");
            assert!(
                measured.abs_diff(said) * 10 <= said,
                "{hashed} {events}: {said} said, {measured} measured"
            );
        }
    }
}

/// Merges one by one, as without runs, against a row.
#[test]
#[ignore = "a measurement: cargo test --release --no-default-features --lib a_hot_keys_row -- --ignored --nocapture"]
#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn a_hot_keys_row_costs_less_than_its_chunks() {
    const EVENTS: i64 = 300_000;
    let layout = super::layout(false);
    let mut ring = Ring::default();
    for ts in 0..EVENTS {
        ring.insert(&layout, &Event { ts, hashes: [0, 0], data: &data(ts) });
    }
    let layout = Layout {
        windows: vec![Some(Window { size_ms: EVENTS, tail: Tail::Exact, refresh_ms: 1 }); 2],
        ..layout
    };
    let mut cells = Cells::new(&layout);
    let expected = cells.row(&layout, &mut ring, EVENTS).expect("own bytes");
    let start = std::time::Instant::now();
    for _ in 0..100 {
        assert_eq!(cells.row(&layout, &mut ring, EVENTS).expect("own bytes"), expected);
    }
    let with_runs = start.elapsed();
    let start = std::time::Instant::now();
    for _ in 0..100 {
        for chunk in &mut ring.chunks {
            chunk.add_to(&layout, &mut cells, 0).expect("own bytes");
        }
    }
    println!(
        "a row of {EVENTS} events: {:?} with runs, {:?} chunk by chunk",
        with_runs / 100,
        start.elapsed() / 100
    );
}
