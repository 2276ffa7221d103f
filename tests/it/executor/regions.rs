//! Regions that take rows slowly, refuse them, or have them in other partitions than before: nobody else waits.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::operation::{get, pages_of};
use super::readers::sink_of;
use super::world::{KEYS, Login, TOPIC, World};
use crate::support::binary::windrow;
use crate::support::cluster::{free_port, until};
use crate::support::secure::Secure;

const PASSWORD: &str = "pass-7Kx2-of-east";

fn backlog(world: &World, region: &str) -> Option<u64> {
    sink_of(world, region)["backlog"].as_u64()
}

/// Everything that was offered to a region is delivered.
fn await_delivered(world: &World, region: &str) {
    until(&format!("{region} has everything"), || (backlog(world, region)? == 0).then_some(()));
}

fn assert_bounded(world: &World) {
    let waits = backlog(world, "east").unwrap();
    assert!(waits <= KEYS, "one row for each key at most: {waits}");
}

#[test]
fn a_slow_region_is_told_from_a_dead_one_and_nobody_waits_for_it() {
    nobody_waits_for_a_slow_region(World::start());
}

#[test]
fn a_slow_region_is_told_from_a_dead_one_and_nobody_waits_for_it_on_apache_kafka() {
    let test = "a_slow_region_is_told_from_a_dead_one_and_nobody_waits_for_it_on_apache_kafka";
    if let Some(world) = World::start_real(test) {
        nobody_waits_for_a_slow_region(world);
    }
}

fn nobody_waits_for_a_slow_region(mut world: World) {
    let mut executor = world.run(&["--http", "127.0.0.1:0"]);
    world.feed(200);
    world.await_consumed(&executor);
    until("east is well", || (sink_of(&world, "east")["status"] == "ok").then_some(()));
    let limp = world.cluster("east-3").limp();
    let (mut seen, mut waited) = (BTreeSet::new(), 0);
    for _ in 0..20 {
        world.feed(40);
        world.await_consumed(&executor);
        std::thread::sleep(Duration::from_millis(400));
        let east = sink_of(&world, "east");
        seen.insert((east["status"].to_string(), east["troubles"]["east-3"].to_string()));
        waited = waited.max(backlog(&world, "east").unwrap());
        assert_bounded(&world);
    }
    let slow = ("\"slow\"".to_owned(), "\"slow\"".to_owned());
    assert!(seen.contains(&slow) && waited > 0, "the fault has bitten: {seen:?}, {waited} rows waited");
    assert!(!seen.iter().any(|(_, why)| why.contains("refused")), "{seen:?}");
    assert!(executor.log().contains("takes rows slowly"), "{}", executor.log());
    until("the metrics say why", || {
        let metrics = get(&pages_of(&executor), "/metrics").1;
        let of_east =
            |line: &&str| line.starts_with("windrow_cluster_trouble{") && line.contains("\"east-3\"");
        metrics.lines().find(of_east).filter(|line| line.contains("why=\"slow\"")).map(|_| ())
    });
    // It limps on, and the other has everything.
    await_delivered(&world, "west");
    assert!(world.view_of_region("west").len() > 20);
    drop(limp);
    await_delivered(&world, "east");
    until("east is well again", || (sink_of(&world, "east")["status"] == "ok").then_some(()));
    world.settle(&mut executor);
}

#[test]
fn a_region_that_refuses_the_password_is_named_and_nobody_waits_for_it_on_apache_kafka() {
    let test = "a_region_that_refuses_the_password_is_named_and_nobody_waits_for_it_on_apache_kafka";
    let Some(mut world) = World::start_real(test) else { return };
    let secure = Secure::new(&world.path("secure"));
    let (secret, port) = (world.path("secret"), free_port());
    std::fs::write(&secret, PASSWORD).unwrap();
    world.cluster("east-3").restart_with(secure.asking(port, "PLAIN", PASSWORD));
    let login = Login { port, mechanism: "PLAIN", certificate: &secure.certificate, secret: &secret };
    world.log_in("east-3", &login);
    let mut executor = world.run(&["--http", "127.0.0.1:0"]);
    world.feed(200);
    world.await_consumed(&executor);
    until("east is well", || (sink_of(&world, "east")["status"] == "ok").then_some(()));
    await_delivered(&world, "east");
    // Somebody gives the broker another password.
    world.cluster("east-3").restart_with(secure.asking(port, "PLAIN", "another"));
    world.feed(300);
    world.await_consumed(&executor);
    until("the status says who refuses, and rows wait", || {
        let east = sink_of(&world, "east");
        let is_named = east["status"] == "down" && east["troubles"]["east-3"] == "login_refused";
        (is_named && east["backlog"].as_u64()? > 0).then_some(())
    });
    assert_bounded(&world);
    let metrics = get(&pages_of(&executor), "/metrics").1;
    let line = "windrow_cluster_trouble{region=\"east\",group=\"serving\",cluster=\"east-3\",why=\"login_refused\"} 1.0";
    assert!(metrics.contains(line), "{metrics}");
    let shown = windrow(&["status", "--state", world.state_dir().to_str().unwrap()]).stdout;
    assert!(shown.contains("east-3: login_refused"), "{shown}");
    until("the log has the way out", || {
        let log = executor.log();
        let reference = format!("${{file:{}}}", secret.display());
        (log.contains("E0971: east-3 refuses us") && log.contains(&reference)).then_some(())
    });
    assert!(!executor.log().contains(PASSWORD), "{}", executor.log());
    await_delivered(&world, "west");
    let west = sink_of(&world, "west");
    assert_eq!(west["troubles"].as_object().map(serde_json::Map::len), Some(0), "{west}");
    world.cluster("east-3").restart_with(secure.asking(port, "PLAIN", PASSWORD));
    await_delivered(&world, "east");
    world.settle(&mut executor);
}

