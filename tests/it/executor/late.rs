//! Rule S8 on a run: what comes later than any window reaches is counted, and changes nothing.

use super::world::{World, now_ms};
use crate::support::cluster::until;

const HOUR_MS: i64 = 3_600_000;

fn count(world: &World, what: &str) -> u64 {
    let nodes = world.status()["ledger"]["nodes"].as_object().cloned().unwrap_or_default();
    nodes.values().filter_map(|node| node[what].as_u64()).sum()
}

#[test]
fn an_event_that_no_window_holds_any_more_is_counted_as_expired() {
    let mut world = World::start();
    let mut executor = world.run(&[]);
    world.feed(100);
    world.await_consumed(&executor);
    until("the watermark is near", || (world.status()["w"].as_i64()? > now_ms() - HOUR_MS / 2).then_some(()));
    assert_eq!(count(&world, "expired"), 0);
    let applied = count(&world, "applied");
    // The longest window has 24 hours.
    for (id, hours) in [("late", 23), ("too-late", 25)] {
        let ts = now_ms() - hours * HOUR_MS;
        let record = format!(
            r#"{{"purchase_id":"{id}","user_id":"u0","amount":"7.00","status":"settled","ts":{ts}}}"#
        );
        world.feed_payload(record.as_bytes());
    }
    until("both are counted", || {
        (count(&world, "expired") == 1 && count(&world, "applied") == applied + 1).then_some(())
    });
    world.settle(&mut executor);
}
