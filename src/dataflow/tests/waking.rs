//! Keys that are due when an engine starts: a few are looked at with each step, and none is forgotten.

use super::reference;
use super::rig::{Course, HOUR, Rig, STRAIGHT, event, plan};
use crate::dataflow::Input;
use crate::state::keys::Table;
use crate::types::Value;

const NOW: i64 = 10_000 * HOUR;
const KEYS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

/// Keys with an event each, all of whose timers are in the store and not in memory.
fn stored(shards: usize, cut: Option<i64>) -> Rig {
    let mut rig = Rig::new(plan(false, 0), Course { tight: true, woken: 1, shards, ..STRAIGHT }, cut);
    for (id, key) in (0..).zip(KEYS) {
        rig.feed(&[(false, event(NOW, id, key))]);
    }
    for later in 1..4 {
        rig.feed(&[(false, event(NOW + later, 9_999, "clock"))]);
    }
    assert!(rig.records(Table::Timer) >= KEYS.len(), "the timers are in the store");
    rig.reopen();
    rig
}

/// An event of a key that no test looks at moves W.
fn leap(rig: &mut Rig, ts: i64) {
    rig.feed(&[(false, event(ts, 10_000, "clock"))]);
}

fn expired(rig: &Rig) -> usize {
    KEYS.iter().filter(|key| rig.group_row(key)[0] == Value::Int(0)).count()
}

fn is_catching_up(rig: &Rig) -> bool {
    rig.engine.as_ref().expect("open").is_catching_up()
}

/// Steps without input for as long as they are wanted.
fn catch_up(rig: &mut Rig) -> usize {
    let mut steps = 0;
    while is_catching_up(rig) {
        rig.step(Input::default());
        steps += 1;
        assert!(steps < 100, "it comes to an end");
    }
    steps
}

#[test]
fn keys_that_are_due_after_a_start_are_looked_at_in_turn() {
    for shards in [1, 3] {
        let mut rig = stored(shards, None);
        leap(&mut rig, NOW + HOUR + 1_001);
        let first = expired(&rig);
        assert!(first < KEYS.len(), "one step does not look at all: {first}");
        assert!(catch_up(&mut rig) > 1);
        assert_eq!(expired(&rig), KEYS.len());
        // What was looked at is due again later.
        leap(&mut rig, NOW + 4 * HOUR);
        catch_up(&mut rig);
        for key in KEYS {
            assert_eq!(rig.group_row(key), reference::empty(), "{key}");
        }
    }
}

#[test]
fn an_event_of_a_key_that_has_not_had_its_turn_finds_it_as_of_now() {
    let mut rig = stored(1, None);
    let late = NOW + HOUR + 1_001;
    rig.feed(&[(false, event(late, 50, "g"))]);
    let of_g = [event(NOW, 6, "g"), event(late, 50, "g")];
    assert_eq!(rig.group_row("g"), reference::row(&of_g, "g", late + 1));
    catch_up(&mut rig);
    assert_eq!(rig.group_row("g"), reference::row(&of_g, "g", late + 1));
    assert_eq!(expired(&rig), KEYS.len() - 1);
}

#[test]
fn a_start_in_the_middle_begins_anew() {
    let mut rig = stored(1, None);
    leap(&mut rig, NOW + HOUR + 1_001);
    for _ in 0..3 {
        rig.reopen();
        rig.step(Input::default());
    }
    assert!(is_catching_up(&rig));
    catch_up(&mut rig);
    assert_eq!(expired(&rig), KEYS.len());
}

#[test]
fn a_cut_waits_for_every_key_that_is_due() {
    let cut = NOW + HOUR + 1_001;
    let mut rig = stored(1, Some(cut));
    rig.step(Input::default());
    rig.finish();
    assert_eq!(expired(&rig), KEYS.len(), "all of them are as of the cut");
}

#[test]
fn a_key_that_is_due_as_it_is_written_back_is_still_looked_at() {
    // New keys, which only the redo tail knows.
    let mut rig = Rig::new(plan(false, 0), STRAIGHT, None);
    for (id, key) in (0..).zip(KEYS) {
        rig.feed(&[(false, event(NOW, id, key))]);
    }
    assert_eq!(rig.records(Table::Timer), 0, "nothing is written back yet");
    // The tail is over its bound: the first step writes all of them, as W leaps over their timers.
    rig.course.tight = true;
    rig.reopen();
    leap(&mut rig, NOW + HOUR + 1_001);
    leap(&mut rig, NOW + HOUR + 1_002);
    catch_up(&mut rig);
    assert_eq!(expired(&rig), KEYS.len());
}
