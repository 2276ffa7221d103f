//! A large state is killed and started again: how long until a new event is in a row.

use std::time::Instant;

use serde_json::Value;

use super::figures::{Bar, hold_in_long, of, rounded};
use super::world::{World, files};
use crate::support::cluster::until;

const KEYS: u64 = 400_000;
const GIGABYTE: f64 = 1e9;

pub(super) fn restart(world: &World, figures: &mut Value) {
    let (events, keys) = of((30_000, 2_000), (11_500_000, KEYS));
    let began = Instant::now();
    world.feed_bulk(0..events, keys);
    figures["seconds_to_feed"] = rounded(began.elapsed().as_secs_f64());
    let began = Instant::now();
    let mut executor = world.run(&[]);
    await_rest(world, events);
    // As a crash finds it: live, with steps that are not written back yet.
    let live = events / 20;
    world.feed_bulk(events..events + live, keys);
    await_rest(world, events + live);
    figures["seconds_to_build"] = rounded(began.elapsed().as_secs_f64());
    executor.kill();
    let files = files(&world.state_dir().join("db"));
    let bytes: u64 = files.iter().map(|path| path.metadata().map_or(0, |about| about.len())).sum();
    hold_in_long(figures, "state_bytes", bytes, Bar::AtLeast(GIGABYTE));
    figures["events"] = (events + live).into();
    figures["keys"] = keys.into();
    first_row(world, (events + live, keys), figures);
}

/// Waits until so much has been consumed and delivered, however long it takes, as long as it goes on.
fn await_rest(world: &World, events: u64) {
    let state = || {
        let waits = |region| world.sink(region).and_then(|sink| sink["backlog"].as_u64());
        let delivered = |region| world.sink(region).and_then(|sink| sink["acked"].as_u64());
        let rebroadcast = world.status()["rebroadcast"] == true;
        let done =
            world.consumed() == events && !rebroadcast && ["west", "east"].map(waits) == [Some(0), Some(0)];
        (world.consumed(), ["west", "east"].map(delivered), done)
    };
    let mut last = state();
    while !last.2 {
        last = until("records are consumed or rows delivered", || {
            let now = state();
            (now.2 || (now.0, now.1) != (last.0, last.1)).then_some(now)
        });
    }
}

/// Starts; an event comes meanwhile; its row is the old one and that event.
fn first_row(world: &World, (events, keys): (u64, u64), figures: &mut Value) {
    let readers = world.read_on();
    let began = Instant::now();
    let executor = world.run(&[]);
    let newest_ms = world.feed_one(events, keys);
    let key = World::bulk_key(events, keys);
    until("it is live", || executor.log().contains(" live ").then_some(()));
    figures["seconds_to_live"] = rounded(began.elapsed().as_secs_f64());
    let row = until("the row of the new event", || {
        let of_key = |region| {
            readers.arrivals(region).into_iter().find(|row| row.key == key && row.newest_ms == newest_ms)
        };
        of_key("west").and(of_key("east"))
    });
    let took = began.elapsed();
    figures["cpu_seconds_to_first_row"] = rounded(executor.cpu_seconds());
    hold_in_long(figures, "seconds_to_first_row", rounded(took.as_secs_f64()), Bar::AtMost(5.0));
    let before = (0..events).filter(|event| World::bulk_key(*event, keys) == key).count() as u64;
    assert_eq!(row.events, before + 1, "nothing is lost and nothing doubled");
    figures["events_of_the_row"] = row.events.into();
}
