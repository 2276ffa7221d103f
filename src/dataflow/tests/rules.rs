//! The rules one by one, on a clock that is moved by hand.

use super::reference;
use super::rig::{Course, Event, HOUR, Rig, STRAIGHT, event, plan};
use crate::dataflow::*;
use crate::state::MemoryStore;
use crate::state::keys::Table;
use crate::types::{EventTime, Value};

const NOW: i64 = 10_000 * HOUR;

fn live(join: bool) -> Rig {
    Rig::new(plan(join, 0), STRAIGHT, None)
}

/// Moves W of `events` to `ts` by an event of a key that no test looks at.
fn tick(rig: &mut Rig, ts: i64) {
    rig.feed(&[(false, event(ts, 9_999, "clock"))]);
}

fn group_count(rig: &Rig, key: &str) -> usize {
    rig.publications.iter().filter(|p| p.node == rig.plan.group && p.key == [Value::string(key)]).count()
}

/// Counts of the group by.
fn group_ledger(rig: &Rig) -> NodeLedger {
    rig.ledger().nodes[0].1
}

fn join_ledger(rig: &Rig) -> NodeLedger {
    rig.ledger().nodes[1].1
}

#[test]
fn a_row_is_published_once_per_key_and_step_and_only_if_it_changed() {
    let mut rig = live(false);
    rig.feed(&[(false, event(NOW, 1, "a")), (false, event(NOW + 5, 2, "a"))]);
    assert_eq!(group_count(&rig, "a"), 1);
    assert_eq!(rig.publications[0].as_of, EventTime(NOW + 6), "newest ts + 1");
    rig.feed(&[(false, event(NOW, 1, "a"))]);
    assert_eq!(group_count(&rig, "a"), 1, "a copy changes nothing");
}

#[test]
fn a_key_that_left_memory_with_a_moved_timer_still_expires() {
    let mut rig = Rig::new(plan(false, 0), Course { tight: true, ..STRAIGHT }, None);
    // It counts for no column over a second: the first timer finds the row as it was, and moves on.
    let only = Event { n: Some(0), ..event(NOW, 1, "a") };
    rig.feed(&[(false, only)]);
    for ts in [NOW + 2_500, NOW + 5_000, NOW + 10_000] {
        tick(&mut rig, ts);
    }
    assert_eq!((rig.group_row("a")[0].clone(), group_count(&rig, "a")), (Value::Int(1), 1));
    tick(&mut rig, NOW + HOUR + 1_001);
    assert_eq!(rig.group_row("a")[0], Value::Int(0));
}

#[test]
fn the_window_includes_its_start_and_excludes_its_end() {
    let events = [event(NOW, 1, "a")];
    let count = |q: i64| reference::row(&events, "a", q)[0].clone();
    assert_eq!(count(NOW), Value::Int(0), "an event does not see itself");
    assert_eq!((count(NOW + 1), count(NOW + HOUR)), (Value::Int(1), Value::Int(1)));
    assert_eq!(count(NOW + HOUR + 1), Value::Int(0));
    for (cut, expected) in [(NOW + 1, 1), (NOW + HOUR, 1), (NOW + HOUR + 1, 0)] {
        let mut rig = Rig::new(plan(false, 0), STRAIGHT, Some(cut));
        rig.feed(&[(false, events[0].clone())]);
        rig.finish();
        assert_eq!(rig.group_row("a")[0], Value::Int(expected), "as of {cut}");
    }
}

#[test]
fn values_that_expire_are_published_within_refresh_and_dropped_with_a_tombstone() {
    for reopen in [false, true] {
        let mut rig = Rig::new(plan(false, 0), Course { reopen, tight: reopen, ..STRAIGHT }, None);
        let only = event(NOW, 1, "a");
        rig.feed(&[(false, only.clone())]);
        assert_eq!(rig.group_row("a")[0], Value::Int(1));
        // The 1 h windows refresh within 1 s.
        tick(&mut rig, NOW + HOUR + 1001);
        assert_eq!(rig.group_row("a"), reference::row(&[only], "a", NOW + HOUR + 1001));
        assert_eq!(rig.group_row("a")[0], Value::Int(0));
        tick(&mut rig, NOW + 4 * HOUR);
        assert_eq!(rig.group_row("a"), reference::empty());
        for later in 1..4 {
            tick(&mut rig, NOW + 4 * HOUR + later * 120_000);
        }
        let last = rig.publications.iter().rfind(|p| p.key == [Value::string("a")]).expect("published");
        assert!(last.row.is_none(), "a tombstone comes last, reopen {reopen}");
    }
}

