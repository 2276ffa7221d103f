//! Logs that have lost what was not read yet, and topics that were made again: that partition stops, and nothing
//! else, until somebody accepts the loss by name.

use super::world::World;
use crate::support::cluster::until;

#[test]
fn a_lost_range_stops_its_partition_until_it_is_accepted_by_name() {
    a_lost_range_is_accepted_by_name(World::start());
}

#[test]
fn a_lost_range_stops_its_partition_until_it_is_accepted_by_name_on_apache_kafka() {
    let test = "a_lost_range_stops_its_partition_until_it_is_accepted_by_name_on_apache_kafka";
    if let Some(world) = World::start_real(test) {
        a_lost_range_is_accepted_by_name(world);
    }
}

/// What is said of a cluster that is read.
fn trouble(world: &World, cluster: &str) -> Option<String> {
    let clusters = world.status()["clusters"].as_array()?.clone();
    let found = clusters.into_iter().find(|found| found["name"] == cluster)?;
    Some(found["trouble"].as_str()?.to_owned())
}

fn a_lost_range_is_accepted_by_name(mut world: World) {
    let mut executor = world.run(&[]);
    world.feed(300);
    world.await_consumed(&executor);
    assert!(executor.stop(), "{}", executor.log());
    // Records that nobody has read are deleted.
    let (partition, from, to) = world.lose_records("west-1", 40);
    let executor = world.run(&[]);
    let gap = format!("west-1/shop.purchases/{partition}@{from}-{to}");
    let is_named = |world: &World| trouble(world, "west-1").filter(|said| said.contains("E0907"));
    let said = until("the gap is named", || is_named(&world));
    assert!(said.ends_with(&format!("--accept-gap {gap}")), "{said}, not {gap}");
    world.feed_cluster("east-1", 50);
    until("the others are read", || (world.consumed() == world.fed()).then_some(()));
    drop(executor);
    let too_small = format!("west-1/shop.purchases/{partition}@{from}-{}", to - 1);
    let executor = world.run(&["--accept-gap", &too_small]);
    until("a larger gap than the accepted one stops it", || is_named(&world));
    drop(executor);
    let mut executor = world.run(&["--accept-gap", &gap]);
    until("it is said", || executor.log().contains("are passed over, as accepted").then_some(()));
    world.feed_cluster("west-1", 50);
    world.settle(&mut executor);
    assert_eq!(world.consumed(), world.fed());
}

#[test]
fn a_topic_that_was_made_again_stops_until_it_is_accepted_by_name() {
    a_topic_made_again_is_accepted_by_name(World::start());
}

#[test]
fn a_topic_that_was_made_again_stops_until_it_is_accepted_by_name_on_apache_kafka() {
    let test = "a_topic_that_was_made_again_stops_until_it_is_accepted_by_name_on_apache_kafka";
    if let Some(world) = World::start_real(test) {
        a_topic_made_again_is_accepted_by_name(world);
    }
}

fn a_topic_made_again_is_accepted_by_name(mut world: World) {
    let mut executor = world.run(&[]);
    world.feed(300);
    world.await_consumed(&executor);
    assert!(executor.stop(), "{}", executor.log());
    let read = world.ends_of("west-1");
    assert!(read.len() == 2 && read.iter().all(|end| *end > 20), "both partitions were read: {read:?}");
    world.make_again("west-1");
    world.feed_cluster("west-1", 10);
    let now = world.ends_of("west-1");
    assert!(now.iter().zip(&read).all(|(now, read)| now < read), "it is shorter: {now:?}");
    let gap = |partition: usize| {
        format!("west-1/shop.purchases/{partition}@{}-{}", read[partition], now[partition])
    };
    let executor = world.run(&[]);
    let said = until("the topic is named", || {
        trouble(&world, "west-1").filter(|said| said.contains("E0907") && said.contains("made again"))
    });
    assert!((0..2).any(|partition| said.ends_with(&format!("--accept-gap {}", gap(partition)))), "{said}");
    let before = world.consumed();
    world.feed_cluster("east-1", 50);
    until("the others are read", || (world.consumed() >= before + 50).then_some(()));
    assert!(world.consumed() <= world.fed() - 10, "and nothing of it: {}", world.consumed());
    drop(executor);
    let gaps = [gap(0), gap(1)];
    let mut executor = world.run(&["--accept-gap", &gaps[0], "--accept-gap", &gaps[1]]);
    world.await_consumed(&executor);
    world.feed_cluster("west-1", 50);
    world.settle(&mut executor);
    assert_eq!(world.consumed(), world.fed(), "the ledger counts each record once");
}
