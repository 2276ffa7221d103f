//! What happens, whatever serves the clusters. Each scenario is listed in `executor.rs`.
#![allow(clippy::needless_pass_by_value, reason = "a scenario owns its world, which ends with it")]

use std::time::Duration;

use rdkafka::producer::Producer as _;
use rustix::process::Signal;
use windrow::wire;

use super::world::{Executor, KEYS, World};
use crate::support::binary::windrow;
use crate::support::cluster::until;

/// Feeds while the executor is killed again and again.
pub(super) fn a_killed_executor_neither_loses_nor_doubles_an_event(mut world: World) {
    world.feed_garbage();
    for round in 0..6 {
        let mut executor = world.run(&[]);
        world.feed(150);
        std::thread::sleep(Duration::from_millis(150 + 130 * round));
        executor.kill();
        world.feed(50);
    }
    let executor = world.run(&[]);
    world.await_consumed(&executor);
    let mut executor = executor;
    assert!(executor.stop(), "SIGTERM ends a run with exit code 0\n{}", executor.log());
    world.finish();
    world.assert_rows_are_right();
    let status = world.status();
    assert_eq!(status["ledger"]["sources"]["purchases"]["consumed"], world.fed());
    assert_eq!(
        (&status["ledger"]["sources"]["purchases"]["dead_lettered"], &status["dead_letters"]),
        (&1.into(), &1.into())
    );
    let rows: usize = world.view().regions.values().map(std::collections::BTreeMap::len).sum();
    let tail = world.tail(&["--until-end"]);
    assert_eq!((tail.code, tail.stdout.lines().count()), (Some(0), rows), "{}", tail.stderr);
}

pub(super) fn a_cluster_that_is_dead_at_start_stops_no_other_and_is_merged_when_it_comes(mut world: World) {
    world.feed(200);
    world.cluster("east-1").kill();
    let early = world.try_finish(&["--hold-for", "1s"]);
    assert_eq!(early.0, Some(3), "{}", early.1);
    assert!(early.1.contains("E0905") && early.1.contains("east-1"), "{}", early.1);
    let mut executor = world.run(&[]);
    until("rows of the clusters that live", || {
        let view = world.view();
        let full =
            ["west", "east"].iter().all(|region| view.regions.get(*region).is_some_and(|r| r.len() > 5));
        full.then_some(())
    });
    world.cluster("east-1").restart();
    world.feed(100);
    world.settle(&mut executor);
}

pub(super) fn a_backfill_that_was_killed_goes_on_and_publishes_nothing_until_run_does(mut world: World) {
    world.feed(3_000);
    // One cluster keeps it from its end; the others' records are in the state by then.
    world.cluster("west-2").freeze();
    let mut killed = world.spawn("backfill", &[]);
    std::thread::sleep(Duration::from_secs(2));
    killed.kill();
    world.cluster("west-2").thaw();
    world.feed(100);
    let mut resumed = world.spawn("backfill", &["--format", "json"]);
    assert!(resumed.wait(), "{}", resumed.log());
    assert_eq!(world.view().records, 0, "history is never published");
    let mut executor = world.run(&[]);
    world.feed(100);
    world.settle(&mut executor);
    assert_eq!(world.status()["ledger"]["sources"]["purchases"]["consumed"], world.fed());
}

pub(super) fn a_frozen_region_does_not_stop_the_other_and_converges(mut world: World) {
    let mut executor = world.run(&[]);
    world.feed(100);
    world.await_consumed(&executor);
    world.cluster("west-3").freeze();
    world.cluster("west-4").freeze();
    let before = world.view_of_cluster("east-3");
    for _ in 0..5 {
        world.feed(200);
        std::thread::sleep(Duration::from_millis(300));
    }
    until("east has newer rows while west is frozen", || {
        (world.view_of_cluster("east-3") != before).then_some(())
    });
    until("the status tells the regions apart", || {
        let status = world.status();
        let sink = |region: &str| {
            let sinks = status["sinks"].as_array()?;
            sinks.iter().find(|sink| sink["region"] == region).cloned()
        };
        let (west, east) = (sink("west")?, sink("east")?);
        (west["status"] == "down" && west["backlog"].as_u64()? > 0 && east["status"] == "ok").then_some(())
    });
    let backlog = world.status()["sinks"][1]["backlog"].as_u64().unwrap();
    assert!(backlog <= KEYS, "a backlog is bounded by the keys: {backlog}");
    world.cluster("west-3").thaw();
    world.cluster("west-4").thaw();
    world.settle(&mut executor);
}