#[test]
fn an_idle_key_leaves_no_record() {
    let mut rig = Rig::new(plan(false, 0), Course { tight: true, ..STRAIGHT }, None);
    for key in ["a", "b", "c"] {
        rig.feed(&[(false, event(NOW, 1, key))]);
    }
    for step in 0..20 {
        tick(&mut rig, NOW + step * HOUR);
    }
    // Only the clock's own key is left.
    let engine = rig.engine.as_ref().expect("open");
    assert!(engine.shards.iter().map(|shard| shard.resident().len()).sum::<usize>() <= 1);
    assert!(rig.records(Table::Key) <= 2 && rig.records(Table::Timer) <= 1, "head, chunk, timer of one key");
}

#[test]
fn timers_survive_a_restart_also_of_keys_that_are_not_in_memory() {
    let mut rig = Rig::new(plan(false, 0), Course { reopen: true, tight: true, ..STRAIGHT }, None);
    rig.feed(&[(false, event(NOW, 1, "a"))]);
    for later in 1..6 {
        tick(&mut rig, NOW + later);
    }
    let resident = |rig: &Rig| rig.engine.as_ref().expect("open").shards[0].resident();
    assert!(resident(&rig).iter().all(|(_, key)| !key.contains(&b'a')), "the key was written back");
    tick(&mut rig, NOW + HOUR + 1001);
    assert_eq!(rig.group_row("a")[0], Value::Int(0));
}

#[test]
fn a_late_event_counts_while_some_window_holds_it_and_is_expired_after() {
    let mut rig = live(false);
    tick(&mut rig, NOW + 3 * HOUR);
    rig.feed(&[(false, event(NOW, 1, "a"))]);
    assert_eq!(group_ledger(&rig).expired, 0, "the 3 h window still holds it");
    assert_eq!(rig.group_row("a")[5], Value::double(1.0));
    tick(&mut rig, NOW + 3 * HOUR + 1);
    rig.feed(&[(false, event(NOW, 2, "a"))]);
    assert_eq!(group_ledger(&rig).expired, 1);
    tick(&mut rig, NOW + 3 * HOUR + 1001);
    assert_eq!(rig.group_row("a"), reference::empty(), "nothing holds it now");
}

#[test]
fn copies_count_once_and_the_same_id_with_other_bytes_is_a_conflict() {
    let mut rig = live(false);
    let one = event(NOW, 1, "a");
    let other = Event { cents: 7, ..one.clone() };
    rig.feed(&[(false, one.clone()), (false, one.clone()), (false, other)]);
    rig.feed(&[(false, one)]);
    let ledger = group_ledger(&rig);
    assert_eq!((ledger.applied, ledger.duplicate, ledger.id_conflict), (2, 2, 1));
    assert_eq!(rig.group_row("a")[0], Value::Int(2));
}

#[test]
fn null_keys_and_dead_letters_are_counted() {
    let mut rig = live(false);
    rig.feed(&[(false, Event { key: None, ..event(NOW, 1, "a") })]);
    let mut record = rig.record(false, &event(NOW, 2, "a"));
    record.timestamp_ms = NOW - 1;
    rig.step(Input { records: vec![record], ..Input::default() });
    assert_eq!(group_ledger(&rig).null_key, 1);
    assert_eq!(rig.dead_letters[0].reason, "future");
    let source = rig.ledger().sources[0].1;
    assert_eq!((source.consumed, source.decoded, source.dead_lettered), (2, 1, 1));
    assert_eq!(rig.watermarks[0], NOW, "a dead letter moves no watermark");
}

