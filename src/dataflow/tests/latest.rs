//! A join that is published as latest: late left rows never take the place of newer ones.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::enriched::{CUT, courses, given};
use super::enriched_rig::{Course, DISORDER, Given, HOUR, LEFTS, PLAIN, RATES, Rig, STRAIGHT, Shape};
use crate::plan::{JoinMode, PublishMode};
use crate::state::keys::Table as Records;
use crate::types::{Row, Value};

const LATEST: Shape = Shape { published: &[(PublishMode::Latest, 2)], left_late_ms: 100 * HOUR, ..PLAIN };

/// Time and id of a left row, by which the newer one is known.
fn rank(row: &Row) -> (i64, String) {
    let Value::Timestamp(ts) = row[0] else { unreachable!("the left's time") };
    (ts.0, row[1].to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// In any order of arrival, over restarts, whether rows wait for their rights or not, and for the end of `every`.
    #[test]
    fn a_reader_of_a_join_as_latest_ends_with_the_newest_left_row(
        given in proptest::collection::vec(given(), 1..60),
        step in 1_usize..20,
        course in courses(),
        is_fresh in any::<bool>(),
        every_ms in prop_oneof![Just(0), 1_i64..HOUR],
    ) {
        let given: Vec<Given> = given.into_iter().map(|(given, _)| given).collect();
        let mode = if is_fresh { JoinMode::Fresh } else { JoinMode::Complete };
        let mut rig = Rig::new(Shape { mode, every_ms, ..LATEST }, course, Some(CUT));
        for chunk in given.chunks(step) {
            rig.feed(chunk);
        }
        rig.finish();
        let mut read: BTreeMap<String, Row> = BTreeMap::new();
        for row in &rig.joined {
            let before = read.insert(row[2].to_string(), row.clone());
            prop_assert!(before.is_none_or(|before| rank(&before) <= rank(row)), "an older row came later");
        }
        let mut newest: BTreeMap<String, (i64, String)> = BTreeMap::new();
        for left in given.iter().filter(|row| row.source == LEFTS) {
            let rank = (left.ts, format!("e{:04}", left.id));
            let kept = newest.entry(left.k.to_owned()).or_insert_with(|| rank.clone());
            *kept = rank.max(kept.clone());
        }
        let read: BTreeMap<_, _> = read.into_iter().map(|(key, row)| (key, rank(&row))).collect();
        prop_assert_eq!(read, newest);
        for as_ofs in as_ofs(&rig).values() {
            // At the cut nothing waits any longer.
            let is_apart = |pair: &[i64]| pair[1] - pair[0] >= every_ms || pair[1] == CUT;
            prop_assert!(as_ofs.windows(2).all(is_apart), "{:?} with every {}", as_ofs, every_ms);
        }
    }
}

/// As of when the join's rows of each key hold, in their order.
fn as_ofs(rig: &Rig) -> BTreeMap<String, Vec<i64>> {
    let mut of_keys: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in rig.publications.iter().filter(|row| row.node == rig.of.join) {
        of_keys.entry(row.key[0].to_string()).or_default().push(row.as_of.0);
    }
    of_keys
}

#[test]
fn rows_of_a_join_wait_for_the_end_of_every_unless_a_newer_one_comes_later_than_that() {
    for reopens in [false, true] {
        let shape = Shape { every_ms: 500, left_late_ms: HOUR, mode: JoinMode::Fresh, ..LATEST };
        let mut rig = Rig::new(shape, Course { reopens, ..STRAIGHT }, None);
        let shown = |rig: &Rig| as_ofs(rig).remove("x").unwrap_or_default();
        rig.feed(&[left(NOW, 1)]);
        rig.feed(&[left(NOW + 100, 2), left(NOW + 300, 3)]);
        rig.feed(&[left(NOW + 200, 4)]);
        assert_eq!(shown(&rig), [NOW], "the others are within 500 ms");
        rig.tick(&[LEFTS], NOW + 499 + DISORDER);
        assert_eq!(shown(&rig), [NOW]);
        rig.tick(&[LEFTS], NOW + 500 + DISORDER);
        assert_eq!(shown(&rig), [NOW, NOW + 500], "the newest of them comes at the end of it, as of then");
        assert_eq!(
            rig.joined.iter().rfind(|row| row[2] == Value::string("x")).map(rank),
            Some((NOW + 300, "e0003".into()))
        );
        rig.feed(&[left(NOW + 700, 5), left(NOW + 1_000, 6)]);
        rig.tick(&[LEFTS], NOW + 3_000 + DISORDER);
        let last = [NOW, NOW + 500, NOW + 1_000];
        assert_eq!(shown(&rig), last, "what a newer row has replaced is not put out, reopens {reopens}");
        assert_eq!(rig.records(Records::Newest), 2, "and the clock's");
    }
}

const NOW: i64 = 10_000 * HOUR;

fn left(ts: i64, id: u32) -> Given {
    Given { source: LEFTS, ts, id, k: "x", m: Some("p"), n: Some(1) }
}

#[test]
fn the_newest_row_of_a_key_is_remembered_as_long_as_an_older_one_may_come() {
    let mut rig = Rig::new(Shape { mode: JoinMode::Fresh, left_late_ms: HOUR, ..LATEST }, STRAIGHT, None);
    rig.feed(&[left(NOW, 5)]);
    rig.feed(&[left(NOW - 1, 9), left(NOW, 4)]);
    assert_eq!(rig.joined.iter().map(rank).collect::<Vec<_>>(), [(NOW, "e0005".to_owned())]);
    rig.feed(&[left(NOW, 6)]);
    assert_eq!(rig.joined.len(), 2, "of one time the greater id is the newer");
    assert_eq!(rig.records(Records::Newest), 1);
    rig.tick(&[LEFTS], NOW + 2 * HOUR);
    rig.tick(&[LEFTS], NOW + 2 * HOUR + 1);
    assert_eq!(rig.records(Records::Newest), 1, "the clock's own, which is newer");
}

#[test]
fn the_newest_row_of_a_join_is_put_out_again_as_long_as_it_is_remembered() {
    let mut rig = Rig::new(Shape { mode: JoinMode::Fresh, left_late_ms: HOUR, ..LATEST }, STRAIGHT, None);
    rig.feed(&[left(NOW, 5), left(NOW - 1, 4)]);
    let newest = rig.joined.last().cloned();
    let (rows, versions) = (rig.joined.len(), rig.publications.len());
    rig.put_out_again("x");
    assert_eq!((rig.joined.len(), rig.joined.last().cloned()), (rows + 1, newest));
    assert!(rig.publications[versions].version > rig.publications[versions - 1].version);
    rig.put_out_again("nobody");
    rig.tick(&[LEFTS], NOW + 2 * HOUR);
    rig.tick(&[LEFTS], NOW + 2 * HOUR + 1);
    let rows = rig.joined.len();
    rig.put_out_again("x");
    assert_eq!(rig.joined.len(), rows, "nobody knows it any more");
}

/// Keyed by a column that may be null.
const BY_M: Shape = Shape { published: &[(PublishMode::Latest, 3)], mode: JoinMode::Fresh, ..LATEST };

#[test]
fn a_left_row_without_a_key_is_nobodys_latest() {
    let keyed = |id, m| Given { m, ..left(NOW, id) };
    let rows = [keyed(1, Some("")), keyed(2, None), keyed(3, None), keyed(3, None)];
    let both = &[(PublishMode::Latest, 3), (PublishMode::Events, 1)];
    // Where each row is put out as an event, too, no row has got lost.
    for (published, counted) in [(BY_M.published, (1, 3, 0)), (both, (3, 0, 1))] {
        let mut rig = Rig::new(Shape { published, ..BY_M }, STRAIGHT, None);
        rig.feed(&rows);
        rig.finish();
        let of = |node| rig.publications.iter().filter(move |row| row.node == node);
        let keys: Vec<String> = of(rig.of.join).map(|row| format!("{:?}", row.key)).collect();
        assert_eq!(keys, [format!("{:?}", [Value::string("")])]);
        let ledger = rig.ledger(rig.of.plan.inputs(rig.of.join)[0]);
        assert_eq!((ledger.applied, ledger.null_key, ledger.duplicate), counted);
        let events = rig.of.plan.publishers().into_iter().find(|(_, of)| of.mode == PublishMode::Events);
        assert_eq!(events.map_or(3, |(node, _)| of(node).count()), 3, "each left event once");
    }
}

/// Every kind of record, as bytes: what a store holds must be readable by every later version. A change
/// here needs a new version of that record, and a reader for the old one.
#[test]
fn the_records_of_a_state_have_these_bytes() {
    let run = |course| {
        let mut rig = Rig::new(Shape { left_late_ms: HOUR, ..LATEST }, course, None);
        let event = |source, ts, id, n| Given { source, ts, id, k: "x", m: Some("p"), n: Some(n) };
        rig.feed(&[event(RATES, NOW - 9, 1, 7), event(0, NOW - 5, 2, 3), event(LEFTS, NOW, 3, 4)]);
        rig.tick(&[0, 1, RATES, LEFTS], NOW + HOUR);
        rig.feed(&[event(LEFTS, NOW + 2 * HOUR, 4, 4)]);
        rig
    };
    // Keys are written back when little may stay in memory; until then there is the redo record.
    let (written_back, straight) = (run(Course { tight: true, ..STRAIGHT }), run(STRAIGHT));
    let of = |table| if table == Records::Key { &written_back } else { &straight };
    let records: Vec<String> =
        ALL.iter().flat_map(|(table, name)| dumped(of(*table), *table, name)).collect();
    let found = records.join("\n") + "\n";
    let expected = include_str!("records.txt");
    assert!(found == expected, "the records are now\n{found}");
    for (_, name) in ALL {
        assert!(expected.lines().any(|line| line.starts_with(name)), "no record of {name}");
    }
}

const ALL: [(Records, &str); 11] = [
    (Records::Plan, "plan"),
    (Records::Clock, "clock"),
    (Records::Ledger, "ledger"),
    (Records::Key, "key"),
    (Records::Timer, "timer"),
    (Records::Redo, "redo"),
    (Records::Pending, "pending"),
    (Records::Guard, "guard"),
    (Records::Newest, "newest"),
    (Records::Version, "version"),
    (Records::Asked, "asked"),
];

fn dumped(rig: &Rig, table: Records, name: &str) -> Vec<String> {
    use std::fmt::Write as _;
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    };
    rig.dump(table)
        .into_iter()
        .map(|(key, value)| format!("{name} {} = {}", hex(&key), hex(&value)))
        .collect()
}