pub(super) fn rows_go_to_another_cluster_of_the_group_and_come_home(mut world: World) {
    let mut executor = world.run(&[]);
    world.feed(200);
    world.await_consumed(&executor);
    world.cluster("west-3").freeze();
    let before = world.view_of_cluster("west-4");
    world.feed(400);
    let is_at_home = |key: &[u8]| wire::partition(key, 3).is_multiple_of(2);
    // Some may be there already: until west-3 was found, its rows went to west-4 too.
    until("west-4 takes rows of west-3", || {
        let strays = world.view_of_cluster("west-4").into_iter().filter(|(key, _)| is_at_home(key));
        strays.into_iter().any(|(key, row)| before.get(&key) != Some(&row)).then_some(())
    });
    world.cluster("west-3").thaw();
    world.await_consumed(&executor);
    until("every row of west-3 is at home", || {
        let (home, all) = (world.view_of_cluster("west-3"), world.view());
        let of_home = all.regions["west"].iter().filter(|(key, _)| is_at_home(key));
        of_home.into_iter().all(|(key, row)| home.get(key) == Some(row)).then_some(())
    });
    assert!(executor.stop(), "{}", executor.log());
    world.finish();
    world.assert_rows_are_right();
}

pub(super) fn a_state_directory_in_use_and_a_lost_lease_are_refused(world: World) {
    let mut executor = world.run(&[]);
    world.await_status(&executor);
    let refused = world.try_finish(&[]);
    assert_eq!(refused.0, Some(3));
    assert!(refused.1.contains("E0901") && refused.1.contains(&executor.id().to_string()), "{}", refused.1);
    let mut newer = world.run_in("other-state");
    until("the older one sees the newer lease", || executor.has_ended().then_some(()));
    assert!(executor.log().contains("E0903"), "{}", executor.log());
    until("the newer one runs", || newer.log().contains("live").then_some(()));
    assert!(newer.stop(), "{}", newer.log());
}

pub(super) fn a_run_that_slept_while_another_took_over_sends_nothing_more(mut world: World) {
    let mut executor = world.run(&[]);
    world.feed(100);
    world.await_consumed(&executor);
    world.cluster("west-3").freeze();
    world.cluster("west-4").freeze();
    world.feed(400);
    world.await_consumed(&executor);
    until("west has a backlog and is known to be down", || {
        let sink = &world.status()["sinks"][1];
        (sink["status"] == "down" && sink["backlog"].as_u64()? > 20).then_some(())
    });
    executor.signal(Signal::STOP);
    world.cluster("west-3").thaw();
    world.cluster("west-4").thaw();
    let mut newer = world.run_in("other-state");
    until("the newer one has put out every key", || newer.log().contains("every key").then_some(()));
    // Longer than a look at the lease vouches for it.
    std::thread::sleep(Duration::from_secs(6));
    let sent = |world: &World| world.records_of_lease("west-3", 1) + world.records_of_lease("west-4", 1);
    let before = sent(&world);
    executor.signal(Signal::CONT);
    until("the older one sees the newer lease", || executor.has_ended().then_some(()));
    assert!(executor.log().contains("E0903"), "{}", executor.log());
    let after = sent(&world) - before;
    assert!(after <= 2, "only what was on its way, a row to try each cluster: {after}");
    assert!(newer.stop(), "{}", newer.log());
}

