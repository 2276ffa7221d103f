//! Rule S0: the same values at the cut, whatever the arrival order, steps, partitions, shards and
//! restarts, bit by bit.

use proptest::prelude::*;

use super::reference;
use super::rig::{Course, Event, HOUR, Rig, plan};
use crate::types::Value;

const KEYS: [&str; 3] = ["a", "b", "c"];
const BASE: i64 = 1_000 * HOUR;

/// Times at the edges of windows and hops, seen from the cut at `BASE + 4 h`.
fn times() -> impl Strategy<Value = i64> {
    let cut = BASE + 4 * HOUR;
    let edges = [
        0,
        1,
        2,
        999,
        1000,
        1001,
        HOUR - 1,
        HOUR,
        HOUR + 1,
        2 * HOUR - 1,
        2 * HOUR,
        2 * HOUR + 1,
        2 * HOUR + 600_000,
        2 * HOUR + 600_001,
        3 * HOUR - 1,
        3 * HOUR,
        3 * HOUR + 1,
        4 * HOUR,
    ];
    prop_oneof![
        3 => proptest::sample::select(edges.to_vec()).prop_map(move |before| cut - 1 - before),
        2 => (0..4 * HOUR).prop_map(move |before| cut - 1 - before),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    let key = prop_oneof![9 => proptest::sample::select(KEYS.to_vec()).prop_map(Some), 1 => Just(None)];
    let n = prop_oneof![
        Just(None),
        (-3_i64..4).prop_map(Some),
        proptest::sample::select(vec![i64::MAX, i64::MIN, i64::MAX - 1]).prop_map(Some)
    ];
    let x = proptest::sample::select(vec![0.25, -0.5, 1.0, 4e18, -4e18, 3.75]);
    let text = proptest::sample::select(vec!["", "a", "b", "é", "Z"]);
    // Few ids: the same id comes with other bytes too.
    (times(), 0_u32..40, key, n, x, -500_i64..500, text).prop_map(|(ts, id, key, n, x, cents, text)| Event {
        ts,
        id,
        key,
        n,
        x,
        cents,
        text,
    })
}

fn courses() -> impl Strategy<Value = Course> {
    let woken = proptest::sample::select(vec![1, 2, 1000]);
    (1_usize..4, 1_usize..4, any::<bool>(), any::<bool>(), woken).prop_map(
        |(shards, partitions, reopen, tight, woken)| Course { shards, partitions, reopen, tight, woken },
    )
}

/// Feeds the events in the order given by `order`, cut into steps of `step`.
fn run(
    (join, disorder_ms): (bool, i64),
    events: &[(bool, Event)],
    order: &[usize],
    step: usize,
    course: Course,
) -> Rig {
    let mut rig = Rig::new(plan(join, disorder_ms), course, Some(BASE + 4 * HOUR));
    let shuffled: Vec<_> = order.iter().map(|i| events[i % events.len()].clone()).collect();
    for chunk in shuffled.chunks(step) {
        rig.feed(chunk);
    }
    rig.finish();
    rig
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn group_rows_at_the_cut_are_those_of_the_set_of_events(
        events in proptest::collection::vec(events(), 1..60),
        seed in proptest::collection::vec(0_usize..60, 0..20),
        step in 1_usize..20,
        course in courses(),
        disorder_ms in proptest::sample::select(vec![0, 1, 60_000, HOUR, 10 * HOUR]),
    ) {
        // Each event at least once, some again: copies.
        let tagged: Vec<_> = events.iter().map(|event| (false, event.clone())).collect();
        let order: Vec<usize> = seed.into_iter().chain((0..events.len()).rev()).collect();
        let rig = run((false, disorder_ms), &tagged, &order, step, course);
        for key in KEYS {
            let expected = reference::row(&events, key, BASE + 4 * HOUR);
            prop_assert_eq!(rig.group_row(key), expected, "key {}", key);
        }
    }

    #[test]
    fn join_rows_are_those_of_the_events_strictly_before(
        events in proptest::collection::vec((any::<bool>(), events(), 0..HOUR), 1..60),
        step in 1_usize..20,
        course in courses(),
        disorder_ms in proptest::sample::select(vec![HOUR, 10 * HOUR]),
    ) {
        // Right events come at most an hour after newer ones, left rows up to an hour later still.
        let arrival = |(left, event, delay): &(bool, Event, i64)| {
            let ts = event.ts + if *left { 2 * delay } else { *delay };
            if disorder_ms == HOUR { ts } else { -ts }
        };
        let mut events = events;
        events.sort_by_key(arrival);
        let events: Vec<_> = events.into_iter().map(|(left, event, _)| (left, event)).collect();
        // The last ones come again: copies.
        let order: Vec<usize> = (0..events.len()).chain(events.len().saturating_sub(3)..events.len()).collect();
        let rig = run((true, disorder_ms), &events, &order, step, course);
        prop_assert!(rig.ledger().nodes.iter().all(|(_, node)| node.missed == 0), "nothing is missed");
        let rights: Vec<Event> =
            events.iter().filter(|(left, _)| !left).map(|(_, event)| event.clone()).collect();
        let node = rig.plan.join.expect("a join");
        let mut got: Vec<_> = rig.publications.iter().filter(|row| row.node == node).map(|row| {
            let full = row.row.clone().expect("join rows are never tombstones");
            (row.as_of.0, full)
        }).collect();
        let mut lefts: Vec<_> = events.iter().filter(|(left, _)| *left).map(|(_, event)| event).collect();
        lefts.sort_by_key(|event| event.payload());
        lefts.dedup_by_key(|event| event.payload());
        prop_assert_eq!(got.len(), lefts.len());
        for left in lefts {
            let features = left.key.map_or_else(
                || vec![Value::Null; reference::empty().len()],
                |key| reference::row(&rights, key, left.ts),
            );
            let at = got.iter().position(|(as_of, row)| {
                *as_of == left.ts && row[1] == Value::string(format!("e{:04}", left.id)) && row[7..] == features[..]
            });
            prop_assert!(at.is_some(), "no row for {:?} with {:?}", left, features);
            got.remove(at.expect("found"));
        }
    }
}
