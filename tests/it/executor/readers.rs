//! Those who read what is published, and what waits for them: the reader's rule, in Rust and in Python, and the
//! bounds of what a region that is away may miss.

use std::process::{Command, Stdio};

use serde_json::Value as Json;
use windrow::wire;

use super::world::World;
use crate::support::cluster::until;
use crate::support::{kafka, root};

pub(super) fn sink_of(world: &World, region: &str) -> Json {
    let sinks = world.status()["sinks"].as_array().cloned().unwrap_or_default();
    sinks.into_iter().find(|sink| sink["region"] == region).unwrap_or_default()
}

#[test]
fn tail_verify_finds_a_version_that_says_two_things() {
    let mut world = World::start();
    let mut executor = world.run(&[]);
    world.feed(200);
    world.settle(&mut executor);
    let right = world.tail(&["--verify"]);
    assert_eq!(right.code, Some(0), "{}", right.stderr);
    assert!(right.stderr.contains(" 0 versions with two payloads"), "{}", right.stderr);
    let plain = world.tail(&["--until-end"]);
    assert_eq!(right.stdout, plain.stdout, "the same final rows");
    world.forge("west-3");
    let wrong = world.tail(&["--verify"]);
    assert!(wrong.code == Some(4) && wrong.stderr.contains("E0921"), "{}", wrong.stderr);
}