pub(super) fn a_join_goes_from_history_to_live_with_one_row_per_left_event(mut world: World) {
    world.deploy("joined");
    world.feed(200);
    world.feed_checkouts(60, 600_000);
    // Ahead of their records: they wait for W when the backfill ends.
    let mut live = world.feed_checkouts(20, -3_000);
    let mut backfill = world.spawn("backfill", &[]);
    assert!(backfill.wait(), "{}", backfill.log());
    assert_eq!(world.joined().records, 0, "history is never published");
    live.extend(world.feed_checkouts(20, 500));
    let mut executor = world.run(&[]);
    live.extend(world.feed_checkouts(40, 500));
    world.await_consumed(&executor);
    executor.kill();
    live.extend(world.feed_checkouts(20, 500));
    let mut executor = world.run(&[]);
    world.await_consumed(&executor);
    until("every left event that came or waited has a row in both regions", || {
        let view = world.joined();
        let full = |region| view.regions.get(region).is_some_and(|rows| rows.len() >= live.len());
        (full("west") && full("east")).then_some(())
    });
    assert!(executor.stop(), "{}", executor.log());
    world.assert_joined_rows_are_right(&live);
}

pub(super) fn a_region_that_is_fed_later_gets_every_key(mut world: World) {
    world.write_topology(&|cluster| cluster != "east-3");
    let mut executor = world.run(&[]);
    world.feed(400);
    world.await_consumed(&executor);
    assert!(executor.stop(), "{}", executor.log());
    let west = world.view().regions["west"].clone();
    assert!(west.len() > 30 && !world.view().regions.contains_key("east"), "{}", west.len());
    world.write_topology(&|_| true);
    let mut executor = world.run(&[]);
    until("east has every key", || {
        let view = world.view();
        let east = view.regions.get("east")?;
        west.keys().all(|key| east.contains_key(key)).then_some(())
    });
    assert!(executor.stop(), "{}", executor.log());
    world.finish();
    world.assert_rows_are_right();
}

pub(super) fn a_state_that_has_published_is_never_history_again(mut world: World) {
    world.deploy("joined");
    world.feed_checkouts(20, 2_000);
    world.finish();
    world.feed_checkouts(20, -3_000);
    let (code, log) = world.try_backfill();
    assert_eq!(code, Some(2), "{log}");
    assert!(log.contains("E0914") && log.contains("windrow run"), "{log}");
    let mut executor = world.run(&[]);
    world.await_consumed(&executor);
    assert!(!executor.log().contains("first start"), "{}", executor.log());
    assert!(executor.stop(), "{}", executor.log());
}

/// Requests lie in the network while rows are given up on, sent again, and replaced by newer ones; then they
/// arrive.
pub(super) fn a_request_that_was_given_up_on_overtakes_no_newer_row(world: World) {
    assert_eq!(overtaken_after_stalls(world, &|late, _| late > ROWS_BYTES), 0);
}

/// The same with producers that are not idempotent: what makes the difference, and the proof that it is tested.
pub(super) fn without_idempotence_a_request_that_was_given_up_on_does(mut world: World) {
    world.set_property("east-3", "enable.idempotence", "false");
    assert!(overtaken_after_stalls(world, &|_, overtaken| overtaken > 0) > 0);
}

/// A request with rows is longer than this, one without is shorter.
const ROWS_BYTES: u64 = 500;

/// Stalls the way to east until it has bitten; gives the keys of which east has an old row last.
fn overtaken_after_stalls(mut world: World, has_bitten: &dyn Fn(u64, usize) -> bool) -> usize {
    let mut executor = world.run(&[]);
    world.feed(100);
    world.await_consumed(&executor);
    let mut overtaken = 0;
    for _ in 0..5 {
        stall_east(&mut world, &executor);
        overtaken = world.overtaken_in("east-3");
        if has_bitten(world.network("east-3").late_bytes(), overtaken) {
            break;
        }
    }
    assert!(
        has_bitten(world.network("east-3").late_bytes(), overtaken),
        "no stall of five has met a request"
    );
    assert!(executor.stop(), "{}", executor.log());
    world.finish();
    world.assert_rows_are_right();
    overtaken
}

