//! Unions, tables, lookups, fresh joins and `every`, alone and under random events, orders and restarts.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::enriched_rig::{Course, DISORDER, Given, HOUR, LEFTS, PLAIN, RATES, Rig, STRAIGHT, Shape};
use crate::dataflow::*;
use crate::plan::{JoinMode, NodeId};
use crate::state::keys::Table as Records;
use crate::types::{EventTime, Row, Value};

/// The rate that holds strictly before `q`; of a static table the last one read.
fn rate(given: &[Given], shape: Shape, m: Option<&str>, q: i64) -> Value {
    let of_m = given.iter().filter(|row| row.source == RATES && m.is_some() && row.m == m);
    let newest = if shape.is_static {
        of_m.fold(None, |_, row| Some(row))
    } else {
        // A deletion has no id and stands before any row of its time.
        let order = |row: &&Given| (row.ts, !row.is_deletion(), row.id, row.payload());
        of_m.filter(|row| row.ts < q).max_by_key(order)
    };
    newest.and_then(|row| row.n).map_or(Value::Null, Value::Int)
}

/// V(key, q): both sources' events, copies once in each.
fn value(given: &[Given], shape: Shape, key: &str, q: i64) -> Row {
    let mut seen = BTreeSet::new();
    let inside = |row: &&Given| row.source < RATES && row.k == key && (q - HOUR..q).contains(&row.ts);
    let events: Vec<_> =
        given.iter().filter(inside).filter(|row| seen.insert((row.source, row.payload()))).collect();
    let sum =
        |values: Vec<i64>| if values.is_empty() { Value::Null } else { Value::Int(values.iter().sum()) };
    let int = |value: Value| if let Value::Int(int) = value { Some(int) } else { None };
    vec![
        Value::Int(i64::try_from(events.len()).expect("few")),
        sum(events.iter().filter_map(|row| int(rate(given, shape, row.m, row.ts))).collect()),
        sum(events.iter().filter_map(|row| row.n).collect()),
    ]
}

const KEYS: [&str; 3] = ["x", "y", "z"];
const BASE: i64 = 1_000 * HOUR;
pub(super) const CUT: i64 = BASE + 2 * HOUR;

pub(super) fn given() -> impl Strategy<Value = (Given, i64)> {
    let ts = prop_oneof![
        2 => (0..2 * HOUR).prop_map(|before| CUT - 1 - before),
        // Few times: ties within and across sources, and both edges of the window.
        3 => proptest::sample::select(vec![1, 2, 3, HOUR - 1, HOUR, HOUR + 1, HOUR + 2]).prop_map(|before| CUT - before),
    ];
    let m = prop_oneof![4 => proptest::sample::select(vec!["p", "q"]).prop_map(Some), 1 => Just(None)];
    let n = prop_oneof![4 => (-5_i64..9).prop_map(Some), 1 => Just(None)];
    let delay = prop_oneof![Just(0), Just(DISORDER - 1), 0..DISORDER - 1];
    let k = proptest::sample::select(KEYS.to_vec());
    (0_usize..4, ts, 0_u32..20, k, m, n, delay).prop_map(|(source, ts, id, k, m, n, delay)| {
        // A table's key is never null.
        let m = if source == RATES { m.or(Some("p")) } else { m };
        (Given { source, ts, id, k, m, n }, delay)
    })
}

