//! What real brokers do not allow, and what they allow only so much of.

use super::world::{Executor, World};
use crate::support::cluster::until;
use crate::support::rights::{allow, deny, quota};

const READ: &str = "shop.purchases";
const WRITTEN: &str = "features.user_spend";

/// One broker is all there is, and asks what we may: what it denies is said, waits, and comes once it is allowed.
pub(super) fn what_is_not_allowed_is_said_and_waited_for(world: &mut World, broker: &str, run: &Executor) {
    // Who may not read may still ask for the end of the log; who may nothing does not even see the topic.
    for operation in ["READ", "ALL"] {
        deny(broker, operation, READ);
        // The broker itself learns of it a moment later.
        until(&format!("it is said that reading is not allowed: {operation}"), || {
            feed_a_little(world, broker);
            let west = world.reader("west-1")?;
            let said = west["trouble"].as_str()?.to_owned();
            let is_said = said.contains("E0971") && said.contains("does not allow us to read shop.purchases");
            (is_said && west["status"] == "down").then_some(())
        });
        assert!(world.consumed() < world.fed(), "nothing comes of what is denied");
        allow(broker, operation, READ);
        world.await_consumed(run);
        until("nothing is wrong with it", || (world.reader("west-1")?["trouble"] == "").then_some(()));
    }
    until("all rows are taken", || (world.sink("west")?["backlog"] == 0).then_some(()));
    for operation in ["WRITE", "ALL"] {
        deny(broker, operation, WRITTEN);
        until(&format!("it is said that writing is not allowed: {operation}"), || {
            feed_a_little(world, broker);
            let west = world.sink("west")?;
            let waits = west["backlog"].as_u64()? > 0 && west["status"] == "down";
            (waits && west["troubles"]["west-3"] == "not_allowed").then_some(())
        });
        allow(broker, operation, WRITTEN);
        world.await_consumed(run);
        until("all rows are taken again", || {
            let west = world.sink("west")?;
            (west["backlog"] == 0 && west["status"] == "ok").then_some(())
        });
    }
    let said = "E0971: west-3 does not allow us to write to features.user_spend";
    assert!(run.log().contains(said), "{}", run.log());
}

fn feed_a_little(world: &mut World, broker: &str) {
    world.feed_at(broker, 5);
    std::thread::sleep(std::time::Duration::from_millis(200));
}

/// The brokers of one region take few bytes: its rows come late, and no others do.
pub(super) fn a_throttled_region_is_slow_and_the_other_is_not(world: &mut World) {
    let mut executor = world.run(&[]);
    world.feed(100);
    world.await_consumed(&executor);
    until("all rows are taken", || (world.sink("west")?["backlog"] == 0).then_some(()));
    let brokers = world.addresses("west", "serving");
    for broker in &brokers {
        quota(broker, BYTES_PER_S);
    }
    let mut rounds = 0;
    until("west is slow, and east is not", || {
        world.feed(KEYS_FED);
        rounds += 1;
        std::thread::sleep(std::time::Duration::from_millis(200));
        let (west, east) = (world.sink("west")?, world.sink("east")?);
        (west["status"] == "slow" && east["status"] == "ok").then_some(())
    });
    world.await_consumed(&executor);
    until("east has all its rows, and west has not", || {
        let (west, east) = (world.sink("west")?, world.sink("east")?);
        (east["backlog"] == 0 && east["status"] == "ok" && west["status"] != "ok").then_some(())
    });
    for broker in &brokers {
        quota(broker, 0);
    }
    until("west has all its rows", || {
        let west = world.sink("west")?;
        (west["backlog"] == 0 && west["status"] == "ok").then_some(())
    });
    assert!(executor.stop(), "after {rounds} rounds: {}", executor.log());
    assert_eq!(newest(world, "west"), newest(world, "east"), "both have the newest row of each key");
}

/// Some KB: less than what two rounds bring.
const BYTES_PER_S: u32 = 4_000;
const KEYS_FED: usize = 40;

fn newest(world: &World, region: &str) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    world.view_of_region(region).into_iter().map(|(key, row)| (key, row.value)).collect()
}
