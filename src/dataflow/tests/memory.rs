//! What the state of keys takes in memory is bounded, also while the store is behind with them.

use super::rig::{HOUR, Rig, STRAIGHT, event, plan};
use crate::dataflow::Engine;
use crate::dataflow::tuning::Tuning;
use crate::types::Value;

const NOW: i64 = 10_000 * HOUR;
const STEPS: u32 = 20;
/// Keys that come in each step, and never again.
const NEW_KEYS: u32 = 500;

/// The most that keys took after any step, and a rig that has seen them all.
fn most(memory_bytes_max: usize) -> (usize, Rig) {
    let mut rig = Rig::new(plan(false, 0), STRAIGHT, None);
    let tuning = Tuning { memory_bytes_max, ..Tuning::default() };
    rig.engine = None;
    rig.options.start += 1;
    let opened = Engine::open_tuned(&rig.plan.plan, rig.options.clone(), tuning, &rig.store);
    rig.engine = Some(opened.expect("the state opens"));
    let mut most = 0;
    for step in 0..STEPS {
        let keys = step * NEW_KEYS..(step + 1) * NEW_KEYS;
        let at = NOW + i64::from(step);
        let events: Vec<_> =
            keys.map(|number| (false, event(at, number, format!("k{number}").leak()))).collect();
        rig.feed(&events);
        let engine = rig.engine.as_ref().expect("open");
        most = most.max(engine.shards.iter().map(|shard| shard.resident.bytes()).sum());
    }
    (most, rig)
}

#[test]
fn keys_that_the_store_is_behind_with_are_written_back_once_they_take_too_much_memory() {
    let (unbounded, _) = most(usize::MAX / 2);
    let of_a_step = unbounded / usize::try_from(STEPS).unwrap();
    let bound = 3 * of_a_step;
    let (bounded, mut rig) = most(bound);
    assert!(unbounded > 4 * bound, "without the bound all are in memory: {unbounded}");
    assert!(bounded <= bound + of_a_step, "{bounded} bytes, bound {bound}, {of_a_step} in a step");
    // The first of them has long left memory.
    rig.feed(&[(false, event(NOW + i64::from(STEPS), 100_000, "k0"))]);
    assert_eq!(rig.group_row("k0")[0], Value::Int(2));
}