#[test]
fn a_left_row_waits_for_the_right_watermark_and_is_final() {
    let mut rig = live(true);
    let join = rig.plan.join.expect("a join");
    let joined = |rig: &Rig| rig.publications.iter().filter(|p| p.node == join).count();
    rig.feed(&[(false, event(NOW - 5, 1, "a")), (true, event(NOW, 1, "a"))]);
    assert_eq!(joined(&rig), 0, "W is q - 5");
    tick(&mut rig, NOW - 2);
    assert_eq!(joined(&rig), 0, "W is q - 2");
    tick(&mut rig, NOW - 1);
    assert_eq!(joined(&rig), 1, "W is q - 1");
    rig.feed(&[(false, event(NOW - 3, 2, "a"))]);
    assert_eq!(join_ledger(&rig).missed, 1, "it belonged to the row that is final");
    rig.feed(&[(false, event(NOW, 3, "a"))]);
    assert_eq!(join_ledger(&rig).missed, 1, "an event at q never belonged to it");
    rig.feed(&[(true, event(NOW, 1, "a"))]);
    assert_eq!((joined(&rig), join_ledger(&rig).duplicate), (1, 1));
}

#[test]
fn missed_events_are_counted_for_keys_that_had_no_events_and_after_restarts() {
    let mut rig = Rig::new(plan(true, 0), Course { reopen: true, tight: true, ..STRAIGHT }, None);
    rig.feed(&[(true, event(NOW, 1, "a"))]);
    tick(&mut rig, NOW);
    tick(&mut rig, NOW + 1);
    rig.feed(&[(false, event(NOW - 3, 2, "a"))]);
    assert_eq!(join_ledger(&rig).missed, 1);
}

#[test]
fn left_rows_later_than_left_late_are_expired_and_earlier_ones_read_kept_history() {
    let mut rig = live(true);
    let right = event(NOW, 1, "a");
    rig.feed(&[(false, right.clone())]);
    tick(&mut rig, NOW + 4 * HOUR);
    rig.feed(&[(true, event(NOW + 4 * HOUR, 1, "b"))]);
    // An hour late: every window has left the event behind, the left row's own has not.
    rig.feed(&[(true, event(NOW + 3 * HOUR, 2, "a"))]);
    let row = rig.publications.last().and_then(|p| p.row.clone()).expect("a row");
    assert_eq!(row[7..], reference::row(&[right], "a", NOW + 3 * HOUR)[..]);
    assert_eq!(row[7 + 5], Value::double(1.0), "the 3 h average sees it");
    rig.feed(&[(true, event(NOW + 3 * HOUR - 1, 3, "a"))]);
    assert_eq!(join_ledger(&rig).expired, 1);
}

#[test]
fn a_right_that_runs_ahead_keeps_what_a_lagging_left_source_may_ask_for() {
    let mut rig = Rig::new(plan(true, 0), Course { reopen: true, tight: true, ..STRAIGHT }, None);
    let right = event(NOW, 1, "a");
    rig.feed(&[(true, event(NOW, 1, "b")), (false, right.clone())]);
    // The right's partition is at its end: W jumps days ahead.
    let quiet = PartitionUpdate {
        partition: PartitionId(0),
        source: "events".to_owned(),
        status: PartitionStatus::Quiet { now_ms: NOW + 100 * HOUR },
    };
    rig.step(Input { partitions: vec![quiet], ..Input::default() });
    assert_eq!(rig.watermarks[0], NOW + 100 * HOUR);
    tick(&mut rig, NOW + 100 * HOUR);
    rig.feed(&[(true, event(NOW + 10, 2, "a"))]);
    let row = rig.publications.last().and_then(|p| p.row.clone()).expect("a row");
    assert_eq!(row[7..], reference::row(&[right], "a", NOW + 10)[..]);
}

#[test]
fn pending_left_rows_and_their_guards_survive_a_restart() {
    let mut rig = live(true);
    rig.feed(&[(true, event(NOW, 1, "a"))]);
    assert_eq!((rig.records(Table::Pending), rig.records(Table::Guard)), (1, 1));
    rig.reopen();
    rig.feed(&[(true, event(NOW, 1, "a"))]);
    assert_eq!(join_ledger(&rig).duplicate, 1);
    tick(&mut rig, NOW);
    assert_eq!(rig.publications.iter().filter(|p| Some(p.node) == rig.plan.join).count(), 1);
    assert_eq!(rig.records(Table::Pending), 0);
    rig.feed(&[(true, event(NOW + 2 * HOUR, 2, "a"))]);
    assert_eq!(rig.records(Table::Guard), 1, "the first guard is no longer needed");
}