pub(super) fn courses() -> impl Strategy<Value = Course> {
    (1_usize..4, any::<bool>(), any::<bool>()).prop_map(|(shards, reopens, tight)| Course {
        shards,
        reopens,
        tight,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn looked_up_rows_are_those_of_the_set_of_events_and_table_rows(
        given in proptest::collection::vec(given(), 1..60),
        step in 1_usize..20,
        course in courses(),
        is_static in any::<bool>(),
    ) {
        let mut given = given;
        given.sort_by_key(|(given, delay)| given.ts + delay);
        let mut given: Vec<Given> = given.into_iter().map(|(given, _)| given).collect();
        // Copies, also of the other source's events.
        let copies: Vec<_> = given.iter().rev().take(3).filter(|row| row.source != RATES).cloned().collect();
        given.extend(copies);
        let shape = Shape { is_static, ..PLAIN };
        let mut rig = Rig::new(shape, course, Some(CUT));
        for chunk in given.chunks(step) {
            rig.feed(chunk);
        }
        rig.finish();
        prop_assert_eq!(rig.ledger(rig.of.lookup).lookup_missed, 0);
        for key in KEYS {
            prop_assert_eq!(rig.row(key), value(&given, shape, key, CUT), "key {}", key);
        }
        let mut seen = BTreeSet::new();
        let is_left = |row: &&Given| row.source == LEFTS && seen.insert(row.payload());
        let mut lefts: Vec<Row> = given.iter().filter(is_left).map(|left| {
            let mut row = vec![
                Value::Timestamp(EventTime(left.ts)),
                Value::string(format!("e{:04}", left.id)),
                Value::string(left.k),
                left.m.map_or(Value::Null, Value::string),
                left.n.map_or(Value::Null, Value::Int),
            ];
            row.extend(value(&given, shape, left.k, left.ts));
            row.push(rate(&given, shape, left.m, left.ts));
            row
        }).collect();
        let text = |row: &Row| format!("{row:?}");
        lefts.sort_by_key(text);
        rig.joined.sort_by_key(text);
        prop_assert_eq!(&rig.joined, &lefts);
    }

    /// Outside S0: what a fresh join knows is what came before it and with it.
    #[test]
    fn a_fresh_join_shows_what_is_known_when_its_row_comes(
        given in proptest::collection::vec(given(), 1..40),
        step in 1_usize..10,
        course in courses(),
    ) {
        let shape = Shape { mode: JoinMode::Fresh, ..PLAIN };
        let mut rig = Rig::new(shape, course, None);
        let given: Vec<Given> = given.into_iter().map(|(given, _)| given).collect();
        let (mut known, mut lefts) = (Vec::new(), BTreeSet::new());
        for chunk in given.chunks(step) {
            known.extend(chunk.iter().cloned());
            rig.joined.clear();
            rig.feed(chunk);
            let new = chunk.iter().filter(|row| row.source == LEFTS).filter(|row| lefts.insert(row.payload()));
            let late = rig.ledger(left_of(&rig)).expired;
            let new: Vec<_> = new.collect();
            prop_assert!(rig.joined.len() <= new.len());
            prop_assert!(rig.joined.len() == new.len() || late > 0, "each row comes at once");
            for row in &rig.joined {
                let q = if let Value::Timestamp(ts) = row[0] { ts.0 } else { unreachable!() };
                let m = if let Value::String(m) = &row[3] { Some(&**m) } else { None };
                prop_assert_eq!(&row[8], &rate(&known, shape, m, q), "the table as it is known");
            }
        }
    }
}

fn left_of(rig: &Rig) -> NodeId {
    rig.of.plan.inputs(rig.of.join)[0]
}

const NOW: i64 = 10_000 * HOUR;

fn event(source: usize, ts: i64, id: u32) -> Given {
    Given { source, ts, id, k: "x", m: Some("p"), n: Some(1) }
}

fn rates(ts: i64, id: u32, n: i64) -> Given {
    Given { source: RATES, ts, id, k: "", m: Some("p"), n: Some(n) }
}

#[test]
fn a_row_waits_until_the_table_is_complete_for_it() {
    let mut rig = Rig::new(PLAIN, Course { reopens: true, tight: true, ..STRAIGHT }, None);
    rig.feed(&[rates(NOW - 5, 1, 10), event(0, NOW, 2)]);
    rig.tick(&[0, 1, LEFTS], NOW + HOUR / 2);
    assert_eq!(rig.row("x")[0], Value::Int(0), "the table may still change before it");
    rig.tick(&[RATES], NOW - 2 + DISORDER);
    assert_eq!(rig.row("x")[0], Value::Int(0), "W = ts - 2");
    rig.tick(&[RATES], NOW - 1 + DISORDER);
    assert_eq!(rig.row("x"), [Value::Int(1), Value::Int(10), Value::Int(1)], "W = ts - 1");
    // One row later than that would have been seen.
    rig.feed(&[rates(NOW - 3, 3, 20)]);
    assert_eq!(rig.ledger(rig.of.lookup).lookup_missed, 1);
    assert_eq!(rig.row("x")[1], Value::Int(10), "and is final");
}

#[test]
fn a_row_that_waits_holds_the_watermark_below_it() {
    let mut rig = Rig::new(PLAIN, STRAIGHT, None);
    rig.feed(&[event(0, NOW, 1)]);
    rig.feed(&[event(LEFTS, NOW + 5, 2)]);
    rig.tick(&[0, 1, LEFTS], NOW + HOUR);
    assert!(rig.joined.is_empty(), "the left row at {} needs the one that waits", NOW + 5);
    rig.tick(&[RATES], NOW + HOUR);
    let row = rig.joined.iter().find(|row| row[1] == Value::string("e0002")).expect("it is complete now");
    assert_eq!(row[5], Value::Int(1));
}

#[test]
fn a_table_that_is_down_is_waited_for_as_long_as_hold_for() {
    for status in [PartitionStatus::Down { since_ms: 1_000 }, PartitionStatus::Pinned { since_ms: 1_000 }] {
        let mut rig = Rig::new(PLAIN, STRAIGHT, None);
        rig.feed(&[rates(NOW - 5, 1, 10), rates(NOW - 5, 2, 11)]);
        let mut partitions = vec![Rig::status(RATES * 2, status)];
        partitions.push(Rig::status(RATES * 2 + 1, PartitionStatus::Quiet { now_ms: NOW + 2 * HOUR }));
        rig.feed(&[event(0, NOW, 3)]);
        rig.step(Input { partitions, now_ms: 301_000, ..Input::default() });
        assert_eq!(rig.row("x")[0], Value::Int(0), "{status:?}");
        rig.step(Input { now_ms: 301_001, ..Input::default() });
        assert_eq!(rig.row("x")[1], Value::Int(11), "{status:?}: ties by event id");
    }
}

#[test]
fn a_static_table_is_waited_for_until_it_has_been_read_to_its_end_once() {
    let shape = Shape { is_static: true, ..PLAIN };
    let mut rig = Rig::new(shape, Course { reopens: true, ..STRAIGHT }, None);
    rig.feed(&[event(0, NOW, 1), rates(NOW + HOUR, 2, 10)]);
    assert_eq!(rig.row("x")[0], Value::Int(0));
    rig.tell(RATES, PartitionStatus::Quiet { now_ms: 0 });
    assert_eq!(rig.row("x")[1], Value::Int(10), "its rows hold at all times");
    rig.tell(RATES, PartitionStatus::Live);
    rig.feed(&[event(0, NOW + 1, 3), rates(0, 4, 5)]);
    assert_eq!(rig.row("x")[1], Value::Int(15), "the last row read wins, and is read first");
    let mut deleted = rates(0, 5, 0);
    deleted.n = None;
    rig.feed(&[deleted, event(0, NOW + 2, 6)]);
    assert_eq!(rig.row("x")[1], Value::Int(15));
    assert_eq!(rig.row("x")[0], Value::Int(3));
}

#[test]
fn versions_that_nobody_can_ask_for_are_forgotten() {
    let mut rig = Rig::new(PLAIN, Course { reopens: true, tight: true, ..STRAIGHT }, None);
    for step in 0..50 {
        let ts = NOW + step * HOUR;
        rig.tick(&[0, 1, LEFTS, RATES], ts);
        rig.feed(&[rates(ts, 1, step)]);
        let deleted = Given { m: Some("gone"), n: None, ..rates(ts, 2, 0) };
        rig.feed(&[deleted]);
    }
    let kept = rig.records(Records::Version);
    assert!(kept <= 2 * 30, "{kept} versions of 3 keys: a few, and deletions of a day");
    // A row older than what is kept is of no use.
    rig.feed(&[rates(NOW, 7, 7)]);
    assert_eq!(rig.ledger(rig.of.table).expired, 1);
    for step in 50..100 {
        rig.tick(&[0, 1, LEFTS, RATES], NOW + step * HOUR);
    }
    let kept = rig.records(Records::Version);
    assert!(kept <= 5, "{kept} versions of 2 keys");
}

#[test]
fn two_sources_never_have_copies_of_each_other() {
    let mut rig = Rig::new(PLAIN, STRAIGHT, None);
    rig.feed(&[event(0, NOW, 1), event(0, NOW, 1), event(1, NOW, 1), event(1, NOW, 1)]);
    rig.tell(RATES, PartitionStatus::Quiet { now_ms: NOW + HOUR });
    assert_eq!(rig.row("x")[0], Value::Int(2), "each once");
    let aggregate = rig.of.plan.inputs(rig.of.group)[0];
    assert_eq!(rig.ledger(aggregate).duplicate, 2);
    assert_eq!(rig.ledger(aggregate).id_conflict, 0);
}

#[test]
fn the_watermark_of_a_union_is_the_least_of_its_inputs() {
    let mut rig = Rig::new(PLAIN, STRAIGHT, None);
    rig.feed(&[event(0, NOW, 1), event(LEFTS, NOW + 5, 2)]);
    rig.tick(&[RATES, LEFTS], NOW + 10 * HOUR);
    rig.tick(&[0], NOW + HOUR);
    assert!(rig.joined.is_empty(), "nothing is known of `b`");
    rig.tick(&[1], NOW + 4 + DISORDER - 1);
    assert!(rig.joined.is_empty());
    rig.tick(&[1], NOW + 4 + DISORDER);
    assert_eq!(rig.joined.len(), 1);
    assert_eq!(rig.joined[0][5], Value::Int(1));
}

#[test]
fn rows_of_a_key_are_at_least_every_apart_and_the_last_one_is_shown() {
    for reopens in [false, true] {
        let shape = Shape { every_ms: 500, ..PLAIN };
        let mut rig = Rig::new(shape, Course { reopens, tight: reopens, ..STRAIGHT }, None);
        rig.tell(RATES, PartitionStatus::Quiet { now_ms: NOW + 9 * HOUR });
        for step in 0..40 {
            rig.feed(&[event(0, NOW + step * 100, u32::try_from(step).expect("small"))]);
        }
        let as_ofs = |rig: &Rig| -> Vec<i64> {
            let of_x = rig.publications.iter().filter(|row| row.key == [Value::string("x")]);
            of_x.map(|row| row.as_of.0).collect()
        };
        let shown = as_ofs(&rig);
        assert!((7..=9).contains(&shown.len()), "{shown:?}");
        assert!(shown.windows(2).all(|pair| pair[1] - pair[0] >= 500), "{shown:?}");
        assert_ne!(rig.row("x")[0], Value::Int(40), "the last ones are held");
        // Time goes on without the key: what was held comes.
        rig.tick(&[0, 1], NOW + 4_600);
        assert_eq!(rig.row("x")[0], Value::Int(40), "reopens {reopens}");
        assert!(as_ofs(&rig).windows(2).all(|pair| pair[1] - pair[0] >= 500));
        // Expiry goes the same way.
        for step in 0..80 {
            rig.tick(&[0, 1], NOW + HOUR + step * 100);
        }
        assert!(as_ofs(&rig).windows(2).all(|pair| pair[1] - pair[0] >= 500));
        rig.tick(&[0, 1], NOW + 2 * HOUR);
        assert_eq!(rig.row("x")[0], Value::Int(0));
        rig.tick(&[0, 1, LEFTS], NOW + 3 * HOUR);
        rig.tick(&[0, 1, LEFTS], NOW + 4 * HOUR);
        rig.tick(&[0, 1, LEFTS], NOW + 5 * HOUR);
        assert_eq!(rig.latest["x"], None, "a tombstone comes last, reopens {reopens}");
    }
}