#[test]
fn keys_are_put_out_again_when_a_topic_gets_more_partitions() {
    keys_move_with_the_partitions(World::start());
}

#[test]
fn keys_are_put_out_again_when_a_topic_gets_more_partitions_on_apache_kafka() {
    let test = "keys_are_put_out_again_when_a_topic_gets_more_partitions_on_apache_kafka";
    if let Some(world) = World::start_real(test) {
        keys_move_with_the_partitions(world);
    }
}

/// What librdkafka's own producers would choose: another implementation of Kafka's default than ours.
fn partition_of(key: &[u8], count: i32) -> i32 {
    use std::ptr::null_mut;
    let bytes = key.as_ptr().cast();
    // SAFETY: the key is there for the call; the topic and both opaques are not looked at.
    unsafe {
        rdkafka::bindings::rd_kafka_msg_partitioner_murmur2(
            null_mut(),
            bytes,
            key.len(),
            count,
            null_mut(),
            null_mut(),
        )
    }
}

/// Where a plain reader finds the newest row of each key that has its home there.
fn places(world: &World, cluster: &str) -> BTreeMap<Vec<u8>, i32> {
    world.newest_of(cluster).into_iter().map(|(key, (_, partition))| (key, partition)).collect()
}

fn keys_move_with_the_partitions(mut world: World) {
    let (before, after) = (3, 5);
    let mut executor = world.run(&[]);
    world.feed(600);
    world.await_consumed(&executor);
    await_delivered(&world, "west");
    await_delivered(&world, "east");
    let found = places(&world, "east-3");
    assert!(found.len() > 20 && found.iter().all(|(key, at)| *at == partition_of(key, before)), "{found:?}");
    let moved = found.keys().filter(|key| partition_of(key, before) != partition_of(key, after)).count();
    assert!(moved > 5, "the fault bites: {moved} keys have another partition");
    for cluster in ["west-3", "west-4", "east-3"] {
        world.add_partitions(cluster, after);
    }
    until("all keys are in their new partitions, in east", || {
        let now = places(&world, "east-3");
        (now.len() >= found.len() && now.iter().all(|(key, at)| *at == partition_of(key, after)))
            .then_some(())
    });
    until("and at their new homes, in west", || {
        let homes = [places(&world, "west-3"), places(&world, "west-4")];
        let is_at_home = |key: &Vec<u8>| {
            let at = partition_of(key, after);
            homes[usize::try_from(at % 2).unwrap()].get(key) == Some(&at)
        };
        found.keys().all(is_at_home).then_some(())
    });
    assert!(executor.log().contains("the number of partitions has changed"), "{}", executor.log());
    world.feed(100);
    world.settle(&mut executor);
}

#[test]
fn a_home_whose_topic_was_deleted_gets_every_key_once_it_is_there_again() {
    let mut world = World::start();
    let mut executor = world.run(&[]);
    world.feed(300);
    world.await_consumed(&executor);
    await_delivered(&world, "west");
    let at_home = world.view_of_cluster("west-4").len();
    assert!(at_home > 5, "{at_home} keys have their home there");
    world.delete_topic("west-4", TOPIC);
    world.feed(300);
    world.await_consumed(&executor);
    until("another takes the rows of west-4", || {
        let west = sink_of(&world, "west");
        (west["clusters"]["west-4"] == false && west["backlog"] == 0).then_some(())
    });
    until("the log names the topic", || executor.log().contains("E0912").then_some(()));
    // It answers, so it may be tried, with rows that it would not take: that is no try.
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(executor.log().matches("E0912").count(), 1, "{}", executor.log());
    world.make_topic("west-4", TOPIC, 3);
    until("west-4 takes rows", || (sink_of(&world, "west")["clusters"]["west-4"] == true).then_some(()));
    until("every key is at its home", || (world.view_of_cluster("west-4").len() >= at_home).then_some(()));
    assert!(executor.log().contains("the topic is there again"), "{}", executor.log());
    world.feed(100);
    world.settle(&mut executor);
}
