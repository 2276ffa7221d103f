//! Real brokers of Apache Kafka, for tests that want them: each is a process that `windrow cluster --real`
//! becomes, on loopback and free ports, killed with the test whatever happens.

use std::io::Write as _;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::cluster::DEADLINE;
use super::turn::Turn;

/// Waits for the turn of a test that starts real brokers; `None`: they are not wanted, which is said.
pub(crate) fn turn(test: &str) -> Option<Turn> {
    if is_wanted() {
        return Some(Turn::alone(test));
    }
    // Past the test harness, which keeps to itself what a test that passed has printed.
    let _ = writeln!(
        std::io::stderr(),
        "left out: {test} needs real Kafka brokers; tests/run sets them up and WINDROW_TEST_KAFKA=1"
    );
    None
}

fn is_wanted() -> bool {
    std::env::var_os("WINDROW_TEST_KAFKA").is_some_and(|value| !value.is_empty() && value != "0")
}

/// How far a consumer group is behind the end of a topic, from the offsets that are committed to it: what
/// `kafka-consumer-groups` shows as LAG. `None`: not all partitions have one.
pub(crate) fn lag(bootstrap: &str, group: &str, topic: &str, partitions: i32) -> Option<i64> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", bootstrap).set("group.id", group).create().ok()?;
    let mut list = TopicPartitionList::new();
    for partition in 0..partitions {
        list.add_partition(topic, partition);
    }
    let committed = consumer.committed_offsets(list, DEADLINE).ok()?;
    let lag = |partition| {
        let (_, end) = consumer.fetch_watermarks(topic, partition, DEADLINE).ok()?;
        match committed.find_partition(topic, partition)?.offset() {
            Offset::Offset(offset) => Some(end - offset),
            _ => None,
        }
    };
    (0..partitions).map(lag).sum()
}