/// The program on the page about the wire.
fn python_reader() -> String {
    let page = std::fs::read_to_string(root().join("grammar/WIRE.md")).unwrap();
    let (_, rest) = page.split_once("```python\n").expect("the page has the program");
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_python_reader_is_short() {
    let reader = python_reader();
    assert!(reader.lines().count() <= 60, "{} lines", reader.lines().count());
}

#[test]
fn the_python_reader_shows_the_same_final_rows_on_apache_kafka() {
    // Takes the turn itself; without brokers it is left out, and said.
    let Some(mut world) = World::start_real("the_python_reader_shows_the_same_final_rows_on_apache_kafka")
    else {
        return;
    };
    let mut executor = world.run(&[]);
    world.feed(300);
    world.await_consumed(&executor);
    // Some rows go to another cluster than their home, and a killed run repeats what it has sent.
    world.cluster("west-3").freeze();
    world.feed(200);
    world.await_consumed(&executor);
    executor.kill();
    world.cluster("west-3").thaw();
    let mut executor = world.run(&[]);
    world.feed(100);
    world.settle(&mut executor);
    let program = world.path("reader.py");
    std::fs::write(&program, python_reader()).unwrap();
    for region in ["west", "east"] {
        let python =
            std::env::var("WINDROW_READER_PYTHON").expect("tests/setup --kafka says where Python is");
        let mut command = Command::new(python);
        command.arg(&program).arg("features.user_spend").args(world.addresses(region, "serving"));
        let output = command.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        let read = |text: &str| -> Vec<(Json, Json, Json)> {
            let lines = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
            let mut rows: Vec<_> =
                lines.map(|row| (row["key"].clone(), row["version"].clone(), row["value"].clone())).collect();
            rows.sort_by_key(|row| row.0.to_string());
            rows
        };
        let windrows = world.tail(&["--until-end", "--region", region]);
        let (theirs, ours) = (read(&String::from_utf8(output.stdout).unwrap()), read(&windrows.stdout));
        assert!(ours.len() > 20, "{}", windrows.stderr);
        assert_eq!(theirs, ours, "{region}");
    }
}

#[test]
fn lag_is_seen_by_the_tools_of_consumer_groups_on_apache_kafka() {
    let Some(mut world) = World::start_real("lag_is_seen_by_the_tools_of_consumer_groups_on_apache_kafka")
    else {
        return;
    };
    let executor = world.run(&[]);
    world.feed(300);
    world.await_consumed(&executor);
    for (region, group) in [("west", "windrow-main"), ("east", "windrow-main")] {
        for address in world.addresses(region, "ingest") {
            until("the offsets are committed to the group, up to the end", || {
                (kafka::lag(&address, group, "shop.purchases", 2)? == 0).then_some(())
            });
        }
    }
    drop(executor);
    world.feed_cluster("west-1", 50);
    let places = world.addresses("west", "ingest");
    let lag: i64 = places.iter().filter_map(|at| kafka::lag(at, "windrow-main", "shop.purchases", 2)).sum();
    assert!(lag >= 50, "what nobody reads is lag: {lag}");
}

#[test]
fn a_backlog_of_events_is_bounded_and_what_is_given_up_is_counted() {
    let mut world = World::start();
    world.deploy("joined");
    let executor = world.run(&["--backlog-max", "40"]);
    let mut ids = world.feed_checkouts(30, 500);
    world.await_consumed(&executor);
    let rows = |world: &World, region: &str| {
        world.joined().regions.get(region).map_or(0, std::collections::BTreeMap::len)
    };
    until("both regions have the first rows", || {
        (rows(&world, "west") >= 30 && rows(&world, "east") >= 30).then_some(())
    });
    assert_eq!(sink_of(&world, "west")["given_up"], 0, "while a region takes rows none is given up");
    world.cluster("west-3").freeze();
    world.cluster("west-4").freeze();
    for _ in 0..4 {
        ids.extend(world.feed_checkouts(50, 500));
        world.await_consumed(&executor);
    }
    until("rows are given up for west", || (sink_of(&world, "west")["given_up"].as_u64()? > 0).then_some(()));
    assert!(executor.log().contains("E0922"), "{}", executor.log());
    world.cluster("west-3").thaw();
    world.cluster("west-4").thaw();
    until("west is up to date", || {
        let sink = sink_of(&world, "west");
        (sink["status"] == "ok" && sink["backlog"] == 0).then_some(())
    });
    until("east has every row", || (rows(&world, "east") == ids.len()).then_some(()));
    let (given_up, west) =
        (sink_of(&world, "west")["given_up"].as_u64().unwrap(), rows(&world, "west") as u64);
    let all = ids.len() as u64;
    assert!(west < all && west + given_up >= all, "west has {west} of {all}, {given_up} were given up");
    assert_eq!(sink_of(&world, "east")["given_up"], 0, "nobody else misses anything");
}

#[test]
fn a_cluster_that_dies_is_replaced_in_ten_seconds_and_keys_keep_their_partitions() {
    let mut world = World::start();
    let mut executor = world.run(&[]);
    world.feed(200);
    world.await_consumed(&executor);
    until("west is fed", || (sink_of(&world, "west")["backlog"] == 0).then_some(()));
    world.cluster("west-3").kill();
    let killed = std::time::Instant::now();
    world.feed(300);
    world.await_consumed(&executor);
    until("west has everything", || (sink_of(&world, "west")["backlog"] == 0).then_some(()));
    let took = killed.elapsed();
    let at_home = |key: &[u8]| wire::partition(key, 3).is_multiple_of(2);
    let strays = world.view_of_cluster("west-4").keys().filter(|key| at_home(key)).count();
    assert!(strays > 0, "rows of west-3 went to west-4");
    for (key, partition) in world.partitions_of("west-4") {
        assert_eq!(partition, wire::partition(&key, 3), "murmur2, wherever it goes");
    }
    world.cluster("west-3").restart();
    until("each key that was touched is at home", || {
        let (home, all) = (world.view_of_cluster("west-3"), world.view_of_region("west"));
        let of_home = all.iter().filter(|(key, _)| at_home(key));
        of_home.into_iter().all(|(key, row)| home.get(key) == Some(row)).then_some(())
    });
    world.settle(&mut executor);
    // Last, so that a slow machine shows everything else first.
    assert!(took <= std::time::Duration::from_secs(10), "{took:?}");
}