fn stall_east(world: &mut World, executor: &Executor) {
    let east = |world: &World| -> serde_json::Value {
        let sinks = world.status()["sinks"].as_array().cloned().unwrap_or_default();
        sinks.into_iter().find(|sink| sink["region"] == "east").unwrap_or_default()
    };
    let is = |world: &World, status: &str| (east(world)["status"] == status).then_some(());
    until("east is up", || is(world, "ok"));
    world.network("east-3").hold();
    // At once: rows must be on their way before somebody notices.
    world.feed(30);
    world.await_consumed(executor);
    until("east is down", || is(world, "down"));
    world.network("east-3").pass();
    world.feed(300);
    world.await_consumed(executor);
    until("east has everything", || is(world, "ok").filter(|()| east(world)["backlog"] == 0));
    world.network("east-3").release();
    std::thread::sleep(Duration::from_secs(2));
}

/// A home that was frozen gets its rows although the process that owed them is dead.
pub(super) fn what_a_home_is_owed_survives_a_kill(mut world: World) {
    let mut executor = world.run(&[]);
    world.feed(200);
    world.await_consumed(&executor);
    world.cluster("west-3").freeze();
    world.feed(400);
    world.await_consumed(&executor);
    until("west has passed everything on to west-4", || {
        let west = world.status()["sinks"].as_array()?.iter().find(|sink| sink["region"] == "west")?.clone();
        (west["clusters"]["west-3"] == false && west["backlog"] == 0).then_some(())
    });
    executor.kill();
    let mut executor = world.run(&[]);
    world.cluster("west-3").thaw();
    let is_at_home = |key: &[u8]| wire::partition(key, 3).is_multiple_of(2);
    until("every row of west-3 is at home", || {
        let (home, all) = (world.view_of_cluster("west-3"), world.view_of_region("west"));
        let of_home = all.iter().filter(|(key, _)| is_at_home(key));
        of_home.into_iter().all(|(key, row)| home.get(key) == Some(row)).then_some(())
    });
    assert_eq!(world.overtaken_in("west-3"), 0);
    world.settle(&mut executor);
}

/// The folder of leases is away for a while: nobody may publish without a look at it, but nobody ends either.
pub(super) fn a_lease_that_cannot_be_looked_at_stops_sending_and_nothing_else(mut world: World) {
    let mut executor = world.run(&[]);
    world.feed(100);
    world.await_consumed(&executor);
    let (leases, away) = (world.path("project/checkpoints/leases/main"), world.path("away"));
    std::fs::rename(&leases, &away).unwrap();
    // A file where the folder was: it can be seen, and not be read as one.
    std::fs::write(&leases, "").unwrap();
    until("it is said", || executor.log().contains("the lease cannot be looked at").then_some(()));
    std::thread::sleep(Duration::from_secs(6));
    world.feed(100);
    world.await_consumed(&executor);
    let backlogs = || -> u64 {
        let sinks = world.status()["sinks"].as_array().cloned().unwrap_or_default();
        sinks.iter().filter_map(|sink| sink["backlog"].as_u64()).sum()
    };
    until("rows wait", || (backlogs() > 0).then_some(()));
    std::fs::remove_file(&leases).unwrap();
    std::fs::rename(&away, &leases).unwrap();
    until("rows have gone", || (backlogs() == 0).then_some(()));
    world.settle(&mut executor);
}

pub(super) fn a_record_that_cannot_be_decoded_is_shown_as_it_came_and_sent_again(mut world: World) {
    let executor = world.run(&[]);
    world.feed(20);
    world.feed_payload(b"{\"purchase_id\": ");
    world.feed_payload(&[0xff, 0x00, b'!']);
    world.await_consumed(&executor);
    let list = || {
        let run = world.dlq(&["list", "--format", "json"]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let lines = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect::<Vec<serde_json::Value>>()
    };
    let letters = until("both are in the topic", || Some(list()).filter(|letters| letters.len() == 2));
    assert!(letters.iter().all(|letter| letter["reason"] == "not_json"), "{letters:?}");
    let id = letters.iter().find(|letter| letter["bytes"] == 3).unwrap()["id"].as_str().unwrap().to_owned();
    let shown = world.dlq(&["show", &id]);
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&shown["key"], &shown["payload"]["base64"]), (&"u0".into(), &"/wAh".into()), "{shown}");
    assert_eq!(shown["headers"], serde_json::json!([["trace", "abc"]]), "{shown}");
    assert!(id.ends_with(&format!("/{}/{}", shown["partition"], shown["offset"])), "{id}");
    let project = world.path("project");
    let as_before = ["dlq", "show", &id, "--path", project.to_str().unwrap(), "-d", "main", "-e", "local"];
    assert_eq!(windrow(&as_before).code, Some(0), "the folder may still be said by name");
    let unknown = world.dlq(&["replay", "purchases/west-1/t/0/99"]);
    assert!(unknown.code == Some(2) && unknown.stderr.contains("E0915"), "{}", unknown.stderr);
    let replayed = world.dlq(&["replay", &id]);
    assert_eq!((replayed.code, replayed.stdout.trim()), (Some(0), id.as_str()), "{}", replayed.stderr);
    let letters = until("it has failed again", || Some(list()).filter(|letters| letters.len() == 3));
    let again = letters.iter().find(|letter| letter["bytes"] == 3 && letter["id"] != *id).unwrap();
    let again = world.dlq(&["show", again["id"].as_str().unwrap()]);
    assert!(again.stdout.contains("wr-replayed"), "{}", again.stdout);
    until("the ledger counts it", || (world.status()["dead_letters"] == 3).then_some(()));
}