#[test]
fn partitions_hold_w_until_they_are_quiet_or_down_for_too_long() {
    let course = Course { partitions: 2, ..STRAIGHT };
    let mut rig = Rig::new(plan(false, 10), course, None);
    rig.feed(&[(false, event(NOW, 2, "a"))]);
    assert_eq!(rig.watermarks[0], i64::MIN, "the other partition has not been heard of");
    let mut update = |status, now_ms| {
        let partition = PartitionId(1);
        let partitions = vec![PartitionUpdate { partition, source: "events".to_owned(), status }];
        let output = rig.engine.as_mut().expect("open");
        let output = output.step(Input { partitions, now_ms, ..Input::default() }, &rig.store).expect("runs");
        (output.watermarks[0].1.0, output.missing)
    };
    assert_eq!(update(PartitionStatus::Quiet { now_ms: NOW - 50 }, NOW).0, NOW - 60);
    let down = PartitionStatus::Down { since_ms: NOW };
    assert_eq!(update(down, NOW + 300_000), (NOW - 60, vec![]));
    assert_eq!(update(down, NOW + 300_001), (NOW - 10, vec![PartitionId(1)]));
    assert_eq!(update(PartitionStatus::Live, NOW + 300_001).0, NOW - 10, "W never falls");
}

#[test]
fn history_is_not_put_out_and_a_rebroadcast_puts_out_each_key_once() {
    let mut rig = Rig::new(plan(true, 0), Course { tight: true, ..STRAIGHT }, None);
    rig.options.publish = false;
    rig.reopen();
    for (i, key) in (0..).zip(["a", "b", "c", "d", "e"]) {
        rig.feed(&[(true, event(NOW, i, key)), (false, event(NOW, i, key))]);
    }
    tick(&mut rig, NOW + 1);
    assert!(rig.publications.is_empty());
    rig.feed(&[(true, event(NOW + 50, 77, "a"))]);
    rig.options.publish = true;
    rig.reopen();
    rig.rebroadcast(2);
    assert_eq!(rig.publications.len(), 6, "five keys and the clock's");
    assert_eq!(rig.group_row("c")[0], Value::Int(1));
    rig.rebroadcast(100);
    assert_eq!(rig.publications.len(), 12);
    rig.feed(&[(false, event(NOW, 4, "e"))]);
    assert_eq!(rig.publications.len(), 12, "a copy changes nothing");
    tick(&mut rig, NOW + 50);
    assert!(rig.publications.iter().any(|p| Some(p.node) == rig.plan.join), "what waited is released");
}

#[test]
fn keys_are_put_out_again_as_they_are_and_as_tombstones_where_there_is_nothing() {
    for course in [STRAIGHT, Course { tight: true, reopen: true, ..STRAIGHT }] {
        let mut rig = Rig::new(plan(false, 0), course, None);
        rig.feed(&[(false, event(NOW, 1, "a")), (false, event(NOW, 2, "a")), (false, event(NOW, 3, "b"))]);
        let before = rig.publications.len();
        rig.put_out_again(&["a", "z"]);
        let again: Vec<_> = rig.publications[before..].iter().map(|p| (&p.key[0], p.row.is_some())).collect();
        assert_eq!(again, [(&Value::string("a"), true), (&Value::string("z"), false)]);
        assert_eq!(rig.group_row("a")[0], Value::Int(2));
        rig.feed(&[(false, event(NOW, 4, "z"))]);
        assert_eq!(rig.group_row("z")[0], Value::Int(1), "a tombstone is not the last word");
        assert_eq!(group_count(&rig, "b"), 1);
    }
}

#[test]
fn what_was_shown_is_taken_back_also_if_it_expires_while_nothing_may_be_said() {
    for tight in [false, true] {
        let mut rig = Rig::new(plan(false, 0), Course { reopen: tight, tight, ..STRAIGHT }, None);
        rig.feed(&[(false, event(NOW, 1, "a"))]);
        assert_eq!(rig.group_row("a")[0], Value::Int(1));
        rig.options.publish = false;
        rig.reopen();
        for later in 0..6 {
            tick(&mut rig, NOW + (4 + later) * HOUR);
        }
        assert_eq!(rig.group_row("a")[0], Value::Int(1), "readers still see it");
        rig.options.publish = true;
        rig.reopen();
        rig.rebroadcast(1);
        assert_eq!(rig.group_row("a"), reference::empty(), "tight {tight}");
        tick(&mut rig, NOW + 11 * HOUR);
        tick(&mut rig, NOW + 12 * HOUR);
        let last = rig.publications.iter().rfind(|p| p.key == [Value::string("a")]).expect("published");
        assert!(last.row.is_none(), "a tombstone comes last, tight {tight}");
    }
}

