//! A cluster of ingest goes, is written to where the executor does not see it, and comes back: what it brings
//! holds nobody up.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::figures::{Bar, hold_in_long, of, ratio, rounded};
use super::freshness::Delays;
use super::frozen_region::precise;
use super::soak::judge;
use super::world::{KEYS, Rate, World, now_ms};
use crate::support::cluster::until;

/// The one that goes.
const GONE: &str = "west-2";
const HEALTHY: [&str; 2] = ["west-1", "east-1"];
const PER_SECOND: u64 = 400;
const KEYS_PER_CLUSTER: u64 = 500;
/// Keys of what the cluster brings.
const KEYS_OF_BACKLOG: u64 = 2_000;

/// Starts without some clusters of ingest; returns how long it took until rows came in both regions.
fn start_without(world: &mut World, absent: &[&str], state: &'static str) -> Duration {
    for name in absent {
        world.cluster(name).freeze();
    }
    let readers = world.read_on();
    world.use_state(state);
    let began = Instant::now();
    let mut executor = world.run(&[]);
    until("rows of those that are there, in both regions", || {
        // Rows of an earlier run may come late.
        let lease = world.status()["lease"].as_u64()?;
        let has = |region: &str| readers.arrivals(region).iter().any(|row| row.lease == lease);
        (has("west") && has("east")).then_some(())
    });
    let took = began.elapsed();
    executor.kill();
    for name in absent {
        world.cluster(name).thaw();
    }
    took
}

pub(super) fn lose_a_cluster_and_get_it_back(mut world: World, figures: &mut Value) {
    world.feed(200);
    for (name, absent, state) in
        [("one", &[GONE][..], "without-one"), ("two", &[GONE, "west-1"][..], "without-two")]
    {
        let seconds = start_without(&mut world, absent, state).as_secs_f64();
        let name = format!("seconds_to_first_rows_without_{name}_of_three");
        hold_in_long(figures, &name, rounded(seconds), Bar::AtMost(15.0));
    }
    world.use_state("state");
    let backlog = of(5_000, 300_000);
    let executor = world.run(&[]);
    world.await_consumed(&executor);
    let readers = world.read_on();
    let rate = Rate { clusters: &HEALTHY, keys_per_cluster: KEYS_PER_CLUSTER, per_second: PER_SECOND };
    let load = world.start_load(rate);
    std::thread::sleep(of(Duration::from_secs(1), Duration::from_secs(10)));
    let begin = now_ms();
    std::thread::sleep(of(Duration::from_secs(2), Duration::from_secs(30)));
    let baseline = begin..now_ms();
    write_out_of_sight(&mut world, backlog);
    let back = now_ms();
    await_catch_up(&world, backlog);
    let caught_up = back..now_ms();
    std::thread::sleep(of(Duration::from_secs(0), Duration::from_secs(5)));
    let offered = world.end_load(load);
    world.await_consumed(&executor);
    let included = readers.await_all(&offered);
    figures["backlog"] = backlog.into();
    figures["seconds_to_catch_up"] = rounded(precise((caught_up.end - back).unsigned_abs()) / 1_000.0);
    figures["offered"] = offered.len().into();
    let delays = |range| -> Vec<_> { included.values().map(|all| Delays::of(all, range)).collect() };
    let worst =
        |all: &[Delays], of_hundred| all.iter().map(|delays| delays.percentile(of_hundred)).max().unwrap();
    let (before, during) = (delays(&baseline), delays(&caught_up));
    for (name, all) in [("baseline", &before), ("catching_up", &during)] {
        figures[format!("healthy_{name}_ms")] = json!({"p50": worst(all, 50), "p99": worst(all, 99)});
    }
    let p99 = |all| precise(worst(all, 99).unsigned_abs());
    hold_in_long(figures, "p99_ratio", ratio(p99(&during), p99(&before)), Bar::AtMost(2.0));
    drop(readers);
    judge(&world, executor, figures);
}

/// The cluster is cut off, lives on elsewhere, takes what is written there, and is back where it was.
fn write_out_of_sight(world: &mut World, count: usize) {
    let ports = world.cluster(GONE).ports();
    world.cluster(GONE).move_away();
    let elsewhere = world.cluster(GONE).bootstrap();
    world.use_keys(KEYS_OF_BACKLOG);
    world.feed_at(&elsewhere, count);
    world.use_keys(KEYS);
    until("it is seen to be gone", || (world.reader(GONE)?["status"] == "down").then_some(()));
    world.cluster(GONE).move_to(ports);
}

/// Waits until the run has read what the cluster brings.
fn await_catch_up(world: &World, backlog: usize) {
    until("it has caught up", || {
        let reader = world.reader(GONE)?;
        let read = reader["records"].as_u64()? >= backlog as u64;
        (read && reader["status"] != "down" && reader["lag"] == 0).then_some(())
    });
}