/// Rule S11: a log whose readable part has been read is not at its end while a transaction is open.
pub(super) fn an_open_transaction_holds_the_watermark_until_it_is_over(mut world: World) {
    let mut executor = world.run(&[]);
    world.feed(50);
    world.await_consumed(&executor);
    let w = |world: &World| world.status()["w"].as_i64();
    // The watermark follows the clock while everything is quiet.
    let moved = |world: &World| {
        let before = until("a watermark", || w(world));
        std::thread::sleep(Duration::from_secs(4));
        w(world).unwrap() - before
    };
    until("the watermark follows the clock", || (moved(&world) > 2_500).then_some(()));
    let producer = world.feed_open_transaction("west-1");
    let status = |world: &World| {
        let clusters = world.status()["clusters"].as_array().cloned().unwrap_or_default();
        clusters
            .into_iter()
            .find(|cluster| cluster["name"] == "west-1")
            .map(|cluster| cluster["status"].clone())
    };
    until("west-1 is pinned", || (status(&world)? == "pinned").then_some(()));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(moved(&world), 0, "{}", world.status());
    producer.commit_transaction(crate::support::cluster::DEADLINE).unwrap();
    world.await_consumed(&executor);
    until("the watermark follows the clock again", || (moved(&world) > 2_500).then_some(()));
    world.settle(&mut executor);
}

pub(super) fn a_partition_of_garbage_is_stopped_and_the_others_go_on(mut world: World) {
    let executor = world.run(&[]);
    world.feed(100);
    world.await_consumed(&executor);
    // One key: all of it is in one partition of each cluster.
    for _ in 0..120 {
        world.feed_payload(b"no JSON at all");
    }
    let status_of = |world: &World| {
        let clusters = world.status()["clusters"].as_array().cloned().unwrap_or_default();
        clusters.into_iter().filter(|cluster| cluster["status"] == "stopped").collect::<Vec<_>>()
    };
    let stopped = until("partitions are stopped", || Some(status_of(&world)).filter(|all| !all.is_empty()));
    let trouble = stopped[0]["trouble"].as_str().unwrap();
    assert!(trouble.contains("shop.purchases/") && trouble.contains("could not be decoded"), "{trouble}");
    assert!(executor.log().contains("E0916"), "{}", executor.log());
    let rows = |world: &World| world.status()["ledger"]["sources"]["purchases"]["decoded"].as_u64().unwrap();
    let before = rows(&world);
    world.feed(100);
    until("rows of other partitions", || (rows(&world) > before).then_some(()));
    drop(executor);
    for _ in 0..100 {
        world.feed_payload(b"no JSON at all");
    }
    let (code, log) = world.try_finish(&[]);
    assert!(code == Some(3) && log.contains("E0916") && log.contains("--max-bad"), "{log}");
    let (code, log) = world.try_finish(&["--max-bad", "100"]);
    assert_eq!(code, Some(0), "{log}");
    world.assert_rows_are_right();
    assert_eq!(world.status()["ledger"]["sources"]["purchases"]["consumed"], world.fed());
}