#[test]
fn a_bounded_run_ends_at_the_cut_and_no_row_is_later() {
    let mut rig = Rig::new(plan(true, 0), STRAIGHT, Some(NOW));
    rig.feed(&[(false, event(NOW - 10, 1, "a")), (true, event(NOW - 1, 1, "a")), (true, event(NOW, 2, "a"))]);
    rig.feed(&[(false, event(NOW + HOUR, 2, "a"))]);
    assert_eq!(rig.watermarks[0], NOW - 1);
    rig.finish();
    assert!(rig.publications.iter().all(|p| p.as_of.0 <= NOW));
    assert_eq!(rig.group_row("a"), reference::row(&[event(NOW - 10, 1, "a")], "a", NOW));
    let joined: Vec<_> = rig.publications.iter().filter(|p| Some(p.node) == rig.plan.join).collect();
    assert_eq!((joined.len(), joined[0].as_of), (1, EventTime(NOW - 1)), "the row at the cut waits");
    let open = |cut| {
        let options = Options { cut: Some(EventTime(cut)), ..rig.options.clone() };
        Engine::open(&rig.plan.plan, options, &rig.store)
    };
    assert!(open(NOW).is_ok());
    assert!(matches!(open(NOW - 1), Err(EngineError::CutInThePast { .. })));
}

#[test]
fn a_state_opens_only_with_the_plan_that_made_it() {
    let rig = live(true);
    let other = plan(false, 0);
    let opened = Engine::open(&other.plan, rig.options.clone(), &rig.store);
    assert!(matches!(opened, Err(EngineError::OtherPlan(_))));
    let mut changed = plan(true, 0).plan;
    for id in changed.topological() {
        changed.node_mut(id).fingerprint.push('x');
    }
    assert!(matches!(
        Engine::open(&changed, rig.options.clone(), &rig.store),
        Err(EngineError::OtherPlan(_))
    ));
    assert!(Engine::open(&changed, rig.options.clone(), &MemoryStore::default()).is_ok());
}

#[test]
fn damaged_records_are_errors_that_name_them() {
    let mut rig = live(true);
    rig.feed(&[(false, event(NOW, 1, "a")), (true, event(NOW + 5, 1, "a"))]);
    for table in [Table::Plan, Table::Clock, Table::Ledger, Table::Redo, Table::Pending, Table::Guard] {
        let mut store = rig.store.clone();
        let prefix = crate::state::keys::table(table);
        let mut batch = crate::state::WriteBatch::default();
        let end = crate::state::keys::after_prefix(&prefix);
        crate::state::Store::scan(&store, &prefix, &end, &mut |key, _| {
            batch.put(key.to_vec(), vec![99]);
            std::ops::ControlFlow::Continue(())
        })
        .expect("memory");
        assert!(!batch.operations.is_empty(), "{table:?} has a record");
        store.commit(batch);
        let opened = Engine::open(&rig.plan.plan, rig.options.clone(), &store);
        assert!(matches!(opened, Err(EngineError::Store(_))), "{table:?}");
    }
}

#[test]
fn the_redo_tail_stays_in_its_bound() {
    let mut rig = Rig::new(plan(false, 0), Course { tight: true, ..STRAIGHT }, None);
    for i in 0..50 {
        rig.feed(&[(false, event(NOW + i64::from(i), i, "a")), (false, event(NOW, i, "b"))]);
        let effects: u64 =
            rig.engine.as_ref().expect("open").redo.iter().map(|(_, _, effects)| effects).sum();
        assert!(effects <= 3 + 4, "at most the bound and the step's own: {effects}");
        assert_eq!(rig.records(Table::Redo), rig.engine.as_ref().expect("open").redo.len());
    }
}
